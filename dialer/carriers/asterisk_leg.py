"""The audio of one call over a media socket of Asterisk: frames in, our queue out, marks, and the heard position.

What is sent and when is decided by ``wire.asterisk_playout``. A phone that sends nothing while its owner is silent (comfort noise
is not passed on to us) would leave the voice model waiting for the end of a turn for ever: such gaps are filled with silence.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from dialer.audio.framing import FRAME_BYTES, FRAME_MS, SILENCE
from dialer.conversation.events import DigitPressed, LegAudio, LegClosed, LegEvent, MarkPlayed
from dialer.wire import asterisk_media as media
from dialer.wire.asterisk_playout import Playout

FRAME_S = FRAME_MS / 1000
STATUS_S = 1.0
GAP_TICKS = 5
"""After 100 ms without a frame of the callee we make up silence."""


class _Ear:
    """The callee's audio in frames of 20 ms, whatever the trunk's packets are."""

    def __init__(self) -> None:
        self._rest = b""
        self._quiet_ticks = 0

    def hear(self, mulaw: bytes) -> list[bytes]:
        """The frames that are whole now."""
        self._quiet_ticks = 0
        if len(mulaw) == FRAME_BYTES and not self._rest:
            return [mulaw]
        whole = self._rest + mulaw
        end = len(whole) // FRAME_BYTES * FRAME_BYTES
        self._rest = whole[end:]
        return [whole[start : start + FRAME_BYTES] for start in range(0, end, FRAME_BYTES)]

    def tick(self) -> list[bytes]:
        """20 ms passed: a frame of silence when nothing has come for a while."""
        self._quiet_ticks += 1
        return [SILENCE] if self._quiet_ticks > GAP_TICKS else []


class Socket(Protocol):
    """A media socket. Nothing raises when the other side has gone: ``recv`` tells it with None, and sending does nothing."""

    async def recv(self) -> str | bytes | None:
        """The next message."""
        ...

    async def send(self, message: str | bytes) -> None:
        """Send a message."""
        ...

    async def close(self) -> None:
        """Close it; harmless twice."""
        ...


class AsteriskLeg:
    """A ``Leg``. ``attach`` it to its socket while the phone rings, ``begin`` at the answer."""

    def __init__(self, on_lost: Callable[[], None]) -> None:
        """``on_lost`` is called when the socket closes and nobody of ours closed it."""
        self._on_lost = on_lost
        self._socket: Socket | None = None
        self._playout = Playout()
        self._events: asyncio.Queue[LegEvent] = asyncio.Queue()
        self._sending = asyncio.Lock()
        self._clearing = asyncio.Lock()
        self._status: asyncio.Future[int | None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ear = _Ear()
        self._has_begun = False
        self._is_closed = False

    def attach(self, opened: Socket) -> None:
        """Listen to the socket."""
        self._socket = opened
        self._tasks.append(asyncio.create_task(self._listen(opened)))

    def begin(self) -> None:
        """The callee is there: audio flows both ways from now on."""
        if not (self._has_begun or self._is_closed):
            self._has_begun = True
            self._tasks.append(asyncio.create_task(self._pace()))

    async def events(self) -> AsyncIterator[LegEvent]:
        """Yield the callee's frames, digits and played marks until ``LegClosed``."""
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, LegClosed):
                self._events.put_nowait(event)  # whoever asks again is told again
                return

    async def play(self, mulaw: bytes) -> None:
        """Queue audio behind what is queued already; on a closed leg nothing happens."""
        if not self._is_closed:
            await self._send(self._playout.play(mulaw))

    async def mark(self, name: str) -> None:
        """Have ``MarkPlayed(name)`` reported when all audio queued so far has been played."""
        if not self._is_closed:
            await self._send(self._playout.mark(name))

    async def clear(self) -> int:
        """Drop what has not been played; return the milliseconds of our audio played since the answer."""
        async with self._clearing:
            if not self._is_closed:
                self._status = asyncio.get_running_loop().create_future()
                left = None
                await self._send(self._playout.clear())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(STATUS_S):
                        left = await self._status
                self._status = None
                self._playout.cleared(left)
                await self._send([])
            return self._playout.heard_ms

    async def close(self) -> None:
        """Close the audio connection; the callee hears silence until the call ends."""
        await self.end("closed by us")

    async def end(self, reason: str) -> None:
        """Settle what was heard, report ``LegClosed``, close the socket; harmless twice."""
        if not self._is_closed:
            if self._has_begun:
                await self.clear()
            self._shut(reason)
        if self._socket is not None:
            await self._socket.close()

    def _shut(self, reason: str) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._tell(None)
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self._events.put_nowait(LegClosed(reason, self._playout.heard_ms if self._has_begun else None))

    async def _send(self, messages: list[str | bytes]) -> None:
        """In one piece: what belongs together is not torn apart by another task."""
        async with self._sending:
            if self._socket is not None:
                for message in messages:
                    await self._socket.send(message)
        for name in self._playout.due():
            self._events.put_nowait(MarkPlayed(name))

    async def _listen(self, opened: Socket) -> None:
        """What comes from Asterisk, fifty times a second and a little more."""
        while (message := await opened.recv()) is not None:
            if isinstance(message, str):
                await self._told(message)
            elif self._has_begun:
                for frame in self._ear.hear(message):
                    self._events.put_nowait(LegAudio(frame))
        if not self._is_closed:
            self._tell(None)
            self._shut("the media connection was lost")
            self._on_lost()

    async def _told(self, text: str) -> None:
        """A control message."""
        match media.decode(text):
            case media.MarkProcessed(correlation_id):
                await self._send(self._playout.processed(correlation_id))
            case media.QueueStatus(frames):
                self._tell(frames)
            case media.FlowStopped():
                self._playout.stopped()
            case media.FlowResumed():
                await self._send(self._playout.resumed())
            case media.DigitEnded(digit) if self._has_begun:
                self._events.put_nowait(DigitPressed(digit))
            case _:
                pass

    def _tell(self, frames: int | None) -> None:
        """Whoever waits for the status has it, or waits no longer."""
        if self._status is not None and not self._status.done():
            self._status.set_result(frames)

    async def _pace(self) -> None:
        """Every 20 ms; ticks that were missed are not made up for: Asterisk has its own clock."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s = max(due_s + FRAME_S, loop.time())
            await asyncio.sleep(due_s - loop.time())
            for frame in self._ear.tick():
                self._events.put_nowait(LegAudio(frame))
            await self._send(self._playout.tick())
