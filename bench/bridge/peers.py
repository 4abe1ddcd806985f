"""The far ends: a voice model's service and the phones of a media stream, in a process of their own.

The service speaks the GA protocol's order of events; it answers a ``response.create`` (or, asked to by ``?auto=1``, the end of a
turn by itself) in pieces of 20 ms, ten times as fast as they are heard. The phone plays what it is sent in real time, echoes
marks when they are due, and drops its queue on ``clear``. Both do as little as they can: the load must not be the limit.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from bridge import script
from bridge.sockets import Calling, Served, frame, listen

PIECE_FRAMES = 1
BATCH = 15
"""Pieces that are sent at once."""
FASTER = 10
STREAM = "MZ" + "0" * 32
APPEND_COUNT = len('{"type":"input_audio_buffer.append","audio":""}') + 216
"""Letters of an append of 20 ms."""
RING_S = 1.5


@dataclass
class Figures:
    """What the far ends counted."""

    first_audio_ms: list[float] = field(default_factory=list)
    talk_s: float = 0.0
    frames_to_model: int = 0
    messages_to_model: int = 0
    messages_to_phone: int = 0
    pieces_to_caller: int = 0
    barge_ins: int = 0
    late_ticks: int = 0
    ticks: int = 0
    worst_tick_ms: float = 0.0


class Model(Served):
    """One session of the service."""

    def __init__(self, figures: Figures) -> None:
        super().__init__()
        self._figures = figures
        self._frames = 0
        self._numbers = itertools.count(1)
        self._response = ""
        self._item = ""
        self._turns = 0
        self._rest: list[bytes] = []
        self._after: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._is_auto = False

    def opened(self) -> None:
        """Hello."""
        self._is_auto = "auto=1" in self.path
        self._emit("session.created", session={"type": "realtime", "object": "realtime.session", "id": "sess_1"})

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if self._timer is not None:
            self._timer.cancel()
        self._figures.frames_to_model += self._frames
        self._figures.messages_to_model += self.messages_in

    def message(self, place: int, count: int, mask: bytes) -> None:
        """Audio is recognised by its length; anything else is read."""
        if count != APPEND_COUNT:
            self._read(json.loads(self.text(place, count, mask)))
            return
        at = self._frames % script.ROUND
        self._frames += 1
        if self._is_auto and self._frames == 1:
            self._speak(script.OPENING, {})
        for turn in script.TURNS:
            if at == turn.begin:
                self._turns += 1
                self._emit("input_audio_buffer.speech_started", item_id=self._turn, audio_start_ms=self._frames * 20)
                if self._is_auto:
                    self._cancel()
            elif at == turn.end + script.VAD_FRAMES:
                self._turn_ended()

    @property
    def _turn(self) -> str:
        return f"item_h{self._turns}"

    def _turn_ended(self) -> None:
        self._emit("input_audio_buffer.speech_stopped", item_id=self._turn, audio_end_ms=self._frames * 20)
        self._emit("input_audio_buffer.committed", item_id=self._turn, previous_item_id=None)
        words = f"{script.WORDS[self._turns % len(script.WORDS)]} {'really ' * (self._turns // len(script.WORDS))}"
        usage = {"type": "duration", "seconds": 3}
        kind = "conversation.item.input_audio_transcription.completed"
        self._emit(kind, item_id=self._turn, content_index=0, transcript=words, usage=usage)
        if self._is_auto:
            self._answer({})

    def _read(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "session.update":
                self._emit("session.updated", session={**event["session"], "object": "realtime.session", "id": "sess_1"})
            case "response.create":
                response = event.get("response", {})
                said = response.get("instructions", "").split('"""')
                if len(said) > 1:
                    self._speak(said[1].strip(), response.get("metadata", {}))
                else:
                    self._answer(response.get("metadata", {}))
            case "response.cancel":
                self._cancel()
            case "conversation.item.truncate":
                self._figures.barge_ins += 1
                place = {"item_id": event["item_id"], "content_index": 0, "audio_end_ms": event["audio_end_ms"]}
                self._emit("conversation.item.truncated", **place)
            case "conversation.item.create":
                item = {**event["item"], "id": f"item_{next(self._numbers)}"}
                self._emit("conversation.item.added", item=item)
                self._emit("conversation.item.done", item=item)

    def _answer(self, metadata: dict[str, str]) -> None:
        """What follows a turn: a function call once in a round, then words."""
        if self._turns % len(script.TURNS) == 1 and not self._item.startswith("item_f"):
            self._call(metadata)
        else:
            self._speak(script.REPLY.format(number=f"{next(self._numbers)}"), metadata)

    def _call(self, metadata: dict[str, str]) -> None:
        number = next(self._numbers)
        self._begin(number, metadata)
        self._item = f"item_f{number}"
        arguments = json.dumps({"name": "need", "value": f"choice {number}", "quote": "That sounds fine to me."})
        item = {"id": self._item, "type": "function_call", "call_id": f"call_{number}", "name": "record_answer"} | {
            "arguments": arguments,
            "status": "completed",
        }
        place = {"response_id": self._response, "output_index": 0}
        self._emit("response.output_item.added", **place, item={**item, "arguments": "", "status": "in_progress"})
        call = {"item_id": self._item, "call_id": item["call_id"], "arguments": arguments}
        self._emit("response.function_call_arguments.done", **place, **call)
        self._emit("response.output_item.done", **place, item=item)
        self._end("completed")
        if self._is_auto:
            self._answer({})

    def _speak(self, text: str, metadata: dict[str, str]) -> None:
        number = next(self._numbers)
        self._begin(number, metadata)
        self._item = f"item_{number}"
        place: dict[str, Any] = {"response_id": self._response, "output_index": 0}
        part = {**place, "item_id": self._item, "content_index": 0}
        item = {"id": self._item, "type": "message", "role": "assistant", "content": [], "status": "in_progress"}
        self._emit("response.output_item.added", **place, item=item)
        self._emit("conversation.item.added", item=item, previous_item_id=None)
        self._emit("response.content_part.added", **part, part={"type": "audio", "transcript": ""})
        head = json.dumps({"type": "response.output_audio.delta", "event_id": "event_1", **part}).removesuffix("}")
        pieces = [f'{head},"delta":"{audio}"}}'.encode() for audio in script.spoken_frames(PIECE_FRAMES)]
        words = text.split(" ")
        kind = "response.output_audio_transcript"
        deltas = [_event(f"{kind}.delta", **part, delta=f"{word} ").encode() for word in words[:-1]]
        deltas.append(_event(f"{kind}.delta", **part, delta=words[-1]).encode())
        spread = len(pieces) // len(words)
        mixed: list[bytes] = []
        for number_, piece in enumerate(pieces):
            if number_ % spread == 0 and deltas:
                mixed.append(deltas.pop(0))
            mixed.append(piece)
        self._rest = [frame(data, is_masked=False) for data in [*mixed, *deltas]]
        self._figures.pieces_to_caller += len(pieces)
        done = {**item, "status": "completed", "content": [{"type": "output_audio", "transcript": text}]}
        after = [
            _event("response.output_audio.done", **part),
            _event(f"{kind}.done", **part, transcript=text),
            _event("response.content_part.done", **part, part={"type": "audio", "transcript": text}),
            _event("conversation.item.done", item=done, previous_item_id=None),
            _event("response.output_item.done", **place, item=done),
        ]
        self._after = [frame(data.encode(), is_masked=False) for data in after]
        self._go_on()

    def _begin(self, number: int, metadata: dict[str, str]) -> None:
        self._response = f"resp_{number}"
        response = {"id": self._response, "object": "realtime.response", "status": "in_progress", "metadata": metadata or None}
        self._emit("response.created", response={**response, "output": []})
        limits = [{"name": "tokens", "limit": 40000, "remaining": 39000, "reset_seconds": 1.5}]
        self._emit("rate_limits.updated", rate_limits=limits)

    def _go_on(self) -> None:
        """The next batch."""
        batch, self._rest = self._rest[:BATCH], self._rest[BATCH:]
        self.messages_out += len(batch)
        self.transport.write(b"".join(batch))
        if self._rest:
            delay = BATCH * PIECE_FRAMES * 0.02 / FASTER
            self._timer = asyncio.get_running_loop().call_later(delay, self._go_on)
            return
        self._timer = None
        self.transport.write(b"".join(self._after))
        self._end("completed")

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._end("cancelled")

    def _end(self, status: str) -> None:
        fed = {"text_tokens": 1500, "audio_tokens": 300, "cached_tokens": 1200} | {
            "cached_tokens_details": {"text_tokens": 1100, "audio_tokens": 100}
        }
        usage = {"total_tokens": 1950, "input_tokens": 1800, "output_tokens": 150} | {
            "input_token_details": fed,
            "output_token_details": {"text_tokens": 30, "audio_tokens": 120},
        }
        details = None if status == "completed" else {"type": "cancelled", "reason": "client_cancelled"}
        response = {"id": self._response, "object": "realtime.response", "status": status, "status_details": details}
        self._emit("response.done", response={**response, "output": [], "usage": usage})

    def _emit(self, kind: str, **fields: Any) -> None:
        self.send(_event(kind, **fields))


