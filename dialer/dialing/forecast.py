"""When will a campaign be through? Places every call on the time line as the dispatcher would, without dialling any.

Each contact has an earliest instant; a call takes one of ``concurrency`` places for its expected seconds; starts keep
the pace. A start that would slip out of the contact's window is put off to the next opening, by the function that the
caller gives (the rules of calling hours live elsewhere). Redials depend on who answers: they are counted only where the caller
says when each of them falls due, which gives the longest that a campaign can take.
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
    """The plan in figures. ``starts`` has the first dial of each contact, in the order given; None = no opening was found.
    ``dials`` counts redials too.
    """

    starts: tuple[datetime | None, ...]
    dials: int
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
    again: Callable[[Planned, Sequence[datetime]], datetime | None] = lambda _, starts: None,
) -> Forecast:
    """Place every contact. ``reopen(contact, at)``: the next instant from ``at`` on at which it may be called.

    ``again(contact, starts)``: when it is dialled once more after these dials; None: no more.
    """
    length, gap = timedelta(seconds=expected_s), timedelta(seconds=1 / cps)
    queue = [(item.earliest, index) for index, item in enumerate(planned)]
    heapq.heapify(queue)
    ends: list[datetime] = []
    starts: list[list[datetime]] = [[] for _ in planned]
    last: datetime | None = None
    while queue:
        at, index = heapq.heappop(queue)
        if last is not None:
            at = max(at, last + gap)
        if len(ends) == concurrency:
            at = max(at, ends[0])
        opening = reopen(planned[index], at)
        if opening != at:
            if opening is not None:
                heapq.heappush(queue, (opening, index))
            continue
        if len(ends) == concurrency:
            heapq.heappop(ends)
        heapq.heappush(ends, at + length)
        last = at
        starts[index].append(at)
        if (more := again(planned[index], starts[index])) is not None:
            heapq.heappush(queue, (max(more, at + length), index))
    firsts = [dials[0] if dials else None for dials in starts]
    placed = [(start, item) for start, item in zip(firsts, planned, strict=True) if start is not None]
    days = Counter(start.astimezone(ZoneInfo(item.zone)).date() for start, item in placed)
    return Forecast(
        starts=tuple(firsts),
        dials=sum(map(len, starts)),
        by_day=tuple(sorted(days.items())),
        first_at=min((start for start, _ in placed), default=None),
        finish_at=None if last is None else last + length,
        cost=expected_cost * len(placed),
    )
