"""The loopback's detection of answering machines: what Twilio's asynchronous AMD would post of a call, and when.

It knows who took the call, and says so after as much audio as the real one listens to; the end of a greeting it really hears.
Facts: twilio.com/docs/voice/answering-machine-detection (``Enable``, ``DetectMessageEnd``, the words of ``AnsweredBy``).
"""

from collections.abc import Callable, Mapping

from dialer.audio.tone_events import BeepEnded
from dialer.audio.tone_watch import ToneWatch

HUMAN_MS = 4000
MACHINE_MS = 2500
TIMEOUT_MS = 30_000
"""The default of ``MachineDetectionTimeout``."""
_MACHINES = frozenset({"voicemail", "screener"})
Tell = Callable[[str, int], None]


class Detection:
    """Listens to one callee. ``tell`` is called once, with Twilio's word and the milliseconds that it took."""

    def __init__(self, order: Mapping[str, str], persona: str, tell: Tell) -> None:
        """``order``: the fields of the request that made the call."""
        self._mode = order.get("MachineDetection", "")
        is_wanted = order.get("AsyncAmd") == "true" and bool(order.get("AsyncAmdStatusCallback"))
        self._is_listening = is_wanted and self._mode in ("Enable", "DetectMessageEnd")
        self._is_machine = persona in _MACHINES
        self._tell = tell
        self._tones = ToneWatch()
        self._heard_ms = 0

    def hear(self, mulaw: bytes) -> None:
        """The callee's audio, in order."""
        if not self._is_listening:
            return
        self._heard_ms += len(mulaw) // 8
        word = self._word(mulaw)
        if word:
            self._is_listening = False
            self._tell(word, self._heard_ms)

    def _word(self, mulaw: bytes) -> str:
        """What is certain now; empty while nothing is."""
        if not self._is_machine:
            return "human" if self._heard_ms >= HUMAN_MS else ""
        if self._mode == "Enable":
            return "machine_start" if self._heard_ms >= MACHINE_MS else ""
        if any(isinstance(tone, BeepEnded) for tone in self._tones.feed(mulaw)):
            return "machine_end_beep"
        return "unknown" if self._heard_ms >= TIMEOUT_MS else ""
