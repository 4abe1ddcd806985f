from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.dialing.daytime import Part, part_of, proposals

NEW_YORK = "America/New_York"
MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # ten o'clock there
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
zones = st.sampled_from([NEW_YORK, "Asia/Kolkata", "Europe/London", "Australia/Lord_Howe"])
instants = st.integers(0, 400 * 24 * 60).map(lambda minutes: MORNING + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("hour", "part"),
    [(0, Part.MORNING), (11, Part.MORNING), (12, Part.AFTERNOON), (16, Part.AFTERNOON), (17, Part.EVENING), (23, Part.EVENING)],
)
def test_the_parts_are_those_of_the_zone(hour: int, part: Part) -> None:
    assert part_of(datetime(2026, 11, 23, hour, 30, tzinfo=ZoneInfo(NEW_YORK)), NEW_YORK) is part


def test_morning_then_afternoon_then_evening_then_morning() -> None:
    found = [proposals(MORNING + HOUR, [MORNING], NEW_YORK)[0]]
    assert found[0] == MORNING + 2 * HOUR, "noon"
    found.append(proposals(found[0] + HOUR, [MORNING, found[0]], NEW_YORK)[0])
    assert found[1] == MORNING + 7 * HOUR, "five in the evening"
    third = proposals(found[1] + HOUR, [MORNING, *found], NEW_YORK)[0]
    assert part_of(third, NEW_YORK) is Part.EVENING, "each was tried once: the soonest"
    assert proposals(found[1] + 8 * HOUR, [MORNING, *found], NEW_YORK)[0] == found[1] + 8 * HOUR, "the next morning"


@given(instants, st.lists(instants, max_size=6), zones)
def test_each_part_is_proposed_once_and_never_before_its_time(at: datetime, tried: list[datetime], zone: str) -> None:
    found = proposals(at, tried, zone)
    assert {part_of(one, zone) for one in found} == set(Part)
    assert all(at <= one <= at + DAY + HOUR for one in found)
    counts = [sum(part_of(past, zone) is part_of(one, zone) for past in tried) for one in found]
    assert counts == sorted(counts)
