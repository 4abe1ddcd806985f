"""Words in audio: the voice of simulated people and of the simulated model.

One byte of UTF-8 text is one frame of 20 ms (50 bytes a second): two tones of 10 ms, one for each half of the byte.
An utterance is::

    chirp | byte | byte | ... | END | CRC high | CRC low          (CRC-16 CCITT of the text's bytes)

- The chirp (20 ms) gives the alignment to the sample: a listener may begin anywhere, and pieces may have any size.
- Half a byte is one of 16 tones, from a low band (500-2000 Hz) or a high band (2100-3600 Hz). Even frames are low then
  high, odd frames high then low. So a lost or a doubled frame shows at its place, as two frames of one kind in a row,
  and no tone lasts longer than 20 ms, whatever is said: speech never sounds like a beep.
- What was lost is U+FFFD in the text. Damage that shows nowhere else is found by the CRC.
- Speech that stops before its end (barge-in, hang-up) is heard as far as it went.

The channel is digital, so nearly every frame equals, byte for byte, one that the table holds. What does not (another
level, noise, a resampled path) is analysed by its spectrum.
"""

import codecs
import re
from binascii import crc_hqx
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dialer.audio import g711
from dialer.audio.framing import BYTES_PER_MS, FRAME_BYTES, FRAME_MS, RATE, SILENCE, SILENCE_BYTE

_AMPLITUDE = 8000.0
_HALF = FRAME_BYTES // 2
_LOW_HZ = [500 + 100 * step for step in range(16)]
_HIGH_HZ = [2100 + 100 * step for step in range(16)]
_END_HZ = [300, 3700]
_TONES = np.array(_LOW_HZ + _HIGH_HZ + _END_HZ)
_CHIRP_HZ = (400.0, 3600.0)
_GAP_FRAMES = 10
"""So many silent frames in a row end an utterance that has not said its end."""
_PURITY = 0.6
"""The share of a half frame's energy that its tone must hold (a clean one holds 0.99)."""
_LIKENESS = 0.75
"""The normalised correlation from which a piece of audio is taken for the chirp (speech stays below 0.5)."""
_QUIET = 64
"""Samples up to this are silence."""
_LOST = 0xFF
"""Stands for a lost byte: 0xFF is in no UTF-8 text, so it decodes as U+FFFD."""
_CRC_BYTES = 2
_OVERHEAD_FRAMES = 2 + _CRC_BYTES
_FAINT = float(FRAME_BYTES * _QUIET**2)
"""The energy below which a frame's length of sound is not compared with anything."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance. Milliseconds count from the first byte that the listener was fed.

    ``is_complete``: heard to its end. ``is_damaged``: frames were lost, doubled or spoilt; ``text`` has U+FFFD there.
    A lost last frame is not damage: it cannot be told from speech that was cut off there.
    """

    text: str
    is_complete: bool
    is_damaged: bool
    start_ms: int
    end_ms: int


class _Frame(NamedTuple):
    """What a frame is: a byte (``order`` 0 = low tone first, 1 = high tone first), the end sign, or spoilt."""

    order: int
    value: int


_ANY = -1
_END = _Frame(_ANY, 0)
_SPOILT = _Frame(_ANY, 1)


def _tones() -> npt.NDArray[np.uint8]:
    """Each tone for 10 ms, as mu-law.

    All are multiples of 100 Hz: they begin and end at the same phase, without a click. They begin at the crest, so that
    the first byte of a frame is never silence.
    """
    time_s = np.arange(_HALF) / RATE
    pcm = np.rint(_AMPLITUDE * np.cos(2 * np.pi * np.outer(_TONES, time_s))).astype(np.int16)
    return np.frombuffer(g711.encode(pcm), dtype=np.uint8).reshape(len(_TONES), _HALF)


def _chirp() -> npt.NDArray[np.int16]:
    """A frame that sweeps the band: its correlation with itself has one sharp crest."""
    time_s = np.arange(FRAME_BYTES) / RATE
    low, high = _CHIRP_HZ
    phase = 2 * np.pi * (low * time_s + (high - low) * time_s**2 / (2 * FRAME_MS / 1000))
    return np.rint(_AMPLITUDE * np.cos(phase)).astype(np.int16)


def _byte_frames() -> npt.NDArray[np.uint8]:
    """The frame of each byte in both orders: an array of 2 x 256 x 160."""
    tones = _tones()
    values = np.arange(256)
    first, second = tones[values >> 4], tones[16 + (values & 0xF)]
    return np.stack([np.hstack([first, second]), np.hstack([second, first])])


