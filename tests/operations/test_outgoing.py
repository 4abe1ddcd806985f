"""Results are put into the outbox with what they tell: in the same transaction, once, and only when somebody listens."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dialer.conversation.events import RecordOptOut
from dialer.model.attempt import AttemptResult
from dialer.model.call import Bucket, CallState
from dialer.model.decision import Decision, Stage, Verdict
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.outbox import Target
from dialer.operations import gates, outgoing, scheduling, upkeep, wrap_up
from dialer.operations.dispatch import Work
from dialer.operations.parts import Parts
from dialer.store import attempts, outbox, queue, records
from dialer.store.schema import calls
from dialer.wire.webhook import ATTEMPT, CALL
from tests.operations.stage import armed, claimed
from tests.operations.talked import ANSWER, GOODBYE, HELLO, TOOL, begun
from tests.operations.told import bodies, telling


def finished(parts: Parts, work: Work, disposition: Disposition, outcome: Outcome | None = None) -> bool:
    """End the attempt of ``work``."""
    result = AttemptResult(disposition, outcome, AnsweredBy.HUMAN if outcome else AnsweredBy.UNKNOWN, talk_s=12.0)
    return wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, result)


def kinds(parts: Parts) -> Counter[str]:
    """How many messages of each kind."""
    return Counter(body["kind"] for body in bodies(parts))


def test_nobody_is_told_when_nobody_wants_to_know(parts: Parts) -> None:
    armed(parts)
    assert finished(parts, begun(parts), Disposition.INVALID_NUMBER)
    scheduling.pause(parts, "solar-sales")
    scheduling.cancel(parts, "solar-sales")
    assert bodies(parts) == []


def test_each_receiver_gets_its_own_message(parts: Parts) -> None:
    assert outgoing.targets(telling(parts, "", ("cat",)).settings) == (Target.COMMAND,)
    told = telling(parts, command=("cat",))
    armed(told)
    finished(told, begun(told), Disposition.NO_ANSWER)
    assert kinds(told) == {"attempt.ended": 2}
    with told.store.read() as tx:
        rows = outbox.listed(tx, None, 10)
    assert {row.target for row in rows} == {Target.WEBHOOK, Target.COMMAND}
    assert len({row.id for row in rows}) == 2


def test_a_talk_is_told_with_its_answers_and_its_lead(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    work = begun(told, (HELLO, ANSWER, GOODBYE))
    with told.store.write() as tx:
        records.save_tool_call(tx, work.attempt_id, TOOL)
    assert finished(told, work, Disposition.ANSWERED_HUMAN, Outcome.INTERESTED)
    (body,) = bodies(told, "attempt.ended")
    assert list(body) == ["id", "kind", "at", "campaign", "contact", "attempt", "answers", "lead"]
    assert (body["campaign"], body["at"]) == ("solar-sales", told.clock.now().isoformat())
    assert body["contact"]["phone"] == work.phone
    assert tuple(body["attempt"]) == ATTEMPT
    assert (body["attempt"]["disposition"], body["attempt"]["outcome"]) == ("answered_human", "interested")
    assert body["attempt"]["id"] == work.attempt_id
    assert body["lead"]["outcome"] == "interested"
    (end,) = bodies(told, "call.finished")
    assert tuple(end["call"]) == CALL
    assert (end["call"]["bucket"], end["contact"]) == ("reached", body["contact"])
    with told.store.read() as tx:
        assert {row.id for row in outbox.listed(tx, None, 10)} == {body["id"], end["id"]}


def test_an_attempt_that_is_dialled_again_does_not_finish_its_call(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    finished(told, begun(told), Disposition.NO_ANSWER)
    assert kinds(told) == {"attempt.ended": 1}


def test_what_is_rolled_back_is_not_told(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    work = begun(told)

    def end_and_fail() -> None:
        result = AttemptResult(Disposition.INVALID_NUMBER)
        with told.store.write() as tx:
            attempts.end(tx, work.attempt_id, work.subject.fence, result, told.clock.now())
            outgoing.attempt_ended(tx, told, work.attempt_id, work.subject.contact, told.clock.now())
            wrap_up.follow(tx, told, work.subject, work.attempt_id, result, told.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        end_and_fail()
    assert bodies(told) == []
    assert finished(told, work, Disposition.INVALID_NUMBER), "nothing of it was committed"
    assert kinds(told) == {"attempt.ended": 1, "call.finished": 1}


def test_a_stale_holder_tells_nothing(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    work = begun(told)
    stale = replace(work, subject=replace(work.subject, fence=work.subject.fence - 1))
    assert not finished(told, stale, Disposition.INVALID_NUMBER)
    assert bodies(told) == []
    finished(told, work, Disposition.INVALID_NUMBER)
    assert not finished(told, work, Disposition.INVALID_NUMBER), "an attempt ends once"
    assert kinds(told) == {"attempt.ended": 1, "call.finished": 1}


def test_an_opt_out_is_told_once_with_the_callees_words(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    work = begun(told)
    command = RecordOptOut(quote="never again", layer="tool", at_ms=900)
    proof = {"reason": "opt_out", "source": command.layer, "quote": command.quote}
    for _ in range(2):
        with told.store.write() as tx:
            wrap_up.suppress(tx, told, work.subject, work.attempt_id, proof, told.clock.now())
    (body,) = bodies(told)
    assert body["opt_out"] == proof
    assert (body["contact"]["phone"], body["attempt"]) == (work.phone, {"id": work.attempt_id})


def test_the_other_calls_of_a_suppressed_number_are_told_too(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    with told.store.write() as tx:
        phone = tx.execute(select(calls.c.phone).where(calls.c.state == CallState.QUEUED).limit(1)).scalar_one()
        ended = queue.cancel_number(tx, phone, told.clock.now())
        outgoing.calls_finished(tx, told, ended, told.clock.now())
    (body,) = bodies(told)
    assert (body["call"]["bucket"], body["contact"]["phone"]) == ("suppressed", phone)


def test_a_call_that_a_gate_ends_is_told(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    first, second = claimed(told, 2)
    now = told.clock.now()
    before = bodies(told)
    for work, verdict in ((first, Verdict.REFUSE), (second, Verdict.WAIT)):
        decision = Decision(verdict, "blocked_dnc", Stage.CLAIM, now, ())
        with told.store.write() as tx:
            gates.put_away(tx, told, work.subject, decision, now)
    (body,) = [body for body in bodies(told) if body not in before]
    assert body["call"]["id"] == first.subject.call_id


def test_a_campaigns_changes_are_told_with_its_counts(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    scheduling.pause(told, "solar-sales", "lunch")
    (paused,) = bodies(told, "campaign.paused")
    assert paused["status"] == {"status": "paused", "reason": "lunch", "calls": paused["status"]["calls"]}
    scheduling.resume(told, "solar-sales")
    assert kinds(told) == {"campaign.paused": 1}
    ended = scheduling.cancel(told, "solar-sales")
    assert kinds(told) == {"campaign.paused": 1, "campaign.cancelled": 1, "call.finished": ended}
    (cancelled,) = bodies(told, "campaign.cancelled")
    assert sum(cancelled["status"]["calls"].values()) == ended


def test_what_the_beat_ends_is_told(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    with told.store.write() as tx:
        tx.execute(update(calls).where(calls.c.state == CallState.QUEUED).values(expires_at=told.clock.now()))
        tx.execute(update(calls).where(calls.c.state == CallState.HELD).values(expires_at=told.clock.now()))
        waiting = len(tx.execute(select(calls.c.id).where(calls.c.bucket.is_distinct_from(Bucket.SUPPRESSED))).all())
    upkeep.tidy(told)
    assert kinds(told) == {"call.finished": waiting, "campaign.done": 1}
    upkeep.tidy(told)
    assert kinds(told)["campaign.done"] == 1


def test_a_late_return_to_a_cancelled_campaign_is_told(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    (work,) = claimed(told, 1)
    ended = scheduling.cancel(told, "solar-sales")
    with told.store.write() as tx:
        queue.release(tx, work.subject.call_id, work.subject.fence, told.clock.now() + timedelta(minutes=1))
    upkeep.tidy(told)
    assert kinds(told)["call.finished"] == ended + 1
