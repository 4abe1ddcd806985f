"""The audio of one call: frames whatever the packets are, made-up silence, the heard position, a socket that breaks."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from dialer.audio.framing import FRAME_BYTES, SILENCE, silence
from dialer.carriers.asterisk_leg import GAP_TICKS, AsteriskLeg
from dialer.conversation.events import DigitPressed, LegAudio, LegClosed, MarkPlayed
from tests.support.virtual_time import run_virtual


class Wire:
    """A socket in memory. ``answers``: whether the status is told when it is asked for."""

    def __init__(self, answers: int | None = 0) -> None:
        self.sent: list[str | bytes] = []
        self.coming: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.answers = answers
        self.is_closed = False

    async def recv(self) -> str | bytes | None:
        return await self.coming.get()

    async def send(self, message: str | bytes) -> None:
        self.sent.append(message)
        if isinstance(message, str) and "GET_STATUS" in message and self.answers is not None:
            self.tell("STATUS", queue_length=self.answers)

    async def close(self) -> None:
        self.is_closed = True
        self.coming.put_nowait(None)

    def tell(self, event: str, **fields: Any) -> None:
        self.coming.put_nowait(json.dumps({"event": event, "channel_id": "a1-media", **fields}))

    @property
    def commands(self) -> list[str]:
        return [json.loads(message)["command"] for message in self.sent if isinstance(message, str)]


async def begun(wire: Wire, lost: list[str] | None = None) -> AsteriskLeg:
    leg = AsteriskLeg(lambda: None if lost is None else lost.append("lost"))
    leg.attach(wire)
    leg.begin()
    return leg


async def all_events(leg: AsteriskLeg) -> list[object]:
    return [event async for event in leg.events()]


def test_packets_of_any_size_become_frames_of_20_ms_and_gaps_become_silence() -> None:
    async def main() -> list[object]:
        wire = Wire()
        leg = await begun(wire)
        wire.coming.put_nowait(b"a" * 240)
        wire.coming.put_nowait(b"b" * 240)
        wire.coming.put_nowait(b"c" * FRAME_BYTES)
        await asyncio.sleep((GAP_TICKS + 2.5) * 0.02)
        await leg.close()
        return await all_events(leg)

    *frames, closed = run_virtual(main())
    assert frames[:4] == [LegAudio(b"a" * 160), LegAudio(b"a" * 80 + b"b" * 80), LegAudio(b"b" * 160), LegAudio(b"c" * 160)]
    assert frames[4:] == [LegAudio(SILENCE)] * 2
    assert closed == LegClosed("closed by us", 0)


def test_nothing_is_heard_or_sent_before_the_answer() -> None:
    async def main() -> tuple[list[object], list[str | bytes]]:
        wire = Wire()
        leg = AsteriskLeg(lambda: None)
        leg.attach(wire)
        wire.coming.put_nowait(b"a" * FRAME_BYTES)
        wire.tell("DTMF_END", digit="1")
        await asyncio.sleep(1)
        await leg.close()
        return await all_events(leg), wire.sent

    assert run_virtual(main()) == ([LegClosed("closed by us", None)], [])


def test_silence_is_sent_every_20_ms_until_there_is_something_to_say() -> None:
    async def main() -> list[str | bytes]:
        wire = Wire()
        leg = await begun(wire)
        await asyncio.sleep(0.101)
        await leg.play(b"x" * 320)
        await leg.close()
        return wire.sent

    sent = run_virtual(main())
    assert sent[:5] == [SILENCE] * 5
    assert sent[5] == b"x" * 320


def test_marks_and_keys_come_back() -> None:
    async def main() -> list[object]:
        wire = Wire()
        leg = await begun(wire)
        await leg.play(silence(40))
        await leg.mark("greeting")
        wire.tell("MEDIA_MARK_PROCESSED", correlation_id="1")
        wire.tell("DTMF_END", digit="5")
        wire.tell("SOMETHING_NEW")
        await asyncio.sleep(0.01)
        await leg.close()
        return await all_events(leg)

    assert run_virtual(main()) == [MarkPlayed("greeting"), DigitPressed("5"), LegClosed("closed by us", 40)]


def test_a_clear_asks_for_the_status_and_then_flushes() -> None:
    async def main() -> tuple[int, list[str]]:
        wire = Wire(answers=25)
        leg = await begun(wire)
        await leg.play(b"x" * 8000)
        return await leg.clear(), wire.commands

    heard_ms, commands = run_virtual(main())
    assert heard_ms == 500
    assert commands == ["MARK_MEDIA", "GET_STATUS", "REPORT_QUEUE_DRAINED", "FLUSH_MEDIA"]


def test_a_clear_that_is_not_answered_counts_what_was_confirmed() -> None:
    async def main() -> int:
        wire = Wire(answers=None)
        leg = await begun(wire)
        await leg.play(b"x" * 16000)
        wire.tell("MEDIA_MARK_PROCESSED", correlation_id="1")
        await asyncio.sleep(0.01)
        return await leg.clear()

    assert run_virtual(main()) == 1000


def test_a_nearly_full_queue_holds_us_back() -> None:
    async def main() -> list[int]:
        wire = Wire()
        leg = await begun(wire)
        wire.tell("MEDIA_XOFF")
        await asyncio.sleep(0.001)
        await leg.play(b"x" * 320)
        counts = [len(wire.sent)]
        wire.tell("MEDIA_XON")
        await asyncio.sleep(0.001)
        return [*counts, len(wire.sent)]

    assert run_virtual(main()) == [0, 2]


def test_a_socket_that_breaks_closes_the_leg_and_is_told_once() -> None:
    async def main() -> tuple[list[object], list[str], int]:
        wire, lost = Wire(answers=None), list[str]()
        leg = await begun(wire, lost)
        await leg.play(b"x" * 8000)
        clearing = asyncio.create_task(leg.clear())
        await asyncio.sleep(0.1)
        wire.coming.put_nowait(None)
        heard_ms = await clearing
        await leg.play(b"y" * 160)
        await leg.mark("late")
        await leg.end("over")
        return await all_events(leg), lost, heard_ms

    events, lost, heard_ms = run_virtual(main())
    assert events[-1] == LegClosed("the media connection was lost", 0)
    assert (lost, heard_ms) == (["lost"], 0)


def test_a_leg_without_a_socket_is_harmless() -> None:
    async def main() -> int:
        leg = AsteriskLeg(lambda: None)
        await leg.end("not opened")
        leg.begin()
        return await leg.clear()

    assert run_virtual(main()) == 0
