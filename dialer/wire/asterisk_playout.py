"""What of our audio lies in Asterisk's queue, as a machine: what to send next, and how much was heard.

Theory of operation. Audio is cut into frames of 20 ms, since what does not fill one would be dropped, and sent as fast as it
comes: Asterisk paces it. Behind each batch goes a mark of ours; as marks come back we know how much was played, and never
have more than ``WINDOW`` frames on the way, so that the queue (1,000 frames, then audio is lost without a word) is never full,
whatever the events ``MEDIA_XOFF`` and ``MEDIA_XON`` do. The rest waits here. When nothing of ours is on the way a frame of
silence is sent every 20 ms: without it no packet at all would go to the phone.

A name that we were asked to mark rides on the mark of the batch that ends there. ``clear`` drops what waits here and asks how
many frames lie over there unplayed; with that number the heard position is exact, down to the last frame, which may hold less
than 20 ms of ours. Names whose audio was dropped fall due with the clear.
"""

from collections import deque
from dataclasses import dataclass, field

from dialer.audio.framing import BYTES_PER_MS, FRAME_BYTES, SILENCE, SILENCE_BYTE
from dialer.wire.asterisk_media import LONGEST_AUDIO_BYTES, Command, encode, encode_mark

WINDOW = 500
"""Frames on the way at most: ten seconds."""
BATCH_FRAMES = LONGEST_AUDIO_BYTES // FRAME_BYTES
CLEARING = (encode(Command.GET_STATUS), encode(Command.REPORT_DRAINED), encode(Command.FLUSH))
"""In this order: the status is exact because the flush follows at once."""


@dataclass(slots=True)
class _Batch:
    """So many frames under one mark; ``count`` bytes of them are ours, the last frame may be filled up."""

    correlation_id: str
    frames: int
    count: int
    names: list[str] = field(default_factory=list)

    def unheard(self, left: int) -> int:
        """Bytes of ours in its last ``left`` frames."""
        return self.count if left >= self.frames else max(0, self.count - (self.frames - left) * FRAME_BYTES)


class Playout:
    """One call's queue. What its methods return is to be sent at once and in order."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._marks: deque[tuple[int, str]] = deque()
        self._batches: deque[_Batch] = deque()
        self._dropped: deque[_Batch] = deque()
        self._dropped_names: list[str] = []
        self._due: list[str] = []
        self._taken = 0
        self._queued = 0
        self._heard = 0
        self._numbers = 0
        self._is_stopped = False
        self._is_fresh = False

    @property
    def heard_ms(self) -> int:
        """Milliseconds of our audio that are known to have been played."""
        return self._heard // BYTES_PER_MS

    @property
    def is_idle(self) -> bool:
        """Nothing of ours waits here or over there."""
        return not (self._waiting or self._batches)

    def play(self, mulaw: bytes) -> list[str | bytes]:
        """Queue audio of any length."""
        self._waiting += mulaw
        self._queued += len(mulaw)
        self._is_fresh = True
        return self._send(is_end=False)

    def mark(self, name: str) -> list[str | bytes]:
        """Name the end of what is queued so far; ``due`` has the name when it was played."""
        self._marks.append((self._queued, name))
        return self._send(is_end=True)

    def tick(self) -> list[str | bytes]:
        """20 ms passed: a rest that nothing more has come for is filled up; without anything to say, silence."""
        if self.is_idle:
            return [SILENCE]
        was_fresh, self._is_fresh = self._is_fresh, False
        return [] if was_fresh else self._send(is_end=True)

    def processed(self, correlation_id: str) -> list[str | bytes]:
        """A mark came back. One that was dropped by a clear, or is not ours, says nothing."""
        if all(batch.correlation_id != correlation_id for batch in self._batches):
            return []
        while True:
            batch = self._batches.popleft()
            self._heard += batch.count
            self._due += batch.names
            if batch.correlation_id == correlation_id:
                return self._send(is_end=False)

    def stopped(self) -> None:
        """Asterisk's queue is nearly full."""
        self._is_stopped = True

    def resumed(self) -> list[str | bytes]:
        """It is not any more."""
        self._is_stopped = False
        return self._send(is_end=False)

    def clear(self) -> list[str | bytes]:
        """Drop everything; ``cleared`` must follow with what Asterisk says."""
        self._queued -= len(self._waiting)
        self._waiting.clear()
        self._dropped += self._batches
        self._batches.clear()
        self._dropped_names += [name for batch in self._dropped for name in batch.names] + [name for _, name in self._marks]
        self._marks.clear()
        # The flush also empties a queue that was nearly full.
        self._is_stopped = False
        return list(CLEARING)

    def cleared(self, left: int | None) -> int:
        """``left`` frames were unplayed (None: not told, then nothing after the last mark counts); the milliseconds heard."""
        unheard = 0
        left = sum(batch.frames for batch in self._dropped) if left is None else left
        for batch in reversed(self._dropped):
            unheard += batch.unheard(left)
            left = max(0, left - batch.frames)
        self._heard += sum(batch.count for batch in self._dropped) - unheard
        self._due += self._dropped_names
        self._dropped_names = []
        self._dropped.clear()
        return self.heard_ms

    def due(self) -> list[str]:
        """The names that fell due since the last time, in order."""
        names, self._due = self._due, []
        return names

    def _send(self, *, is_end: bool) -> list[str | bytes]:
        """As many frames as may go, each batch with its mark; a rest is filled up at an end only."""
        out: list[str | bytes] = []
        self._settle_marks()
        while not self._is_stopped:
            frames, count = self._next(is_end)
            if not frames:
                break
            audio = bytes(self._waiting[:count]).ljust(frames * FRAME_BYTES, SILENCE_BYTE)
            del self._waiting[:count]
            self._taken += count
            self._numbers += 1
            self._batches.append(_Batch(str(self._numbers), frames, count))
            self._settle_marks()
            out += [audio, encode_mark(str(self._numbers))]
        return out

    def _next(self, is_end: bool) -> tuple[int, int]:
        """Frames and bytes of the next batch. No batch goes beyond a name's place, so that its mark is that name's."""
        there = len(self._waiting)
        if self._marks:
            there, is_end = min(there, self._marks[0][0] - self._taken), True
        room = WINDOW - sum(batch.frames for batch in self._batches)
        frames = min(there // FRAME_BYTES, BATCH_FRAMES, room)
        if frames or not (is_end and there and room):
            return frames, frames * FRAME_BYTES
        return 1, there

    def _settle_marks(self) -> None:
        """Names whose audio was sent ride on the last batch; they are due at once when all of it was played."""
        while self._marks and self._marks[0][0] <= self._taken:
            _, name = self._marks.popleft()
            (self._batches[-1].names if self._batches else self._due).append(name)
