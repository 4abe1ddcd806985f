"""TwiML is carried out verb by verb, on the call that it was given for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dialer.simulation.twilio.script import Studio
from tests.conformance.carriers.benches import TALKS, TwilioBench, order
from tests.support.scripted_agent import Agent


def test_streams_have_names_of_their_own() -> None:
    studio = Studio("AC1", "secret")
    assert studio.stream_sid() != studio.stream_sid()


def test_more_than_ten_minutes_ahead_closes_the_stream(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await agent.call.leg.play(b"\xff" * (8000 * 601))
        await agent.end()

    bench.run(main)
    assert bench.peer is not None
    assert [code for _, code, _ in bench.peer.sender.notifications] == [31931]


def test_a_stream_that_is_not_let_in_is_noted_and_ends_the_call(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        call = await carrier.place(order(TALKS))
        carrier._door.forget(call)
        [*_, ended] = [event async for event in call.events()]
        assert ended.ending.hangup_cause

    bench.run(main)
    assert bench.peer is not None
    assert 31920 in [code for _, code, _ in bench.peer.sender.notifications]
