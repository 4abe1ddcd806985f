"""Tones: the beep of an answering machine and the keys of a phone (DTMF), made and found.

The beep detector follows what was measured on recorded prompts and through real phones: a piece of 32 ms whose
strongest 125 Hz hold 80 % of its energy is tone; a beep is such a tone that stands still for 100-2000 ms (250 ms below
480 Hz, where the harmonics of voices live) and ends in quiet. Key tones are ITU-T Q.23: two at once, one of each group.
"""

import numpy as np
import numpy.typing as npt

from dialer.audio import g711
from dialer.audio.framing import FRAME_BYTES, RATE, SILENCE, silence

_WINDOW = 256
_HOP = 80
_HOP_MS = 10
_BINS = 512
_BIN_HZ = RATE / _BINS
_NEAR = 4
_PURITY = 0.8
_BEEP_HZ = (400.0, 2200.0)
_LOW_VOICE_HZ = 480.0
_DRIFT_HZ = 20.0
_SHORTEST_MS = 100
_SHORTEST_LOW_MS = 250
_LONGEST_MS = 2000
_FAINT = 150.0
_END_HOPS = 5
_BLUR_MS = 20
"""A piece of 32 ms is tone already when two thirds of it are: a beep looks shorter than it is by up to this."""

_HANN = np.hanning(_WINDOW)

DTMF_LOW_HZ = (697, 770, 852, 941)
DTMF_HIGH_HZ = (1209, 1336, 1477, 1633)
DTMF_KEYS = "123A456B789C*0#D"
_DTMF_SHARE = 0.7
_DTMF_TWIST = 8.0
_DTMF_ANGLES = 2 * np.pi * np.outer(np.arange(FRAME_BYTES) / RATE, DTMF_LOW_HZ + DTMF_HIGH_HZ)
_DTMF_SPECTRUM = np.hstack([np.cos(_DTMF_ANGLES), np.sin(_DTMF_ANGLES)])


def _tone(hz: float, ms: int, amplitude: float) -> npt.NDArray[np.float64]:
    """A sine."""
    return amplitude * np.sin(2 * np.pi * hz * np.arange(ms * RATE // 1000) / RATE)


def beep(hz: float = 1000.0, ms: int = 400, amplitude: float = 8000.0) -> bytes:
    """The beep of an answering machine, as mu-law."""
    return g711.encode(np.rint(_tone(hz, ms, amplitude)).astype(np.int16))


def digit_tones(digits: str, ms: int = 100, gap_ms: int = 100) -> bytes:
    """Press keys (``0``-``9``, ``*``, ``#``, ``A``-``D``): mu-law, with gaps. Raises ``ValueError`` on others."""
    pieces = []
    for digit in digits:
        low, high = divmod(DTMF_KEYS.index(digit), 4)
        pcm = _tone(DTMF_LOW_HZ[low], ms, 5000.0) + _tone(DTMF_HIGH_HZ[high], ms, 5000.0)
        pieces.append(g711.encode(np.rint(pcm).astype(np.int16)) + silence(gap_ms))
    return b"".join(pieces)


class BeepDetector:
    """Finds the end of a beep in a stream of audio, in pieces of any size."""

    def __init__(self) -> None:
        self._audio = b""
        self._hz = 0.0
        self._level = 0.0
        self._hops = 0
        self._quiet = 0

    def feed(self, mulaw: bytes) -> bool:
        """Hear a piece of audio; True when a beep has ended in it."""
        if not self._hops and mulaw == SILENCE and not self._audio.strip(b"\xff"):
            self._audio = b""
            return False
        self._audio += mulaw
        at, found = 0, False
        while len(self._audio) - at >= _WINDOW:
            found = self._hop(g711.decode(self._audio[at : at + _WINDOW])) or found
            at += _HOP
        self._audio = self._audio[at:]
        return found

    def _hop(self, pcm: g711.Pcm) -> bool:
        """Look at the next 32 ms, 10 ms further on."""
        hz, level = _pure_tone(pcm)
        if self._hops and hz and abs(hz - self._hz) <= _DRIFT_HZ and not self._quiet:
            self._hops += 1
            self._level = max(self._level, level)
            return False
        if self._hops and not hz and self._is_beep():
            self._quiet += 1
            if self._quiet < _END_HOPS:
                return False
            is_over = level < 0.35 * self._level
            self._forget()
            return is_over
        self._forget()
        if hz:
            self._hz, self._level, self._hops = hz, level, 1
        return False

    def _is_beep(self) -> bool:
        """What stood still so far is of a beep's length."""
        shortest = _SHORTEST_LOW_MS if self._hz < _LOW_VOICE_HZ else _SHORTEST_MS
        return shortest - _BLUR_MS <= self._hops * _HOP_MS <= _LONGEST_MS

    def _forget(self) -> None:
        """No tone is being followed."""
        self._hops = self._quiet = 0


def _pure_tone(pcm: g711.Pcm) -> tuple[float, float]:
    """The frequency of the one tone in a piece (0 without one) and the piece's level."""
    level = float(np.abs(pcm.astype(np.int32)).mean())
    if level < _FAINT:
        return 0.0, level
    power = np.abs(np.fft.rfft(pcm * _HANN, _BINS)) ** 2
    peak = int(power.argmax())
    near = power[max(peak - _NEAR, 0) : peak + _NEAR + 1].sum()
    hz = peak * _BIN_HZ
    is_tone = near >= _PURITY * power.sum() and _BEEP_HZ[0] - _BIN_HZ <= hz <= _BEEP_HZ[1] + _BIN_HZ
    return (hz if is_tone else 0.0), level


class DigitDetector:
    """Finds pressed keys in a stream of audio, in pieces of any size. A key counts when its tone has lasted 40 ms."""

    def __init__(self) -> None:
        self._audio = b""
        self._last = ""
        self._reported = ""

    def feed(self, mulaw: bytes) -> str:
        """Hear a piece of audio; return the keys that were recognised in it, in order."""
        audio = self._audio + mulaw
        found, at = "", 0
        while len(audio) - at >= FRAME_BYTES:
            found += self._hear(audio[at : at + FRAME_BYTES])
            at += FRAME_BYTES
        self._audio = audio[at:]
        return found

    def _hear(self, frame: bytes) -> str:
        """The key that became certain with this frame."""
        key = _key_of(frame)
        is_certain = key == self._last
        self._last = key
        if not is_certain or key == self._reported:
            return ""
        self._reported = key
        return key


def _key_of(frame: bytes) -> str:
    """The key whose two tones fill this frame; empty without one."""
    if frame == SILENCE:
        return ""
    pcm = g711.decode(frame).astype(np.float64)
    energy = float(pcm @ pcm)
    if energy < FRAME_BYTES * _FAINT**2:
        return ""
    parts = pcm @ _DTMF_SPECTRUM
    power = parts[:8] ** 2 + parts[8:] ** 2
    low, high = int(power[:4].argmax()), int(power[4:].argmax())
    pair = sorted((float(power[low]), float(power[4 + high])))
    is_key = sum(pair) >= _DTMF_SHARE * energy * FRAME_BYTES / 2 and pair[1] <= _DTMF_TWIST * pair[0]
    return DTMF_KEYS[4 * low + high] if is_key else ""
