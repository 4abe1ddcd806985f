"""A lost attempt is settled by what the carrier knows, and never by a guess."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from dialer.carriers.base import PlacedCall
from dialer.dialing import prices
from dialer.errors import CarrierError
from dialer.model.attempt import Capabilities, DialOrder, EndCause, Ending, Found, Usage
from dialer.model.call import AttemptState, Bucket, CallState
from dialer.model.campaign import Opening
from dialer.model.decision import Stage
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import AttemptId
from dialer.model.transcript import Speaker, ToolCall, Turn
from dialer.operations import gates, settle
from dialer.operations.dispatch import Work
from dialer.operations.parts import Parts
from dialer.store import attempts, campaigns, money, records, suppression
from dialer.store.schema import attempts as attempt_rows
from dialer.store.schema import calls, contacts
from tests.operations.stage import OWNER, armed, claimed, steps
from tests.support.virtual_time import run_virtual

OURS = Capabilities(finds_by="our_id", can_transfer=False, can_send_digits=False, has_exact_heard=True)
RESERVED = Decimal("4.25")
BLIND = Capabilities(finds_by="nothing", can_transfer=False, can_send_digits=False, has_exact_heard=True)


@dataclass
class Memory:
    """A phone network of which only the memory is left."""

    known: Found | None
    capabilities: Capabilities = OURS
    is_away: bool = False
    ended: list[AttemptId] = field(default_factory=list)
    name: str = "memory"

    async def place(self, order: DialOrder) -> PlacedCall:
        """Nobody may dial while settling."""
        raise AssertionError(order)

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """What is remembered."""
        if self.is_away:
            raise CarrierError("no answer")
        return self.known

    async def end(self, attempt_id: AttemptId) -> None:
        """Keep what was asked."""
        self.ended.append(attempt_id)

    async def close(self) -> None:
        """Nothing to release."""


def orphaned(parts: Parts, *, is_placed: bool = False, is_answered: bool = False, words: str = "") -> Work:
    """One attempt in flight whose worker is gone."""
    armed(parts)
    (work,) = claimed(parts, 1)
    dialled(parts, work, is_placed=is_placed, is_answered=is_answered, words=words)
    return work


def dialled(parts: Parts, work: Work, *, is_placed: bool = False, is_answered: bool = False, words: str = "") -> None:
    """The attempt of a claimed call, by a worker that is gone."""
    new = attempts.NewAttempt(
        attempt_id=work.attempt_id,
        call_id=work.subject.call_id,
        fence=work.subject.fence,
        owner=OWNER,
        lease_until=parts.clock.lease_now() - timedelta(seconds=1),
        phone=work.phone,
        from_number=work.from_number,
        script_version_id=work.subject.campaign.version_id,
        carrier="memory",
        reserved=RESERVED,
    )
    with parts.store.write() as tx:
        assert gates.ask(tx, parts, work.subject, Stage.DIAL, work.attempt_id).is_allowed
        attempts.begin(tx, new, parts.clock.now())
        if is_placed:
            attempts.placed(tx, work.attempt_id, work.subject.fence, "C1", parts.clock.now())
        if is_answered:
            attempts.answered(tx, work.attempt_id, work.subject.fence, parts.clock.now())
        if words:
            records.save_turn(tx, work.attempt_id, Turn(1, Speaker.CALLEE, words, 0, 900, words))


def settled(parts: Parts, carrier: Memory) -> int:
    """One round."""
    return asyncio.run(settle.settle_lost(parts, carrier, "other/2.2", steps))


def row_of(parts: Parts, work: Work) -> attempts.AttemptRow:
    """The attempt as stored."""
    with parts.store.read() as tx:
        return attempts.get(tx, work.attempt_id)


def state_of(parts: Parts, work: Work) -> tuple[AttemptState, Disposition | None, CallState, Bucket | None]:
    """Where the attempt and its call stand."""
    with parts.store.read() as tx:
        row = attempts.get(tx, work.attempt_id)
        call = tx.execute(select(calls).where(calls.c.id == row.call_id)).one()
    return row.state, row.disposition, call.state, call.bucket


def test_never_placed_goes_back_to_the_queue(parts: Parts) -> None:
    work = orphaned(parts)
    assert settled(parts, Memory(None)) == 1
    assert state_of(parts, work) == (AttemptState.ENDED, Disposition.CARRIER_FAILED, CallState.QUEUED, None)


def test_a_carrier_that_cannot_find_calls_leaves_it_to_a_person(parts: Parts) -> None:
    work = orphaned(parts)
    assert settled(parts, Memory(None, BLIND)) == 1
    assert state_of(parts, work) == (AttemptState.ENDED, Disposition.UNKNOWN, CallState.DONE, Bucket.UNSETTLED)


def test_an_end_that_the_carrier_knows_is_taken_as_it_is(parts: Parts) -> None:
    work = orphaned(parts)
    busy = Found("C1", Ending(EndCause.BUSY, "User busy (17)"), was_answered=False)
    assert settled(parts, Memory(busy)) == 1
    state, disposition, call, _ = state_of(parts, work)
    assert (state, disposition, call) == (AttemptState.ENDED, Disposition.BUSY, CallState.QUEUED)


def test_a_call_that_still_lives_is_ended_first(parts: Parts) -> None:
    work = orphaned(parts)
    carrier = Memory(Found("C1", None, was_answered=True))
    assert settled(parts, carrier) == 0
    assert carrier.ended == [work.attempt_id]
    assert state_of(parts, work)[0] is AttemptState.DIALING


OVER = Found("C1", Ending(EndCause.NEAR_HANG_UP), was_answered=True)


@pytest.mark.parametrize(
    ("words", "disposition"), [("Yes, I am interested, tell me more.", Disposition.ANSWERED_HUMAN), ("", Disposition.UNKNOWN)]
)
def test_an_interrupted_talk_is_left_to_a_person(parts: Parts, words: str, disposition: Disposition) -> None:
    """It is not dialled again, and what was half said is no result."""
    work = orphaned(parts, is_answered=True, words=words)
    assert settled(parts, Memory(OVER)) == 1
    assert state_of(parts, work) == (AttemptState.ENDED, disposition, CallState.DONE, Bucket.UNSETTLED)
    assert row_of(parts, work).outcome in (None, Outcome.CANNOT_TELL)


def test_what_was_agreed_in_an_interrupted_talk_stands(parts: Parts) -> None:
    work = orphaned(parts, is_answered=True, words="Please call me again tomorrow at ten.")
    arguments = {"when": "2026-11-24T10:00", "quote": "call me again tomorrow at ten"}
    asked = ToolCall("t1", "request_callback", arguments, {"ok": True}, 1000, 1)
    with parts.store.write() as tx:
        records.save_tool_call(tx, work.attempt_id, asked)
    assert settled(parts, Memory(OVER)) == 1
    assert state_of(parts, work) == (AttemptState.ENDED, Disposition.ANSWERED_HUMAN, CallState.QUEUED, None)
    row = row_of(parts, work)
    assert row.outcome is Outcome.CALLBACK
    zone = ZoneInfo(work.subject.contact.contact.timezone)
    assert row.callback_at == datetime(2026, 11, 24, 10, tzinfo=zone)


def test_an_opt_out_in_an_interrupted_talk_is_final(parts: Parts) -> None:
    work = orphaned(parts, is_answered=True, words="Stop calling me. Take me off your list.")
    assert settled(parts, Memory(OVER)) == 1
    assert state_of(parts, work)[2:] == (CallState.DONE, Bucket.REACHED)
    with parts.store.read() as tx:
        assert suppression.suppressed(tx, [work.phone])


def test_an_interrupted_talk_is_charged_by_the_length_that_the_carrier_tells(parts: Parts) -> None:
    work = orphaned(parts, is_answered=True, words="Yes?")
    assert settled(parts, Memory(replace(OVER, talk_s=60.0))) == 1
    row = row_of(parts, work)
    least = prices.cost(Usage(), parts.settings.voice_model, 60.0, "simulated")
    assert row.talk_s == 60
    assert least < row.cost < RESERVED
    with parts.store.read() as tx:
        assert money.account(tx, row.campaign_id, parts.clock.now()).total == row.cost


@pytest.mark.parametrize(
    ("known", "capabilities"), [(OVER, OURS), (None, BLIND), (None, OURS)], ids=["no length", "blind", "forgotten by the carrier"]
)
def test_what_nobody_can_measure_costs_all_that_was_reserved(
    parts: Parts, known: Found | None, capabilities: Capabilities
) -> None:
    work = orphaned(parts, is_answered=True, words="Yes?")
    assert settled(parts, Memory(known, capabilities)) == 1
    assert row_of(parts, work).cost == RESERVED


def test_the_length_of_a_talk_is_at_least_what_was_heard(parts: Parts) -> None:
    work = orphaned(parts, is_answered=True, words="Yes?")
    assert settled(parts, Memory(OVER)) == 1
    assert row_of(parts, work).talk_s == pytest.approx(0.9)


@pytest.mark.parametrize("known", [None, Found("C1", Ending(EndCause.NEAR_HANG_UP), was_answered=False)])
def test_nobody_talked_and_nothing_is_charged(parts: Parts, known: Found | None) -> None:
    work = orphaned(parts)
    assert settled(parts, Memory(known)) == 1
    assert row_of(parts, work).cost == 0


def test_a_carrier_that_is_away_is_asked_again_later(parts: Parts) -> None:
    work = orphaned(parts)
    carrier = Memory(None, is_away=True)
    assert settled(parts, carrier) == 0
    assert state_of(parts, work)[0] is AttemptState.DIALING
    carrier.is_away = False
    assert settled(parts, carrier) == 0, "not at once: it is held for a few seconds"
    with parts.store.write() as tx:
        tx.execute(update(attempt_rows).values(lease_until=parts.clock.lease_now() - timedelta(seconds=1)))
    assert settled(parts, carrier) == 1


def test_what_somebody_else_settled_meanwhile_stays(parts: Parts) -> None:
    work = orphaned(parts)
    (orphan,) = settle.take_over(parts, "other/2.2")
    assert settle.take_over(parts, "third/3.3") == []
    with parts.store.write() as tx:
        tx.execute(update(attempt_rows).values(fence=99))
    assert not settle.settle(parts, orphan, settle.judge(orphan, None, OURS))
    assert state_of(parts, work)[0] is AttemptState.DIALING


@dataclass
class Slow(Memory):
    """A carrier that takes its time."""

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """Long enough to be left."""
        await asyncio.sleep(1000)
        return None


def test_a_carrier_that_takes_its_time_is_left(parts: Parts) -> None:
    work = orphaned(parts)
    assert run_virtual(settle.settle_lost(parts, Slow(None), "other/2.2", steps)) == 0
    assert state_of(parts, work)[0] is AttemptState.DIALING


@dataclass
class Prompt(Memory):
    """A carrier that ends a call at once."""

    async def end(self, attempt_id: AttemptId) -> None:
        """From now on the end is known."""
        self.known = Found("C1", Ending(EndCause.NEAR_HANG_UP), was_answered=False)


def test_a_phone_that_rang_until_we_ended_it_uses_up_no_attempt_and_counts_for_the_caps(parts: Parts) -> None:
    work = orphaned(parts)
    assert settled(parts, Prompt(Found("C1", None, was_answered=False))) == 1
    assert state_of(parts, work) == (AttemptState.ENDED, Disposition.CANCELLED, CallState.QUEUED, None)
    with parts.store.read() as tx:
        assert len(gates.facts_of(tx, parts, work.subject).attempts_at) == 1
        due_at = tx.execute(select(calls.c.due_at).where(calls.c.id == work.subject.call_id)).scalar_one()
    assert due_at >= parts.clock.now() + timedelta(minutes=10)


RANG = Found("C1", Ending(EndCause.NO_ANSWER), was_answered=False)


@pytest.mark.parametrize("prewarm", ["ring", "clip", "answer"])
@pytest.mark.parametrize("is_placed", [True, False], ids=["placed", "never confirmed"])
def test_a_phone_that_rang_is_charged_the_opening_that_was_prepared(parts: Parts, prewarm: str, *, is_placed: bool) -> None:
    work = orphaned(parts, is_placed=is_placed)
    as_campaign_has_it(parts, work, prewarm)
    assert settled(parts, Memory(RANG)) == 1
    row = row_of(parts, work)
    assert row.disposition is Disposition.NO_ANSWER
    is_prepared = prewarm == "clip" or (prewarm == "ring" and is_placed)
    assert Decimal(0) < row.cost < RESERVED if is_prepared else row.cost == 0
    with parts.store.read() as tx:
        assert money.account(tx, row.campaign_id, parts.clock.now()).total == row.cost


def as_campaign_has_it(parts: Parts, work: Work, prewarm: str) -> None:
    """The version that the attempt runs prepares its opening so; the campaign's own version is another one by now."""
    campaign = work.subject.campaign.campaign
    other = campaign.model_copy(update={"voice": campaign.voice.model_copy(update={"prewarm": prewarm})})
    with parts.store.write() as tx:
        version_id = campaigns.save_version(tx, other, parts.clock.now()).version_id
        tx.execute(update(attempt_rows).values(script_version_id=version_id))
        campaigns.save_version(tx, campaign, parts.clock.now())


