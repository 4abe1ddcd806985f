"""One attempt rings one phone once, whatever is lost, doubled or late."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dialer.call.events import Answered, LegEnded, Ringing
from dialer.carriers.base import Carrier
from dialer.errors import CarrierError, PlaceLost
from dialer.model.attempt import EndCause
from dialer.model.ids import AttemptId
from tests.conformance.carriers.benches import BUSY, TALKS, Bench, order
from tests.support.scripted_agent import Agent


def test_the_same_attempt_never_rings_twice(bench: Bench) -> None:
    async def main(carrier: Carrier) -> None:
        first = await carrier.place(order(TALKS))
        [again] = await asyncio.gather(carrier.place(order(TALKS)), return_exceptions=True)
        if isinstance(again, BaseException):
            assert isinstance(again, CarrierError)
            assert not again.retryable
        else:
            assert again.carrier_call_id == first.carrier_call_id

    bench.run(main)


def test_an_attempt_can_be_found_while_it_lives_and_when_it_is_over(bench: Bench) -> None:
    async def main(carrier: Carrier) -> None:
        if carrier.capabilities.finds_by == "nothing":
            return
        assert await carrier.find(AttemptId("a1")) is None
        agent = await Agent.dial(carrier, order(TALKS))
        living = await carrier.find(AttemptId("a1"))
        assert living is not None
        assert (living.carrier_call_id, living.ending, living.was_answered) == (agent.call.carrier_call_id, None, True)
        await carrier.end(AttemptId("a1"))
        ending = await agent.end()
        await carrier.end(AttemptId("a1"))
        over = await carrier.find(AttemptId("a1"))
        assert over is not None
        assert over.ending == ending

    bench.run(main)


def test_ending_what_was_never_dialled_is_harmless(bench: Bench) -> None:
    async def main(carrier: Carrier) -> None:
        await carrier.end(AttemptId("nobody"))

    bench.run(main)


def test_a_lost_answer_to_the_dial_is_one_ring_and_is_found_or_adopted(bench: Bench) -> None:
    async def main(carrier: Carrier) -> None:
        try:
            call = await carrier.place(order(TALKS))
        except PlaceLost:
            await asyncio.sleep(3)
            found = await carrier.find(AttemptId("a1"))
            assert found is not None
            assert found.carrier_call_id
            await carrier.end(AttemptId("a1"))
        else:
            assert call.carrier_call_id, "the network told its name by another way"
            await call.hang_up()
            assert [event async for event in call.events()]
        [again] = await asyncio.gather(carrier.place(order(TALKS)), return_exceptions=True)
        assert isinstance(again, CarrierError) or again.carrier_call_id

    bench.run(main, "answer lost")
    assert bench.rings == [TALKS]


@pytest.mark.parametrize("fault", ["reports doubled", "reports reordered"])
def test_doubled_and_reordered_reports_tell_the_same_story(bench: Bench, fault: str) -> None:
    async def main(carrier: Carrier) -> tuple[list[Any], list[Any]]:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await asyncio.sleep(5)
        await agent.call.hang_up()
        await agent.end()
        failed = await carrier.place(order(BUSY, "a2"))
        events = [event async for event in failed.events()]
        await asyncio.sleep(15)
        return agent.events, events

    talked, failed = bench.run(main, fault)
    if type(bench).__name__ != "SimulatedBench":  # which tells its faults on purpose: the call machine's tests read them
        assert talked.count(Answered()) == 1
        assert talked.count(Ringing()) <= 1
        assert isinstance(talked[-1], LegEnded)
        assert sum(isinstance(event, LegEnded) for event in talked) == 1
    ends = [event.ending.cause for event in (*talked, *failed) if isinstance(event, LegEnded)]
    assert set(ends) == {EndCause.NEAR_HANG_UP, EndCause.BUSY}
    assert bench.rings == [TALKS, BUSY]
