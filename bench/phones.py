"""What simulated phones cost: many calls at once, in virtual time, with words going both ways.

Measures the CPU of the whole process (the phones and the scripted side that talks to them) for 200 calls of 30 simulated
seconds, and the modem by itself. Run: ``python bench/phones.py [calls] [seconds]``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from dialer.audio import modem, tones
from dialer.audio.framing import SILENCE, frames
from dialer.call.events import Answered, LegEnded
from dialer.clock import SimulatedClock
from dialer.conversation.events import LegAudio
from dialer.model.attempt import DialOrder
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person

QUESTIONS = [modem.encode(f"This is question number {n}, and a rather long one. Do you agree with it?") for n in range(20)]


async def one(carrier: SimulatedCarrier, number: int, seconds: int) -> int:
    """One call: a question every six seconds; the frames that came back."""
    to = PhoneNumber(f"+1212555{number:04}")
    call = await carrier.place(DialOrder(AttemptId(f"{number:032x}"), to, PhoneNumber("+12125550199"), 30, seconds))
    async for event in call.events():
        if isinstance(event, Answered):
            break
        if isinstance(event, LegEnded):
            return 0
    count = 0
    async for leg_event in call.leg.events():
        if isinstance(leg_event, LegAudio):
            if count % 300 == 0:
                await call.leg.play(QUESTIONS[count // 300 % len(QUESTIONS)])
            count += 1
    return count


def measure_calls(calls: int, seconds: int) -> tuple[float, int]:
    """CPU seconds of all calls, and the frames that they sent."""

    async def main() -> int:
        with tempfile.TemporaryDirectory() as folder:
            person = Person("Maria", persona="agrees")
            carrier = SimulatedCarrier(1, Path(folder) / "phones.jsonl", lambda number: person, clock=clock)
            counts = await asyncio.gather(*(one(carrier, number, seconds) for number in range(calls)))
            await carrier.close()
        return sum(counts)

    clock = SimulatedClock(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
    began = time.process_time()
    with asyncio.Runner(loop_factory=clock.new_event_loop) as runner:
        count = runner.run(main())
    return time.process_time() - began, count


def measure_audio() -> list[tuple[str, str]]:
    """The parts by themselves."""
    text = "Every word of this is a sound. " * 96
    began = time.process_time()
    spoken = modem.encode(text)
    encoded = time.process_time()
    (heard,) = modem.Listener().feed(spoken)
    decoded = time.process_time()
    assert heard.text == text
    listener = modem.Listener()
    for frame in frames(spoken):
        listener.feed(frame)
    by_frame = time.process_time()
    for _ in range(10_000):
        listener.feed(SILENCE)
    silent = time.process_time()
    tones.BeepDetector().feed(spoken)
    beeps = time.process_time()
    length = f"{len(spoken) / 8000:.0f} s of speech"
    return [
        (f"encode {length}", f"{(encoded - began) * 1e3:.1f} ms"),
        (f"decode {length}, at once", f"{(decoded - encoded) * 1e3:.1f} ms"),
        (f"decode {length}, in frames", f"{(by_frame - decoded) * 1e3:.1f} ms"),
        ("listen to one frame of silence", f"{(silent - by_frame) / 10_000 * 1e6:.2f} us"),
        (f"look for beeps in {length}", f"{(beeps - silent) * 1e3:.0f} ms"),
    ]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("calls", nargs="?", type=int, default=200)
    options.add_argument("seconds", nargs="?", type=int, default=30)
    asked = options.parse_args()
    calls, seconds = asked.calls, asked.seconds
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    for what, cost in measure_audio():
        print(f"{what:<44}{cost:>12}")
    cpu_s, count = measure_calls(calls, seconds)
    minutes = count * 0.02 / 60
    print(f"{f'{calls} calls of {seconds} s: CPU':<44}{cpu_s:>10.2f} s")
    print(f"{'CPU per call-minute':<44}{cpu_s / minutes * 1e3:>9.0f} ms")


if __name__ == "__main__":
    main()
