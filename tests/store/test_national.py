from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from dialer.compliance.facts import NationalCopy
from dialer.store import national
from dialer.store.engine import Store
from dialer.store.schema import dnc_numbers
from tests.store.rows import NOW, a_phone

DAY = timedelta(days=1)


def test_the_newest_copy_of_each_country_counts(store: Store) -> None:
    with store.write() as tx:
        assert national.copies(tx, a_phone(1)) == ()
        for region, as_of, numbers in (("US", NOW - 2 * DAY, (1, 2, 2)), ("US", NOW - 9 * DAY, (3,)), ("GB", NOW, (4,))):
            list_id = national.begin(tx, region, as_of, "ab" * 32, "A. Person", NOW)
            added = national.add(tx, list_id, (a_phone(number) for number in numbers))
            added += national.add(tx, list_id, [a_phone(numbers[0])])
            assert added == len(set(numbers))
            national.settle(tx, list_id, added)
        found = national.copies(tx, a_phone(1))
        assert set(found) == {NationalCopy("US", NOW - 2 * DAY, is_listed=True), NationalCopy("GB", NOW, is_listed=False)}
        of_both = national.copies_of(tx, [a_phone(1), a_phone(4)])
        assert (of_both[a_phone(1)], [copy.is_listed for copy in of_both[a_phone(4)]]) == (found, [False, True])
        assert not any(copy.is_listed for copy in national.copies(tx, a_phone(3))), "an older copy that came later"
        assert tx.execute(select(func.count()).select_from(dnc_numbers)).scalar_one() == 3
        assert {row.region: row.entries for row in national.newest_of(tx).values()} == {"US": 2, "GB": 1}
