"""Everything on a line that is not words: beeps, special information tones, fax, busy, ringback and keys.

One look at the spectrum (40 ms, every 20 ms) serves all of them. Silent hops after silence cost next to nothing. Frames of
20 ms are counted from the first byte, so the pieces that are fed may have any size; what is found does not depend on it, but
frames that come together are decoded and analysed together, which costs less.

Found from -30 to -3 dBm0, with frequencies 1.5 % off, 12 dB above white noise. What is steady in music or in another
machine's signals may still be taken for a beep.
"""

from itertools import pairwise

import numpy as np

from dialer.audio.cadence import Cadence, Rhythm
from dialer.audio.framing import FRAME_BYTES, SILENCE, SILENCE_BYTE
from dialer.audio.network_tones import BUSY_US_HZ
from dialer.audio.spectrum import FAINT, WINDOW, Samples, Sound, analyse, energies, samples
from dialer.audio.steady import SteadyTones
from dialer.audio.tone_events import BusyHeard, DigitHeard, RingbackHeard, ToneEvent
from dialer.audio.tones import DTMF_HIGH_HZ, DTMF_KEYS, DTMF_LOW_HZ

_SILENT: Samples = np.zeros(FRAME_BYTES, dtype=np.float32)
_NEAR = 0.025
"""How far a tone of two may be off: 1.5 % must pass, 3.5 % must not (ITU-T Q.24)."""
_QUIET_SHARE = 0.35


class Keys:
    """Finds pressed keys: both tones in two windows, that is for about 40 ms."""

    def __init__(self) -> None:
        self._last = ""
        self._told = ""
        self._level = 0.0

    @property
    def is_idle(self) -> bool:
        """No key is down."""
        return not self._last

    def hear(self, sound: Sound) -> str:
        """The key that becomes certain now; empty without one."""
        key = _key(sound) if sound.low_hz and sound.level >= _QUIET_SHARE * self._level else ""
        is_certain = key == self._last
        self._last = key
        if not is_certain:
            self._level = sound.level if key else 0.0
            if not key:
                self._told = ""
            return ""
        self._level = max(self._level, sound.level) if key else 0.0
        if key == self._told:
            return ""
        self._told = key
        return key


class ToneWatch:
    """Hears what is not words in a stream of audio."""

    def __init__(self) -> None:
        self._rest = b""
        self._hop = 0
        self._before = _SILENT
        self._energy = 0.0
        self._is_settled = True
        self._steady = SteadyTones()
        self._cadence = Cadence()
        self._keys = Keys()

    def feed(self, mulaw: bytes) -> list[ToneEvent]:
        """Hear a piece of audio of any size; return what became certain in it, in order."""
        audio = self._rest + mulaw if self._rest else mulaw
        end = len(audio) - len(audio) % FRAME_BYTES
        heard, self._rest = audio[:end], audio[end:]
        found: list[ToneEvent] = []
        if self._is_settled and not heard.strip(SILENCE_BYTE):
            self._hop += end // FRAME_BYTES  # or nothing at all
        else:
            for place, sound in enumerate(self._sounds(samples(heard))):
                self._hop += 1
                is_silence = heard[place * FRAME_BYTES : (place + 1) * FRAME_BYTES] == SILENCE
                if not (is_silence and self._is_settled):
                    self._hear(sound, found, is_silence=is_silence)
        return found

    def _sounds(self, pcm: Samples) -> list[Sound]:
        """What sounds at the end of each frame."""
        frames = np.concatenate((self._before, pcm)).reshape(-1, FRAME_BYTES)
        powers = [self._energy, *energies(pcm)]
        self._before, self._energy = frames[-1], powers[-1]
        levels = [((before + power) / WINDOW) ** 0.5 for before, power in pairwise(powers)]
        sounds = [Sound(level) for level in levels]
        loud = [place for place, level in enumerate(levels) if level >= FAINT]
        if loud:
            windows = np.concatenate((frames[:-1], frames[1:]), axis=1)[loud]
            for place, sound in zip(loud, analyse(windows, [levels[place] for place in loud]), strict=True):
                sounds[place] = sound
        return sounds

    def _hear(self, sound: Sound, found: list[ToneEvent], *, is_silence: bool) -> None:
        """Hear 20 ms that matter."""
        found += self._steady.hear(sound, self._hop)
        rhythm = self._cadence.hear(sound.level, is_tone=sound.is_network or _is_busy_pair(sound))
        if rhythm is not None:
            found.append(RingbackHeard() if rhythm is Rhythm.RINGBACK else BusyHeard(rhythm is Rhythm.REORDER))
        key = self._keys.hear(sound)
        if key:
            found.append(DigitHeard(key))
        self._is_settled = is_silence and self._steady.is_idle and self._cadence.is_idle and self._keys.is_idle


def _is_busy_pair(sound: Sound) -> bool:
    """The two tones of the North American busy signal."""
    low, high = BUSY_US_HZ
    return abs(sound.low_hz - low) <= _NEAR * low and abs(sound.high_hz - high) <= _NEAR * high


def _key(sound: Sound) -> str:
    """The key whose tones these are."""
    for row, low in enumerate(DTMF_LOW_HZ):
        if abs(sound.low_hz - low) <= _NEAR * low:
            for column, high in enumerate(DTMF_HIGH_HZ):
                if abs(sound.high_hz - high) <= _NEAR * high:
                    return DTMF_KEYS[4 * row + column]
    return ""
