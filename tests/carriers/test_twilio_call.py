"""A call that we gave up, keys that do not exist, and ends that come twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dialer.call.events import LegEnded
from dialer.errors import CarrierError
from dialer.model.attempt import EndCause
from tests.conformance.carriers.benches import NEVER, TALKS, TwilioBench, order
from tests.support.scripted_agent import Agent


def test_a_call_that_was_given_up_is_ended_as_soon_as_it_has_a_name(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        call = await carrier.place(order(NEVER))
        name, call.sid, call.is_unwanted = call.sid, "", True
        call.known.clear()
        await asyncio.sleep(1)
        assert call.named(name)
        assert not call.named("CA" + "9" * 32)
        await asyncio.sleep(2)
        assert bench.peer is not None
        assert bench.peer.calls[name].facts.status == "canceled"

    bench.run(main)


def test_keys_that_no_phone_has_are_refused(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        with pytest.raises(CarrierError) as refused:
            await agent.call.send_digits("1x")
        assert refused.value.code == "bad_digits"
        await agent.call.hang_up()
        await agent.end()

    bench.run(main)


def test_the_end_is_told_again_to_whoever_asks_again(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        call = await carrier.place(order(NEVER))
        await call.hang_up()
        first = [event async for event in call.events()]
        assert [event async for event in call.events()] == first[-1:]
        assert isinstance(first[-1], LegEnded)
        assert first[-1].ending.cause is EndCause.NEAR_HANG_UP

    bench.run(main)
