"""The life of an attempt: the intent before the dial, every step by its fence, one end."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, select

from dialer.errors import StoreError
from dialer.model.attempt import AttemptResult, EndCause, Ending, Usage
from dialer.model.call import AttemptState, CallState
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.ids import AttemptId, ContactId
from dialer.model.transcript import Speaker, Turn
from dialer.store import attempts, queue, records
from dialer.store.attempts import LostClaim, NumberBusy, PastDial
from dialer.store.engine import Store
from dialer.store.schema import calls
from tests.store.rows import LEASE, NOW, a_dial, a_phone, a_result, begun, claim, minutes, stocked

AFTER = LEASE + timedelta(seconds=1)


def call_of(tx: Connection, call_id: int) -> dict[str, object]:
    return dict(tx.execute(select(calls).where(calls.c.id == call_id)).mappings().one())


def test_the_intent_is_on_record_before_the_dial(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        (claimed,) = claim(tx, stock)
        new = a_dial(claimed, stock, lease_until=LEASE + minutes(1))
        assert attempts.begin(tx, new, NOW) == 1
    with store.read() as tx:
        row = attempts.get(tx, new.attempt_id)
        call = call_of(tx, claimed.call_id)
    assert (row.state, row.number, row.dialed_at, row.fence) == (AttemptState.DIALING, 1, NOW, claimed.fence)
    assert (row.phone, row.from_number, row.carrier) == (a_phone(0), "+12125550100", "simulated")
    assert (row.instructions_hash, row.script_version_id) == (new.instructions_hash, stock.version_id)
    assert (row.disposition, row.usage, row.cost, row.ended_at) == (None, Usage(), Decimal(0), None)
    assert (call["state"], call["attempts_made"], call["lease_until"]) == (CallState.ACTIVE, 1, new.lease_until)


def test_a_lost_claim_dials_nothing(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        (claimed,) = claim(tx, stock)
        queue.rescue_claims(tx, AFTER)
        with pytest.raises(LostClaim) as caught:
            attempts.begin(tx, a_dial(claimed, stock), NOW)
        assert isinstance(caught.value, StoreError)
        assert attempts.of_call(tx, claimed.call_id) == []
        assert claim(tx, stock) != []


def test_an_intent_is_put_on_record_once(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        claimed, new = begun(tx, stock)
        for suffix in ("0", "1"):
            with pytest.raises(LostClaim):
                attempts.begin(tx, a_dial(claimed, stock, suffix), NOW)
        assert [row.id for row in attempts.of_call(tx, claimed.call_id)] == [new.attempt_id]


def test_a_busy_number_changes_nothing_and_the_call_can_be_released(store: Store) -> None:
    with store.write() as tx:
        one = stocked(tx, 1, "one")
        two = stocked(tx, 1, "two")
        (first,) = claim(tx, one)
        queue.release(tx, first.call_id, first.fence, NOW)
        (second,) = claim(tx, two)
        begun_first = a_dial(second, two)
        attempts.begin(tx, begun_first, NOW)
        tx.execute(calls.update().where(calls.c.id == first.call_id).values(state=CallState.CLAIMED))
        late = a_dial(first, one, "1", fence=first.fence + 1)
        with pytest.raises(NumberBusy) as caught:
            attempts.begin(tx, late, NOW)
        assert caught.value.retryable
        assert a_phone(0) not in str(caught.value)
        assert call_of(tx, first.call_id)["attempts_made"] == 0
        assert queue.release(tx, first.call_id, late.fence, NOW + minutes(5))


def test_of_two_racing_dials_to_a_number_one_is_made(store: Store) -> None:
    with store.write() as tx:
        stocks = [stocked(tx, 1, "one"), stocked(tx, 1, "two")]
        # Claimed at the same instant by two lanes that could not see each other.
        tx.execute(calls.update().values(state=CallState.CLAIMED, owner="lane-a", lease_until=LEASE))
        found = {row.campaign_id: row.id for row in tx.execute(select(calls.c.id, calls.c.campaign_id))}
    claimed = {
        campaign_id: queue.ClaimedCall(call_id, campaign_id, ContactId(0), a_phone(0), 0, LEASE, NOW, 0, 0, None, False)
        for campaign_id, call_id in found.items()
    }
    results: list[object] = []
    together = threading.Barrier(2)

    def work(index: int) -> None:
        stock = stocks[index]
        new = a_dial(claimed[stock.campaign_id], stock, str(index))
        together.wait()
        try:
            with store.write() as tx:
                results.append(attempts.begin(tx, new, NOW))
        except NumberBusy as error:
            results.append(type(error))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == [1, NumberBusy]


def test_the_steps_of_an_answered_call(store: Store) -> None:
    result = AttemptResult(
        disposition=Disposition.ANSWERED_HUMAN,
        outcome=Outcome.CALLBACK,
        answered_by=AnsweredBy.HUMAN,
        ending=Ending(EndCause.FAR_HANG_UP, "Normal Clearing", 200),
        reason="goodbye",
        ring_s=4.5,
        talk_s=61.25,
        answer_to_audio_ms=140,
        usage=Usage(text_in=900, audio_out=1200, transcription_s=20.5, responses=7),
        cost=Decimal("0.123456"),
        callback_at=NOW + minutes(600),
        summary="Wants to be called in the evening.",
    )
    with store.write() as tx:
        _, new = begun(tx, stocked(tx, 1))
        at = [NOW + timedelta(seconds=second) for second in (1, 5, 66)]
        assert attempts.placed(tx, new.attempt_id, new.fence, "CA123", at[0])
        assert attempts.get(tx, new.attempt_id).state is AttemptState.PLACED
        assert attempts.answered(tx, new.attempt_id, new.fence, at[1])
        assert attempts.get(tx, new.attempt_id).state is AttemptState.LIVE
        assert attempts.end(tx, new.attempt_id, new.fence, result, at[2])
        row = attempts.get(tx, new.attempt_id)
    assert (row.state, row.placed_at, row.answered_at, row.ended_at) == (AttemptState.ENDED, *at)
    assert (row.owner, row.lease_until, row.carrier_call_id) == (None, None, "CA123")
    assert result.ending is not None
    assert (row.end_cause, row.hangup_cause, row.sip_code) == (EndCause.FAR_HANG_UP, "Normal Clearing", 200)
    for name in ("disposition", "outcome", "answered_by", "reason", "ring_s", "talk_s", "answer_to_audio_ms"):
        assert getattr(row, name) == getattr(result, name)
    for name in ("usage", "cost", "callback_at", "summary"):
        assert getattr(row, name) == getattr(result, name)


def test_a_lost_answer_may_still_be_confirmed_but_never_steps_back(store: Store) -> None:
    with store.write() as tx:
        _, new = begun(tx, stocked(tx, 1))
        assert attempts.lost(tx, new.attempt_id, new.fence, "read timeout")
        row = attempts.get(tx, new.attempt_id)
        assert (row.state, row.reason) == (AttemptState.UNKNOWN, "read timeout")
        assert attempts.placed(tx, new.attempt_id, new.fence, "CA123", NOW)
        assert attempts.get(tx, new.attempt_id).state is AttemptState.PLACED
        assert attempts.answered(tx, new.attempt_id, new.fence, NOW)
        assert attempts.placed(tx, new.attempt_id, new.fence, "CA123", NOW)
        assert attempts.get(tx, new.attempt_id).state is AttemptState.LIVE


def test_a_stale_fence_never_writes(store: Store) -> None:
    with store.write() as tx:
        _, new = begun(tx, stocked(tx, 1))
        before = attempts.get(tx, new.attempt_id)
        stale = new.fence - 1
        assert not attempts.placed(tx, new.attempt_id, stale, "CA123", NOW)
        assert not attempts.answered(tx, new.attempt_id, stale, NOW)
        assert not attempts.lost(tx, new.attempt_id, stale, "late")
        assert not attempts.end(tx, new.attempt_id, stale, a_result(), NOW)
        assert attempts.get(tx, new.attempt_id) == before


def test_an_attempt_ends_once(store: Store) -> None:
    with store.write() as tx:
        _, new = begun(tx, stocked(tx, 1))
        assert attempts.end(tx, new.attempt_id, new.fence, a_result(Disposition.BUSY), NOW)
        before = attempts.get(tx, new.attempt_id)
        assert not attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW)
        assert not attempts.answered(tx, new.attempt_id, new.fence, NOW)
        assert attempts.get(tx, new.attempt_id) == before
    assert (before.end_cause, before.sip_code, before.hangup_cause) == (None, None, "")


def test_an_expired_attempt_is_taken_over_once(store: Store) -> None:
    with store.write() as tx:
        claimed, new = begun(tx, stocked(tx, 1))
        assert attempts.expired(tx, NOW) == []
        assert attempts.take_over(tx, new.attempt_id, "lane-b", NOW, AFTER) is None, "its holder lives"
        assert [row.id for row in attempts.expired(tx, AFTER)] == [new.attempt_id]
        fence = attempts.take_over(tx, new.attempt_id, "lane-b", AFTER, AFTER + minutes(1))
        assert fence == new.fence + 1
        assert attempts.take_over(tx, new.attempt_id, "lane-c", AFTER, AFTER + minutes(1)) is None
        assert not attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW)
        assert not queue.release(tx, claimed.call_id, new.fence, NOW)
        assert call_of(tx, claimed.call_id)["owner"] == "lane-b"
        assert attempts.end(tx, new.attempt_id, fence, a_result(), NOW)
        assert queue.requeue(tx, claimed.call_id, fence, NOW, False, Disposition.NO_ANSWER, None)
        assert attempts.take_over(tx, new.attempt_id, "lane-c", AFTER + minutes(9), AFTER) is None, "it has ended"


def test_a_refusal_at_the_last_instant_is_an_attempt_that_was_not_dialled(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        (claimed,) = claim(tx, stock)
        refused = a_dial(claimed, stock)
        attempts.record_refused(tx, refused, Disposition.BLOCKED_HOURS, "HOURS-3", NOW)
        (row,) = attempts.of_call(tx, claimed.call_id)
        assert (row.state, row.disposition, row.reason) == (AttemptState.ENDED, Disposition.BLOCKED_HOURS, "HOURS-3")
        assert (row.dialed_at, row.ended_at, row.owner, row.number) == (None, NOW, None, 1)
        assert call_of(tx, claimed.call_id)["attempts_made"] == 0
        assert attempts.of_numbers_since(tx, [claimed.phone], NOW - minutes(60)) == {}
        dialled = a_dial(claimed, stock, "1")
        assert attempts.begin(tx, dialled, NOW + minutes(1)) == 1
        assert [row.id for row in attempts.of_call(tx, claimed.call_id)] == [refused.attempt_id, dialled.attempt_id]
        with pytest.raises(LostClaim):
            attempts.record_refused(tx, a_dial(claimed, stock, "2", fence=0), Disposition.BLOCKED_DNC, "DNC-1", NOW)


def test_the_caps_see_every_dial_of_a_number_over_all_campaigns(store: Store) -> None:
    with store.write() as tx:
        one, two = stocked(tx, 1, "one"), stocked(tx, 1, "two")
        claimed, new = begun(tx, one)
        attempts.end(tx, new.attempt_id, new.fence, a_result(outcome=Outcome.CANNOT_TELL, talk_s=3.0), NOW)
        queue.requeue(tx, claimed.call_id, claimed.fence, NOW + minutes(600), False, Disposition.NO_ANSWER, None)
        (other,) = claim(tx, two)
        attempts.begin(tx, a_dial(other, two), NOW + minutes(1))
        assert attempts.of_numbers_since(tx, [a_phone(0), a_phone(1)], NOW) == {
            a_phone(0): [
                PastDial(one.campaign_id, NOW, Disposition.NO_ANSWER, Outcome.CANNOT_TELL, 3.0),
                PastDial(two.campaign_id, NOW + minutes(1), None, None, 0.0),
            ]
        }
        assert len(attempts.of_numbers_since(tx, [a_phone(0)], NOW + timedelta(seconds=1))[a_phone(0)]) == 1


def test_what_is_going_on_with_the_words_heard_last(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        _, first = begun(tx, stock)
        (claimed,) = claim(tx, stock)
        second = a_dial(claimed, stock, "1")
        attempts.begin(tx, second, NOW + timedelta(seconds=1))
        attempts.placed(tx, second.attempt_id, second.fence, "CA2", NOW + timedelta(seconds=2))
        attempts.answered(tx, second.attempt_id, second.fence, NOW + timedelta(seconds=9))
        records.save_turn(tx, second.attempt_id, Turn(1, Speaker.AGENT, "Hello Maria", 0, 900))
        records.save_turn(tx, second.attempt_id, Turn(2, Speaker.CALLEE, "Who is this?", 1000, 1900))
        dialing, live = attempts.open_attempts(tx)
        assert (dialing.attempt_id, dialing.state, dialing.since) == (first.attempt_id, AttemptState.DIALING, NOW)
        assert (dialing.speaker, dialing.words, dialing.answered_at) == (None, "", None)
        assert (live.campaign, live.state, live.phone) == ("autumn", AttemptState.LIVE, second.phone)
        assert (live.since, live.speaker, live.words) == (NOW + timedelta(seconds=9), Speaker.CALLEE, "Who is this?")
        for new in (first, second):
            attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW)
        assert attempts.open_attempts(tx) == []


def test_an_attempt_that_is_not_there(store: Store) -> None:
    with store.read() as tx, pytest.raises(StoreError, match="no attempt"):
        attempts.get(tx, AttemptId("f" * 32))


def test_an_intent_is_recognised_until_something_follows_it(store: Store) -> None:
    with store.write() as tx:
        _, new = begun(tx, stocked(tx, 1))
        assert attempts.is_intent(tx, new.attempt_id, new.fence)
        assert not attempts.is_intent(tx, new.attempt_id, new.fence + 1)
        attempts.placed(tx, new.attempt_id, new.fence, "C1", NOW)
        assert not attempts.is_intent(tx, new.attempt_id, new.fence)
