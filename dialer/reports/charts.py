"""Where things stand in a drawing: plain numbers for hand-made SVG. Every chart has the same figures in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dialer.reports.aggregate import SMALL
from dialer.reports.worked import BINS_MS, Cell, Share, Tried

HEIGHT = 100
"""Height of a column that is as high as the highest."""
WIDTH = 260
"""Where a share of one ends."""
LEVELS = 4
"""Shades of the hour and weekday map beside "none"."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``y`` and ``height`` from the top of the drawing, ``part`` of it filled with the main colour."""

    x: int
    label: str
    count: str
    y: float
    height: float
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class Square:
    """One hour of one weekday. ``level``: 0 (nobody answered) to ``LEVELS``; ``is_small``: too few dials to say much."""

    x: int
    y: int
    level: int
    dials: int
    talked: int
    weekday: int
    hour: int
    is_small: bool


@dataclass(frozen=True, slots=True)
class Whisker:
    """A share with its interval, in units of the drawing from the left (0 to ``WIDTH``)."""

    key: str
    y: int
    at: float
    low: float
    high: float


def columns(bars: Sequence[tuple[str, int | Decimal, str]], step: int = 24, parts: Sequence[int] = ()) -> list[Column]:
    """Columns from label, height and what is written; ``parts`` are the filled heights."""
    largest = max([float(value) for _, value, _ in bars] + [0.0]) or 1.0
    found = []
    for index, (label, value, text) in enumerate(bars):
        height = round(HEIGHT * float(value) / largest, 1)
        part = round(HEIGHT * parts[index] / largest, 1) if parts else height
        found.append(Column(step * index, label, text, round(HEIGHT - height, 1), height, part))
    return found


def latency_columns(counts: Sequence[int]) -> list[Column]:
    """The measurements of one latency, up to the last column that has one."""
    if not any(counts):
        return []
    last = max(at for at, count in enumerate(counts) if count)
    labels = [f"≤{_seconds(end)}" for end in BINS_MS] + [f">{_seconds(BINS_MS[-1])}"]
    return columns([(labels[at], counts[at], str(counts[at])) for at in range(last + 1)], step=44)


def squares(cells: Sequence[Cell], size: int = 22) -> list[Square]:
    """The map of hours and weekdays: a shade for the share that a human took."""
    return [
        Square(
            x=size * cell.hour,
            y=size * cell.weekday,
            level=-(-LEVELS * cell.talked // cell.dials),
            dials=cell.dials,
            talked=cell.talked,
            weekday=cell.weekday,
            hour=cell.hour,
            is_small=cell.dials < SMALL,
        )
        for cell in cells
    ]


def whiskers(rows: Sequence[Tried], step: int = 26) -> list[Whisker]:
    """The answer rates of some headings with their intervals."""
    return [Whisker(row.key, step * index, *_ends(row.talked)) for index, row in enumerate(rows) if row.talked.value is not None]


def _ends(share: Share) -> tuple[float, float, float]:
    return tuple(round(WIDTH * (part or 0.0), 1) for part in (share.value, share.low, share.high))  # type: ignore[return-value]  # three


def _seconds(ms: int) -> str:
    return f"{ms / 1000:g}"
