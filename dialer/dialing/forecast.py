"""When will a campaign be through? Places every call on the time line as the dispatcher would, without dialling any.

Each contact has an earliest instant; a call takes one of ``concurrency`` places for its expected seconds; starts keep
the pace. A start that would slip out of the contact's window is put off to the next opening, by the function that the
caller gives (the rules of calling hours live elsewhere). Only first attempts are counted: redials depend on who
answers.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Planned:
    """One contact that may be called: from when (aware), and in whose local days it is counted."""

    earliest: datetime
    zone: str
    zones: tuple[str, ...] = ()
    """All candidate zones, for the function that finds the next opening."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The plan in figures. ``starts`` has one instant per contact, in the order given; None = no opening was found."""

    starts: tuple[datetime | None, ...]
    by_day: tuple[tuple[date, int], ...]
    """Calls per local day of the contact, in order."""
    first_at: datetime | None
    finish_at: datetime | None
    """When the last call ends."""
    cost: Decimal


def forecast(
    planned: Sequence[Planned],
    *,
    concurrency: int,
    cps: float,
    expected_s: float,
    expected_cost: Decimal,
    reopen: Callable[[Planned, datetime], datetime | None] = lambda _, at: at,
) -> Forecast:
    """Place every contact. ``reopen(contact, at)``: the next instant from ``at`` on at which it may be called."""
    length, gap = timedelta(seconds=expected_s), timedelta(seconds=1 / cps)
    queue = [(item.earliest, index) for index, item in enumerate(planned)]
    heapq.heapify(queue)
    ends: list[datetime] = []
    starts: list[datetime | None] = [None] * len(planned)
    last: datetime | None = None
    while queue:
        at, index = heapq.heappop(queue)
        if last is not None:
            at = max(at, last + gap)
        if len(ends) == concurrency:
            at = max(at, ends[0])
        opening = reopen(planned[index], at)
        if opening is None:
            continue
        if opening > at:
            heapq.heappush(queue, (opening, index))
            continue
        if len(ends) == concurrency:
            heapq.heappop(ends)
        heapq.heappush(ends, at + length)
        starts[index] = last = at
    placed = [(start, item) for start, item in zip(starts, planned, strict=True) if start is not None]
    days = Counter(start.astimezone(ZoneInfo(item.zone)).date() for start, item in placed)
    times = [start for start, _ in placed]
    return Forecast(
        starts=tuple(starts),
        by_day=tuple(sorted(days.items())),
        first_at=min(times, default=None),
        finish_at=max(times) + length if times else None,
        cost=expected_cost * len(placed),
    )
