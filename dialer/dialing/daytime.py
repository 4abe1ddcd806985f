"""Another time of day: who did not answer in the morning is tried in the afternoon, then in the evening, then in the morning.

Parts of the day are those of the contact's own zone. Nothing here knows of calling hours: whoever asks moves each proposal into
the contact's window and takes the first that stays in its part of the day.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Part(StrEnum):
    """A part of the day, from its first hour to the next one's."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


_BEGINS = {Part.MORNING: time(0), Part.AFTERNOON: time(12), Part.EVENING: time(17)}


def part_of(at: datetime, zone: str) -> Part:
    """The part of the day in which ``at`` lies in ``zone``. Raises ``KeyError`` (``ZoneInfoNotFoundError``) for none."""
    local = at.astimezone(ZoneInfo(zone)).time()
    return max((part for part in Part if _BEGINS[part] <= local), key=lambda part: _BEGINS[part])


def proposals(not_before: datetime, tried: Sequence[datetime], zone: str) -> tuple[datetime, ...]:
    """The first instant from ``not_before`` on of each part of the day: those tried least first, then the soonest."""
    counts = dict.fromkeys(Part, 0)
    for at in tried:
        counts[part_of(at, zone)] += 1
    first = {part: _first(not_before, part, zone) for part in Part}
    return tuple(first[part] for part in sorted(Part, key=lambda part: (counts[part], first[part])))


def _first(not_before: datetime, part: Part, zone: str) -> datetime:
    if part_of(not_before, zone) is part:
        return not_before
    local = not_before.astimezone(ZoneInfo(zone))
    begin = datetime.combine(local.date(), _BEGINS[part], ZoneInfo(zone))
    if begin < local:
        begin = datetime.combine(local.date() + timedelta(days=1), _BEGINS[part], ZoneInfo(zone))
    return begin.astimezone(not_before.tzinfo)
