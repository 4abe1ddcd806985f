"""What is heard on both ends of a call, on every network."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dialer.audio import modem
from dialer.audio.framing import FRAME_BYTES, silence
from dialer.audio.tone_events import BeepEnded
from dialer.audio.tone_watch import ToneWatch
from dialer.carriers.base import Carrier
from dialer.conversation.events import DigitPressed, LegAudio, LegClosed, MarkPlayed
from tests.conformance.carriers.benches import PRESSES_9, SCREENS, TALKS, VOICEMAIL, Bench, order
from tests.support.scripted_agent import Agent


def test_words_travel_both_ways_in_frames_of_20_ms(bench: Bench) -> None:
    async def main(carrier: Carrier) -> Agent:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await agent.say("Hello, this is Ann. Is now a good time?")
        await agent.line()
        await agent.say("Thank you. Goodbye.")
        await agent.line()
        await agent.end()
        return agent

    agent = bench.run(main)
    assert agent.heard[1].startswith("Yes")
    assert "bye" in agent.heard[2]
    assert {len(frame) for frame in agent.raw} == {FRAME_BYTES}


def test_marks_are_reported_in_order_after_their_audio(bench: Bench) -> None:
    async def main(carrier: Carrier) -> list[tuple[str, float]]:
        agent = await Agent.dial(carrier, order(TALKS))
        loop = asyncio.get_running_loop()
        began = loop.time()
        for name in ("a", "b"):
            await agent.call.leg.play(silence(400))
            await agent.call.leg.mark(name)
        await agent.call.leg.mark("c")
        times = []
        while len(times) < 3:
            await asyncio.sleep(0.02)
            times += [(name, loop.time() - began) for name in agent.marks[len(times) :]]
        return times

    times = bench.run(main)
    assert [name for name, _ in times] == ["a", "b", "c"]
    assert times[0][1] == pytest.approx(0.4, abs=0.1)
    assert times[1][1] == pytest.approx(0.8, abs=0.1)


def test_clear_drops_what_was_not_played_releases_marks_and_tells_what_was_heard(bench: Bench) -> None:
    async def main(carrier: Carrier) -> tuple[int, list[str], bool]:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.call.leg.play(modem.encode("x" * 200))
        await agent.call.leg.mark("end")
        await asyncio.sleep(1)
        heard_ms = await agent.call.leg.clear()
        await asyncio.sleep(0.5)
        again_ms = await agent.call.leg.clear()
        assert again_ms == heard_ms
        return heard_ms, agent.marks, carrier.capabilities.has_exact_heard

    heard_ms, marks, is_exact = bench.run(main)
    assert marks == ["end"]
    assert heard_ms == pytest.approx(1000, abs=40 if is_exact else 300)


def test_keys_of_the_callee_are_told(bench: Bench) -> None:
    async def main(carrier: Carrier) -> str:
        agent = await Agent.dial(carrier, order(PRESSES_9))
        await agent.say("Press 9 and we never call again.")
        await agent.end()
        return agent.digits

    assert bench.run(main) == "9"


def test_the_legs_last_event_is_its_end(bench: Bench) -> None:
    async def main(carrier: Carrier) -> list[Any]:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.call.send_digits("1")
        await agent.call.hang_up()
        await agent.end()
        return [event async for event in agent.call.leg.events()]

    events = bench.run(main)
    assert all(isinstance(event, LegAudio | MarkPlayed | DigitPressed) for event in events[:-1])
    assert isinstance(events[-1], LegClosed)


def test_after_the_end_the_leg_is_harmless(bench: Bench) -> None:
    async def main(carrier: Carrier) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.call.hang_up()
        await agent.end()
        await agent.call.leg.play(silence(20))
        await agent.call.leg.mark("late")
        await agent.call.leg.clear()
        await agent.call.leg.close()
        assert agent.marks == []

    bench.run(main)


def test_a_voicemail_greets_beeps_and_records(bench: Bench) -> None:
    async def main(carrier: Carrier) -> Agent:
        agent = await Agent.dial(carrier, order(VOICEMAIL))
        await agent.line()
        await asyncio.sleep(2)
        await agent.say("This is Ann. Please call us back.")
        await agent.end()
        return agent

    agent = bench.run(main)
    assert "tone" in agent.heard[0] or "message" in agent.heard[0]
    watch = ToneWatch()
    tones = [tone for frame in agent.raw for tone in watch.feed(frame)]
    assert any(isinstance(tone, BeepEnded) for tone in tones)


def test_a_screener_asks_for_the_reason(bench: Bench) -> None:
    async def main(carrier: Carrier) -> tuple[str, str]:
        agent = await Agent.dial(carrier, order(SCREENS))
        asked = await agent.line()
        await asyncio.sleep(1)
        await agent.say("This is Ann from Alder Solar about your request.")
        told = await agent.line()
        await agent.call.hang_up()
        await agent.end()
        return asked, told

    asked, told = bench.run(main)
    assert "name" in asked
    assert "hold" in told or "connect" in told


def test_keys_that_we_press_reach_the_far_side(bench: Bench) -> None:
    async def main(carrier: Carrier) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await agent.call.send_digits("12#")
        await asyncio.sleep(2)
        await agent.call.hang_up()
        await agent.end()

    bench.run(main)
    assert bench.pressed == "12#"


def test_barge_in_tells_to_the_frame_what_was_heard(bench: Bench) -> None:
    """The far end is the judge: what its ear got of our sentence is what ``clear`` says, and nothing comes after it."""

    async def main(carrier: Carrier) -> list[tuple[int, int]]:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        told = []
        for wait_ms in (300, 1000, 1730):
            before = await agent.call.leg.clear()
            await agent.call.leg.play(modem.encode("x" * 300))
            await asyncio.sleep(wait_ms / 1000)
            told.append((wait_ms, await agent.call.leg.clear() - before))
            await asyncio.sleep(0.5)
        await agent.call.hang_up()
        await agent.end()
        return told

    for wait_ms, heard_ms in bench.run(main):
        assert heard_ms == pytest.approx(wait_ms, abs=40)
