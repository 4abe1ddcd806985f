"""Facts are read in the claiming transaction; money that is promised counts as spent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dialer.clock import SimulatedClock
from dialer.dialing import prices
from dialer.errors import PolicyRefusal
from dialer.model.call import Bucket, CallState
from dialer.model.decision import Decision, RuleVerdict, Stage, Verdict
from dialer.model.disposition import Disposition
from dialer.model.phone import PhoneNumber
from dialer.operations import dnc, gates, scheduling
from dialer.operations.parts import Parts
from dialer.store import consents, money
from dialer.store.schema import calls
from tests.operations.stage import armed, claimed, where


def a_decision(parts: Parts, verdict: Verdict, code: str, wait_h: int | None = None) -> Decision:
    """A refusal."""
    now = parts.clock.now()
    until = None if wait_h is None else now + timedelta(hours=wait_h)
    return Decision(verdict, code, Stage.DIAL, now, (RuleVerdict("TEST-1", verdict, "because"),), (), until)


def test_other_open_calls_reserve_their_worst_case(parts: Parts) -> None:
    armed(parts)
    work = claimed(parts, 3)
    with parts.store.read() as tx:
        facts = gates.facts_of(tx, parts, work[0].subject)
    campaign = work[0].subject.campaign.campaign
    worst = prices.worst_case(campaign, parts.settings.voice_model, "simulated")
    assert facts.reserve == worst > 0
    assert facts.spent == worst * 2
    assert facts.spent_today == worst * 2


def test_the_budget_is_never_promised_twice(parts: Parts) -> None:
    armed(parts)
    work = claimed(parts, 3)
    worst = prices.worst_case(work[0].subject.campaign.campaign, parts.settings.voice_model, "simulated")
    total = work[0].subject.campaign.campaign.budget.total
    assert total is not None
    with parts.store.write() as tx:
        assert gates.ask(tx, parts, work[0].subject, Stage.DIAL).is_allowed
        money.settle(tx, work[0].subject.campaign.id, parts.clock.now(), total - worst * 2)
        refused = gates.ask(tx, parts, work[0].subject, Stage.DIAL)
    assert (refused.verdict, refused.code) == (Verdict.HOLD, "blocked_budget")


@pytest.mark.parametrize(
    ("verdict", "code", "state", "bucket", "disposition"),
    [
        (Verdict.WAIT, "blocked_hours", CallState.QUEUED, None, None),
        (Verdict.HOLD, "blocked_budget", CallState.QUEUED, None, None),
        (Verdict.HOLD, "blocked_consent", CallState.HELD, Bucket.HELD, None),
        (Verdict.REFUSE, "blocked_dnc", CallState.DONE, Bucket.SUPPRESSED, Disposition.BLOCKED_DNC),
        (Verdict.REFUSE, "expired", CallState.DONE, Bucket.BLOCKED, Disposition.EXPIRED),
        (Verdict.REFUSE, "cancelled", CallState.DONE, Bucket.CANCELLED, Disposition.CANCELLED),
    ],
)
def test_each_refusal_has_its_place(
    parts: Parts, verdict: Verdict, code: str, state: CallState, bucket: Bucket | None, disposition: Disposition | None
) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    decision = a_decision(parts, verdict, code, 5)
    with parts.store.write() as tx:
        gates.put_away(tx, parts, work.subject, decision, parts.clock.now())
        row = tx.execute(select(calls).where(calls.c.id == work.subject.call_id)).one()
    assert (row.state, row.bucket, row.disposition) == (state, bucket, disposition)
    assert row.owner is None
    if verdict is Verdict.WAIT:
        assert row.due_at == decision.next_allowed_at


def test_a_wait_without_an_instant_is_asked_again_in_an_hour(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        gates.put_away(tx, parts, work.subject, a_decision(parts, Verdict.WAIT, "paused"), parts.clock.now())
        due = tx.execute(select(calls.c.due_at).where(calls.c.id == work.subject.call_id)).scalar_one()
    assert due == parts.clock.now() + timedelta(hours=1)


def test_a_stale_claim_is_left_alone(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        tx.execute(update(calls).where(calls.c.id == work.subject.call_id).values(fence=9))
        gates.put_away(tx, parts, work.subject, a_decision(parts, Verdict.REFUSE, "blocked_dnc"), parts.clock.now())
        state = tx.execute(select(calls.c.state).where(calls.c.id == work.subject.call_id)).scalar_one()
    assert state is CallState.CLAIMED


def test_an_opt_out_between_claim_and_dial_wins(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    dnc.add(parts, work.phone, dnc.Scope(), "A. Person", "asked by letter")
    with parts.store.write() as tx:
        decision = gates.ask(tx, parts, work.subject, Stage.DIAL, work.attempt_id)
    assert (decision.verdict, decision.code) == (Verdict.REFUSE, "blocked_dnc")


def test_a_call_that_was_claimed_in_time_is_not_dialled_after_closing(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    assert isinstance(parts.clock, SimulatedClock)
    parts.clock.move_to(parts.clock.now() + timedelta(hours=10))
    with parts.store.write() as tx:
        decision = gates.ask(tx, parts, work.subject, Stage.DIAL, work.attempt_id)
    assert (decision.verdict, decision.code) == (Verdict.WAIT, "blocked_hours")


def test_the_dial_marks_the_consent_as_used_and_a_refusal_does_not(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        assert consents.standing(tx, [work.phone])[work.phone].last_used_at is None
        assert gates.ask(tx, parts, work.subject, Stage.DIAL, work.attempt_id).is_allowed
        assert consents.standing(tx, [work.phone])[work.phone].last_used_at == parts.clock.now()


def test_no_call_is_recorded_without_a_word_of_it(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    recorded = replace(parts, settings=parts.settings.model_copy(update={"carrier": "twilio", "twilio_record": True}))
    with parts.store.write() as tx:
        assert gates.facts_of(tx, recorded, work.subject).is_recorded
        assert not gates.facts_of(tx, parts, work.subject).is_recorded
        decision = gates.ask(tx, recorded, work.subject, Stage.DIAL)
        gates.put_away(tx, recorded, work.subject, decision, parts.clock.now())
    assert (decision.verdict, decision.code) == (Verdict.HOLD, "no_recording_notice")
    assert where(parts, work) == (CallState.HELD, Bucket.HELD)
    with pytest.raises(PolicyRefusal, match="does not say that the call is recorded"):
        scheduling.schedule(recorded, "solar-sales", None, None)
    scheduling.schedule(parts, "solar-sales", None, None)
    assert where(parts, work) == (CallState.QUEUED, None)


def test_a_dial_uses_the_consent_of_the_person_whichever_number_rings(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        assert gates.ask(tx, parts, replace(work.subject, phone=PhoneNumber("+13035550199")), Stage.DIAL).is_allowed
        assert consents.of_phone(tx, work.phone)[0].last_used_at == parts.clock.now()
