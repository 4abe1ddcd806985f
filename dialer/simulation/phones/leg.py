"""The audio of one simulated call: our queued audio goes to the callee in real time, his frames come back.

One ticker serves all legs of a carrier: every 20 ms each leg plays one frame of ours to the callee's ear and sends one frame of
his, silence included, as real networks do. A silent leg costs a few microseconds a tick.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from dialer.audio import modem, tones
from dialer.audio.framing import BYTES_PER_MS, FRAME_BYTES, FRAME_MS, SILENCE, frames
from dialer.audio.modem import Heard
from dialer.conversation.events import DigitPressed, LegAudio, LegClosed, LegEvent, MarkPlayed
from dialer.simulation.phones.callee import (
    Beep,
    Callee,
    CalleeEvent,
    Deed,
    LineSaid,
    Press,
    Say,
    TheyBegan,
    TheyEnded,
    TheySaid,
)

FRAME_S = FRAME_MS / 1000
_SILENT = LegAudio(SILENCE)


class Ticker:
    """Calls every leg each 20 ms. It sleeps while there are none, and after a delay it makes up for the missed ticks."""

    def __init__(self) -> None:
        self._ticks: dict[object, Callable[[], None]] = {}
        self._next_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, owner: object, tick: Callable[[], None]) -> None:
        """Call ``tick`` from now on. Legs that a loop left behind when it was closed are forgotten."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._timer = loop, None
            self._ticks.clear()
        self._ticks[owner] = tick
        if self._timer is None:
            self._next_s = loop.time() + FRAME_S
            self._timer = loop.call_at(self._next_s, self._run, loop)

    def remove(self, owner: object) -> None:
        """Stop calling; harmless when it was not called."""
        self._ticks.pop(owner, None)
        if not self._ticks and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        """One tick for everybody."""
        for tick in list(self._ticks.values()):
            tick()
        if self._timer is not None:
            self._next_s += FRAME_S
            self._timer = loop.call_at(self._next_s, self._run, loop)


class Playout:
    """Our queued audio and its marks, played frame by frame."""

    def __init__(self) -> None:
        self._queue = bytearray()
        self._marks: deque[tuple[int, str]] = deque()
        self._queued = 0
        self.played = 0
        """Bytes of our audio that were played."""

    def add(self, mulaw: bytes) -> None:
        """Queue audio."""
        self._queue += mulaw
        self._queued += len(mulaw)

    def mark(self, name: str) -> None:
        """Name the end of what is queued so far."""
        self._marks.append((self._queued, name))

    def clear(self) -> None:
        """Drop what has not been played; its marks fall due."""
        self._queued -= len(self._queue)
        self._queue.clear()
        self._marks = deque((min(place, self._queued), name) for place, name in self._marks)

    def next_frame(self) -> bytes:
        """Play one frame: ours, or silence."""
        if not self._queue:
            return SILENCE
        frame = bytes(self._queue[:FRAME_BYTES])
        del self._queue[:FRAME_BYTES]
        self.played += len(frame)
        return frame if len(frame) == FRAME_BYTES else frame + SILENCE[len(frame) :]

    def due_marks(self) -> Iterator[str]:
        """The marks that have been reached, in order."""
        while self._marks and self._marks[0][0] <= self.played:
            yield self._marks.popleft()[1]