def _event(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, "event_id": "event_1", **fields})


class Phone(Calling):
    """One phone on a media stream."""

    def __init__(self, path: str, call: int, talk_s: float, figures: Figures) -> None:
        super().__init__(path)
        self._call = call
        self._talk_s = talk_s
        self._figures = figures
        self._frame = 0
        self._free_at = 0.0
        self._answered_at = time.perf_counter()
        self._marks: dict[str, asyncio.TimerHandle] = {}
        self.is_on = False

    def opened(self) -> None:
        """The stream begins with the answer."""
        self.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        start = {"streamSid": STREAM, "callSid": f"CA{self._call:032}", "tracks": ["inbound"], "customParameters": {}}
        media = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        message = {"event": "start", "sequenceNumber": "1", "start": {**start, "mediaFormat": media}, "streamSid": STREAM}
        self.send(json.dumps(message))
        self.is_on = True

    def tick(self) -> None:
        """20 ms."""
        self.transport.write(_FRAMES[self._frame % script.ROUND])
        self._frame += 1
        if self._frame * 0.02 >= self._talk_s:
            self.is_on = False
            self.send('{"event":"stop","sequenceNumber":"9","streamSid":"x","stop":{}}')

    def connection_lost(self, exc: Exception | None) -> None:
        """Over."""
        self.is_on = False
        self._figures.talk_s += self._frame * 0.02
        self._figures.messages_to_phone += self.messages_in

    def message(self, place: int, count: int, mask: bytes) -> None:
        """Audio is played, a mark waits for its audio, a clear drops it."""
        now = asyncio.get_running_loop().time()
        if count > 150:
            if self._free_at == 0.0:
                self._figures.first_audio_ms.append((time.perf_counter() - self._answered_at) * 1000)
            self._free_at = max(self._free_at, now) + (count - 80) * 3 // 4 / 8000
            return
        event = json.loads(self.text(place, count, mask))
        if event["event"] == "mark":
            name = event["mark"]["name"]
            delay = max(0.0, self._free_at - now)
            self._marks[name] = asyncio.get_running_loop().call_later(delay, self._echo, name)
        elif event["event"] == "clear":
            self._free_at = now
            for name, timer in list(self._marks.items()):
                timer.cancel()
                self._echo(name)

    def _echo(self, name: str) -> None:
        self._marks.pop(name, None)
        if self.is_on:
            self.send(json.dumps({"event": "mark", "sequenceNumber": "4", "streamSid": STREAM, "mark": {"name": name}}))


