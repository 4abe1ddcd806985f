from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.compliance.caps import free_at

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_few_attempts_leave_room() -> None:
    assert free_at([], 1, DAY) is None
    assert free_at([START], 2, DAY) is None


def test_the_oldest_of_those_that_fill_the_period_frees_it() -> None:
    attempts = [START + 2 * DAY, START, START + DAY]
    assert free_at(attempts, 1, DAY) == START + 3 * DAY
    assert free_at(attempts, 3, 7 * DAY) == START + 7 * DAY


@given(
    st.lists(st.integers(0, 500), max_size=8).map(lambda hours: [START + timedelta(hours=hour) for hour in hours]),
    st.integers(1, 4),
    st.integers(1, 200),
)
@settings(max_examples=100)
def test_free_is_the_first_moment_at_which_one_more_keeps_the_cap(attempts: list[datetime], allowed: int, hours: int) -> None:
    period = timedelta(hours=hours)
    free = free_at(attempts, allowed, period)
    hour = START
    while hour < START + timedelta(hours=800):
        # Periods slide: one more attempt at ``hour`` and those less than a period before or after it.
        younger = sum(attempt > hour - period for attempt in attempts)
        assert (younger < allowed) == (free is None or hour >= free)
        hour += timedelta(hours=1)
