"""Steady single tones and what they are: beeps, special information tones, fax.

A tone is followed while its frequency stands still; a short disturbance (crackle, the turned phase in a fax's answer) does
not end it. Time is counted in hops of 20 ms.

- Special information tones: three tones of the right frequencies, one after the other. The code is in the lengths of the
  first two, confirmed by their frequencies (exact to 1.7 %); what fits no code is ``UNKNOWN``, because a wrong code would
  declare a good number invalid.
- One burst of 1100 Hz cannot be told from a beep and is one; the second, three quiet seconds later, is a fax that calls.
- Below 480 Hz live the tones of networks: there a beep is 250-800 ms long, alone, and told only after 0.6 s without another.
"""

from dataclasses import dataclass

from dialer.audio.network_tones import (
    CED_HZ,
    CNG_HZ,
    CNG_OFF_MS,
    CNG_ON_MS,
    SIT_FIRST_HZ,
    SIT_LONG_MS,
    SIT_SECOND_HZ,
    SIT_SHORT_MS,
    SitKind,
)
from dialer.audio.spectrum import Sound
from dialer.audio.tone_events import BeepEnded, FaxHeard, SitHeard, ToneEvent

_HOP_MS = 20
_DRIFT_HZ = 20.0
_QUIET_SHARE = 0.35
_QUIET_HOPS = 3
_LOST_HOPS = 2
_WHOLE = 0.75

_BEEP_HZ = (392.0, 2210.0)
_LOW_HZ = 480.0
_SHORTEST_MS, _LONGEST_MS = 80, 2000
_LOW_SHORTEST_MS, _LOW_LONGEST_MS = 240, 800
_LOW_WAIT_HOPS = 600 // _HOP_MS
_LOW_ALONE_HOPS = 1000 // _HOP_MS

_SIT_FIRST = (885.0, 1012.0)
_SIT_SECOND = (1330.0, 1465.0)
_SIT_THIRD = (1735.0, 1865.0)
_SIT_MS = (160, 480)
_SIT_GAP_HOPS = 4
_SIT_SURE_HOPS = 8
_SIT_EXACT = 0.017
_SIT_BORDER_MS = (SIT_SHORT_MS + SIT_LONG_MS) / 2
_SIT_MEANING = {"ss": SitKind.INTERCEPT, "ls": SitKind.VACANT, "sl": SitKind.REORDER, "ll": SitKind.NO_CIRCUIT}
_SIT_FREQUENCIES = {
    SitKind.INTERCEPT: {(0, 0)},
    SitKind.VACANT: {(1, 0)},
    SitKind.REORDER: {(0, 1), (1, 0)},
    SitKind.NO_CIRCUIT: {(1, 1), (0, 0)},
}
"""Low (0) or high (1) first and second tone; reorder and no circuit have one code inside an exchange area and one between."""

