"""The instant that several processes agree on never goes back."""

from __future__ import annotations

from dialer.model.call import CampaignStatus
from dialer.store import attempts, campaigns, simulated_time
from dialer.store.engine import Store
from tests.store.rows import NOW, a_result, begun, minutes, stocked


def test_it_only_moves_forward(store: Store) -> None:
    with store.write() as tx:
        assert simulated_time.read(tx) is None
        assert simulated_time.publish(tx, NOW) == NOW
        assert simulated_time.publish(tx, NOW - minutes(5)) == NOW
        assert simulated_time.publish(tx, NOW + minutes(5)) == NOW + minutes(5)
    with store.read() as tx:
        assert simulated_time.read(tx) == NOW + minutes(5)


def test_the_next_event_is_the_earliest_due_call_of_an_armed_campaign(store: Store) -> None:
    with store.write() as tx:
        assert simulated_time.next_event_at(tx) is None
        first = stocked(tx, 1, "first", due_at=NOW - minutes(5))
        stocked(tx, 1, "second", first=1, due_at=NOW + minutes(5))
        assert simulated_time.next_event_at(tx) == NOW - minutes(5)
        campaigns.set_status(tx, first.campaign_id, CampaignStatus.PAUSED, "", NOW)
        assert simulated_time.next_event_at(tx) == NOW + minutes(5)


def test_the_newest_deed_is_a_dial_or_an_end(store: Store) -> None:
    with store.write() as tx:
        assert simulated_time.newest_deed_at(tx) is None
        _, new = begun(tx, stocked(tx, 1))
        assert simulated_time.newest_deed_at(tx) == NOW
        attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW + minutes(2))
        assert simulated_time.newest_deed_at(tx) == NOW + minutes(2)
