"""What one end means for the whole campaign: an empty account stops it, a used up limit slows every campaign, breakers pause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dialer.call.events import Permitted, Refused
from dialer.dialing.breaker import Slowdown, Watch
from dialer.model.attempt import EndCause, Ending, Retry
from dialer.model.call import Bucket, CallState, CampaignStatus
from dialer.model.disposition import Disposition
from dialer.operations import brakes, dispatch, folders, scheduling, settle, status, wrap_up
from dialer.operations.attempt import DatabaseJournal
from dialer.operations.dispatch import Pace, Work
from dialer.operations.parts import Parts
from dialer.store import attempts, queue
from dialer.store import brakes as rows
from dialer.store.schema import calls, outbox
from tests.operations.stage import a_dial, a_result, armed, claimed, intended, steps, where
from tests.support.virtual_time import run_virtual

EMPTY = {"reason": "insufficient_quota", "is_fatal_for_campaign": True}
BUSY = {"reason": "rate_limit_exceeded", "should_back_off": True}


def journal(parts: Parts, work: Work) -> DatabaseJournal:
    """The journal of one attempt."""
    return DatabaseJournal(parts, work, Pace(1), steps, "phones")


def stands(parts: Parts) -> tuple[CampaignStatus, str]:
    """The campaign's status and reason."""
    row = folders.stored(parts, "solar-sales")
    return row.status, row.status_reason


def ended(parts: Parts, work: Work, disposition: Disposition, **changes: object) -> None:
    """Begin the attempt of ``work`` and end it."""
    with parts.store.write() as tx:
        attempts.begin(tx, a_dial(parts, work), parts.clock.now())
    assert wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, a_result(disposition, **changes))


def later(parts: Parts, **span: float) -> None:
    """Let campaign time pass."""
    parts.clock.move_to(parts.clock.now() + timedelta(**span))  # type: ignore[attr-defined]  # the test's clock is simulated


def test_an_empty_account_stops_the_campaign_and_costs_the_contact_nothing(parts: Parts) -> None:
    told = replace(parts, settings=parts.settings.model_copy(update={"hook_command": ("true",)}))
    armed(told)
    (work,) = claimed(told, 1)
    for _ in range(5):  # more than the tries after a failure
        journal(told, work).close(a_result(Disposition.VOICE_FAILED, **EMPTY))
        assert where(told, work) == (CallState.QUEUED, None)
        assert stands(told) == (CampaignStatus.PAUSED, "voice: insufficient_quota")
        assert claimed(told, 1) == []
        scheduling.resume(told, "solar-sales")
        (work,) = [found for found in claimed(told, 1) if found.subject.call_id == work.subject.call_id]
    assert work.number == 1
    journal(told, work).close(a_result(Disposition.VOICE_FAILED, reason="server_error"))
    assert where(told, work) == (CallState.QUEUED, None), "the first failure of its own"
    with told.store.read() as tx:
        kinds = tx.execute(select(outbox.c.kind)).scalars().all()
        assert [row.is_excused for row in attempts.of_call(tx, work.subject.call_id)].count(True) == 5
    assert kinds.count("campaign.paused") == 5


def test_the_pause_is_in_the_same_transaction_as_the_end(parts: Parts) -> None:
    armed(parts)
    work, stale = claimed(parts, 2)
    ended(parts, work, Disposition.VOICE_FAILED, **EMPTY)
    assert stands(parts) == (CampaignStatus.PAUSED, "voice: insufficient_quota")
    assert where(parts, work) == (CallState.QUEUED, None)
    scheduling.resume(parts, "solar-sales")
    result = a_result(Disposition.VOICE_FAILED, **EMPTY)
    assert not wrap_up.finish(parts, stale.subject, stale.attempt_id, 99, result)
    assert stands(parts)[0] is CampaignStatus.ARMED, "who writes nothing stops nothing"


def test_a_fatal_end_of_a_talk_stops_the_campaign_and_the_talk_counts(parts: Parts) -> None:
    work = intended(parts)
    result = a_result(Disposition.ANSWERED_HUMAN, talk_s=20.0, is_fatal_for_campaign=True)
    assert wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, result)
    assert stands(parts) == (CampaignStatus.PAUSED, "voice: refused")
    assert where(parts, work)[0] is CallState.DONE


def test_a_cancelled_campaign_stays_cancelled(parts: Parts) -> None:
    work = intended(parts)
    scheduling.cancel(parts, "solar-sales")
    result = a_result(Disposition.VOICE_FAILED, **EMPTY)
    wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, result)
    assert stands(parts)[0] is CampaignStatus.CANCELLED
    assert where(parts, work) == (CallState.DONE, Bucket.CANCELLED)


def test_a_used_up_limit_slows_all_campaigns_for_longer_each_time(parts: Parts) -> None:
    armed(parts)
    first, second, third = claimed(parts, 3)
    start = parts.clock.now()
    ended(parts, first, Disposition.VOICE_FAILED, **BUSY)
    ended(parts, second, Disposition.VOICE_FAILED, **BUSY)
    assert where(parts, first) == (CallState.QUEUED, None)
    shown = status.standing(parts, "solar-sales")
    assert shown.slowed_until == start + timedelta(seconds=30)
    assert shown.reason.startswith("voice: rate_limit_exceeded, until 18:00:30")
    assert stands(parts)[0] is CampaignStatus.ARMED
    assert claimed(parts, 5) == [], "no new starts"
    answer = run_virtual(journal(parts, third).permit())
    assert answer == Refused(Disposition.CANCELLED, "slowed"), "nor those that were claimed before"
    assert status.standing(parts, "solar-sales").waits["slowed"] == 1
    later(parts, seconds=31)
    (again,) = claimed(parts, 1)
    ended(parts, again, Disposition.VOICE_FAILED, **BUSY)
    assert status.standing(parts, "solar-sales").slowed_until == parts.clock.now() + timedelta(seconds=60)


