"""The two programs that are compared, each in a process of its own: the bare bridge, and our whole session."""

from __future__ import annotations

import asyncio
import cProfile
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec
import uvloop
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bridge.stream import StreamCarrier
from dialer.call.events import Permitted, Refused
from dialer.conversation.events import RecordOptOut
from dialer.model.attempt import AttemptResult
from dialer.model.transcript import ToolCall, Turn
from dialer.session.attempt import run_attempt
from dialer.session.log import AttemptLog, packed
from dialer.voice.openai import OpenAIVoice
from tests.support.builders import a_campaign, an_attempt

DOWN = '{"event":"media","streamSid":"MZ' + "0" * 32 + '","media":{"payload":"%s"}}'
"""A media message to the phone, as the media stream has it."""
START_S = 3.0


@dataclass(frozen=True, slots=True)
class Load:
    """How many calls, how long each, and where the far ends are. The first dials are spread over ``start_s``."""

    calls: int
    talk_s: float
    model_port: int
    desk_port: int
    start_s: float = START_S
    ring_s: float = 1.5
    profile: str = ""


@dataclass
class Outcome:
    """What a program has spent, and what its calls came to."""

    cpu_s: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    turns: int = 0
    answer_to_audio_ms: list[int] = field(default_factory=list)
    turn_latency_ms: list[int] = field(default_factory=list)
    log_bytes: list[int] = field(default_factory=list)


class Pages:
    """A journal that keeps turns in memory."""

    def __init__(self) -> None:
        self.turns: dict[int, Turn] = {}

    async def permit(self) -> Permitted | Refused:
        """Yes."""
        return Permitted()

    async def placed(self, carrier_call_id: str) -> None:
        """Noted."""

    async def answered(self) -> None:
        """Noted."""

    async def record_turn(self, turn: Turn) -> None:
        """Kept."""
        self.turns[turn.seq] = turn

    async def record_tool_call(self, tool_call: ToolCall) -> None:
        """Noted."""

    async def record_opt_out(self, command: RecordOptOut) -> None:
        """Noted."""


def run_sessions(load: Load) -> Outcome:
    """Our whole session: driver, both cores, event log, tones, ledger, turns, the client of the model."""
    return _measured(load, _sessions)


async def _sessions(load: Load, outcome: Outcome) -> None:
    carrier = StreamCarrier(load.desk_port, load.talk_s, load.ring_s)
    await carrier.start()
    voice = OpenAIVoice(f"ws://127.0.0.1:{load.model_port}/v1/realtime", "any-key")
    campaign = a_campaign(limits={"call_s": 1800, "silence_s": 30})

    async def one(number: int) -> None:
        await asyncio.sleep(load.start_s * number / load.calls)
        pages, log = Pages(), AttemptLog()
        plan = an_attempt(campaign, attempt_id=f"{number:032x}")
        result: AttemptResult = await run_attempt(plan, carrier, voice, pages, asyncio.Event(), log)
        outcome.ends[f"{result.disposition.value} {result.reason}"] += 1
        outcome.turns += len(pages.turns)
        outcome.log_bytes.append(len(packed(log.text())))
        if result.answer_to_audio_ms is not None:
            outcome.answer_to_audio_ms.append(result.answer_to_audio_ms)
        outcome.turn_latency_ms += [turn.latency_ms for turn in pages.turns.values() if turn.latency_ms is not None]

    async with asyncio.TaskGroup() as group:
        for number in range(load.calls):
            group.create_task(one(number))
    await carrier.close()


class _Body(msgspec.Struct):
    payload: str


class _FromPhone(msgspec.Struct):
    event: str
    media: _Body | None = None


class _FromModel(msgspec.Struct):
    type: str
    delta: str | None = None


def run_bridge(load: Load) -> Outcome:
    """No logic: the text of each frame's audio is pasted from one message into the other, both ways."""
    return _measured(load, _bridge)


async def _bridge(load: Load, outcome: Outcome) -> None:
    from_phone, from_model = msgspec.json.Decoder(_FromPhone).decode, msgspec.json.Decoder(_FromModel).decode
    url = f"ws://127.0.0.1:{load.model_port}/v1/realtime?auto=1"
    ended = asyncio.Semaphore(0)

    async def phone(socket: ServerConnection) -> None:
        async with connect(url, compression=None, max_size=None) as model:

            async def back() -> None:
                try:
                    while True:
                        event = from_model(await model.recv(decode=False))
                        if event.type == "response.output_audio.delta":
                            await socket.send(DOWN % event.delta)
                except ConnectionClosed:
                    return

            task = asyncio.create_task(back())
            try:
                while True:
                    message = from_phone(await socket.recv(decode=False))
                    if message.media is not None:
                        await model.send(f'{{"type":"input_audio_buffer.append","audio":"{message.media.payload}"}}')
                    elif message.event == "stop":
                        break
            except ConnectionClosed:
                pass
            await model.close()
            await task
        outcome.ends["bridged"] += 1
        ended.release()

    server = await serve(phone, "127.0.0.1", 0, compression=None)
    port = next(iter(server.sockets)).getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", load.desk_port)
    for number in range(load.calls):
        ring_s = load.ring_s + load.start_s * number / load.calls
        writer.write(f"{port} /media/{number} {load.talk_s} {ring_s}\n".encode())
    for _ in range(load.calls):
        await ended.acquire()
    writer.close()
    server.close()
    await server.wait_closed()


def _measured(load: Load, program: Any) -> Outcome:
    """Run it on a loop of its own and count the CPU of this process, from the first dial to the last end."""
    outcome = Outcome()
    a_campaign()  # what is imported and read once in a process is no part of a call
    profile = cProfile.Profile() if load.profile else None

    async def main() -> None:
        began = time.process_time()
        if profile is not None:
            profile.enable()
        await program(load, outcome)
        if profile is not None:
            profile.disable()
        outcome.cpu_s = time.process_time() - began

    uvloop.run(main())
    if profile is not None:
        profile.dump_stats(load.profile)
    os.sched_yield()
    return outcome
