"""What the model hears: the input buffer and the detection of speech in it.

Time is counted in samples that came in, never by a clock: a client may send faster or slower than real time. The semantic
detection waits longer when the words so far are no whole sentence, as long as its eagerness lets it.
"""

from dataclasses import dataclass
from typing import Any

from dialer.audio.framing import BYTES_PER_MS, FRAME_BYTES, FRAME_MS, SILENCE
from dialer.audio.levels import SPEECH_LEVEL, level
from dialer.audio.modem import Listener
from dialer.model.realtime import shipped_realtime

_SEMANTIC_SILENCE_MS = 500
_DEFAULT_THRESHOLD = 0.5
_ENDS = (".", "!", "?", "。", "！", "？")


def words_in(mulaw: bytes) -> tuple[str, bool]:
    """The words in a piece of audio, and whether parts of them were lost."""
    listener = Listener()
    heard = [*listener.feed(mulaw), *listener.flush()]
    return " ".join(utterance.text for utterance in heard), any(utterance.is_damaged for utterance in heard)


def is_whole(mulaw: bytes) -> bool:
    """The words make a sentence; what has no words in it is as whole as it will be."""
    words = words_in(mulaw)[0].strip()
    return not words or words.endswith(_ENDS)


@dataclass(frozen=True, slots=True)
class Started:
    """Speech began at ``at_ms`` of all audio received, the prefix counted in."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Speech ended; ``mulaw`` is all of it, with prefix and closing silence."""

    at_ms: int
    mulaw: bytes


class Ears:
    """The input buffer of one session, as mu-law."""

    def __init__(self) -> None:
        """Detection is off until ``detect`` says how."""
        self._silence_ms: int | None = None
        self._longest_ms = 0
        self._prefix_bytes = 0
        self._loudness = 0.0
        self._buffer = bytearray()
        self._partial = b""
        self._received_ms = 0
        self._quiet_ms = 0
        self.is_speech = False

    def detect(self, detection: dict[str, Any] | None) -> None:
        """Use these ``turn_detection`` settings; ``None``: the client commits by itself."""
        if detection is None:
            self._silence_ms = None
            return
        self._silence_ms = detection.get("silence_duration_ms", _SEMANTIC_SILENCE_MS)
        waits = shipped_realtime().limits.semantic_wait_ms
        eagerness = detection.get("eagerness", "high")
        is_semantic = detection["type"] == "semantic_vad"
        self._longest_ms = waits.get(eagerness, waits["medium"]) if is_semantic else self._silence_ms or 0
        self._prefix_bytes = detection.get("prefix_padding_ms", 300) * BYTES_PER_MS
        self._loudness = SPEECH_LEVEL * detection.get("threshold", _DEFAULT_THRESHOLD) / _DEFAULT_THRESHOLD

    def hear(self, mulaw: bytes) -> list[Started | Stopped]:
        """Take in a piece of any length."""
        if self._partial:
            mulaw = self._partial + mulaw
        whole = len(mulaw) - len(mulaw) % FRAME_BYTES
        self._partial = mulaw[whole:]
        found: list[Started | Stopped] = []
        for start in range(0, whole, FRAME_BYTES):
            event = self._frame(mulaw[start : start + FRAME_BYTES])
            if event is not None:
                found.append(event)
        return found

    @property
    def received_ms(self) -> int:
        """All audio that has come in."""
        return self._received_ms

    def take(self) -> bytes:
        """All that is in the buffer, which is empty afterwards."""
        mulaw = bytes(self._buffer) + self._partial
        self._received_ms += len(self._partial) // BYTES_PER_MS
        self.clear()
        return mulaw

    def clear(self) -> None:
        """Forget what is in the buffer, the beginning of a turn too."""
        self._buffer.clear()
        self._partial = b""
        self.is_speech = False
        self._quiet_ms = 0

    def _frame(self, frame: bytes) -> Started | Stopped | None:
        self._received_ms += FRAME_MS
        self._buffer += frame
        if self._silence_ms is None:
            return None
        is_loud = frame != SILENCE and level(frame) >= self._loudness
        if not self.is_speech:
            return self._waiting(is_loud)
        self._quiet_ms = 0 if is_loud else self._quiet_ms + FRAME_MS
        if self._quiet_ms < self._silence_ms:
            return None
        if self._quiet_ms < self._longest_ms and (self._quiet_ms > self._silence_ms or not is_whole(bytes(self._buffer))):
            return None
        return Stopped(self._received_ms, self.take())

    def _waiting(self, is_loud: bool) -> Started | None:
        """Silence is kept only as far as the prefix goes."""
        surplus = len(self._buffer) - self._prefix_bytes - FRAME_BYTES
        if surplus > 0:
            del self._buffer[:surplus]
        if not is_loud:
            return None
        self.is_speech = True
        return Started(self._received_ms - len(self._buffer) // BYTES_PER_MS)
