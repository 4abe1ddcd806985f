"""The Twilio carrier where the common suite does not look: refusals, lost answers, lists, the queue, prices."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dialer.call.events import Answered, LegEnded
from dialer.carriers.base import DialRefused, Retry, Trace
from dialer.carriers.media_server import Listen, MediaServer
from dialer.carriers.twilio import LINGER_S, TwilioAccount, TwilioCarrier
from dialer.clock import SimulatedClock
from dialer.errors import CarrierError, PlaceLost
from dialer.model.attempt import EndCause
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.simulation.twilio.server import ACCOUNT, TOKEN
from tests.conformance.carriers.benches import BUSY, NEVER, TALKS, TwilioBench, order
from tests.support.scripted_agent import OURS, Agent
from tests.support.virtual_time import START, run_virtual

A1 = AttemptId("a1")


@pytest.fixture
def bench(tmp_path: Path) -> TwilioBench:
    return TwilioBench(tmp_path)


@pytest.mark.parametrize(
    ("number", "cause", "retry", "code"),
    [
        ("+15005550001", EndCause.INVALID_NUMBER, Retry.NEVER, "21217"),
        ("+15005550002", EndCause.INVALID_NUMBER, Retry.NEVER, "21214"),
        ("+15005550003", EndCause.CONFIGURATION, Retry.CONFIGURATION_FAULT, "21215"),
        ("+15005550004", EndCause.CONFIGURATION, Retry.NEVER, "21216"),
    ],
)
def test_a_refusal_is_an_end_with_its_reason(bench: TwilioBench, number: str, cause: EndCause, retry: Retry, code: str) -> None:
    async def main(carrier: Any) -> DialRefused:
        with pytest.raises(DialRefused) as refused:
            await carrier.place(order(PhoneNumber(number)))
        assert await carrier.find(A1) is None
        return refused.value

    refused = bench.run(main)
    assert (refused.ending.cause, refused.ending.retry, refused.code) == (cause, retry, code)
    assert bench.rings == []


def test_a_wrong_token_is_a_fault_of_configuration(bench: TwilioBench) -> None:
    async def main(carrier: Any) -> DialRefused:
        server = MediaServer(Listen())
        await server.start()
        assert bench.peer is not None
        wrong = TwilioCarrier(TwilioAccount(ACCOUNT, ("wrong",), bench.peer.url), server, lambda _: None, SimulatedClock(START))
        with pytest.raises(DialRefused) as refused:
            await wrong.place(order(TALKS))
        with pytest.raises(CarrierError, match="refused to tell of a call"):
            await wrong._record(Trace(A1, TALKS, OURS, START, "CA" + "0" * 32))
        with pytest.raises(CarrierError, match="refused to list calls"):
            await wrong._candidates(Trace(A1, TALKS, OURS, START))
        await wrong.close()
        await server.close()
        return refused.value

    assert bench.run(main).ending.retry is Retry.CONFIGURATION_FAULT


def test_a_carrier_that_cannot_be_reached_rang_nobody() -> None:
    async def main() -> None:
        server = MediaServer(Listen())
        account = TwilioAccount(ACCOUNT, (TOKEN,), "http://127.0.0.1:9")
        carrier = TwilioCarrier(account, server, lambda _: None, SimulatedClock(START))
        with pytest.raises(CarrierError) as failed:
            await carrier.place(order(TALKS))
        assert not isinstance(failed.value, PlaceLost)
        assert failed.value.retryable
        await carrier.close()

    run_virtual(main())


@pytest.mark.parametrize("fault", ["answer lost", "answer and reports lost"])
def test_a_call_whose_answer_was_lost_is_adopted_by_its_callback_or_by_the_list(bench: TwilioBench, fault: str) -> None:
    async def main(carrier: Any) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        assert agent.events[-1] == Answered()
        await agent.call.hang_up()
        await agent.end()

    bench.run(main, fault)
    assert bench.rings == [TALKS]


def test_a_lost_answer_that_may_be_one_of_several_calls_is_left_to_a_person(bench: TwilioBench) -> None:
    async def main(carrier: Any) -> None:
        await asyncio.gather(*(carrier.place(order(NEVER, attempt)) for attempt in ("a1", "a2")), return_exceptions=True)
        with pytest.raises(PlaceLost):
            await carrier.place(order(NEVER, "a1"))
        carrier._calls.clear()
        assert await carrier.find(A1) is None, "two calls between the numbers in that minute"
        await carrier.end(A1)

    bench.run(main, "answer and reports lost")
    assert bench.rings == [NEVER, NEVER]


def test_what_was_dialled_by_a_process_that_died_is_not_dialled_again(bench: TwilioBench) -> None:
    async def main(carrier: Any) -> None:
        call = await carrier.place(order(NEVER))
        await asyncio.sleep(10)
        lost = carrier._calls.pop(A1)
        with pytest.raises(CarrierError) as again:
            await carrier.place(order(NEVER))
        assert (again.value.code, again.value.retryable) == ("duplicate_attempt", False)
        found = await carrier.find(A1)
        assert found is not None
        assert (found.carrier_call_id, found.ending, found.was_answered) == (call.sid, None, False)
        carrier._books[A1] = replace(carrier._books[A1], carrier_call_id=call.sid)
        with pytest.raises(CarrierError):
            await carrier.place(order(NEVER))
        await carrier.end(A1)
        await asyncio.sleep(2)
        found = await carrier.find(A1)
        assert found is not None
        assert found.ending is not None
        assert found.ending.cause is EndCause.NEAR_HANG_UP
        await carrier.end(A1)
        carrier._books[A1] = replace(carrier._books[A1], carrier_call_id="CA" + "f" * 32)
        assert await carrier.find(A1) is None
        await lost.close()

    bench.run(main)
    assert bench.rings == [NEVER]


def test_a_call_that_was_answered_is_found_as_such_when_it_is_over(bench: TwilioBench) -> None:
    async def main(carrier: Any) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await agent.call.hang_up()
        await agent.end()
        await asyncio.sleep(LINGER_S + 1)
        assert not carrier._calls, "forgotten, and still found"
        found = await carrier.find(A1)
        assert found is not None
        assert found.was_answered
        assert found.ending is not None
        assert "by the record" in found.ending.hangup_cause
        assert await carrier.cost(found.carrier_call_id) == (Decimal("0.0140"), "USD")
        assert await carrier.cost("CA" + "f" * 32) is None

    bench.run(main)


def test_a_dial_that_waits_in_twilios_queue_is_taken_back_before_it_rings(bench: TwilioBench) -> None:
    async def main(carrier: Any) -> LegEnded:
        call = await carrier.place(order(TALKS))
        [ended] = [event async for event in call.events()]
        assert isinstance(ended, LegEnded)
        return ended

    ended = bench.run(main, "queued")
    assert ended.ending.retry is Retry.CARRIER_FAULT
    assert "queue" in ended.ending.hangup_cause
    assert bench.rings == []


def test_a_call_without_any_callback_is_told_by_its_stream_and_its_record(bench: TwilioBench) -> None:
    async def main(carrier: Any) -> tuple[list[Any], EndCause, list[Any]]:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await agent.call.hang_up()
        ending = await agent.end()
        failed = await carrier.place(order(BUSY, "a2", ring_s=15))
        return agent.events, ending.cause, [event async for event in failed.events()]

    talked, cause, failed = bench.run(main, "reports lost")
    assert Answered() in talked
    assert cause is EndCause.NEAR_HANG_UP
    assert failed[-1].ending.cause is EndCause.BUSY


def test_closing_ends_what_lives(bench: TwilioBench) -> None:
    async def main(carrier: Any) -> None:
        await Agent.dial(carrier, order(TALKS))

    bench.run(main)
    assert bench.peer is not None
    assert [call.facts.status for call in bench.peer.calls.values()] == ["completed"]


def test_the_list_is_read_page_by_page_and_by_both_days_around_midnight(bench: TwilioBench) -> None:
    async def main(carrier: Any) -> None:
        assert bench.peer is not None
        for number in range(3):
            await carrier.place(order(NEVER, f"b{number}"))
        await asyncio.sleep(1)
        midnight = START.replace(hour=23, minute=59, second=58)
        await carrier._candidates(Trace(A1, NEVER, OURS, midnight))
        days = {dict(asked[2]).get("StartTime") for asked in bench.peer.asked if asked[0] == "GET"}
        assert {"2026-11-23", "2026-11-24", None} == days
        found = await carrier._candidates(Trace(A1, NEVER, OURS, START + timedelta(seconds=1)))
        assert len(found) == 3

    bench.run(main)


def test_an_unreadable_answer_is_a_lost_one(bench: TwilioBench) -> None:
    async def main(carrier: Any) -> None:
        await carrier.place(order(NEVER))
        call = carrier._calls[A1]
        assert not call.named("CA" + "e" * 32), "it has a name"

    bench.run(main)
