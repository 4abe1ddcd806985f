"""What worked: shares with their count and their 95 % interval, by local hour, weekday, attempt and script version.

The interval is Wilson's (1927): honest for small counts and for shares near 0 and 1, where the usual one is not. A share of a
few is flagged all the same: an interval says how little is known, not that the few were like the rest.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from dialer.model.disposition import Disposition, Outcome
from dialer.reports.data import AttemptRow

_Z = 1.959964
"""95 % of a normal distribution lie within so many standard deviations."""
BINS_MS = (250, 500, 750, 1000, 1500, 2000, 3000, 5000)
"""Upper ends of the latency chart's columns; the last column has no end."""


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``of``, with the lower and upper end of its 95 % interval (0 to 1); all unknown when ``of`` is 0."""

    count: int
    of: int
    low: float | None = None
    high: float | None = None

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Tried:
    """Dials under one heading (attempt number, script version): reached people, and positive results of the people."""

    key: str
    talked: Share
    positive: Share


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one weekday, local to the person called: dials, and those that a human took."""

    weekday: int
    hour: int
    dials: int
    talked: int


@dataclass(frozen=True, slots=True)
class Worked:
    """All of it. ``days``: what each UTC day of dialling cost; ``bins``: measurements per column of ``BINS_MS`` and above."""

    cells: tuple[Cell, ...]
    attempts: tuple[Tried, ...]
    versions: tuple[Tried, ...]
    days: tuple[tuple[str, Decimal], ...]
    first_bins: tuple[int, ...]
    turn_bins: tuple[int, ...]


def wilson(count: int, of: int) -> Share:
    """A share with its interval."""
    if not of:
        return Share(count, of)
    share, spread = count / of, _Z * _Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / of / 4)
    return Share(count, of, max(0.0, middle - half), min(1.0, middle + half))


class WorkedTally:
    """Counts over dials. Memory does not grow with them."""

    def __init__(self, positive: Iterable[Outcome]) -> None:
        self._positive = frozenset(positive)
        self._cells: Counter[tuple[int, int, bool]] = Counter()
        self._tried: Counter[tuple[str, str, str]] = Counter()
        self._days: Counter[str] = Counter()
        self._zones: dict[str, ZoneInfo] = {}

    def add(self, row: AttemptRow) -> None:
        """Count one attempt."""
        if row.cost:
            day = row.dialed_at or row.ended_at or row.answered_at
            self._days[day.date().isoformat() if day else ""] += row.cost  # type: ignore[assignment]  # a sum, not a count
        if row.dialed_at is None:
            return
        has_talk = row.disposition is Disposition.ANSWERED_HUMAN
        is_positive = has_talk and row.outcome in self._positive
        for family, key in (("attempt", str(row.number)), ("version", row.script_hash)):
            self._tried[family, key, "dials"] += 1
            self._tried[family, key, "talked"] += has_talk
            self._tried[family, key, "positive"] += is_positive
        if row.person.zone:
            zone = self._zones.setdefault(row.person.zone, ZoneInfo(row.person.zone))
            local = row.dialed_at.astimezone(zone)
            self._cells[local.weekday(), local.hour, has_talk] += 1

    def result(self, first_ms: Mapping[int, int], turn_ms: Mapping[int, int]) -> Worked:
        """The counts as a value; with the measured latencies, each with how often it was measured."""
        places = sorted({(weekday, hour) for weekday, hour, _ in self._cells})
        cells = (Cell(*at, self._cells[*at, False] + self._cells[*at, True], self._cells[*at, True]) for at in places)
        return Worked(
            tuple(cells),
            self._of("attempt"),
            self._of("version"),
            tuple((day, Decimal(amount)) for day, amount in sorted(self._days.items())),
            bins(first_ms),
            bins(turn_ms),
        )

    def _of(self, family: str) -> tuple[Tried, ...]:
        keys = sorted({key for name, key, _ in self._tried if name == family}, key=lambda key: (len(key), key))
        return tuple(self._row(family, key) for key in keys)

    def _row(self, family: str, key: str) -> Tried:
        dials, talked, positive = (self._tried[family, key, name] for name in ("dials", "talked", "positive"))
        return Tried(key, wilson(talked, dials), wilson(positive, talked))


def bins(measured: Mapping[int, int]) -> tuple[int, ...]:
    """How many measurements are at most each end of ``BINS_MS``, and how many are above the last."""
    counts = [0] * (len(BINS_MS) + 1)
    for value, times in measured.items():
        counts[next((at for at, end in enumerate(BINS_MS) if value <= end), len(BINS_MS))] += times
    return tuple(counts)
