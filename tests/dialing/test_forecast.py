from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.dialing.forecast import Forecast, Planned, forecast

NINE = datetime(2026, 11, 23, 14, tzinfo=UTC)
NY, LA = "America/New_York", "America/Los_Angeles"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def plan(planned: list[Planned], **changes: Any) -> Forecast:
    settings_: dict[str, Any] = {"concurrency": 2, "cps": 1.0, "expected_s": 60.0, "expected_cost": Decimal("0.05")}
    return forecast(planned, **(settings_ | changes))


def test_nobody() -> None:
    assert plan([]) == Forecast((), 0, (), None, None, Decimal(0))


def test_places_and_pace_set_the_finish() -> None:
    found = plan([Planned(NINE, NY)] * 5)
    assert found.starts == (NINE, NINE + SECOND, NINE + MINUTE, NINE + MINUTE + SECOND, NINE + 2 * MINUTE)
    assert (found.first_at, found.finish_at) == (NINE, NINE + 3 * MINUTE)
    assert found.cost == Decimal("0.25")


def test_days_are_the_contacts_own() -> None:
    late = datetime(2026, 11, 24, 5, tzinfo=UTC)
    found = plan([Planned(late, NY), Planned(late, LA), Planned(NINE, NY)])
    assert found.by_day == ((date(2026, 11, 23), 2), (date(2026, 11, 24), 1))


def test_a_start_that_slips_out_of_the_window_is_put_off() -> None:
    def reopen(_: Planned, at: datetime) -> datetime | None:
        return at if at < NINE + MINUTE else max(at, NINE + 24 * HOUR)

    found = plan([Planned(NINE, NY)] * 3, reopen=reopen)
    assert found.starts == (NINE, NINE + SECOND, NINE + 24 * HOUR)
    assert found.by_day == ((date(2026, 11, 23), 2), (date(2026, 11, 24), 1))


def test_redials_are_dials_that_take_their_turn() -> None:
    def again(item: Planned, starts: Sequence[datetime]) -> datetime | None:
        return starts[-1] + HOUR if item.zone == NY and len(starts) < 3 else None

    found = plan([Planned(NINE, NY), Planned(NINE, LA)], again=again)
    assert (found.starts, found.dials) == ((NINE, NINE + SECOND), 4)
    assert found.finish_at == NINE + 2 * HOUR + MINUTE
    assert found.by_day == ((date(2026, 11, 23), 2),), "first dials only"
    assert plan([Planned(NINE, NY)], again=lambda _, starts: NINE if len(starts) == 1 else None).finish_at == NINE + 2 * MINUTE


def test_without_an_opening_there_is_no_start_and_no_cost() -> None:
    found = plan([Planned(NINE, NY), Planned(NINE, LA)], reopen=lambda item, at: at if item.zone == NY else None)
    assert found.starts == (NINE, None)
    assert found.cost == Decimal("0.05")


@given(
    st.lists(st.integers(0, 3000).map(lambda seconds: Planned(NINE + seconds * SECOND, NY)), max_size=60),
    st.integers(1, 5),
    st.sampled_from([0.5, 1.0, 4.0]),
)
@settings(max_examples=60)
def test_neither_places_nor_pace_nor_due_times_are_overrun(planned: list[Planned], concurrency: int, cps: float) -> None:
    found = plan(planned, concurrency=concurrency, cps=cps)
    starts = sorted(start for start in found.starts if start is not None)
    assert len(starts) == len(planned) == sum(count for _, count in found.by_day)
    assert all(start is not None and start >= item.earliest for start, item in zip(found.starts, planned, strict=True))
    assert all(later - earlier >= SECOND / cps for earlier, later in pairwise(starts))
    for start in starts:
        assert sum(start <= other < start + MINUTE for other in starts) <= concurrency
