"""When may a phone ring? Windows in the callee's own local time that must hold in every candidate zone.

A window is a set of spans of the local wall clock per weekday. It is open at an instant when, in **every** zone, the
wall clock of that instant lies in a span, and not in the last ``guard_s`` seconds of it: a call started then would
outlast the window. Only instants are compared and stored. A local time is always derived from an instant, never the
reverse by guess, and every step of the search is made in UTC with the offset that holds there, so that the two 01:30
of an autumn night differ and the 02:30 that spring leaves out is never met.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dialer.compliance.zones import load_zone
from dialer.errors import UserError
from dialer.model.campaign import Hours

DAY_S = 86_400
HORIZON = timedelta(days=14)
"""How far ahead an opening is looked for."""
MAX_GUARD_S = 300
"""Longest guard before closing, in seconds, however long a call may last."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Span = tuple[int, int]
"""From and until in seconds of the local day, until excluded."""


@dataclass(frozen=True, slots=True)
class Window:
    """The spans of each weekday (Monday first): sorted, disjoint, not touching. ``guard_s``: no start so long before
    an end. ``closed``: local dates on which it does not open at all.
    """

    days: tuple[tuple[Span, ...], ...]
    guard_s: int = 0
    closed: frozenset[date] = frozenset()

    def starts(self, weekday: int) -> tuple[Span, ...]:
        """Return the spans in which a call may start on that weekday: each shortened by the guard."""
        return tuple((begin, end - self.guard_s) for begin, end in self.days[weekday] if end - self.guard_s > begin)


def parse_window(hours: Hours) -> Window:
    """Read ``mon = ["09:00-12:00", ...]``; raise ``UserError`` for what is not ``HH:MM-HH:MM`` with an end after its
    begin.
    """
    return Window(tuple(_merged([_span(day, text) for text in getattr(hours, day)]) for day in DAYS))


def campaign_window(hours: Hours, base: Window, call_s: int) -> Window:
    """Narrow the ``base`` window by the campaign's own hours and set the guard from its call limit in seconds.

    Without any day in the campaign's hours (no ``[hours]`` section) the base alone holds. Hours outside the base are
    cut off: a campaign can only narrow.
    """
    guard_s = min(call_s, MAX_GUARD_S)
    if hours == Hours():
        return Window(base.days, guard_s, base.closed)
    return Window(intersect(parse_window(hours), base).days, guard_s, base.closed)


def intersect(one: Window, other: Window) -> Window:
    """Return the window in which both are open, with the longer guard and the closed dates of both."""
    days = tuple(
        _merged([(max(a, c), min(b, d)) for a, b in mine for c, d in theirs if max(a, c) < min(b, d)])
        for mine, theirs in zip(one.days, other.days, strict=True)
    )
    return Window(days, max(one.guard_s, other.guard_s), one.closed | other.closed)


def is_open(window: Window, zones: tuple[str, ...], instant: datetime) -> bool:
    """Whether a call may start at ``instant`` (aware) in every zone. No zone: never."""
    return bool(zones) and all(_opens_in(window, name, instant) == instant for name in zones)


def next_open(window: Window, zones: tuple[str, ...], instant: datetime) -> datetime | None:
    """Return the earliest instant from ``instant`` on (UTC) at which ``is_open`` holds; None if there is none in 14
    days.

    It leaps: each zone names its next opening, the latest of them is the next candidate, until all agree.
    """
    at = instant.astimezone(UTC)
    last = at + HORIZON
    while zones:
        latest = at
        for name in zones:
            opening = _opens_in(window, name, latest)
            if opening is None or opening > last:
                return None
            latest = opening
        if latest == at:
            return at
        at = latest
    return None


def closes_at(window: Window, zones: tuple[str, ...], instant: datetime) -> datetime:
    """Return the first instant (UTC) after ``instant``, at which ``is_open`` must hold, at which it no longer does."""
    return min(_closes_in(window, name, instant.astimezone(UTC)) for name in zones)


