"""A carrier over a media stream on ``websockets``, as plain as one can be: what a session's leg costs at least.

A dial is a line of text to the exchange; the phone connects to us when it answers. What was heard is reckoned from the clock.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from dialer.call.events import Answered, CallEvent, LegEnded, Ringing
from dialer.conversation.events import DigitPressed, LegAudio, LegClosed, LegEvent, MarkPlayed
from dialer.model.attempt import Capabilities, DialOrder, EndCause, Ending, Found
from dialer.model.ids import AttemptId


class _MediaBody(msgspec.Struct):
    payload: bytes


class _Media(msgspec.Struct, tag="media", tag_field="event"):
    media: _MediaBody


class _MarkBody(msgspec.Struct):
    name: str


class _Mark(msgspec.Struct, tag="mark", tag_field="event"):
    mark: _MarkBody


class _DigitBody(msgspec.Struct):
    digit: str


class _Digit(msgspec.Struct, tag="dtmf", tag_field="event"):
    dtmf: _DigitBody


class _Connected(msgspec.Struct, tag="connected", tag_field="event"):
    pass


class _Start(msgspec.Struct, tag="start", tag_field="event"):
    pass


class _Stop(msgspec.Struct, tag="stop", tag_field="event"):
    pass


_decode = msgspec.json.Decoder(_Media | _Mark | _Digit | _Connected | _Start | _Stop).decode
_encode = msgspec.json.Encoder().encode
_CLEAR = '{"event":"clear","streamSid":"MZ"}'


class StreamLeg:
    """One phone's audio."""

    def __init__(self) -> None:
        self._socket: ServerConnection | None = None
        self._sent_ms = 0.0
        self._free_at = 0.0
        self._loop = asyncio.get_running_loop()

    def open(self, socket: ServerConnection) -> None:
        """The phone has connected."""
        self._socket = socket

    async def events(self) -> AsyncIterator[LegEvent]:
        """What comes from the phone."""
        assert self._socket is not None
        while True:
            try:
                message = _decode(await self._socket.recv(decode=False))
            except ConnectionClosed:
                break
            match message:
                case _Media():
                    yield LegAudio(message.media.payload)
                case _Mark():
                    yield MarkPlayed(message.mark.name)
                case _Digit():
                    yield DigitPressed(message.dtmf.digit)
                case _Stop():
                    break
                case _:
                    pass
        yield LegClosed("stopped")

    async def play(self, mulaw: bytes) -> None:
        """Send audio."""
        length_s = len(mulaw) / 8000
        self._sent_ms += length_s * 1000
        self._free_at = max(self._free_at, self._loop.time()) + length_s
        await self._send(_encode({"event": "media", "streamSid": "MZ" + "0" * 32, "media": {"payload": mulaw}}).decode())

    async def mark(self, name: str) -> None:
        """Ask for an echo."""
        await self._send(_encode({"event": "mark", "streamSid": "MZ", "mark": {"name": name}}).decode())

    async def clear(self) -> int:
        """Drop the rest."""
        await self._send(_CLEAR)
        self._sent_ms -= max(0.0, self._free_at - self._loop.time()) * 1000
        self._free_at = self._loop.time()
        return round(self._sent_ms)

    async def close(self) -> None:
        """Close."""
        if self._socket is not None:
            await self._socket.close()

    async def _send(self, text: str) -> None:
        assert self._socket is not None
        try:
            await self._socket.send(text)
        except ConnectionClosed:
            return


class StreamCall:
    """One dial."""

    def __init__(self, number: int) -> None:
        self.carrier_call_id = f"CA{number}"
        self.leg = StreamLeg()
        self.told: asyncio.Queue[CallEvent] = asyncio.Queue()

    async def events(self) -> AsyncIterator[CallEvent]:
        """Ringing, answered, ended."""
        while True:
            event = await self.told.get()
            yield event
            if isinstance(event, LegEnded):
                return

    async def hang_up(self) -> None:
        """End it."""
        self.told.put_nowait(LegEnded(Ending(EndCause.NEAR_HANG_UP)))

    async def send_digits(self, digits: str) -> None:
        """Nobody presses keys here."""

    async def transfer(self, to: str, announce: str) -> None:
        """Nobody is transferred here."""


class StreamCarrier:
    """Phones of the exchange. ``ring_s``: how long each rings."""

    name = "stream"
    capabilities = Capabilities(finds_by="our_id", can_transfer=True, can_send_digits=True, has_exact_heard=False)

    def __init__(self, desk_port: int, talk_s: float, ring_s: float) -> None:
        self._desk_port = desk_port
        self._talk_s = talk_s
        self._ring_s = ring_s
        self._numbers = itertools.count()
        self._calls: dict[str, StreamCall] = {}
        self._port = 0
        self._writer: asyncio.StreamWriter | None = None
        self._server: Any = None

    async def start(self) -> None:
        """Listen for phones."""
        self._server = await serve(self._phone, "127.0.0.1", 0, compression=None, ping_interval=20)
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        _, self._writer = await asyncio.open_connection("127.0.0.1", self._desk_port)

    async def place(self, order: DialOrder) -> StreamCall:
        """Make a phone ring."""
        assert self._writer is not None
        number = next(self._numbers)
        path = f"/media/{number}"
        call = self._calls[path] = StreamCall(number)
        call.told.put_nowait(Ringing())
        self._writer.write(f"{self._port} {path} {self._talk_s} {self._ring_s}\n".encode())
        return call

    async def _phone(self, socket: ServerConnection) -> None:
        """A phone has answered."""
        assert socket.request is not None
        call = self._calls.pop(socket.request.path)
        call.leg.open(socket)
        call.told.put_nowait(Answered())
        await socket.wait_closed()
        call.told.put_nowait(LegEnded(Ending(EndCause.FAR_HANG_UP)))

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """Not asked."""
        return None

    async def end(self, attempt_id: AttemptId) -> None:
        """Not asked."""

    async def close(self) -> None:
        """Stop listening."""
        assert self._writer is not None
        self._writer.close()
        self._server.close()
        await self._server.wait_closed()
