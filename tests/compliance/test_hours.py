from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialer.compliance.hours import (
    HORIZON,
    Window,
    best_day_minutes,
    campaign_window,
    closes_at,
    intersect,
    is_open,
    longest_day_minutes,
    next_open,
    parse_window,
)
from dialer.compliance.zones import load_zone
from dialer.errors import UserError
from dialer.model.campaign import Hours

NY, LA, SYDNEY, LORD_HOWE = "America/New_York", "America/Los_Angeles", "Australia/Sydney", "Australia/Lord_Howe"
MINUTE = timedelta(minutes=1)
WEEKDAYS = parse_window(Hours(mon=("09:00-20:00",), tue=("09:00-20:00",), sat=("10:00-17:00",)))
NEVER = parse_window(Hours())
DST_WEEKS = [
    datetime(2026, 3, 7, tzinfo=UTC),
    datetime(2026, 10, 31, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
    datetime(2026, 10, 3, tzinfo=UTC),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_open_by_the_wall_clock(window: Window, zones: tuple[str, ...], instant: datetime) -> bool:
    """The definition, written without any of the search's arithmetic."""
    for name in zones:
        wall = instant.astimezone(load_zone(name))
        second = wall.hour * 3600 + wall.minute * 60 + wall.second + wall.microsecond / 1e6
        spans = window.days[wall.weekday()]
        if not any(begin <= second < end - window.guard_s for begin, end in spans):
            return False
    return bool(zones)


@st.composite
def spans(draw: st.DrawFn) -> tuple[str, ...]:
    cuts = sorted(set(draw(st.lists(st.integers(0, 24 * 60), min_size=0, max_size=4))))
    texts = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in cuts]
    return tuple(f"{a}-{b}" for a, b in zip(texts[::2], texts[1::2], strict=False))


windows = st.builds(
    lambda days, guard_s: Window(
        parse_window(Hours(**dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), days, strict=True)))).days, guard_s
    ),
    st.lists(spans(), min_size=7, max_size=7),
    st.sampled_from([0, 60, 90, 300]),
)
zone_sets = st.lists(
    st.sampled_from([NY, LA, SYDNEY, LORD_HOWE, "America/St_Johns", "Pacific/Easter", "Asia/Kolkata", "Europe/London"]),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)
instants = st.builds(
    lambda week, seconds: week + timedelta(seconds=seconds), st.sampled_from(DST_WEEKS), st.integers(0, 3 * 86_400)
)


@given(windows, zone_sets, instants)
@settings(max_examples=100)
@example(parse_window(Hours(sun=("02:00-03:00",))), (NY,), utc("2026-03-08T06:00:00"))  # the hour that spring leaves out
@example(parse_window(Hours(sun=("01:30-01:40",))), (NY,), utc("2026-11-01T05:35:00"))  # the first of two 01:35
@example(parse_window(Hours(sun=("01:30-01:40",))), (NY,), utc("2026-11-01T05:45:00"))  # between the two
@example(parse_window(Hours(sun=("01:45-02:15",))), (LORD_HOWE,), utc("2026-04-04T14:00:00"))  # half an hour back
@example(parse_window(Hours(sun=("02:00-02:45",))), (LORD_HOWE,), utc("2026-10-03T15:00:00"))  # half an hour forward
@example(parse_window(Hours(sat=("21:30-22:30",))), ("Pacific/Easter",), utc("2026-09-06T02:00:00"))
def test_next_open_is_the_earliest_open_minute_by_the_definition(
    window: Window, zones: tuple[str, ...], instant: datetime
) -> None:
    assert is_open(window, zones, instant) == is_open_by_the_wall_clock(window, zones, instant)
    found = next_open(window, zones, instant)
    assert found is None or is_open_by_the_wall_clock(window, zones, found)
    # Windows and offsets change on whole minutes only, so no opening can hide between two of them.
    at = instant.replace(second=0, microsecond=0) + (MINUTE if instant.second else timedelta(0))
    end = min(found or at + HORIZON, at + timedelta(days=2))
    if found != instant:
        assert not is_open_by_the_wall_clock(window, zones, instant)
    while at < end:
        assert not is_open_by_the_wall_clock(window, zones, at), (at, found)
        at += MINUTE


@pytest.mark.parametrize(
    ("zone", "instant", "expected"),
    [
        (NY, "2026-11-23T13:59:59", "2026-11-23T14:00:00"),
        (NY, "2026-11-23T14:00:00", "2026-11-23T14:00:00"),
        (NY, "2026-11-25T00:59:59", "2026-11-25T00:59:59"),
        (NY, "2026-11-25T01:00:00", "2026-11-28T15:00:00"),
        (NY, "2026-03-08T00:30:00", "2026-03-09T13:00:00"),
        (NY, "2026-11-01T00:30:00", "2026-11-02T14:00:00"),
        (SYDNEY, "2026-10-03T08:00:00", "2026-10-04T22:00:00"),
        (LORD_HOWE, "2026-04-04T08:00:00", "2026-04-05T22:30:00"),
        ("America/Vancouver", "2026-11-20T12:00:00", "2026-11-21T17:00:00"),
    ],
)
def test_openings(zone: str, instant: str, expected: str) -> None:
    assert next_open(WEEKDAYS, (zone,), utc(instant)) == utc(expected)


def test_every_zone_has_to_be_open() -> None:
    assert next_open(WEEKDAYS, (NY, LA), utc("2026-11-23T14:00:00")) == utc("2026-11-23T17:00:00")
    assert not is_open(WEEKDAYS, (NY, LA), utc("2026-11-23T16:59:00"))
    assert not is_open(WEEKDAYS, (NY, LA), utc("2026-11-24T01:00:00"))


