"""The rhythm of a network's tone: busy, reorder or ringback.

Time is counted in hops of 20 ms. Busy is what comes on three times at equal distances, on and off for about the same time;
the distance tells busy (0.7-1.2 s) from reorder (0.36-0.6 s). Ringback is one burst of 0.8-2.6 s (or two of 0.4 s, as in
Britain) and then one second of quiet.
"""

from enum import Enum

_HOP_MS = 20


class Rhythm(Enum):
    """What a rhythm means."""

    BUSY = "busy"
    REORDER = "reorder"
    RINGBACK = "ringback"


_REORDER_HOPS = range(360 // _HOP_MS, 600 // _HOP_MS)
_PERIOD_HOPS = range(360 // _HOP_MS, 1200 // _HOP_MS)
_RING_HOPS = range(780 // _HOP_MS, 2600 // _HOP_MS)
_SHORT_RING_HOPS = range(340 // _HOP_MS, 480 // _HOP_MS)
_DOUBLE_RING_HOPS = range(540 // _HOP_MS, 680 // _HOP_MS)
_QUIET_HOPS = 1000 // _HOP_MS
_SLACK_HOPS = 3
_EVENNESS = (0.36, 0.66)
"""On for this share of the period."""
_SPOILT_HOPS = 2
"""So many hops in a row may be neither tone nor quiet: the edge of a burst, a crackle."""
_QUIET_SHARE = 0.35


class Cadence:
    """Follows one tone that goes on and off."""

    def __init__(self) -> None:
        self._hop = 0
        self._onsets: list[int] = []  # hop of each burst's beginning, the last three
        self._on = 0  # hops of the last burst
        self._lengths: list[int] = []  # hops of each burst that is over, beside _onsets
        self._level = 0.0
        self._quiet = 0
        self._spoilt = 0
        self._is_told = False

    @property
    def is_idle(self) -> bool:
        """Silence changes nothing."""
        return not self._onsets

    def hear(self, level: float, *, is_tone: bool) -> Rhythm | None:
        """Hear 20 ms; tell what has become certain."""
        self._hop += 1
        if is_tone:
            return self._sound(level)
        if not self._onsets:
            return None
        if level >= _QUIET_SHARE * self._level:
            self._spoilt += 1
            if self._spoilt > _SPOILT_HOPS:
                self._forget()
            return None
        return self._hush()

    def _sound(self, level: float) -> Rhythm | None:
        """The tone is on."""
        self._spoilt = 0
        if self._on and self._quiet < _SLACK_HOPS:
            self._on = self._hop - self._onsets[-1] + 1
            self._quiet = 0
            self._level = max(self._level, level)
            return None
        if self._on:
            self._lengths.append(self._on)
        self._onsets = [*self._onsets[-2:], self._hop]
        self._lengths = self._lengths[-2:]
        self._on, self._quiet, self._level = 1, 0, level
        return self._even()

    def _hush(self) -> Rhythm | None:
        """The tone is off."""
        self._spoilt = 0
        self._quiet += 1
        if self._quiet < _QUIET_HOPS:
            return None
        is_ring = self._on in _RING_HOPS or self._is_double()
        is_new = is_ring and not self._is_told
        self._forget()
        return Rhythm.RINGBACK if is_new else None

    def _is_double(self) -> bool:
        """Two short bursts, close together."""
        if len(self._onsets) != 2 or self._onsets[1] - self._onsets[0] not in _DOUBLE_RING_HOPS:
            return False
        return self._on in _SHORT_RING_HOPS and self._lengths[-1] in _SHORT_RING_HOPS

    def _even(self) -> Rhythm | None:
        """A burst begins: does it keep the time of the two before?"""
        if len(self._onsets) < 3 or self._is_told:
            return None
        first, second = (after - before for before, after in zip(self._onsets, self._onsets[1:], strict=False))
        low, high = _EVENNESS
        is_even = all(low <= length / period <= high for length, period in zip(self._lengths, (first, second), strict=True))
        if second not in _PERIOD_HOPS or abs(first - second) > _SLACK_HOPS or not is_even:
            return None
        self._is_told = True
        return Rhythm.REORDER if second in _REORDER_HOPS else Rhythm.BUSY

    def _forget(self) -> None:
        """The rhythm is broken."""
        self._onsets, self._lengths = [], []
        self._on = self._quiet = self._spoilt = 0
        self._level = 0.0
        self._is_told = False
