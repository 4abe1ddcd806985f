"""A call that was made: dialled, answered, talked, settled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from dialer.model.attempt import AttemptResult
from dialer.model.call import Bucket
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.transcript import Speaker, ToolCall, Turn
from dialer.operations.dispatch import Work
from dialer.operations.parts import Parts
from dialer.store import attempts, queue, records
from tests.operations.stage import OWNER, claimed

HELLO = Turn(1, Speaker.AGENT, "Hello, this is", 0, 900, generated="Hello, this is Sam.", is_interrupted=True)
ANSWER = Turn(2, Speaker.CALLEE, "Yes?\x1b[31m", 900, 1400)
GOODBYE = Turn(3, Speaker.AGENT, "Goodbye.", 61_500, 62_000, latency_ms=310)
TOOL = ToolCall("c1", "set_outcome", {"outcome": "interested", "quote": "Yes?"}, {"ok": True}, 1500, 2)


def begun(parts: Parts, turns: tuple[Turn, ...] = (HELLO,)) -> Work:
    """Claim one call, dial, be answered, and say something: in progress."""
    (work,) = claimed(parts, 1)
    new = attempts.NewAttempt(
        attempt_id=work.attempt_id,
        call_id=work.subject.call_id,
        fence=work.subject.fence,
        owner=OWNER,
        lease_until=parts.clock.lease_now() + timedelta(minutes=5),
        phone=work.phone,
        from_number=work.from_number,
        script_version_id=work.subject.campaign.version_id,
        carrier="simulated",
    )
    now = parts.clock.now()
    with parts.store.write() as tx:
        attempts.begin(tx, new, now)
        attempts.placed(tx, work.attempt_id, work.subject.fence, "carrier-1", now)
        attempts.answered(tx, work.attempt_id, work.subject.fence, now)
        for turn in turns:
            records.save_turn(tx, work.attempt_id, turn)
    return work


def talked(parts: Parts, talk_s: float = 62.0) -> Work:
    """A whole talk that ended in interest."""
    work = begun(parts, (HELLO, ANSWER, GOODBYE))
    result = AttemptResult(
        Disposition.ANSWERED_HUMAN, Outcome.INTERESTED, AnsweredBy.HUMAN, talk_s=talk_s, cost=Decimal("0.0421")
    )
    _settle(parts, work, result, Bucket.REACHED)
    return work


def unanswered(parts: Parts) -> Work:
    """A dial that nobody took."""
    work = begun(parts, ())
    _settle(parts, work, AttemptResult(Disposition.NO_ANSWER, ring_s=30), Bucket.NOT_REACHED)
    return work


def _settle(parts: Parts, work: Work, result: AttemptResult, bucket: Bucket) -> None:
    now = parts.clock.now()
    with parts.store.write() as tx:
        if result.outcome is not None:
            records.save_tool_call(tx, work.attempt_id, TOOL)
        attempts.end(tx, work.attempt_id, work.subject.fence, result, now)
        queue.finish(tx, work.subject.call_id, work.subject.fence, bucket, result.disposition, result.outcome, now)
