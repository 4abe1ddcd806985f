from __future__ import annotations

from dialer.store import overrides
from dialer.store.engine import Store
from tests.store.rows import NOW, minutes, stocked


def test_overrides_are_in_force_for_whom_and_until_when_they_say(store: Store) -> None:
    with store.write() as tx:
        mine, other = stocked(tx, 1), stocked(tx, 1, "winter", first=5)
        one = overrides.add(tx, "FREQ-1", mine.campaign_id, "A. Person", "a test", NOW + minutes(9), NOW)
        everywhere = overrides.add(tx, "HOURS-0", None, "A. Person", "a test", NOW + minutes(5), NOW)
        assert overrides.in_force(tx, mine.campaign_id, NOW) == (one, everywhere)
        assert overrides.in_force(tx, other.campaign_id, NOW) == (everywhere,)
        assert overrides.in_force(tx, mine.campaign_id, NOW + minutes(5)) == (one,)
        row = overrides.revoke(tx, one.id, "B. Person", NOW + minutes(1))
        assert row is not None
        assert (row.override, row.revoked_by, row.revoked_at, row.campaign_id) == (
            one,
            "B. Person",
            NOW + minutes(1),
            mine.campaign_id,
        )
        assert overrides.revoke(tx, one.id, "B. Person", NOW) is None
        assert overrides.in_force(tx, mine.campaign_id, NOW) == (everywhere,)
        assert [item.override.id for item in overrides.listed(tx)] == [one.id, everywhere.id]
