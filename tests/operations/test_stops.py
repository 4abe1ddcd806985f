"""Who stopped a campaign, and how a run ends by it."""

from __future__ import annotations

import pytest

from dialer.operations import brakes, folders, scheduling, stops
from dialer.operations.parts import Parts
from tests.operations.stage import armed

SALES = "solar-sales"


@pytest.mark.parametrize(
    ("reason", "code", "mend"),
    [
        ("voice: invalid_api_key", 4, "dialer doctor"),
        ("carrier: 10 of the last 10 attempts failed", 4, "dialer doctor"),
        ("budget: the campaign's total is used up", 3, "dialer schedule"),
        ("ABAND-1: 2 of 50 live answers were abandoned", 3, "dialer schedule"),
        ("facts: 5 calls could not be judged (KeyError in gates.py:1)", 1, "dialer why"),
    ],
)
def test_a_campaign_that_stopped_by_itself_ends_the_run_with_its_reason(parts: Parts, reason: str, code: int, mend: str) -> None:
    armed(parts)
    with parts.store.write() as tx:
        brakes.pause(tx, parts, folders.stored(parts, SALES).id, reason, parts.clock.now())
    found = stops.stopped(parts, {SALES})
    error = stops.error_of(found)
    assert error is not None
    assert error.exit_code == code
    assert f"{SALES} has stopped by itself: {reason}" in str(error)
    assert mend in str(error)
    assert f"dialer resume {SALES}" in str(error)
    assert stops.stopped(parts, {"another"}) == []


def test_what_a_person_paused_is_no_error(parts: Parts) -> None:
    armed(parts)
    assert stops.stopped(parts, {SALES}) == []
    scheduling.pause(parts, SALES)
    assert stops.stopped(parts, {SALES}) == []
    assert stops.error_of([]) is None


def test_what_is_outside_goes_before_our_own_limits() -> None:
    error = stops.error_of([stops.Stopped("one", "budget: used up"), stops.Stopped("two", "voice: insufficient_quota")])
    assert error is not None
    assert error.exit_code == 4