_FRAMES: list[bytes] = []
GROUPS = 10
"""Phones tick in so many groups, two milliseconds apart."""


class Exchange:
    """All phones; each is made to ring by a line of text on a socket of its own: port, path, talk time."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._phones: list[list[Phone]] = [[] for _ in range(GROUPS)]
        self._answering: set[asyncio.Task[None]] = set()
        self._count = itertools.count()

    def start(self) -> None:
        """The clock of the network."""
        loop = asyncio.get_running_loop()
        for group in range(GROUPS):
            at = loop.time() + group * 0.02 / GROUPS
            loop.call_at(at, self._tick, group, at)

    def _tick(self, group: int, at: float) -> None:
        loop = asyncio.get_running_loop()
        phones = self._phones[group] = [phone for phone in self._phones[group] if not phone.transport.is_closing()]
        late = (loop.time() - at) * 1000
        if phones:
            self._figures.ticks += 1
            self._figures.late_ticks += late > 20
            self._figures.worst_tick_ms = max(self._figures.worst_tick_ms, late)
        for phone in phones:
            if phone.is_on:
                phone.tick()
        loop.call_at(at + 0.02, self._tick, group, at + 0.02)

    async def desk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One dial for each line."""
        while line := (await reader.readline()).decode().split():
            port, path, talk_s, ring_s = int(line[0]), line[1], float(line[2]), float(line[3])
            asyncio.get_running_loop().call_later(ring_s, self._ring_out, port, path, talk_s)
        writer.close()

    def _ring_out(self, port: int, path: str, talk_s: float) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(port, path, talk_s))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, port: int, path: str, talk_s: float) -> None:
        number = next(self._count)
        loop = asyncio.get_running_loop()
        _, phone = await loop.create_connection(lambda: Phone(path, number, talk_s, self._figures), "127.0.0.1", port)
        self._phones[number % GROUPS].append(phone)


def serve(pipe: Connection) -> None:
    """The process: tells its two ports; each later message is answered with the figures since the last."""

    async def main() -> None:
        _FRAMES.extend(frame(text.encode(), is_masked=True) for text in script.media_messages())
        script.spoken_frames(PIECE_FRAMES)
        figures = Figures()
        exchange = Exchange(figures)
        exchange.start()
        _, model_port = await listen(lambda: Model(figures))
        desk = await asyncio.start_server(exchange.desk, "127.0.0.1", 0)
        pipe.send((model_port, desk.sockets[0].getsockname()[1]))
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, pipe.recv) == "figures":
            await asyncio.sleep(0.5)
            pipe.send((vars(figures), time.process_time()))
            for name, value in vars(Figures()).items():
                setattr(figures, name, value)

    uvloop.run(main())
