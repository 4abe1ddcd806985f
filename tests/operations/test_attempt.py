"""The journal commits each step once, whatever is asked twice; the supervisor leaves nothing to chance."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from dialer.call.events import Permitted, Refused
from dialer.conversation.events import RecordOptOut
from dialer.errors import CarrierError, StoreError, VoiceError
from dialer.model.attempt import Capabilities, DialOrder, Found
from dialer.model.call import AttemptState, Bucket, CallState
from dialer.model.campaign import Opening
from dialer.model.decision import Verdict
from dialer.model.disposition import Disposition
from dialer.model.ids import AttemptId
from dialer.model.transcript import Speaker, ToolCall, Turn
from dialer.operations import attempt, dnc, scheduling
from dialer.operations.attempt import DatabaseJournal
from dialer.operations.dispatch import Pace, Work
from dialer.operations.parts import Lines, Parts
from dialer.store import attempts, queue, records, suppression
from dialer.store.schema import attempts as attempt_rows
from dialer.store.schema import calls
from dialer.voice.base import SessionSetup, VoiceSession
from tests.operations.stage import OWNER, a_dial, a_result, armed, claimed, steps, where
from tests.support.virtual_time import run_virtual

CAN = Capabilities(finds_by="our_id", can_transfer=False, can_send_digits=False, has_exact_heard=True)


class Phones:
    """A carrier that keeps what it was asked."""

    name = "phones"
    capabilities = CAN

    def __init__(self) -> None:
        self.asked: list[AttemptId] = []

    async def place(self, order: DialOrder) -> Any:
        """Refuse, after having kept the order."""
        self.asked.append(order.attempt_id)
        raise CarrierError("no lines", code="no_lines", retryable=True)

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """Keep nothing."""
        return Found("C1", None, was_answered=attempt_id in self.asked)

    async def end(self, attempt_id: AttemptId) -> None:
        """Keep who was ended."""
        self.asked.append(attempt_id)

    async def close(self) -> None:
        """Nothing is open."""


class NoVoice:
    """A model that does not come up, in its own way."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    async def open(self, setup: SessionSetup) -> VoiceSession:
        """Fail, or hang."""
        if self._error is not None:
            raise self._error
        await asyncio.sleep(1e6)
        raise AssertionError

    async def close(self) -> None:
        """Nothing is open."""


async def nothing() -> None:
    """Nothing to close."""


def a_claim(parts: Parts) -> Work:
    """One claimed call."""
    armed(parts)
    (work,) = claimed(parts, 1)
    return work


def journal_of(parts: Parts, work: Work) -> DatabaseJournal:
    """Its journal."""
    return DatabaseJournal(parts, work, Pace(1), steps, "phones")


def state(parts: Parts, work: Work) -> AttemptState:
    """Where the attempt stands."""
    with parts.store.read() as tx:
        return attempts.get(tx, work.attempt_id).state


def carried_out(parts: Parts, work: Work, voice: NoVoice, run: Any = steps, stop: asyncio.Event | None = None) -> Phones:
    """One attempt under its supervisor."""
    phones = Phones()
    lines = Lines(phones, voice, nothing)
    run_virtual(attempt.carry_out(parts, lines, work, Pace(1), run, stop or asyncio.Event()))
    return phones


def test_each_step_is_committed(parts: Parts) -> None:
    work = a_claim(parts)

    async def live() -> None:
        journal = journal_of(parts, work)
        assert await journal.permit() == Permitted()
        assert state(parts, work) is AttemptState.DIALING
        await journal.placed("C1")
        assert state(parts, work) is AttemptState.PLACED
        await journal.answered()
        assert state(parts, work) is AttemptState.LIVE
        await journal.record_turn(Turn(1, Speaker.CALLEE, "Hello?", 0, 500, "Hello?"))
        await journal.record_tool_call(ToolCall("c1", "end_call", {}, {"ok": True}, 1, 900))
        journal.close(a_result(Disposition.NO_ANSWER))

    run_virtual(live())
    assert state(parts, work) is AttemptState.ENDED
    assert where(parts, work) == (CallState.QUEUED, None)
    with parts.store.read() as tx:
        transcript = records.transcript(tx, work.attempt_id)
    assert (len(transcript.turns), len(transcript.tool_calls)) == (1, 1)


