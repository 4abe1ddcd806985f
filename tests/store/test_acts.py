from __future__ import annotations

from dialer.store import acts
from dialer.store.acts import Act
from dialer.store.engine import Store
from tests.store.rows import NOW, minutes


def test_acts_come_back_as_they_were_done(store: Store) -> None:
    first = Act(NOW, "A. Person", "dnc.add", "asked by letter", "ab" * 16, "autumn", {"was_new": True})
    second = Act(NOW + minutes(1), "B. Person", "override.add", "a test")
    with store.write() as tx:
        acts.record(tx, first)
        acts.record(tx, second)
    with store.read() as tx:
        assert acts.of_number(tx, "ab" * 16) == [first]
        assert acts.listed(tx) == [second, first]
        assert acts.listed(tx, limit=1) == [second]
        assert [record.body for record in acts.linked(tx)] == [first.body(), second.body()]
