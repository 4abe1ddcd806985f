"""A test call asks the gates, keeps the pace, suppresses who wants that, and leaves the campaign as it was."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dialer.carriers.base import PlacedCall
from dialer.clock import SimulatedClock
from dialer.conversation.events import RecordOptOut
from dialer.errors import PolicyRefusal, UserError, VoiceError
from dialer.model.attempt import AttemptResult
from dialer.model.decision import Stage, Verdict
from dialer.model.disposition import Disposition, Outcome
from dialer.model.phone import PhoneNumber
from dialer.model.transcript import Speaker, ToolCall, Turn
from dialer.operations import lookup, status, testcall
from dialer.operations.parts import Lines, Parts
from dialer.store import attempts, contacts, decisions, starts, suppression, testcalls
from dialer.wiring import open_lines, trace_of
from tests.operations.stage import a_dial, armed, claimed
from tests.operations.test_attempt import NoVoice, Phones, nothing

OWN = PhoneNumber("+12125550199")
ROW = 2
Told = list[tuple[str, str]]


@pytest.fixture
def ready(parts: Parts) -> Parts:
    """An example imported and armed; the lines of a simulated world."""
    armed(parts)

    async def lines() -> Lines:
        return await open_lines(parts.settings, parts.store, parts.clock)

    return replace(parts, open_lines=lines)


def wanted(parts: Parts, to: str = OWN, row: int = ROW) -> testcall.Wanted:
    """A test call of the example."""
    return testcall.prepare(parts, "solar-sales", to, row)


def called(parts: Parts, told: Told | None = None) -> testcalls.KnownTestCall:
    """One made, whole."""
    list_ = [] if told is None else told
    return testcall.make(parts, wanted(parts), lambda what, text: list_.append((what, text)), lambda: False)


def on_record(parts: Parts) -> list[tuple[Stage, Verdict, str]]:
    """What is on record about our own number."""
    with parts.store.read() as tx:
        return [(it.decision.stage, it.decision.verdict, it.decision.code) for it in decisions.of_phone(tx, OWN)]


def test_the_words_are_those_of_the_row_and_the_campaign_is_as_it_was(ready: Parts) -> None:
    before, told = status.standing(ready, "solar-sales"), Told()
    with ready.store.read() as tx:
        campaign_id = wanted(ready).campaign.id
        contact = contacts.of_row(tx, campaign_id, ROW)
        assert contact is not None
    call = called(ready, told)
    assert status.standing(ready, "solar-sales") == before
    assert contact.contact.first_name in call.words.turns[0].text
    assert (call.disposition, call.phone, call.row) == (Disposition.ANSWERED_HUMAN, OWN, ROW)
    assert call.cost > Decimal(0)
    assert told[0] == ("dialling", f"{OWN} from {call.from_number}")
    assert ("answered", "") in told
    assert ("agent", call.words.turns[0].text) in told
    assert [it.id for it in testcall.made(ready, "solar-sales")] == [call.id]
    words = lookup.words(ready, call.id[:8])
    assert words.as_json()["is_test"] is True
    assert words.transcript == call.words
    assert "test call" in words.as_markdown()
    assert set(on_record(ready)) == {(Stage.TEST, Verdict.ALLOW, "allowed")}
    trace = trace_of(ready.store, call.id)
    assert trace is not None
    assert (trace.to, trace.dialed_at) == (OWN, call.dialed_at)


@pytest.mark.parametrize(("to", "code"), [("911", "invalid_phone"), ("+19002345678", "blocked_number_type"), ("x", "")])
def test_a_number_that_nobody_may_dial_is_refused(ready: Parts, to: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        wanted(ready, to)
    assert code in caught.value.code or caught.value.code == "blocked_number_type"


def test_a_row_that_is_not_there_is_said(ready: Parts) -> None:
    with pytest.raises(UserError, match="no contact of row 9999"):
        wanted(ready, row=9999)


def test_the_do_not_call_list_holds_for_test_calls_too(ready: Parts) -> None:
    with ready.store.write() as tx:
        suppression.add(tx, OWN, "asked", "person", ready.clock.now())
    with pytest.raises(PolicyRefusal, match="DNC-1"):
        wanted(ready)
    assert on_record(ready) == [(Stage.TEST, Verdict.REFUSE, "blocked_dnc")]


def test_a_list_that_grew_while_it_was_asked_for_holds_at_the_dial(ready: Parts) -> None:
    call = wanted(ready)
    with ready.store.write() as tx:
        suppression.add(tx, OWN, "asked", "person", ready.clock.now())
    with pytest.raises(PolicyRefusal, match="DNC-1"):
        testcall.make(ready, call, lambda *_: None, lambda: False)
    assert testcall.made(ready, "solar-sales") == []


def test_a_phone_that_rings_already_is_not_rung(ready: Parts) -> None:
    (work,) = claimed(ready, 1)
    with ready.store.write() as tx:
        attempts.begin(tx, a_dial(ready, work), ready.clock.now())
    busy = wanted(ready, work.phone)
    with pytest.raises(PolicyRefusal, match="in progress"):
        testcall.make(ready, busy, lambda *_: None, lambda: False)


def test_the_accounts_pace_is_kept(ready: Parts) -> None:
    slow = replace(ready, settings=ready.settings.model_copy(update={"carrier_cps": 0.1}))
    with slow.store.write() as tx:
        starts.locked(tx, ["carrier:simulated"])
        starts.take(tx, ["carrier:simulated"], slow.clock.now(), {})
    begun = slow.clock.now()
    assert called(slow).dialed_at - begun >= timedelta(seconds=10)


def test_no_caller_id_that_may_be_shown_is_a_refusal(ready: Parts) -> None:
    from dialer.operations import numbers

    for number in wanted(ready).campaign.campaign.caller_ids:
        numbers.change(ready, PhoneNumber(number), weight=0)
    with pytest.raises(PolicyRefusal, match="caller IDs"):
        wanted(ready)


def test_a_model_that_does_not_come_up_dials_nobody(ready: Parts) -> None:
    phones = Phones()

    async def lines() -> Lines:
        return Lines(phones, NoVoice(VoiceError("no", code="invalid_api_key", fatal_for_campaign=True)), nothing)

    with pytest.raises(VoiceError, match="nobody was dialled"):
        called(replace(ready, open_lines=lines))
    assert phones.asked == []
    assert testcall.made(ready, "solar-sales") == []


def test_what_breaks_off_costs_the_most_it_may(ready: Parts) -> None:
    class Broken(Phones):
        """A carrier with a bug."""

        async def place(self, order: object) -> PlacedCall:
            raise RuntimeError("a fault")

    lines = ready.open_lines

    async def broken() -> Lines:
        return replace(await lines(), carrier=Broken())

    with pytest.raises(RuntimeError):
        called(replace(ready, open_lines=broken))
    (call,) = testcall.made(ready, "solar-sales")
    assert (call.disposition, call.reason, call.cost) == (Disposition.UNKNOWN, "broken_off", wanted(ready).at_most)


def test_whoever_asks_it_to_end_is_obeyed(ready: Parts) -> None:
    told = Told()
    call = testcall.make(ready, wanted(ready), lambda *it: told.append(it), lambda: len(told) > 1)
    assert len(call.words.turns) < 6
    assert isinstance(ready.clock, SimulatedClock)


def test_the_words_of_the_tester_suppress_the_tester_alone(ready: Parts) -> None:
    call = wanted(ready)

    async def live(database: ThreadPoolExecutor) -> testcalls.KnownTestCall | None:
        journal = testcall.OwnJournal(ready, call, "phones", lambda *_: None, database)
        await journal.permit()
        await journal.placed("C1")
        await journal.answered()
        await journal.record_turn(Turn(1, Speaker.CALLEE, "Please do not call me again.", 0, 900))
        await journal.record_tool_call(ToolCall("t", "opt_out", {}, {}, 900, 1))
        await journal.record_opt_out(RecordOptOut("words", "Please do not call me again.", 900))
        with ready.store.read() as tx:
            assert list(suppression.suppressed(tx, [OWN, *call.contact.contact.numbers], call.campaign.id)) == [OWN]
        return await journal.close(AttemptResult(Disposition.ANSWERED_HUMAN, Outcome.DO_NOT_CALL))

    with ThreadPoolExecutor(1) as database:
        done = asyncio.run(live(database))
    assert done is not None
    assert (done.carrier_call_id, done.outcome) == ("C1", Outcome.DO_NOT_CALL)
    assert status.standing(ready, "solar-sales").figures.dialed == 0
