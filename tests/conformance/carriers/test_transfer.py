"""Handing a call over, cold and warm, on every network."""

from __future__ import annotations

import asyncio

import pytest

from dialer.carriers.base import Carrier
from dialer.errors import CarrierError
from dialer.model.attempt import EndCause
from tests.conformance.carriers.benches import DESK, NO_DESK, TALKS, Bench, order
from tests.support.scripted_agent import Agent

SUMMARY = "Maria wants a quote for a roof of 40 square metres."


@pytest.mark.parametrize("summary", [None, SUMMARY], ids=["cold", "warm"])
def test_a_transfer_ends_our_leg(bench: Bench, summary: str | None) -> None:
    async def main(carrier: Carrier) -> tuple[EndCause, str]:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await agent.call.transfer(DESK, "", summary=summary)
        ending = await agent.end()
        await agent.call.hang_up()
        await asyncio.sleep(10)
        return ending.cause, ending.hangup_cause

    cause, words = bench.run(main)
    assert cause is EndCause.NEAR_HANG_UP
    assert DESK in words


def test_a_desk_that_nobody_takes_leaves_the_callee_with_us(bench: Bench) -> None:
    async def main(carrier: Carrier) -> str:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        with pytest.raises(CarrierError):
            await agent.call.transfer(NO_DESK, "", summary=SUMMARY)
        await agent.say("I am sorry, nobody is there. May I help you?")
        answer = await agent.line()
        await agent.call.hang_up()
        await agent.end()
        return answer

    assert bench.run(main)


def test_a_callee_who_leaves_meanwhile_is_not_transferred(bench: Bench) -> None:
    async def main(carrier: Carrier) -> None:
        agent = await Agent.dial(carrier, order(TALKS, call_s=3))
        await agent.line()
        with pytest.raises(CarrierError):
            await agent.call.transfer(DESK, "", summary=SUMMARY)
        assert (await agent.end()).cause is EndCause.TIME_LIMIT

    bench.run(main)


def test_there_must_be_a_call_to_transfer(bench: Bench) -> None:
    async def main(carrier: Carrier) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.call.hang_up()
        await agent.end()
        with pytest.raises(CarrierError):
            await agent.call.transfer(DESK, "")

    bench.run(main)
