"""Starts never exceed the rate in any sliding second, whatever the rate, whoever asks when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.dialing.pacing import gap, next_start

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
RATES = st.floats(0.01, 100)


def started(cps: float, asked_s: list[float], late_s: list[float]) -> list[datetime]:
    """Starts as they reach the carrier: each as early as allowed, and late by its own bit."""
    last, starts = None, []
    at = NOW
    for asked, late in zip(asked_s, late_s, strict=True):
        at += timedelta(seconds=asked)
        last = at = next_start(last, cps, at)
        starts.append(at + timedelta(seconds=late))
    return sorted(starts)


@given(RATES, st.lists(st.tuples(st.sampled_from([0.0, 0.0, 0.0, 0.003, 0.4, 2.0]), st.floats(0, 0.05)), max_size=130))
def test_no_sliding_second_has_more_starts_than_the_rate(cps: float, calls: list[tuple[float, float]]) -> None:
    starts = started(cps, [asked for asked, _ in calls], [late for _, late in calls])
    most = max(int(cps), 1)
    period = timedelta(seconds=max(1.0, 1 / cps)) - timedelta(microseconds=1)
    for first, over in zip(starts, starts[most:], strict=False):
        assert over - first >= period


@pytest.mark.parametrize(("cps", "gap_s"), [(1, 1.05), (5, 0.21), (2.5, 0.525), (0.5, 2.05), (100, 0.0105), (3, 0.35)])
def test_gaps(cps: float, gap_s: float) -> None:
    assert gap(cps).total_seconds() == pytest.approx(gap_s)


def test_the_first_start_is_now_and_a_new_rate_holds_from_the_next_start_on() -> None:
    assert next_start(None, 5, NOW) == NOW
    assert next_start(NOW, 1, NOW) == NOW + gap(1)
    assert next_start(NOW, 5, NOW) == NOW + gap(5)
    assert next_start(NOW, 5, NOW + timedelta(seconds=3)) == NOW + timedelta(seconds=3)


@pytest.mark.parametrize("cps", [0, -1, float("nan")])
def test_a_rate_is_above_zero(cps: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        gap(cps)