def test_an_opening_that_cannot_be_said_any_more_costs_all_that_was_reserved(parts: Parts) -> None:
    work = orphaned(parts, is_placed=True)
    with parts.store.write() as tx:
        tx.execute(update(contacts).values(variables={}, first_name="", last_name="", name=""))
    campaign = work.subject.campaign.campaign
    unsayable = campaign.model_copy(update={"opening": Opening(text="Hello {nobody_has_this}.")})
    with parts.store.write() as tx:
        version_id = campaigns.save_version(tx, unsayable, parts.clock.now()).version_id
        tx.execute(update(attempt_rows).values(script_version_id=version_id))
    assert settled(parts, Memory(RANG)) == 1
    assert row_of(parts, work).cost == RESERVED


def test_an_answered_call_without_a_talk_costs_its_opening(parts: Parts) -> None:
    work = orphaned(parts, is_placed=True, is_answered=True)
    assert settled(parts, Memory(replace(OVER, talk_s=0.0))) == 1
    assert Decimal(0) < row_of(parts, work).cost < RESERVED


def broken(parts: Parts, table: str, column: str, where: str) -> None:
    """What no program of ours can read."""
    with parts.store.write() as tx:
        tx.execute(text(f"UPDATE {table} SET {column} = 'no JSON' WHERE {where}"))