def test_a_start_that_goes_well_ends_the_slowdown(parts: Parts) -> None:
    armed(parts)
    first, early = claimed(parts, 2)
    with parts.store.write() as tx:
        attempts.begin(tx, a_dial(parts, early), parts.clock.now())
    ended(parts, first, Disposition.VOICE_FAILED, **BUSY)
    later(parts, seconds=40)
    late = claimed(parts, 1)[0]
    done = a_result(Disposition.NO_ANSWER)
    wrap_up.finish(parts, early.subject, early.attempt_id, early.subject.fence, done)
    with parts.store.write() as tx:
        assert rows.slowdown(tx, rows.VOICE) is not None, "a call from before the slowdown proves nothing"
    ended(parts, late, Disposition.NO_ANSWER)
    with parts.store.write() as tx:
        assert rows.slowdown(tx, rows.VOICE) is None


@pytest.mark.parametrize(
    ("watch", "disposition", "reason"),
    [
        (Watch(carrier="x" * 9), Disposition.CARRIER_FAILED, "carrier: 10 of the last 10 attempts failed"),
        (Watch(voice="x" * 9), Disposition.VOICE_FAILED, "voice: 10 of the last 10 attempts failed"),
        (Watch(live_answers=49), Disposition.ABANDONED, "ABAND-1: 1 of 50 live answers were abandoned"),
    ],
)
def test_a_tripped_breaker_pauses_until_a_person_has_looked(
    parts: Parts, watch: Watch, disposition: Disposition, reason: str
) -> None:
    work = intended(parts)
    with parts.store.write() as tx:
        rows.watch(tx, work.subject.campaign.id)
        rows.keep_watch(tx, work.subject.campaign.id, watch)
    assert wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, a_result(disposition))
    assert stands(parts) == (CampaignStatus.PAUSED, reason)
    assert status.standing(parts, "solar-sales").reason == reason
    scheduling.resume(parts, "solar-sales")
    with parts.store.write() as tx:
        assert rows.watch(tx, work.subject.campaign.id) == Watch()


def test_a_worker_that_died_before_the_dial_says_nothing_of_the_carrier(parts: Parts) -> None:
    work = intended(parts)
    result = a_result(Disposition.CARRIER_FAILED, reason=settle.NEVER_PLACED)
    wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, result)
    with parts.store.write() as tx:
        assert rows.watch(tx, work.subject.campaign.id) == Watch()


def test_a_campaign_slowed_by_itself_is_claimed_when_that_is_over(parts: Parts) -> None:
    armed(parts)
    row = folders.stored(parts, "solar-sales")
    until = parts.clock.now() + timedelta(minutes=1)
    with parts.store.write() as tx:
        rows.slow(tx, rows.of_campaign(row.id), Slowdown(1, until, "budget"))
        assert brakes.in_force(tx, row.id, parts.clock.now()) is not None
    assert claimed(parts, 1) == []
    assert not dispatch.is_all_done(parts)
    later(parts, minutes=1)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        tx.execute(update(calls).where(calls.c.id == work.subject.call_id).values(attempts_made=0))
    assert run_virtual(journal(parts, work).permit()) == Permitted()


def test_an_account_that_the_carrier_refuses_stops_the_campaign_and_costs_the_contact_nothing(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    ended(parts, work, Disposition.CARRIER_FAILED, ending=Ending(EndCause.CONFIGURATION, "21210 the caller ID is not verified"))
    assert stands(parts) == (CampaignStatus.PAUSED, "carrier: 21210 the caller ID is not verified")
    assert where(parts, work) == (CallState.QUEUED, None)
    with parts.store.read() as tx:
        assert [row.is_excused for row in attempts.of_call(tx, work.subject.call_id)] == [True]


TOO_MANY = {"ending": Ending(EndCause.CARRIER_FAULT, "20429 too many requests", None, Retry.BACK_OFF)}


def test_a_used_up_limit_of_the_carrier_slows_all_campaigns_and_costs_the_contact_nothing(parts: Parts) -> None:
    armed(parts)
    start = parts.clock.now()
    for work in claimed(parts, 3):
        ended(parts, work, Disposition.CARRIER_FAILED, **TOO_MANY)
        assert where(parts, work) == (CallState.QUEUED, None)
        with parts.store.read() as tx:
            assert [row.is_excused for row in attempts.of_call(tx, work.subject.call_id)] == [True]
    shown = status.standing(parts, "solar-sales")
    assert shown.slowed_until == start + timedelta(seconds=30), "three that were under way count as one"
    assert shown.reason == "carrier: 20429 too many requests, until 18:00:30 UTC"
    assert claimed(parts, 5) == []
    with parts.store.write() as tx:
        assert rows.watch(tx, work.subject.campaign.id) == Watch(), "no fault of the carrier"
    later(parts, seconds=31)
    first, second = claimed(parts, 2)
    ended(parts, first, Disposition.CARRIER_FAILED)
    with parts.store.write() as tx:
        assert rows.slowdown(tx, rows.CARRIER) is not None, "a dial that failed proves nothing"
    ended(parts, second, Disposition.BUSY)
    with parts.store.write() as tx:
        assert rows.slowdown(tx, rows.CARRIER) is None


def test_an_idle_lane_sleeps_until_the_carrier_has_room_again(parts: Parts) -> None:
    work = intended(parts)
    now = parts.clock.now()
    refused = a_result(Disposition.CARRIER_FAILED, **TOO_MANY)
    assert wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, refused)
    with parts.store.read() as tx:
        assert queue.next_due_at(tx, now) == now + timedelta(seconds=30)
