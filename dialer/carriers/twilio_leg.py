"""The audio of one call over Media Streams.

Twilio buffers what we send and plays it at its own pace, so what was heard is computed: our audio plays from the moment it is
sent, without gaps, at 8 bytes a millisecond. The way to Twilio does not matter: a clear travels it as well, so what has been
played when the clear arrives is what this clock says when the clear is sent. Marks that come back late correct it: playout had
stalled by what they are later than the quickest of them. After a clear Twilio returns every pending mark at once, which proves
nothing; such marks are reported by us, and their echoes are ignored.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable

from dialer.audio.framing import BYTES_PER_MS
from dialer.conversation.events import LegClosed, LegEvent, MarkPlayed
from dialer.wire.twilio_media import StreamOrders

PIECE_BYTES = 4000
"""Half a second in one message."""
_BYTES_PER_S = BYTES_PER_MS * 1000


class Playout:
    """How much of our audio has been played. Seconds of the loop come in as arguments."""

    def __init__(self) -> None:
        self.sent = 0
        """Bytes that were sent and not dropped."""
        self._ends_at = 0.0
        self._least_lag_s: float | None = None
        self._proven = 0

    def add(self, size: int, now: float) -> None:
        """Audio was sent."""
        self._ends_at = max(self._ends_at, now) + size / _BYTES_PER_S
        self.sent += size

    def played(self, now: float) -> int:
        """Bytes that have been played."""
        left = max(0, round((self._ends_at - now) * _BYTES_PER_S))
        return max(self.sent - left, self._proven)

    def returned(self, position: int, now: float) -> None:
        """The mark at ``position`` bytes came back."""
        due_at = self._ends_at - (self.sent - position) / _BYTES_PER_S
        lag_s = max(now - due_at, 0.0)
        self._proven = max(self._proven, position)
        if self._least_lag_s is None or lag_s < self._least_lag_s:
            self._least_lag_s = lag_s
        if position < self.sent:
            self._ends_at += lag_s - self._least_lag_s

    def drop(self, now: float) -> int:
        """What is left is dropped; the bytes that were played."""
        self.sent = self.played(now)
        self._ends_at = now
        return self.sent


class TwilioLeg:
    """A ``Leg`` over Media Streams. Before its stream has begun and after its end everything is harmless."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[LegEvent] = asyncio.Queue()
        self._playout = Playout()
        self._marks: deque[tuple[str, str, int]] = deque()
        self._count = 0
        self._orders: StreamOrders | None = None
        self._send: Callable[[str], Awaitable[None]] | None = None
        self._is_closed = False
        self._hang_up: Callable[[], Awaitable[None]] | None = None

    def open(self, orders: StreamOrders, send: Callable[[str], Awaitable[None]], hang_up: Callable[[], Awaitable[None]]) -> None:
        """The stream has begun. ``send`` puts a message on its socket, ``hang_up`` closes it."""
        self._orders, self._send, self._hang_up = orders, send, hang_up

    @property
    def is_open(self) -> bool:
        """The stream has begun and is not over."""
        return self._send is not None and not self._is_closed

    def report(self, event: LegEvent) -> None:
        """Something came from the stream."""
        if not self._is_closed:
            self._events.put_nowait(event)

    def mark_returned(self, wire_name: str) -> None:
        """Twilio gave a mark back: it has been played, and so has every earlier one."""
        if not any(wire_name == pending for pending, _, _ in self._marks):
            return  # dropped by a clear, and reported then
        now = asyncio.get_running_loop().time()
        while self._marks:
            pending, name, position = self._marks.popleft()
            self._playout.returned(position, now)
            self.report(MarkPlayed(name))
            if pending == wire_name:
                return

    def shut(self, reason: str) -> None:
        """The stream is over, by whichever side; ``LegClosed`` is reported once."""
        if not self._is_closed:
            self._playout.drop(asyncio.get_running_loop().time())
            self._events.put_nowait(LegClosed(reason))
            self._is_closed = True

    async def events(self) -> AsyncIterator[LegEvent]:
        """Yield the callee's frames, digits and played marks until ``LegClosed``."""
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, LegClosed):
                self._events.put_nowait(event)  # whoever asks again is told again
                return

    async def play(self, mulaw: bytes) -> None:
        """Queue audio behind what is queued already."""
        if self._is_closed or self._orders is None or self._send is None:
            return
        self._playout.add(len(mulaw), asyncio.get_running_loop().time())
        for start in range(0, len(mulaw), PIECE_BYTES):
            await self._send(self._orders.media(mulaw[start : start + PIECE_BYTES]))

    async def mark(self, name: str) -> None:
        """Have ``MarkPlayed(name)`` reported when all audio queued so far has been played."""
        if self._is_closed or self._orders is None or self._send is None:
            return
        self._count += 1
        wire_name = str(self._count)
        self._marks.append((wire_name, name, self._playout.sent))
        await self._send(self._orders.mark(wire_name))

    async def clear(self) -> int:
        """Drop what has not been played; return the milliseconds of our audio played since the answer."""
        heard = self._playout.drop(asyncio.get_running_loop().time())
        if not self._is_closed and self._orders is not None and self._send is not None:
            await self._send(self._orders.clear)
            while self._marks:
                self.report(MarkPlayed(self._marks.popleft()[1]))
        return heard // BYTES_PER_MS

    async def close(self) -> None:
        """Close the audio connection. With Twilio that ends the call: nothing follows our stream."""
        self.shut("closed by us")
        if self._hang_up is not None:
            await self._hang_up()