def test_one_orphan_that_cannot_be_read_is_listed_and_the_others_are_settled(parts: Parts) -> None:
    armed(parts)
    poisoned, sound = claimed(parts, 2)
    for work in (poisoned, sound):
        dialled(parts, work, is_placed=True, is_answered=work is poisoned)
    broken(parts, "contacts", "cells", f"id = {poisoned.subject.contact.contact_id}")
    assert settled(parts, Memory(RANG)) == 2
    assert state_of(parts, poisoned) == (AttemptState.ENDED, Disposition.UNKNOWN, CallState.DONE, Bucket.UNSETTLED)
    assert (row_of(parts, poisoned).reason, row_of(parts, poisoned).cost) == ("unreadable", RESERVED)
    assert state_of(parts, sound)[1:3] == (Disposition.NO_ANSWER, CallState.QUEUED)


def test_an_end_that_cannot_be_judged_is_listed_and_an_opt_out_in_it_stands(parts: Parts) -> None:
    work = orphaned(parts, is_answered=True, words="Stop calling me. Take me off your list.")
    (orphan,) = settle.take_over(parts, "other/2.2")
    broken(parts, "contacts", "cells", "1 = 1")
    assert settle.settle_one(parts, orphan, OVER, OURS)
    assert state_of(parts, work) == (AttemptState.ENDED, Disposition.UNKNOWN, CallState.DONE, Bucket.UNSETTLED)
    with parts.store.read() as tx:
        assert suppression.suppressed(tx, [work.phone])
    assert not settle.settle_one(parts, orphan, OVER, OURS), "it is settled"


def test_an_unreadable_orphan_whose_carrier_is_away_is_asked_again_later(parts: Parts) -> None:
    work = orphaned(parts)
    broken(parts, "contacts", "cells", "1 = 1")
    assert settled(parts, Memory(None, is_away=True)) == 0
    assert state_of(parts, work)[0] is AttemptState.DIALING
    assert settle.take_over(parts, "third/3.3") == [], "it is held for a few seconds"
