"""Who shows which caller ID is counted while the call is in a lane, and not afterwards."""

from __future__ import annotations

from dialer.model.phone import PhoneNumber
from dialer.store import attempts, callers, queue
from dialer.store.engine import Store
from tests.store.rows import NOW, a_dial, claim, stocked

FIRST, SECOND = PhoneNumber("+12125550101"), PhoneNumber("+12125550102")


def test_calls_that_wait_for_their_dial_are_counted_by_caller_id(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 3)
        one, two, three = claim(tx, stock, 3)
        callers.show(tx, {one.call_id: FIRST, two.call_id: FIRST, three.call_id: SECOND})
        assert callers.claimed(tx) == {FIRST: 2, SECOND: 1}
        assert callers.claimed(tx, [one.call_id]) == {FIRST: 1, SECOND: 1}
        attempts.begin(tx, a_dial(one, stock), NOW)
        assert callers.claimed(tx) == {FIRST: 1, SECOND: 1}


def test_calls_in_a_lane_are_counted_by_campaign_and_caller_id(store: Store) -> None:
    with store.write() as tx:
        stock, other = stocked(tx, 3), stocked(tx, 1, "winter", first=10)
        mine, theirs = claim(tx, stock, 3), claim(tx, other)
        assert callers.shown(tx) == {}
        callers.show(tx, {})
        callers.show(tx, {mine[0].call_id: FIRST, mine[1].call_id: FIRST, mine[2].call_id: SECOND, theirs[0].call_id: FIRST})
        assert callers.shown(tx) == {
            (stock.campaign_id, FIRST): 2,
            (stock.campaign_id, SECOND): 1,
            (other.campaign_id, FIRST): 1,
        }
        queue.release(tx, mine[0].call_id, mine[0].fence, NOW)
        assert callers.shown(tx)[stock.campaign_id, FIRST] == 1, "a call that waits shows nothing"
