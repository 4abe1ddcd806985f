"""What was said, done, decided and found out comes back as it went in, however often it was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from dialer.model.decision import Decision, RuleVerdict, Stage, Verdict
from dialer.model.disposition import Outcome
from dialer.model.ids import AttemptId, CallId
from dialer.model.lead import Evidence, EvidencedAnswer, Grade, Lead, ScoreReason, Source
from dialer.model.transcript import Speaker, ToolCall, Transcript, Turn
from dialer.store import records
from dialer.store.attempts import NewAttempt
from dialer.store.engine import Store
from dialer.store.queue import ClaimedCall
from tests.store.rows import NOW, Stock, a_phone, begun, minutes, stocked

HELLO = Turn(1, Speaker.AGENT, "Hello Maria", 0, 900, generated="Hello Maria, this is Robin", item_id="item_1", latency_ms=120)
ANSWER = Turn(2, Speaker.CALLEE, "喂，您好", 1000, 1900, generated="喂，您好")
TOOL = ToolCall("call_1", "record_answer", {"name": "need", "quote": "a boat"}, {"ok": True}, 2000, 2)
ALLOWED = Decision(
    Verdict.ALLOW,
    "allowed",
    Stage.CLAIM,
    NOW,
    (RuleVerdict("DNC-1", Verdict.ALLOW, "not on the list"), RuleVerdict("HOURS-3", Verdict.ALLOW, "10:00")),
    ("America/New_York", "America/Chicago"),
)


def a_lead(**changes: object) -> Lead:
    """A hot lead with evidence."""
    evidence = Evidence(2, "a boat", 1000)
    lead = Lead(
        outcome=Outcome.INTERESTED,
        score=80,
        grade=Grade.HOT,
        reasons=(ScoreReason(50, "interested"), ScoreReason(30, "has a need")),
        answers=(
            EvidencedAnswer("need", "boat", Source.TOOL, evidence),
            EvidencedAnswer("budget", None, Source.MODEL, None, needs_review=True),
        ),
        quote=evidence,
        next_step="call back",
        due_at=NOW + minutes(60),
        needs_review=True,
    )
    return replace(lead, **changes)  # type: ignore[arg-type]  # keywords of a dict


def started(tx: Connection) -> tuple[Stock, ClaimedCall, NewAttempt]:
    stock = stocked(tx, 1)
    return stock, *begun(tx, stock)


def test_a_transcript_comes_back_in_order(store: Store) -> None:
    with store.write() as tx:
        _, _, new = started(tx)
        later = replace(TOOL, call_id="call_0", at_ms=2500)
        for turn in (ANSWER, HELLO):
            records.save_turn(tx, new.attempt_id, turn)
        for tool_call in (later, TOOL):
            assert records.save_tool_call(tx, new.attempt_id, tool_call)
    with store.read() as tx:
        assert records.transcript(tx, new.attempt_id) == Transcript((HELLO, ANSWER), (TOOL, later))
        assert records.transcript(tx, AttemptId("0" * 32)) == Transcript()


def test_a_barge_in_shortens_the_turn_that_was_written(store: Store) -> None:
    shorter = replace(HELLO, text="Hello", end_ms=400, is_interrupted=True)
    with store.write() as tx:
        _, _, new = started(tx)
        for turn in (HELLO, shorter, shorter):
            records.save_turn(tx, new.attempt_id, turn)
        assert records.transcript(tx, new.attempt_id).turns == (shorter,)


def test_the_first_result_of_a_tool_call_stands(store: Store) -> None:
    with store.write() as tx:
        _, _, new = started(tx)
        assert records.save_tool_call(tx, new.attempt_id, TOOL)
        assert not records.save_tool_call(tx, new.attempt_id, replace(TOOL, result={"ok": False}))
        assert records.transcript(tx, new.attempt_id).tool_calls == (TOOL,)


def test_each_decision_is_kept_with_its_reasons(store: Store) -> None:
    waiting = replace(ALLOWED, verdict=Verdict.WAIT, decided_at=NOW - minutes(5), next_allowed_at=NOW, zones=())
    with store.write() as tx:
        stock, claimed, new = started(tx)
        about = {"campaign_id": stock.campaign_id, "phone": claimed.phone}
        records.save_decision(tx, ALLOWED, **about, call_id=claimed.call_id, attempt_id=new.attempt_id)
        records.save_decision(tx, waiting, **about, contact_id=claimed.contact_id)
        of_phone = records.decisions_of_phone(tx, claimed.phone)
        of_call = records.decisions_of_call(tx, claimed.call_id)
        assert records.decisions_of_phone(tx, a_phone(9)) == records.decisions_of_call(tx, CallId(77)) == []
    assert [row.decision for row in of_phone] == [waiting, ALLOWED]
    assert [row.decision for row in of_call] == [ALLOWED]
    assert (of_call[0].call_id, of_call[0].attempt_id, of_call[0].contact_id) == (claimed.call_id, new.attempt_id, None)
    assert (of_phone[0].contact_id, of_phone[0].campaign_id) == (claimed.contact_id, stock.campaign_id)


def test_the_newest_lead_of_a_call_stands(store: Store) -> None:
    bare = a_lead(score=5, grade=Grade.COLD, reasons=(), answers=(), quote=None, due_at=None)
    with store.write() as tx:
        stock, claimed, new = started(tx)
        assert records.lead_of_call(tx, claimed.call_id) is None
        for lead in (bare, a_lead(), bare, a_lead()):
            records.save_lead(
                tx,
                lead,
                call_id=claimed.call_id,
                campaign_id=stock.campaign_id,
                contact_id=claimed.contact_id,
                attempt_id=new.attempt_id,
                now=NOW + timedelta(seconds=lead.score),
            )
            row = records.lead_of_call(tx, claimed.call_id)
            assert row is not None
            assert row.lead == lead
    assert (row.call_id, row.contact_id, row.attempt_id) == (claimed.call_id, claimed.contact_id, new.attempt_id)
    assert (row.campaign_id, row.updated_at) == (stock.campaign_id, NOW + timedelta(seconds=80))
    with store.write() as tx:
        assert records.withdraw_lead(tx, claimed.call_id)
        assert not records.withdraw_lead(tx, claimed.call_id)
        assert records.lead_of_call(tx, claimed.call_id) is None
