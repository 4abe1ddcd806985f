"""Looking at a talk again: the same facts give the same result, and only the newest talk makes the lead."""

from __future__ import annotations

from sqlalchemy import select

from dialer.model.attempt import EndCause
from dialer.model.call import CallState
from dialer.model.disposition import Disposition, Outcome
from dialer.operations import audit, correcting, looking_again
from dialer.operations.parts import Parts
from dialer.store import acts, attempts, findings, suppression
from dialer.store.keys import number_of
from dialer.store.schema import calls
from tests.operations.stage import armed
from tests.operations.talked import talked
from tests.operations.told import bodies, telling


def test_the_same_facts_give_the_same_result(parts: Parts) -> None:
    armed(parts)
    work = talked(parts)
    now = parts.clock.now()
    with parts.store.write() as tx:
        first = looking_again.look_again(tx, parts, work.attempt_id, now)
        kept = findings.of_attempt(tx, work.attempt_id)
        assert looking_again.look_again(tx, parts, work.attempt_id, now) == first
        assert findings.of_attempt(tx, work.attempt_id) == kept


def test_a_result_is_read_back_from_its_row(parts: Parts) -> None:
    armed(parts)
    work = talked(parts)
    with parts.store.read() as tx:
        row = attempts.get(tx, work.attempt_id)
    found = looking_again.result_of(row, Outcome.CALLBACK)
    assert (found.disposition, found.outcome, found.talk_s, found.ending) == (
        Disposition.ANSWERED_HUMAN,
        Outcome.CALLBACK,
        62.0,
        None,
    )
    changed = row.__class__(**{name: getattr(row, name) for name in row.__dataclass_fields__} | {"end_cause": EndCause.BUSY})
    assert looking_again.result_of(changed, None).ending is not None


def test_an_opt_out_that_is_noticed_late_is_as_final_and_stands_on_record(parts: Parts) -> None:
    armed(parts)
    work = talked(parts)
    with parts.store.write() as tx:
        other = tx.execute(select(calls.c.id).where(calls.c.state == CallState.QUEUED).limit(1)).scalar_one()
        tx.execute(calls.update().where(calls.c.id == other).values(phone=work.phone))
    for _ in range(2):
        correcting.correct(parts, work.attempt_id, {"outcome": "do_not_call"}, by="A. Person")
    with parts.store.read() as tx:
        assert suppression.suppressed(tx, [work.phone]) == {work.phone}
        assert tx.execute(select(calls.c.state).where(calls.c.id == other)).scalar_one() is CallState.DONE
        (act,) = acts.of_number(tx, number_of(tx, work.phone))
    assert (act.act, act.detail) == ("dnc.opt_out", {"source": "review", "attempt_id": work.attempt_id})
    assert not any(report.flaws for report in audit.verify(parts).chains)


def test_who_was_told_a_result_is_told_when_it_changes_and_only_then(parts: Parts) -> None:
    told = telling(parts)
    armed(told)
    work = talked(told)
    correcting.correct(told, work.attempt_id, {"outcome": "not_interested"}, by="A. Person")
    correcting.correct(told, work.attempt_id, {"outcome": "not_interested"}, by="A. Person")
    (changed,) = bodies(told, "result.changed")
    assert list(changed) == ["id", "kind", "at", "campaign", "contact", "attempt", "answers", "lead"]
    assert (changed["attempt"]["id"], changed["attempt"]["outcome"], changed["lead"]) == (work.attempt_id, "not_interested", None)
    correcting.correct(told, work.attempt_id, {"outcome": "interested"}, by="A. Person")
    assert [body["attempt"]["outcome"] for body in bodies(told, "result.changed")] == ["not_interested", "interested"]


def test_nobody_is_told_of_a_change_when_nobody_wants_to_know(parts: Parts) -> None:
    armed(parts)
    correcting.correct(parts, talked(parts).attempt_id, {"outcome": "not_interested"}, by="A. Person")
    assert bodies(parts) == []