_BYTE_FRAMES = _byte_frames()
_END_FRAME = _tones()[32:].tobytes()
_CHIRP_PCM = _chirp().astype(np.float32)
_CHIRP_FRAME = g711.encode(_chirp())
_CHIRP_ENERGY = float(_CHIRP_PCM @ _CHIRP_PCM)
_KNOWN: dict[bytes, _Frame] = {
    _BYTE_FRAMES[order, value].tobytes(): _Frame(order, value) for order in (0, 1) for value in range(256)
} | {_END_FRAME: _END}
_ANGLES = 2 * np.pi * np.outer(np.arange(_HALF) / RATE, _TONES)
_SPECTRUM = np.hstack([np.cos(_ANGLES), np.sin(_ANGLES)]).astype(np.float32)
_SOUND = re.compile(b"[^\xff]")


def encode(text: str) -> bytes:
    """Speak ``text``: mu-law, whole frames, 20 ms for each byte of UTF-8 and 80 ms beside.

    Half surrogates, which UTF-8 cannot hold, become ``?``.
    """
    words = text.encode("utf-8", "replace")
    return b"".join((_CHIRP_FRAME, _speak(words, 0), _END_FRAME, _speak(_crc(words), len(words) + 1)))


def duration_ms(text: str) -> int:
    """How long ``encode(text)`` lasts."""
    return (len(text.encode("utf-8", "replace")) + _OVERHEAD_FRAMES) * FRAME_MS


def _crc(words: bytes) -> bytes:
    """What an utterance ends with, to be compared."""
    return crc_hqx(words, 0).to_bytes(_CRC_BYTES, "big")


def _speak(words: bytes, place: int) -> bytes:
    """The frames of bytes, the first of which is frame number ``place`` of its utterance."""
    values = np.frombuffer(words, dtype=np.uint8)
    orders = (np.arange(len(values)) + place) % 2
    return _BYTE_FRAMES[orders, values].tobytes()