def test_an_opt_out_is_committed_at_once(parts: Parts) -> None:
    work = a_claim(parts)

    async def live() -> None:
        journal = journal_of(parts, work)
        await journal.permit()
        await journal.record_opt_out(RecordOptOut("phrase", "stop calling me", 900))

    run_virtual(live())
    with parts.store.read() as tx:
        assert suppression.suppressed(tx, [work.phone])


def test_a_gate_that_has_shut_since_the_claim_refuses(parts: Parts) -> None:
    work = a_claim(parts)
    scheduling.pause(parts, "solar-sales")
    journal = journal_of(parts, work)
    refused = run_virtual(journal.permit())
    assert isinstance(refused, Refused)
    journal.close(a_result(Disposition.CANCELLED))
    assert where(parts, work)[0] is CallState.QUEUED
    with parts.store.read() as tx:
        assert attempts.get(tx, work.attempt_id).dialed_at is None


def test_a_lost_claim_dials_nothing(parts: Parts) -> None:
    work = a_claim(parts)
    with parts.store.write() as tx:
        queue.release(tx, work.subject.call_id, work.subject.fence, parts.clock.now())
    journal = journal_of(parts, work)
    assert run_virtual(journal.permit()) == Refused(Disposition.CANCELLED, "lost_claim")
    journal.close(a_result(Disposition.CANCELLED))
    with parts.store.read() as tx:
        assert not tx.execute(select(attempt_rows)).all()


def test_an_intent_whose_commit_was_not_confirmed_is_ours(parts: Parts) -> None:
    """The database took it and died before it said so: asked again, the answer is yes, and there is still one attempt."""
    work = a_claim(parts)
    with parts.store.write() as tx:
        attempts.begin(tx, a_dial(parts, work), parts.clock.now())
    assert run_virtual(journal_of(parts, work).permit()) == Permitted()
    with parts.store.read() as tx:
        assert len(tx.execute(select(attempt_rows)).all()) == 1


def test_a_number_that_is_being_called_is_tried_later(parts: Parts) -> None:
    work = a_claim(parts)
    (other,) = claimed(parts, 1)
    with parts.store.write() as tx:
        attempts.begin(tx, replace(a_dial(parts, other), phone=work.phone), parts.clock.now() - timedelta(days=90))
    journal = journal_of(parts, work)
    assert run_virtual(journal.permit()) == Refused(Disposition.CANCELLED, "number_busy")
    with parts.store.read() as tx:
        told = [row.decision for row in records.decisions_of_call(tx, work.subject.call_id) if row.attempt_id == work.attempt_id]
    assert [(one.verdict, one.code, one.rules[-1].rule) for one in told] == [(Verdict.WAIT, "number_busy", "ONCE-1")]
    journal.close(a_result(Disposition.CANCELLED))
    assert where(parts, work) == (CallState.QUEUED, None)


def test_who_was_overtaken_is_told_at_the_next_step(parts: Parts) -> None:
    work = a_claim(parts)
    journal = journal_of(parts, work)
    run_virtual(journal.permit())
    with parts.store.write() as tx:
        tx.execute(update(attempt_rows).values(fence=99))
    with pytest.raises(StoreError, match="taken this attempt over"):
        run_virtual(journal.answered())
    journal.close(a_result(Disposition.ANSWERED_HUMAN))
    assert state(parts, work) is AttemptState.DIALING, "its end is for who holds it now to say"


def test_a_lost_answer_stays_open_until_it_is_settled(parts: Parts) -> None:
    work = a_claim(parts)
    journal = journal_of(parts, work)
    run_virtual(journal.permit())
    journal.close(a_result(Disposition.UNKNOWN, reason="timeout"))
    with parts.store.read() as tx:
        row = attempts.get(tx, work.attempt_id)
    assert (row.state, row.owner) == (AttemptState.UNKNOWN, None)
    assert row.lease_until is not None
    assert row.lease_until > parts.clock.lease_now() + timedelta(seconds=60)


def test_a_model_that_does_not_come_up_rings_nobody(parts: Parts) -> None:
    work = a_claim(parts)
    phones = carried_out(parts, work, NoVoice(VoiceError("no key", code="bad_key")))
    assert phones.asked == []
    assert where(parts, work) == (CallState.QUEUED, None)
    with parts.store.read() as tx:
        row = attempts.get(tx, work.attempt_id)
    assert (row.disposition, row.dialed_at) == (Disposition.VOICE_FAILED, None)


