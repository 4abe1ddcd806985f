"""What follows the end of an attempt, by the rules and by whether the campaign goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dialer.dialing.daytime import Part, part_of
from dialer.dialing.redial import Again
from dialer.model.attempt import CUT_SHORT, EndCause, Ending, Retry
from dialer.model.call import Bucket, CallState
from dialer.model.campaign import Hours
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.model.transcript import Speaker, Turn
from dialer.operations import dispatch, dnc, gates, scheduling, wrap_up
from dialer.operations.dispatch import Pace, Work
from dialer.operations.parts import Parts
from dialer.store import acts, attempts, campaigns, contacts, records, suppression
from dialer.store.schema import attempts as attempt_rows
from dialer.store.schema import calls
from tests.operations.stage import a_dial, a_result, intended, where
from tests.store.rows import upsert


def ended(parts: Parts, work: Work, disposition: Disposition, **changes: object) -> bool:
    """Commit that end."""
    was_dialled = bool(changes.pop("was_dialled", True))
    result = a_result(disposition, **changes)
    return wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, result, was_dialled=was_dialled)


def due_in(parts: Parts, work: Work) -> timedelta:
    """How long until the next dial."""
    with parts.store.read() as tx:
        due = tx.execute(select(calls.c.due_at).where(calls.c.id == work.subject.call_id)).scalar_one()
    return due - parts.clock.now()  # type: ignore[no-any-return]  # rows are untyped


def test_no_answer_is_dialled_again_by_the_campaigns_rule(parts: Parts) -> None:
    work = intended(parts)
    assert ended(parts, work, Disposition.NO_ANSWER)
    assert where(parts, work) == (CallState.QUEUED, None)
    rule = work.subject.campaign.campaign.redial[Disposition.NO_ANSWER]
    assert due_in(parts, work) >= rule.delays[0]


def test_an_end_is_committed_once(parts: Parts) -> None:
    work = intended(parts)
    assert ended(parts, work, Disposition.INVALID_NUMBER)
    assert where(parts, work) == (CallState.DONE, Bucket.NOT_REACHED)
    assert not ended(parts, work, Disposition.NO_ANSWER)
    assert where(parts, work) == (CallState.DONE, Bucket.NOT_REACHED)


@pytest.mark.parametrize(("was_dialled", "least"), [(True, timedelta(minutes=10)), (False, timedelta(0))])
def test_what_we_broke_off_ourselves_goes_on_in_the_queue(parts: Parts, was_dialled: bool, least: timedelta) -> None:
    work = intended(parts)
    assert ended(parts, work, Disposition.CANCELLED, reason="shutdown", was_dialled=was_dialled)
    assert where(parts, work) == (CallState.QUEUED, None)
    with parts.store.write() as tx:
        tx.execute(update(calls).values(due_at=parts.clock.now()))
        result = a_result(Disposition.CANCELLED)
        step = wrap_up._next_step(tx, work.subject, result, parts.clock.now(), was_dialled=was_dialled)
    assert isinstance(step, Again)
    assert step.not_before - parts.clock.now() == least, "the gates may ask for more: the intent counts as a dial"


def test_breaking_off_has_an_end_too(parts: Parts) -> None:
    work = intended(parts)
    with parts.store.write() as tx:
        row = tx.execute(select(attempt_rows)).mappings().one()
        for nth in range(12):
            past = {"id": f"{nth:032d}", "state": "ended", "disposition": "cancelled", "ended_at": parts.clock.now()}
            tx.execute(attempt_rows.insert().values({**row, **past}))
    assert ended(parts, work, Disposition.CANCELLED, reason="shutdown")
    assert where(parts, work) == (CallState.DONE, Bucket.CANCELLED)


@pytest.mark.parametrize(
    ("disposition", "outcome", "bucket"),
    [
        (Disposition.CANCELLED, None, Bucket.CANCELLED),
        (Disposition.NO_ANSWER, None, Bucket.CANCELLED),
        (Disposition.ANSWERED_HUMAN, Outcome.CALLBACK, Bucket.REACHED),
    ],
)
def test_a_cancelled_campaign_dials_nobody_again(
    parts: Parts, disposition: Disposition, outcome: Outcome | None, bucket: Bucket
) -> None:
    work = intended(parts)
    scheduling.cancel(parts, "solar-sales")
    assert ended(parts, work, disposition, outcome=outcome)
    assert where(parts, work) == (CallState.DONE, bucket)


def test_a_do_not_call_empties_the_queues_of_the_number(parts: Parts) -> None:
    work = intended(parts)
    result = a_result(Disposition.ANSWERED_HUMAN, outcome=Outcome.DO_NOT_CALL)
    with parts.store.write() as tx:
        wrap_up.follow(tx, parts, work.subject, work.attempt_id, result, parts.clock.now())
        assert suppression.suppressed(tx, [work.phone])
    assert where(parts, work) == (CallState.DONE, Bucket.REACHED)


def test_a_wrong_number_ends_the_numbers_other_calls(parts: Parts) -> None:
    work = intended(parts)
    with parts.store.write() as tx:
        tx.execute(update(calls).where(calls.c.state == CallState.QUEUED, calls.c.id < 9).values(phone=work.phone))
        wrap_up.follow(tx, parts, work.subject, work.attempt_id, a_result(Disposition.INVALID_NUMBER), parts.clock.now())
        others = tx.execute(select(calls.c.bucket).where(calls.c.phone == work.phone, calls.c.id != work.subject.call_id))
        assert set(others.scalars()) == {Bucket.SUPPRESSED}


def test_a_stale_fence_writes_nothing(parts: Parts) -> None:
    work = intended(parts)
    assert not wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence + 1, a_result(Disposition.NO_ANSWER))
    with parts.store.read() as tx:
        assert attempts.get(tx, work.attempt_id).state.is_open
    assert replace(work.subject) == work.subject


SECOND = PhoneNumber("+13035550199")


def with_second_number(parts: Parts, work: Work) -> None:
    """The contact of that call has another number."""
    with parts.store.write() as tx:
        row = contacts.get(tx, work.subject.contact.contact_id)
        upsert(tx, row.campaign_id, row.import_id, [replace(row.contact, other_phones=(SECOND,))], parts.clock.now())


def next_phone(parts: Parts, work: Work) -> PhoneNumber:
    """The number that is dialled next."""
    with parts.store.read() as tx:
        return tx.execute(select(calls.c.phone).where(calls.c.id == work.subject.call_id)).scalar_one()  # type: ignore[no-any-return]  # rows are untyped


@pytest.mark.parametrize("disposition", [Disposition.NO_ANSWER, Disposition.INVALID_NUMBER])
def test_the_contacts_next_number_follows(parts: Parts, disposition: Disposition) -> None:
    work = intended(parts)
    with_second_number(parts, work)
    assert ended(parts, work, disposition)
    assert where(parts, work) == (CallState.QUEUED, None)
    assert next_phone(parts, work) == SECOND
    assert due_in(parts, work) >= timedelta(minutes=10)


def test_a_dial_of_one_number_counts_for_the_person(parts: Parts) -> None:
    work = intended(parts)
    with_second_number(parts, work)
    with parts.store.read() as tx:
        facts = gates.facts_of(tx, parts, replace(work.subject, phone=SECOND))
    assert (facts.phone, len(facts.attempts_at)) == (SECOND, 1)


@pytest.mark.parametrize("listed", ["the dialled number", "the other number"])
def test_who_came_onto_a_list_while_it_rang_is_dialled_on_none_of_their_numbers(parts: Parts, listed: str) -> None:
    work = intended(parts)
    with_second_number(parts, work)
    phone = work.phone if listed == "the dialled number" else SECOND
    dnc.add(parts, phone, dnc.scope_of(parts, "solar-sales"), "A. Person", "a letter")
    assert ended(parts, work, Disposition.NO_ANSWER)
    assert where(parts, work) == (CallState.DONE, Bucket.SUPPRESSED)


def test_an_opt_out_is_the_persons_and_goes_for_all_their_numbers(parts: Parts) -> None:
    work = intended(parts)
    with_second_number(parts, work)
    result = a_result(Disposition.ANSWERED_HUMAN, outcome=Outcome.DO_NOT_CALL)
    with parts.store.write() as tx:
        wrap_up.follow(tx, parts, work.subject, work.attempt_id, result, parts.clock.now())
        assert suppression.suppressed(tx, [work.phone, SECOND]) == {work.phone, SECOND}


@pytest.mark.parametrize(("evening", "expected"), [("18:00-20:00", Part.EVENING), ("15:00-16:00", Part.MORNING)])
def test_another_time_of_day_stays_in_the_window(parts: Parts, evening: str, expected: Part) -> None:
    """Dialled in the afternoon: the evening comes first, where the window has one, else the next morning."""
    work = intended(parts)
    campaign = work.subject.campaign.campaign
    days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("10:00-11:30", evening))
    rule = campaign.redial[Disposition.NO_ANSWER].model_copy(update={"other_time": True, "delays": (timedelta(hours=1),)})
    changed = campaign.model_copy(update={"hours": Hours(**days), "redial": {Disposition.NO_ANSWER: rule}})
    with parts.store.write() as tx:
        campaigns.save_version(tx, changed, parts.clock.now())
        subject = replace(work.subject, campaign=campaigns.get(tx, work.subject.campaign.id))
    assert wrap_up.finish(parts, subject, work.attempt_id, subject.fence, a_result(Disposition.NO_ANSWER))
    with parts.store.read() as tx:
        due = tx.execute(select(calls.c.due_at).where(calls.c.id == subject.call_id)).scalar_one()
    assert part_of(due, work.subject.contact.contact.timezone) is expected


def test_a_call_that_was_given_away_keeps_nothing_of_a_late_end(parts: Parts) -> None:
    work = intended(parts)
    with parts.store.write() as tx:
        tx.execute(update(calls).where(calls.c.id == work.subject.call_id).values(fence=work.subject.fence + 1))
    assert not ended(parts, work, Disposition.NO_ANSWER)
    with parts.store.read() as tx:
        assert attempts.get(tx, work.attempt_id).disposition is None


def test_who_was_rung_in_vain_again_and_again_was_rung(parts: Parts) -> None:
    """A network that loses every answer must not let a phone ring for ever: after two such rings each counts as unanswered."""
    work = intended(parts)
    most = work.subject.campaign.campaign.redial[Disposition.NO_ANSWER].attempts
    rings = 0
    while where(parts, work)[0] is not CallState.DONE:
        rings += 1
        assert wrap_up.finish(
            parts, work.subject, work.attempt_id, work.subject.fence, a_result(Disposition.CANCELLED, reason=CUT_SHORT)
        )
        if where(parts, work)[0] is CallState.DONE:
            break
        work = begun_again(parts, work)
    assert rings == 2 + most
    assert where(parts, work) == (CallState.DONE, Bucket.NOT_REACHED)


def begun_again(parts: Parts, work: Work) -> Work:
    """The next attempt of the same call, whatever the hour."""
    with parts.store.write() as tx:
        fence = tx.execute(select(calls.c.fence).where(calls.c.id == work.subject.call_id)).scalar_one()
        tx.execute(update(calls).where(calls.c.id == work.subject.call_id).values(state=CallState.CLAIMED))
        again = replace(work, attempt_id=AttemptId(f"{work.attempt_id}+"), subject=replace(work.subject, fence=fence))
        attempts.begin(tx, a_dial(parts, again), parts.clock.now())
    return again


def test_a_number_that_the_carrier_forbids_is_not_dialled_again(parts: Parts) -> None:
    work = intended(parts)
    assert ended(parts, work, Disposition.REJECTED, ending=Ending(EndCause.REJECTED, "unwanted", 607, Retry.NEVER))
    assert where(parts, work) == (CallState.DONE, Bucket.NOT_REACHED)


def test_a_number_that_may_be_out_of_reach_is_tried_once_more_on_another_day(parts: Parts) -> None:
    work = intended(parts)
    assert ended(parts, work, Disposition.INVALID_NUMBER, ending=Ending(EndCause.INVALID_NUMBER, "13224", None, Retry.LATER))
    assert where(parts, work) == (CallState.QUEUED, None)
    assert due_in(parts, work) >= timedelta(hours=12)


def test_words_that_only_the_transcript_has_suppress_the_number_everywhere(parts: Parts) -> None:
    """The last layer: neither key, phrase nor tool noticed, and the call had ended as something else."""
    work = intended(parts)
    with parts.store.write() as tx:
        words = "Fine. Oh, and please don't call me again."
        records.save_turn(tx, work.attempt_id, Turn(1, Speaker.CALLEE, words, 0, 900, words))
    assert wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, a_result(Disposition.ANSWERED_HUMAN))
    with parts.store.read() as tx:
        (entry,) = suppression.entries(tx, work.phone)
        assert (entry.reason, entry.source, entry.quote) == ("opt_out", "sweep", "don't call me")
        assert [act.act for act in acts.listed(tx)] == ["dnc.opt_out"]
    tried = dispatch.claim(parts, "another", 50, Pace(1))
    assert work.phone not in {found.phone for found in tried}