class SimulatedLeg:
    """A ``Leg`` with a simulated callee at its far end."""

    def __init__(self, ticker: Ticker, on_hang_up: Callable[[], None]) -> None:
        self._ticker = ticker
        self._on_hang_up = on_hang_up
        self._playout = Playout()
        self._events: asyncio.Queue[LegEvent] = asyncio.Queue()
        self._far: FarEnd | None = None
        self._is_closed = False

    @property
    def played(self) -> int:
        """Bytes of our audio that were played."""
        return self._playout.played

    def open(self, callee: Callee) -> None:
        """The callee answered: audio flows from now on. The network's side, not ours."""
        self._far = FarEnd(callee)
        self._ticker.add(self, self._tick)

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
            self._playout.add(mulaw)

    async def mark(self, name: str) -> None:
        """Have ``MarkPlayed(name)`` reported when all audio queued so far has been played."""
        if not self._is_closed:
            self._playout.mark(name)
            self._report_marks()

    async def clear(self) -> int:
        """Drop what has not been played; return the milliseconds of our audio played since the answer."""
        self._playout.clear()
        self._report_marks()
        return self._playout.played // BYTES_PER_MS

    async def close(self) -> None:
        """Close the audio connection; the callee hears silence until the call ends."""
        self.shut("closed by us")

    def shut(self, reason: str) -> None:
        """The audio ends: nothing more is played, and ``LegClosed`` is reported, once."""
        if self._is_closed:
            return
        self._is_closed = True
        self._playout.clear()
        self._events.put_nowait(LegClosed(reason))

    def end(self, reason: str) -> dict[str, Any]:
        """The call is over: stop, and tell what was said and heard for the journal."""
        self.shut(reason)
        self._ticker.remove(self)
        return {} if self._far is None else self._far.account()

    def hear_digits(self, digits: str) -> None:
        """The callee's side receives keys that we press."""
        if self._far is not None:
            self._far.digits += digits

    def _report_marks(self) -> None:
        if self._far is not None and not self._is_closed:
            for name in self._playout.due_marks():
                self._events.put_nowait(MarkPlayed(name))

    def _tick(self) -> None:
        """20 ms pass on the line."""
        far = self._far
        assert far is not None
        frame, digits, has_hung_up = far.tick(self._playout.next_frame())
        if not self._is_closed:
            self._report_marks()
            self._events.put_nowait(_SILENT if frame is SILENCE else LegAudio(frame))
            for digit in digits:
                self._events.put_nowait(DigitPressed(digit))
        if has_hung_up:
            self._on_hang_up()


class FarEnd:
    """The callee's phone: his ear, his voice, and the account of what was heard and said."""

    def __init__(self, callee: Callee) -> None:
        self._callee = callee
        self._ear = modem.Listener()
        self._voice: Iterator[bytes] | None = None
        self._frames = 0
        self._was_hearing = False
        self._said: list[dict[str, Any]] = []
        self._heard: list[Heard] = []
        self._pressed = ""
        self.digits = ""

    def tick(self, ours: bytes) -> tuple[bytes, str, bool]:
        """Hear 20 ms of us, say 20 ms: his frame, the keys he pressed, and whether he hung up."""
        heard = self._ear.feed(ours)
        self._frames += 1
        events: list[CalleeEvent] = []
        if heard:
            self._heard += heard
            events += map(TheyEnded, heard)
        is_hearing = self._ear.is_hearing
        if is_hearing and (heard or not self._was_hearing):
            events.append(TheyBegan())
        self._was_hearing = is_hearing
        if is_hearing and self._callee.wants_words:
            events.append(TheySaid(self._ear.partial))
        frame = self._speak(events)
        return frame, *self._perform(events)

    def account(self) -> dict[str, Any]:
        """What the phone heard and said, for the journal; times in ms from the answer."""
        heard = self._heard + self._ear.flush()
        if self._voice is not None:
            self._said[-1]["is_complete"] = False
        keys = ("text", "is_complete", "is_damaged", "start_ms", "end_ms")
        return {
            "talk_ms": self._frames * FRAME_MS,
            "said": self._said,
            "heard": [{key: getattr(utterance, key) for key in keys} for utterance in heard],
            "pressed": self._pressed,
            "digits": self.digits,
        }

    def _speak(self, events: list[CalleeEvent]) -> bytes:
        """The next frame of his line; silence when he says nothing."""
        if self._voice is None:
            return SILENCE
        frame = next(self._voice, None)
        if frame is not None:
            return frame
        self._voice = None
        events.append(LineSaid())
        return SILENCE

    def _perform(self, events: list[CalleeEvent]) -> tuple[str, bool]:
        """Let him react; carry out what he does."""
        now = self._frames * FRAME_S
        deeds: list[Deed] = []
        for event in events:
            deeds += self._callee.feed(event, now)
        deadline = self._callee.deadline()
        if deadline is not None and now >= deadline:
            deeds += self._callee.tick(now)
        digits, has_hung_up = "", False
        for deed in deeds:
            if isinstance(deed, Say):
                self._voice = frames(modem.encode(deed.text))
                self._said.append({"text": deed.text, "is_complete": True, "start_ms": self._frames * FRAME_MS})
            elif isinstance(deed, Beep):
                self._voice = frames(tones.beep(deed.hz, deed.ms))
                self._said.append({"text": "", "is_complete": True, "start_ms": self._frames * FRAME_MS, "beep_hz": deed.hz})
            elif isinstance(deed, Press):
                digits += deed.digit
            else:
                has_hung_up = True
        self._pressed += digits
        return digits, has_hung_up