class Listener:
    """Hears utterances in a stream of audio. Pieces may be of any size, and speech may begin at any sample."""

    def __init__(self) -> None:
        self._audio = b""
        self._at = 0  # where we read in _audio
        self._before = 0  # bytes that were dropped from the front of _audio
        self._now: _Utterance | None = None

    @property
    def is_hearing(self) -> bool:
        """An utterance has begun and not ended."""
        return self._now is not None

    @property
    def partial(self) -> str:
        """The words so far of the utterance that is being heard; empty between utterances."""
        return "" if self._now is None else self._now.text(is_whole=False)

    def feed(self, mulaw: bytes) -> list[Heard]:
        """Hear a piece of audio; return the utterances that ended in it."""
        if self._now is None and not self._audio and mulaw.count(SILENCE_BYTE) == len(mulaw):
            self._before += len(mulaw)
            return []
        self._audio = self._audio + mulaw if self._audio else mulaw
        heard: list[Heard] = []
        while self._step(heard):
            pass
        self._audio = self._audio[self._at :]
        self._before += self._at
        self._at = 0
        return heard

    def flush(self) -> list[Heard]:
        """The line is closed: return what was still being heard. The listener can go on afterwards."""
        length = self._before + len(self._audio)
        heard = self.feed(SILENCE * (_GAP_FRAMES + 2))
        self._audio, self._before, self._now = b"", length, None
        return heard

    def _step(self, heard: list[Heard]) -> bool:
        """Move on by a frame or to the next sound; False when more audio is needed first."""
        if self._now is None:
            return self._search()
        left = len(self._audio) - self._at
        if left < FRAME_BYTES:
            return False
        piece = self._audio[self._at : self._at + FRAME_BYTES]
        frame = _KNOWN.get(piece)
        end = self._before + self._at + FRAME_BYTES
        if frame is not None:
            self._now.take(frame, end)
        elif _is_quiet(piece[-_HALF // 2 :]):
            self._now.be_silent()
        else:
            begin = 0 if piece == _CHIRP_FRAME else self._chirp_near()
            if begin is None and left < 2 * FRAME_BYTES:
                return False
            if begin is not None:
                is_doubled = begin == 0 and self._now.is_new
                if not is_doubled:
                    heard.append(self._now.ended())
                self._begin(begin, is_damaged=is_doubled)
                return True
            self._now.take(_analysed(piece), end)
        self._at += FRAME_BYTES
        if self._now.is_over:
            heard.append(self._now.ended())
            self._now = None
        return True

    def _search(self) -> bool:
        """Look for the next chirp from the next sound on; words whose chirp was lost are taken up too."""
        sound = _SOUND.search(self._audio, self._at)
        if sound is None:
            self._at = len(self._audio)
            return False
        self._at = sound.start()
        piece = self._audio[self._at : self._at + FRAME_BYTES]
        if piece in _KNOWN:
            self._now = _Utterance(self._before + self._at, is_damaged=True)
            return True
        begin = 0 if piece == _CHIRP_FRAME else self._chirp_near()
        if begin is not None:
            self._begin(begin, is_damaged=False)
            return True
        if len(self._audio) - self._at < 2 * FRAME_BYTES:
            return False
        self._at += FRAME_BYTES
        return True

    def _begin(self, offset: int, *, is_damaged: bool) -> None:
        """An utterance's chirp stands ``offset`` bytes from here."""
        self._at += offset + FRAME_BYTES
        self._now = _Utterance(self._before + self._at, is_damaged=is_damaged)

    def _chirp_near(self) -> int | None:
        """Where a chirp begins within the next frame's length; None without one, or with under two frames of audio."""
        window = self._audio[self._at : self._at + 2 * FRAME_BYTES - 1]
        if len(window) < 2 * FRAME_BYTES - 1:
            return None
        exact = window.find(_CHIRP_FRAME)
        if exact >= 0:
            return exact
        pcm = g711.decode(window).astype(np.float32)
        energy = np.convolve(pcm * pcm, np.ones(FRAME_BYTES, dtype=np.float32), "valid")
        likeness = np.correlate(pcm, _CHIRP_PCM, "valid") / np.sqrt(np.maximum(energy, _FAINT) * _CHIRP_ENERGY)
        best = int(np.argmax(likeness))
        return best if likeness[best] >= _LIKENESS else None


class _Utterance:
    """What has been heard of one utterance, from the end of its chirp on."""

    def __init__(self, at: int, *, is_damaged: bool) -> None:
        """``at``: the number, in the stream, of the byte after the chirp. A damaged beginning stands as a lost byte."""
        self._start = max(at - FRAME_BYTES, 0)
        self._end = at
        self._words = bytearray([_LOST] if is_damaged else [])
        self._crc: bytearray | None = None
        self._is_damaged = is_damaged
        self._last: _Frame | None = None
        self._next_order = 0
        self._is_order_known = not is_damaged
        self._silent = 0

    @property
    def is_new(self) -> bool:
        """Nothing but the chirp has been heard."""
        return self._last is None and not self._silent

    @property
    def is_complete(self) -> bool:
        """Heard to its end."""
        return self._crc is not None and len(self._crc) >= _CRC_BYTES

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return self.is_complete or self._silent >= _GAP_FRAMES

    def text(self, *, is_whole: bool) -> str:
        """The words; a character that is cut in two at the end of what is not whole is left out."""
        return codecs.getincrementaldecoder("utf-8")("replace").decode(bytes(self._words), final=is_whole)

    def be_silent(self) -> None:
        """A frame without sound: a pause if words go on, else the end."""
        self._silent += 1

    def take(self, frame: _Frame, end: int) -> None:
        """Hear a frame that ends at byte number ``end`` of the stream."""
        self._silent = 0
        self._end = end
        if frame.order == _ANY:
            if frame == self._last == _END:
                self._lose()
                return
        elif frame.order != self._next_order and self._is_order_known:
            self._lose()
            if frame == self._last:
                return  # doubled
        self._last = frame
        if frame.order == _ANY:
            self._next_order = 1 - self._next_order
        else:
            self._next_order = 1 - frame.order
            self._is_order_known = True
        if frame == _END:
            self._crc = bytearray()
            return
        if frame == _SPOILT:
            self._lose()
        if self._crc is not None:
            self._crc.append(frame.value)
        elif frame != _SPOILT:
            self._words.append(frame.value)

    def ended(self) -> Heard:
        """The utterance as it was heard."""
        crc = b"" if self._crc is None else bytes(self._crc)
        if self.is_complete and not self._is_damaged and crc != _crc(bytes(self._words)):
            self._lose()
        text = self.text(is_whole=self.is_complete)
        return Heard(text, self.is_complete, self._is_damaged, self._start // BYTES_PER_MS, self._end // BYTES_PER_MS)

    def _lose(self) -> None:
        """Something is missing here."""
        self._is_damaged = True
        self._words.append(_LOST)


def _is_quiet(mulaw: bytes) -> bool:
    """No sound to speak of."""
    return mulaw.count(SILENCE_BYTE) == len(mulaw) or int(np.abs(g711.decode(mulaw).astype(np.int32)).max()) <= _QUIET


def _analysed(piece: bytes) -> _Frame:
    """What a frame is that is not in the table: the strongest tone of each half, if it is pure enough."""
    halves = g711.decode(piece).astype(np.float32).reshape(2, _HALF)
    parts = halves @ _SPECTRUM
    power = parts[:, : len(_TONES)] ** 2 + parts[:, len(_TONES) :] ** 2
    first, second = (int(tone) for tone in power.argmax(axis=1))
    energy = np.maximum((halves**2).sum(axis=1), 1.0)
    if (power.max(axis=1) < _PURITY * energy * _HALF / 2).any():
        return _SPOILT
    if first < 16 <= second < 32:
        return _Frame(0, first << 4 | second - 16)
    if second < 16 <= first < 32:
        return _Frame(1, second << 4 | first - 16)
    return _END if (first, second) == (32, 33) else _SPOILT
