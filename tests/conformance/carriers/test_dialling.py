"""What becomes of a dial, on every network."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.call.events import Answered, LegEnded, Ringing
from dialer.carriers.base import Carrier, DialRefused, Leg, PlacedCall, Retry
from dialer.errors import CarrierError
from dialer.model.attempt import EndCause
from dialer.model.phone import PhoneNumber
from tests.conformance.carriers.benches import (
    BUSY,
    FAULTY,
    HANGS_UP,
    INVALID,
    NEVER,
    REJECTS,
    TALKS,
    Bench,
    order,
)
from tests.support.scripted_agent import Agent


def test_it_has_a_name_and_says_what_it_can(bench: Bench) -> None:
    async def main(carrier: Carrier) -> tuple[str, str]:
        return carrier.name, carrier.capabilities.finds_by

    name, finds_by = bench.run(main)
    assert name in ("simulated", "twilio", "asterisk")
    assert finds_by in ("nothing", "our_id", "our_id_while_live", "number_and_time")


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (BUSY, EndCause.BUSY),
        (NEVER, EndCause.NO_ANSWER),
        (REJECTS, EndCause.REJECTED),
        (INVALID, EndCause.INVALID_NUMBER),
    ],
)
def test_a_dial_that_fails_ends_once_with_its_cause_and_the_carriers_words(
    bench: Bench, number: PhoneNumber, cause: EndCause
) -> None:
    async def main(carrier: Carrier) -> list[Any]:
        call = await carrier.place(order(number, ring_s=15))
        return [event async for event in call.events()]

    *before, last = bench.run(main)
    assert isinstance(last, LegEnded)
    assert last.ending.cause is cause
    assert last.ending.hangup_cause
    assert before in ([], [Ringing()])


def test_the_protocols_are_kept(bench: Bench) -> None:
    async def main(carrier: Carrier) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        call: PlacedCall = agent.call
        leg: Leg = call.leg
        assert call.carrier_call_id
        assert leg is call.leg
        assert agent.events[-1] == Answered()

    bench.run(main)


def test_hanging_up_ends_the_call_and_is_harmless_twice(bench: Bench) -> None:
    async def main(carrier: Carrier) -> EndCause:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.call.hang_up()
        await agent.call.hang_up()
        return (await agent.end()).cause

    assert bench.run(main) is EndCause.NEAR_HANG_UP


def test_hanging_up_while_it_rings_ends_the_dial(bench: Bench) -> None:
    async def main(carrier: Carrier) -> list[Any]:
        call = await carrier.place(order(NEVER))
        events = call.events()
        first = await anext(events)
        await call.hang_up()
        return [first, *[event async for event in events]]

    ringing, ended = bench.run(main)
    assert ringing == Ringing()
    assert ended.ending.cause is EndCause.NEAR_HANG_UP


def test_the_far_hang_up_is_told_and_closes_the_leg(bench: Bench) -> None:
    async def main(carrier: Carrier) -> EndCause:
        agent = await Agent.dial(carrier, order(HANGS_UP))
        await agent.say("A sentence that is much too long for some people.")
        return (await agent.end()).cause

    assert bench.run(main) is EndCause.FAR_HANG_UP


def test_the_length_of_a_call_is_limited_by_the_network(bench: Bench) -> None:
    async def main(carrier: Carrier) -> EndCause:
        agent = await Agent.dial(carrier, order(TALKS, call_s=5))
        return (await agent.end()).cause

    assert bench.run(main) is EndCause.TIME_LIMIT


def test_a_fault_of_the_network_is_told_as_its_own(bench: Bench) -> None:
    async def main(carrier: Carrier) -> Retry:
        try:
            call = await carrier.place(order(FAULTY))
        except DialRefused as refused:
            return refused.ending.retry
        except CarrierError as refused:
            return Retry.CARRIER_FAULT if refused.retryable else Retry.CONFIGURATION_FAULT
        [*_, last] = [event async for event in call.events()]
        return Retry(last.ending.retry)

    assert bench.run(main, "dials refused") in (Retry.CARRIER_FAULT, Retry.BACK_OFF), "neither is the callee's"
    assert bench.rings == []
