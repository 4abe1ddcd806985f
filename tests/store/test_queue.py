"""The queue: what may be claimed, by whom, how often; and that a holder that comes too late changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from dialer.model.call import Bucket, CallState, CampaignStatus
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import CallId
from dialer.store import attempts, campaigns, contacts, queue
from dialer.store.engine import Store
from dialer.store.queue import ClaimedCall, NewCall
from dialer.store.schema import calls
from tests.store.rows import LEASE, NOW, a_dial, a_phone, a_result, begun, claim, minutes, stocked


def state_of(tx: Connection, call_id: CallId) -> dict[str, object]:
    return dict(tx.execute(select(calls).where(calls.c.id == call_id)).mappings().one())


def test_a_claim_tells_all_that_the_dial_needs(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1, priority=3, expires_at=NOW + minutes(90))
        (claimed,) = claim(tx, stock)
        row = state_of(tx, claimed.call_id)
    assert claimed == ClaimedCall(
        call_id=claimed.call_id,
        campaign_id=stock.campaign_id,
        contact_id=stock.contact_ids[0],
        phone=a_phone(0),
        fence=1,
        lease_until=LEASE,
        due_at=NOW,
        priority=3,
        attempts_made=0,
        expires_at=NOW + minutes(90),
        is_callback=False,
    )
    assert (row["state"], row["owner"], row["fence"]) == (CallState.CLAIMED, "lane-a", 1)


def test_what_is_claimed_is_not_claimed_again(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 3)
        first, second = claim(tx, stock, 2), claim(tx, stock, 2)
        assert (len(first), len(second), claim(tx, stock, 2)) == (2, 1, [])


def test_urgent_calls_go_first_then_the_longest_due(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 0)
        late = stocked(tx, 1, "autumn", first=1, due_at=NOW)
        early = stocked(tx, 1, "autumn", first=2, due_at=NOW - minutes(5))
        urgent = stocked(tx, 1, "autumn", first=3, priority=9)
        order = [call.contact_id for call in claim(tx, stock, 5)]
    assert order == urgent.contact_ids + early.contact_ids + late.contact_ids


@pytest.mark.parametrize("state", [CallState.HELD, CallState.DONE])
def test_only_queued_calls_are_claimed(store: Store, state: CallState) -> None:
    with store.write() as tx:
        assert claim(tx, stocked(tx, 1, state=state, bucket=Bucket.HELD)) == []


def test_a_call_is_claimed_when_it_is_due(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1, due_at=NOW + timedelta(seconds=1))
        assert claim(tx, stock) == []
        assert len(queue.claim(tx, "lane-a", 1, NOW + timedelta(seconds=1), LEASE, stock.room)) == 1


@pytest.mark.parametrize("status", [status for status in CampaignStatus if status is not CampaignStatus.ARMED])
def test_only_armed_campaigns_dial(store: Store, status: CampaignStatus) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        campaigns.set_status(tx, stock.campaign_id, status, "", NOW)
        assert claim(tx, stock) == []


@pytest.mark.parametrize(
    ("starts", "ends", "expected"), [(None, None, 1), (0, None, 1), (1, None, 0), (None, 1, 1), (None, 0, 0)]
)
def test_only_inside_the_times_of_the_campaign(store: Store, starts: int | None, ends: int | None, expected: int) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        starts_at = None if starts is None else NOW + minutes(starts)
        ends_at = None if ends is None else NOW + minutes(ends)
        campaigns.arm(tx, stock.campaign_id, starts_at, ends_at, NOW)
        assert len(claim(tx, stock)) == expected


def test_a_campaign_gets_no_more_than_its_room_and_hides_nobody(store: Store) -> None:
    with store.write() as tx:
        full = stocked(tx, 20, "full", priority=9)
        other = stocked(tx, 5, "other", first=50)
        absent = stocked(tx, 5, "absent", first=70)
        room = {full.campaign_id: 2, other.campaign_id: 50, absent.campaign_id: 0}
        claimed = queue.claim(tx, "lane-a", 6, NOW, LEASE, room)
        assert [call.campaign_id for call in claimed] == [full.campaign_id] * 2 + [other.campaign_id] * 4
        assert queue.open_by_campaign(tx) == {full.campaign_id: 2, other.campaign_id: 4}
        assert queue.claim(tx, "lane-a", 6, NOW, LEASE, {}) == []
        assert queue.claim(tx, "lane-a", 0, NOW, LEASE, room) == []


def test_a_number_is_called_by_one_campaign_at_a_time(store: Store) -> None:
    with store.write() as tx:
        one, two = stocked(tx, 1, "one"), stocked(tx, 1, "two")
        both = one.room | two.room
        (first,) = queue.claim(tx, "lane-a", 5, NOW, LEASE, both)
        assert queue.claim(tx, "lane-b", 5, NOW, LEASE, both) == []
        new = a_dial(first, one)
        attempts.begin(tx, new, NOW)
        assert queue.claim(tx, "lane-b", 5, NOW, LEASE, both) == []
        queue.finish(tx, first.call_id, first.fence, Bucket.REACHED, Disposition.ANSWERED_HUMAN, None, NOW)
        assert queue.claim(tx, "lane-b", 5, NOW, LEASE, both) == [], "its attempt is still open"
        attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW)
        (second,) = queue.claim(tx, "lane-b", 5, NOW, LEASE, both)
    assert second.campaign_id == two.campaign_id


def test_two_racing_lanes_never_share_a_call(store: Store) -> None:
    with store.write() as tx:
        room = stocked(tx, 120, "one").room | stocked(tx, 120, "two").room  # the same 120 numbers twice
    taken: dict[str, list[ClaimedCall]] = {"a": [], "b": [], "c": []}
    together = threading.Barrier(len(taken))

    def work(owner: str) -> None:
        together.wait()
        while True:
            with store.write() as tx:
                queue.lock_claims(tx)
                claimed = queue.claim(tx, owner, 7, NOW, LEASE, room)
            if not claimed:
                return
            taken[owner].extend(claimed)

    threads = [threading.Thread(target=work, args=(owner,)) for owner in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [call for claimed in taken.values() for call in claimed]
    assert len(everything) == len({call.call_id for call in everything}) == len({call.phone for call in everything}) == 120


def test_racing_lanes_without_the_lock_never_share_a_call_either(store: Store) -> None:
    with store.write() as tx:
        room = stocked(tx, 200).room
    found: list[CallId] = []
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        for _ in range(10):
            with store.write() as tx:
                found.extend(call.call_id for call in queue.claim(tx, "lane", 5, NOW, LEASE, room))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(set(found)) == 200


GIVE_AWAY: dict[str, Callable[[Connection, CallId, int], bool]] = {
    "release": lambda tx, call, fence: queue.release(tx, call, fence, NOW),
    "hold": lambda tx, call, fence: queue.hold(tx, call, fence, "blocked_consent"),
    "requeue": lambda tx, call, fence: queue.requeue(tx, call, fence, NOW, False, Disposition.BUSY, None),
    "finish": lambda tx, call, fence: queue.finish(tx, call, fence, Bucket.REACHED, Disposition.BUSY, None, NOW),
}


@pytest.mark.parametrize("late", GIVE_AWAY)
@pytest.mark.parametrize("first", GIVE_AWAY)
def test_a_stale_fence_never_writes(store: Store, first: str, late: str) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        (claimed,) = claim(tx, stock)
        assert not GIVE_AWAY[late](tx, claimed.call_id, claimed.fence - 1)
        assert GIVE_AWAY[first](tx, claimed.call_id, claimed.fence)
        before = state_of(tx, claimed.call_id)
        assert (before["owner"], before["lease_until"]) == (None, None)
        assert not GIVE_AWAY[late](tx, claimed.call_id, claimed.fence)
        assert state_of(tx, claimed.call_id) == before


def test_a_released_call_is_claimed_again_when_it_is_due(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        (claimed,) = claim(tx, stock)
        assert queue.release(tx, claimed.call_id, claimed.fence, NOW + minutes(1))
        assert claim(tx, stock) == []
        (again,) = queue.claim(tx, "lane-b", 1, NOW + minutes(1), LEASE, stock.room)
    assert again.fence > claimed.fence
    assert again.attempts_made == 0


def test_a_redial_keeps_what_came_of_the_last_attempt(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        claimed, new = begun(tx, stock)
        attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW)
        at = NOW + minutes(30)
        assert queue.requeue(tx, claimed.call_id, claimed.fence, at, True, Disposition.ANSWERED_HUMAN, Outcome.CALLBACK)
        (again,) = queue.claim(tx, "lane-a", 1, at, LEASE, stock.room)
        row = state_of(tx, claimed.call_id)
    assert (again.attempts_made, again.is_callback, again.due_at) == (1, True, at)
    assert (row["disposition"], row["outcome"]) == (Disposition.ANSWERED_HUMAN, Outcome.CALLBACK)


def test_holding_says_why(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        one, two = claim(tx, stock, 2)
        queue.hold(tx, one.call_id, one.fence, "blocked_consent")
        queue.hold(tx, two.call_id, two.fence, "blocked_dnc", Bucket.SUPPRESSED)
        assert queue.counts(tx, stock.campaign_id) == {Bucket.HELD: 1, Bucket.SUPPRESSED: 1}
        assert state_of(tx, one.call_id)["hold_code"] == "blocked_consent"


def test_only_claims_that_ran_out_are_rescued(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 3)
        (dead,) = queue.claim(tx, "dead", 1, NOW, NOW - minutes(1), stock.room)
        (alive,) = claim(tx, stock)
        active, _ = begun(tx, stock)
        assert queue.rescue_claims(tx, NOW) == 1
        assert state_of(tx, alive.call_id)["state"] is CallState.CLAIMED
        assert state_of(tx, active.call_id)["state"] is CallState.ACTIVE
        assert not queue.finish(tx, dead.call_id, dead.fence, Bucket.REACHED, Disposition.BUSY, None, NOW)
        (again,) = claim(tx, stock)
    assert again.call_id == dead.call_id
    assert again.fence > dead.fence


def test_a_living_owner_keeps_its_calls_and_attempts(store: Store) -> None:
    later = LEASE + minutes(1)
    with store.write() as tx:
        stock = stocked(tx, 3)
        begun(tx, stock)
        claim(tx, stock)
        claim(tx, stock, owner="lane-b")
        assert queue.renew(tx, "lane-a", later) == 2
        assert queue.rescue_claims(tx, LEASE + timedelta(seconds=1)) == 1
        assert attempts.expired(tx, LEASE + timedelta(seconds=1)) == []
        assert len(attempts.expired(tx, later + timedelta(seconds=1))) == 1


def test_a_call_whose_holder_died_between_attempt_and_wrap_up_is_found(store: Store) -> None:
    after = LEASE + timedelta(seconds=1)
    with store.write() as tx:
        stock = stocked(tx, 2)
        claimed, new = begun(tx, stock)
        begun(tx, stock)
        assert queue.stranded(tx, after) == []
        attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW)
        assert queue.stranded(tx, LEASE) == []
        (found,) = queue.stranded(tx, after)
    assert (found.call_id, found.fence, found.attempts_made) == (claimed.call_id, claimed.fence, 1)


def test_cancelling_a_campaign_ends_what_was_not_dialled(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 4)
        other = stocked(tx, 1, "other", first=50)
        held, out, live = claim(tx, stock, 3)
        queue.hold(tx, held.call_id, held.fence, "blocked_consent")
        queue.hold(tx, out.call_id, out.fence, "blocked_dnc", Bucket.SUPPRESSED)
        assert len(queue.cancel_campaign(tx, stock.campaign_id, NOW)) == 3
        expected = {Bucket.CANCELLED: 2, Bucket.SUPPRESSED: 1, Bucket.LIVE: 1}
        assert queue.counts(tx, stock.campaign_id) == expected
        assert queue.counts(tx, other.campaign_id) == {Bucket.WAITING: 1}
        row = state_of(tx, held.call_id)
        assert (row["disposition"], row["finished_at"]) == (Disposition.CANCELLED, NOW)
        assert queue.finish(tx, live.call_id, live.fence, Bucket.REACHED, Disposition.ANSWERED_HUMAN, None, NOW)


def test_an_opt_out_ends_every_waiting_call_of_the_number(store: Store) -> None:
    with store.write() as tx:
        one = stocked(tx, 2, "one")
        two = stocked(tx, 1, "two", state=CallState.HELD, bucket=Bucket.HELD)
        three = stocked(tx, 1, "three")
        (live,) = claim(tx, one)
        ended = queue.cancel_number(tx, live.phone, NOW)
        assert len(ended) == 2
        assert queue.counts(tx, one.campaign_id) == {Bucket.LIVE: 1, Bucket.WAITING: 1}
        assert queue.counts(tx, two.campaign_id) == queue.counts(tx, three.campaign_id) == {Bucket.SUPPRESSED: 1}
        assert {state_of(tx, call)["disposition"] for call in ended} == {Disposition.BLOCKED_DNC}
        assert queue.cancel_number(tx, live.phone, NOW) == []


def test_a_call_that_was_tried_keeps_its_last_disposition_when_it_is_cancelled(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        (claimed,) = claim(tx, stock)
        queue.requeue(tx, claimed.call_id, claimed.fence, NOW, False, Disposition.NO_ANSWER, None)
        queue.cancel_campaign(tx, stock.campaign_id, NOW)
        assert state_of(tx, claimed.call_id)["disposition"] is Disposition.NO_ANSWER


def test_a_call_follows_the_newest_facts_until_its_first_dial(store: Store) -> None:
    def again(tx: Connection, **changes: object) -> int:
        settings = {"state": CallState.QUEUED, "due_at": NOW, "priority": 0} | changes
        return queue.add_calls(tx, stock.campaign_id, [NewCall(stock.contact_ids[0], a_phone(0), **settings)])  # type: ignore[arg-type]  # keywords of a dict

    with store.write() as tx:
        stock = stocked(tx, 1, state=CallState.HELD, bucket=Bucket.HELD, hold_code="blocked_consent")
        assert again(tx) == 1
        assert again(tx) == 1
        assert queue.counts(tx, stock.campaign_id) == {Bucket.WAITING: 1}
        (claimed,) = claim(tx, stock)
        assert again(tx, priority=7) == 0, "it is claimed"
        queue.requeue(tx, claimed.call_id, claimed.fence, NOW, False, Disposition.BUSY, None)
        assert again(tx, priority=7) == 1, "it was never dialled"
        dialled, new = begun(tx, stock)
        attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW)
        queue.requeue(tx, dialled.call_id, dialled.fence, NOW + minutes(30), False, Disposition.BUSY, None)
        assert again(tx, priority=0) == 0, "it waits for its redial"
        assert queue.add_calls(tx, stock.campaign_id, []) == 0


def test_the_next_due_call(store: Store) -> None:
    def due(tx: Connection) -> object:
        return queue.next_due_at(tx, NOW)

    with store.write() as tx:
        assert due(tx) is None
        stock = stocked(tx, 1, due_at=NOW + minutes(5))
        stocked(tx, 1, "later", first=1, due_at=NOW + minutes(9))
        draft = stocked(tx, 1, "draft", first=2)
        campaigns.set_status(tx, draft.campaign_id, CampaignStatus.PAUSED, "", NOW)
        stocked(tx, 0, "empty")
        assert due(tx) == NOW + minutes(5)
        campaigns.arm(tx, stock.campaign_id, NOW + minutes(7), None, NOW)
        assert due(tx) == NOW + minutes(7)
        campaigns.arm(tx, stock.campaign_id, None, NOW + minutes(5), NOW)
        assert due(tx) == NOW + minutes(9)


def test_work_is_open_until_every_call_is_settled(store: Store) -> None:
    with store.write() as tx:
        assert not queue.has_open_work(tx)
        stock = stocked(tx, 1)
        assert queue.has_open_work(tx)
        campaigns.set_status(tx, stock.campaign_id, CampaignStatus.PAUSED, "", NOW)
        assert not queue.has_open_work(tx)
        campaigns.arm(tx, stock.campaign_id, None, None, NOW)
        claimed, new = begun(tx, stock)
        campaigns.set_status(tx, stock.campaign_id, CampaignStatus.PAUSED, "", NOW)
        assert queue.has_open_work(tx)
        queue.finish(tx, claimed.call_id, claimed.fence, Bucket.UNSETTLED, Disposition.UNKNOWN, None, NOW)
        assert queue.has_open_work(tx), "the attempt is open"
        attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW)
        assert not queue.has_open_work(tx)


def test_a_callback_goes_before_everybody_and_afterwards_the_contact_has_its_own_priority_again(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 3, priority=9)
        first = claim(tx, stock)[0]
        queue.requeue(tx, first.call_id, first.fence, NOW, True, Disposition.ANSWERED_HUMAN, Outcome.CALLBACK)
        again = claim(tx, stock)[0]
        assert (again.call_id, again.is_callback, again.priority) == (first.call_id, True, queue.CALLBACK_PRIORITY)
        queue.requeue(tx, again.call_id, again.fence, NOW, False, Disposition.NO_ANSWER, None)
        others = claim(tx, stock, 3)
        assert [call.call_id for call in others][-1] == first.call_id
        own = contacts.get(tx, others[-1].contact_id).contact.priority
        assert others[-1].priority == own < others[0].priority


def test_another_number_of_the_contact_is_dialled_next(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        one = claim(tx, stock)[0]
        queue.requeue(tx, one.call_id, one.fence, NOW, False, Disposition.NO_ANSWER, None, phone=a_phone(77))
        two = claim(tx, stock)[0]
        queue.release(tx, two.call_id, two.fence, NOW, phone=a_phone(78))
        assert (two.phone, claim(tx, stock)[0].phone) == (a_phone(77), a_phone(78))