def test_an_attempt_broken_off_before_its_dial_goes_back(parts: Parts) -> None:
    work = a_claim(parts)
    stop = asyncio.Event()
    stop.set()
    phones = carried_out(parts, work, NoVoice(), stop=stop)
    assert phones.asked == []
    assert where(parts, work) == (CallState.QUEUED, None)


def test_the_same_end_told_twice_is_written_once(parts: Parts) -> None:
    work = a_claim(parts)
    journal = journal_of(parts, work)
    journal.close(a_result(Disposition.VOICE_FAILED, reason="model_timeout"))
    journal.close(a_result(Disposition.VOICE_FAILED, reason="model_timeout"))
    with parts.store.read() as tx:
        assert len(tx.execute(select(attempt_rows)).all()) == 1


def test_our_own_fault_leaves_the_call_to_the_rescue_at_once(parts: Parts) -> None:
    work = a_claim(parts)
    carried_out(parts, work, NoVoice(RuntimeError("a bug")))
    with parts.store.write() as tx:
        assert queue.renew(tx, OWNER, parts.clock.lease_now() + timedelta(hours=1)) == 0
        assert queue.rescue_claims(tx, parts.clock.lease_now() + timedelta(seconds=1)) == 1


def test_not_even_a_database_that_refuses_breaks_the_supervisor(parts: Parts) -> None:
    work = a_claim(parts)

    async def refusing(function: Any, *arguments: Any) -> Any:
        if function.__module__ == attempt.__name__:
            raise StoreError("gone", code="08000")
        return function(*arguments)

    carried_out(parts, work, NoVoice(VoiceError("no key", code="bad_key")), run=refusing)
    with parts.store.read() as tx:
        held = tx.execute(select(calls.c.owner).where(calls.c.id == work.subject.call_id)).scalar_one()
    assert held == OWNER, "the lane's renewal lets it go"
    assert where(parts, work) == (CallState.CLAIMED, None)


def test_an_opt_out_between_claim_and_dial_rings_nobody(parts: Parts) -> None:
    work = a_claim(parts)
    dnc.add(parts, work.phone, dnc.Scope(), "A. Person", "by letter")
    refused = run_virtual(journal_of(parts, work).permit())
    assert (refused.disposition, refused.reason) == (Disposition.BLOCKED_DNC, "blocked_dnc")
    assert where(parts, work) == (CallState.DONE, Bucket.SUPPRESSED)
    with parts.store.read() as tx:
        assert attempts.get(tx, work.attempt_id).dialed_at is None


def test_facts_that_cannot_be_read_at_the_dial_hold_the_call_and_ring_nobody(parts: Parts) -> None:
    work = a_claim(parts)
    with parts.store.write() as tx:
        tx.execute(text("UPDATE contacts SET cells = 'no JSON'"))
    refused = run_virtual(journal_of(parts, work).permit())
    assert isinstance(refused, Refused)
    assert refused.reason == "gate_failed"
    assert where(parts, work) == (CallState.HELD, Bucket.HELD)
    with parts.store.read() as tx:
        assert attempts.get(tx, work.attempt_id).dialed_at is None


@pytest.mark.parametrize("opening", ["Hello {nobody_has_this}.", "Hello {first_name."], ids=["no value", "no sense"])
def test_a_call_whose_words_cannot_be_put_together_is_held_and_not_tried_for_ever(parts: Parts, opening: str) -> None:
    work = a_claim(parts)
    campaign = work.subject.campaign.campaign.model_copy(update={"opening": Opening(text=opening)})
    row = replace(work.subject.campaign, campaign=campaign)
    phones = carried_out(parts, replace(work, subject=replace(work.subject, campaign=row)), NoVoice())
    assert phones.asked == []
    assert where(parts, work) == (CallState.HELD, Bucket.HELD)
    with parts.store.read() as tx:
        (*_, last) = records.decisions_of_call(tx, work.subject.call_id)
    assert (last.decision.verdict, last.decision.code) == (Verdict.HOLD, "gate_failed")
    assert "could not be prepared (TemplateError" in last.decision.rules[0].detail