@given(st.sampled_from(DST_WEEKS), st.integers(0, 9 * 24 * 60), st.sampled_from([(NY,), (NY, LA), (LORD_HOWE,)]))
@settings(max_examples=60)
def test_it_stays_open_until_it_closes(week: datetime, minute: int, zones: tuple[str, ...]) -> None:
    opening = next_open(WEEKDAYS, zones, week + minute * MINUTE)
    assert opening is not None
    closing = closes_at(WEEKDAYS, zones, opening)
    assert closing > opening
    assert not is_open(WEEKDAYS, zones, closing)
    assert is_open(WEEKDAYS, zones, closing - timedelta(seconds=1))
    assert is_open(WEEKDAYS, zones, opening + (closing - opening) / 2)


def test_the_answer_is_in_utc_and_the_question_may_be_in_any_zone() -> None:
    found = next_open(WEEKDAYS, (NY,), datetime(2026, 11, 23, 10, 0, tzinfo=load_zone(NY)))
    assert found == utc("2026-11-23T15:00:00")
    assert found is not None
    assert found.tzinfo is UTC


def test_no_zone_or_no_window_is_never_open() -> None:
    now = utc("2026-11-23T15:00:00")
    assert (is_open(WEEKDAYS, (), now), next_open(WEEKDAYS, (), now)) == (False, None)
    assert (is_open(NEVER, (NY,), now), next_open(NEVER, (NY,), now)) == (False, None)


def test_zones_that_never_meet_have_no_opening() -> None:
    morning = parse_window(Hours(mon=("09:00-10:00",)))
    assert next_open(morning, (NY, LA), utc("2026-11-23T12:00:00")) is None


def test_an_opening_that_daylight_saving_time_leaves_out_comes_a_week_later() -> None:
    gap = parse_window(Hours(sun=("02:00-03:00",)))
    assert next_open(gap, (NY,), utc("2026-03-08T06:00:00")) == utc("2026-03-15T06:00:00")


def test_the_guard_closes_before_the_end() -> None:
    window = campaign_window(Hours(), WEEKDAYS, 300)
    assert is_open(window, (NY,), utc("2026-11-24T00:54:59"))
    assert not is_open(window, (NY,), utc("2026-11-24T00:55:00"))
    assert campaign_window(Hours(), WEEKDAYS, 1800).guard_s == 300
    assert campaign_window(Hours(), WEEKDAYS, 90).guard_s == 90


def test_a_span_shorter_than_the_guard_never_opens() -> None:
    window = campaign_window(Hours(mon=("09:00-09:05",)), WEEKDAYS, 300)
    assert next_open(window, (NY,), utc("2026-11-23T12:00:00")) is None


def test_a_campaign_can_only_narrow() -> None:
    wide = campaign_window(Hours(mon=("00:00-24:00",), sun=("08:00-21:00",)), WEEKDAYS, 30)
    assert wide.days[0] == WEEKDAYS.days[0]
    assert wide.days[6] == ()
    assert campaign_window(Hours(), WEEKDAYS, 30).days == WEEKDAYS.days
    narrow = campaign_window(Hours(mon=("08:00-10:00", "19:00-23:00")), WEEKDAYS, 30)
    assert narrow.days[0] == ((9 * 3600, 10 * 3600), (19 * 3600, 20 * 3600))


def test_touching_spans_are_one_so_that_no_guard_splits_them() -> None:
    window = parse_window(Hours(mon=("13:00-20:00", "09:00-13:00", "10:00-11:00")))
    assert window.days[0] == ((9 * 3600, 20 * 3600),)


@given(windows, windows, zone_sets, instants)
@settings(max_examples=50)
def test_an_intersection_is_open_only_where_both_are(
    one: Window, other: Window, zones: tuple[str, ...], instant: datetime
) -> None:
    both = intersect(one, other)
    assert both.guard_s == max(one.guard_s, other.guard_s)
    if is_open(both, zones, instant):
        assert is_open(Window(one.days), zones, instant)
        assert is_open(Window(other.days), zones, instant)


@pytest.mark.parametrize(
    "text",
    ["", "09:00", "9:00-17:00", "09:00-25:00", "24:01-24:02", "09:60-10:00", "17:00-09:00", "09:00-09:00", "²0:00-23:00", "x-y"],
)
def test_what_is_no_span_is_an_error_that_names_it(text: str) -> None:
    with pytest.raises(UserError, match="wed") as caught:
        parse_window(Hours(wed=(text,)))
    assert caught.value.code == "invalid_value"
    assert caught.value.hint


def test_spaces_around_the_dash_do_not_matter() -> None:
    assert parse_window(Hours(mon=("09:00 - 24:00",))).days[0] == ((9 * 3600, 86_400),)


@pytest.mark.parametrize(
    ("zones", "minutes"), [((NY,), 660), ((NY, LA), 480), (("Pacific/Guam", "America/St_Johns"), 30), ((), 0)]
)
def test_minutes_in_common_on_the_best_day(zones: tuple[str, ...], minutes: int) -> None:
    week = parse_window(Hours(**dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-20:00",))))
    assert best_day_minutes(Window(week.days, 300), zones, utc("2026-01-15T12:00:00")) == minutes
    assert longest_day_minutes(week) == 660
    assert longest_day_minutes(NEVER) == 0


def test_minutes_in_common_of_split_windows_and_over_a_change_of_the_clock() -> None:
    split = parse_window(Hours(sun=("00:00-04:00", "05:00-06:00")))
    assert best_day_minutes(split, (NY,), utc("2026-03-04T00:00:00")) == 240
    assert best_day_minutes(split, (NY,), utc("2026-01-14T00:00:00")) == 300