_CED = (CED_HZ * 0.983, CED_HZ * 1.017)
_CED_SURE_HOPS = 1000 // _HOP_MS
_CNG = (CNG_HZ - 38, CNG_HZ + 38)
_CNG_ON_MS = (CNG_ON_MS * 0.85 - _HOP_MS, CNG_ON_MS * 1.15 + _HOP_MS)
_CNG_OFF_HOPS = range(int(CNG_OFF_MS * 0.85) // _HOP_MS - 4, int(CNG_OFF_MS * 1.15) // _HOP_MS + 4)
_CNG_SURE_HOPS = 200 // _HOP_MS
_CNG_SPOILT_HOPS = 10


@dataclass(slots=True)
class Tone:
    """A steady tone: its mean frequency, loudest level, first and last hop, and whether it has been told of already."""

    hz: float
    level: float
    begin: int
    end: int
    hops: int = 1
    is_told: bool = False

    @property
    def ms(self) -> int:
        """How long it has lasted."""
        return (self.end - self.begin + 1) * _HOP_MS

    @property
    def is_whole(self) -> bool:
        """It was there nearly all the time: tones that alternate are not steady."""
        return self.hops >= _WHOLE * (self.end - self.begin + 1)


class SteadyTones:
    """Follows steady tones and tells what they are."""

    def __init__(self) -> None:
        self._now: Tone | None = None
        self._quiet = 0
        self._before: list[Tone] = []  # the last two that have ended
        self._waiting: Tone | None = None  # a low beep, until it proves to be alone
        self._calling: Tone | None = None  # the first burst of a fax that calls, perhaps
        self._spoilt = 0  # hops of other sound since then

    @property
    def is_idle(self) -> bool:
        """Silence changes nothing."""
        return self._now is None and self._waiting is None

    def hear(self, sound: Sound, hop: int) -> list[ToneEvent]:
        """Hear the window that ends with hop number ``hop``."""
        found: list[ToneEvent] = []
        if self._waiting is not None and hop - self._waiting.end > _LOW_WAIT_HOPS:
            found.append(_beep(self._waiting))
            self._waiting = None
        self._follow(sound, hop, found)
        if self._now is None:
            self._listen_between(sound)
        elif self._now.end == hop and self._now.is_whole and not self._now.is_told:
            event = self._early(self._now)
            if event is not None:
                self._now.is_told = True
                found.append(event)
        return found

    def _follow(self, sound: Sound, hop: int, found: list[ToneEvent]) -> None:
        """Go on with the tone, end it, or begin another."""
        now = self._now
        if now is not None:
            if sound.level < _QUIET_SHARE * now.level:
                self._quiet += 1
                if self._quiet >= _QUIET_HOPS:
                    self._ended(now, found)
                return
            if not self._quiet and sound.hz and abs(sound.hz - now.hz) <= _DRIFT_HZ:
                now.hz += (sound.hz - now.hz) / (now.hops + 1)
                now.hops, now.end, now.level = now.hops + 1, hop, max(now.level, sound.level)
                return
            if not self._quiet and not sound.hz and hop - now.end <= _LOST_HOPS:
                return
            self._keep(now)
        if sound.hz:
            self._now = Tone(sound.hz, sound.level, hop, hop)
            if sound.hz < _LOW_HZ:
                self._waiting = None

    def _keep(self, tone: Tone) -> None:
        """A tone is over."""
        self._now, self._quiet = None, 0
        if tone.ms >= _SHORTEST_MS and tone.is_whole:
            self._before = [*self._before[-1:], tone]

    def _ended(self, tone: Tone, found: list[ToneEvent]) -> None:
        """A tone has ended in quiet: was it a beep?"""
        is_first = all(tone.hz >= _LOW_HZ or tone.begin - other.end > _LOW_ALONE_HOPS for other in self._before)
        self._keep(tone)
        if _CNG_ON_MS[0] <= tone.ms <= _CNG_ON_MS[1] and _in(tone.hz, _CNG):
            self._calling, self._spoilt = tone, 0
        if tone.is_told or not tone.is_whole or not _in(tone.hz, _BEEP_HZ):
            return
        if tone.hz < _LOW_HZ:
            if is_first and _LOW_SHORTEST_MS <= tone.ms <= _LOW_LONGEST_MS:
                self._waiting = tone
        elif _SHORTEST_MS <= tone.ms <= _LONGEST_MS:
            found.append(_beep(tone))

    def _listen_between(self, sound: Sound) -> None:
        """A fax that calls is quiet between its bursts."""
        if self._calling is not None and sound.level >= _QUIET_SHARE * self._calling.level:
            self._spoilt += 1
            if self._spoilt > _CNG_SPOILT_HOPS:
                self._calling = None

    def _early(self, tone: Tone) -> ToneEvent | None:
        """What a tone that goes on is, if that is certain before its end."""
        if tone.hops >= _CED_SURE_HOPS and _in(tone.hz, _CED):
            return FaxHeard()
        if tone.hops >= _CNG_SURE_HOPS and self._calling is not None and _in(tone.hz, _CNG):
            return FaxHeard() if tone.begin - self._calling.end in _CNG_OFF_HOPS else None
        if tone.hops >= _SIT_SURE_HOPS and len(self._before) == 2 and _in(tone.hz, _SIT_THIRD):
            return _sit(self._before[0], self._before[1], tone)
        return None


def _in(value: float, border: tuple[float, float]) -> bool:
    """Between both, inclusive."""
    return border[0] <= value <= border[1]


def _beep(tone: Tone) -> BeepEnded:
    """The beep that a tone was."""
    return BeepEnded(round(tone.hz), tone.ms)


def _sit(first: Tone, second: Tone, third: Tone) -> SitHeard | None:
    """The code of three tones; None when they do not belong together."""
    if not (_in(first.hz, _SIT_FIRST) and _in(second.hz, _SIT_SECOND)):
        return None
    if not (_in(first.ms, _SIT_MS) and _in(second.ms, _SIT_MS)):
        return None
    if second.begin - first.end > _SIT_GAP_HOPS or third.begin - second.end > _SIT_GAP_HOPS:
        return None
    lengths = (second.begin - first.begin, third.begin - second.begin)
    kind = _SIT_MEANING["".join("s" if hops * _HOP_MS < _SIT_BORDER_MS else "l" for hops in lengths)]
    heard = (_nearest(first.hz, SIT_FIRST_HZ), _nearest(second.hz, SIT_SECOND_HZ))
    return SitHeard(kind if heard in _SIT_FREQUENCIES[kind] else SitKind.UNKNOWN)


def _nearest(hz: float, low_and_high: tuple[float, float]) -> int | None:
    """Which of two frequencies this is, if it is one of them."""
    place = min((0, 1), key=lambda index: abs(hz - low_and_high[index]))
    return place if abs(hz - low_and_high[place]) <= _SIT_EXACT * low_and_high[place] else None