def best_day_minutes(window: Window, zones: tuple[str, ...], instant: datetime) -> int:
    """Return the minutes that all zones have in common on the best of the seven days from ``instant``, the guard and the
    closed dates left aside.
    """
    return _best_day_minutes(Window(window.days), zones, instant.astimezone(UTC).date())


def longest_day_minutes(window: Window) -> int:
    """Return the open minutes of the window's longest weekday, the guard left aside."""
    return max(sum(end - begin for begin, end in spans) for spans in window.days) // 60


@lru_cache(maxsize=4096)
def _best_day_minutes(window: Window, zones: tuple[str, ...], day: date) -> int:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return max(_common_minutes(window, zones, start + timedelta(days=ahead)) for ahead in range(7))


def _common_minutes(window: Window, zones: tuple[str, ...], at: datetime) -> int:
    end = at + timedelta(days=1)
    minutes = 0.0
    while (opening := next_open(window, zones, at)) is not None and opening < end:
        at = min([end, *(_closes_in(window, name, opening) for name in zones)])
        minutes += (at - opening).total_seconds() / 60
    return int(minutes)


def _opens_in(window: Window, name: str, instant: datetime) -> datetime | None:
    """Return the first instant from ``instant`` on at which the window is open in one zone; None if it never is.

    A step ends at the first change of the offset, of which there are at most two a year, so the loop ends.
    """
    zone = load_zone(name)
    at = instant.astimezone(UTC)
    while True:
        offset = _offset(zone, at)
        opening = _next_start(window, at + offset)
        if opening is None:
            return None
        found = opening - offset
        if _offset(zone, found) == offset:
            return found
        at = _transition(zone, at, found)


def _closes_in(window: Window, name: str, instant: datetime) -> datetime:
    """Return the first instant after an open ``instant`` at which the window is shut in one zone."""
    zone = load_zone(name)
    offset = _offset(zone, instant)
    wall = instant + offset
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    second = (wall - midnight).total_seconds()
    end = next(end for begin, end in window.starts(wall.weekday()) if begin <= second < end)
    found = midnight + timedelta(seconds=end) - offset
    return found if _offset(zone, found) == offset else _transition(zone, instant, found)


def _next_start(window: Window, wall: datetime) -> datetime | None:
    """Return the first wall-clock time from ``wall`` on that lies in a span, at one constant offset; None if no
    weekday has one, or none that is not closed comes within the horizon.
    """
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    second = (wall - midnight).total_seconds()
    for ahead in range(HORIZON.days + 2 if window.closed else 8):
        is_closed = bool(window.closed) and (midnight + timedelta(days=ahead)).date() in window.closed
        for begin, end in () if is_closed else window.starts((midnight.weekday() + ahead) % 7):
            if begin <= second < end:
                return wall
            if second < begin:
                return midnight + timedelta(days=ahead, seconds=begin)
        second = -1.0
    return None


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None  # a ZoneInfo always knows
    return offset


def _transition(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the instant in ``(before, after]`` at which the offset of ``before`` ends, exact to the second.

    Two changes that undo each other within a fortnight would go unseen; the zone data has none.
    """
    offset = _offset(zone, before)
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, datetime.fromtimestamp(middle, UTC)) == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def _span(day: str, text: str) -> Span:
    left, _, right = text.partition("-")
    begin, end = _second(left.strip()), _second(right.strip())
    if begin is None or end is None or begin >= end:
        raise UserError(
            f"[hours] {day}: {text!r} is not a span of one day",
            code="invalid_value",
            hint='write "09:00-17:30"; the end comes after the begin, 24:00 is the end of the day',
        )
    return begin, end


def _second(text: str) -> int | None:
    """Read ``HH:MM`` as seconds of the day; None when it is no time."""
    hour, colon, minute = text.partition(":")
    if not (colon and len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit()):
        return None
    second = int(hour) * 3600 + int(minute) * 60
    return second if int(minute) < 60 and second <= DAY_S else None


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)
