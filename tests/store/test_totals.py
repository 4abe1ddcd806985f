"""Sums by the database, on both of them, equal to those of the rows."""

from __future__ import annotations

from decimal import Decimal

from dialer.model.disposition import Disposition, Outcome
from dialer.store import attempts, migrate, totals
from dialer.store.engine import open_store
from tests.store.rows import NOW, a_result, begun, stocked


def test_attempts_by_campaign_and_version(database_url: str) -> None:
    migrate.upgrade(database_url)
    store = open_store(database_url, ledger_key="a key for tests, and for nothing else")
    with store.write() as tx:
        assert totals.by_version(tx, {}) == []
        first, second = stocked(tx, 3), stocked(tx, 1, "winter", 10)
        ends = [
            a_result(Disposition.ANSWERED_HUMAN, outcome=Outcome.INTERESTED, talk_s=30.0, cost=Decimal("0.05")),
            a_result(Disposition.ANSWERED_HUMAN, outcome=Outcome.CALLBACK, talk_s=12.0, cost=Decimal("0.02")),
            a_result(),
        ]
        for end in ends:
            _, new = begun(tx, first)
            attempts.end(tx, new.attempt_id, new.fence, end, NOW)
        (found,) = totals.by_version(tx, {first.campaign_id: [Outcome.INTERESTED], second.campaign_id: []})
        assert (found.attempts, found.dials, found.talks, found.positive) == (3, 3, 2, 1)
        assert (found.talk_s, found.cost, found.campaign_id) == (42.0, Decimal("0.07"), first.campaign_id)
        assert found.first_at is not None
        assert totals.by_version(tx, {})[0].positive == 0
        assert totals.contact_counts(tx) == {first.campaign_id: 3, second.campaign_id: 1}
        assert totals.lead_counts(tx) == {}
    store.close()
