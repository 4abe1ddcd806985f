"""Days and times as people say them, on a Monday at a quarter past ten."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.simulation.model.brain.times import day_of, instant_of

NOW = datetime.fromisoformat("2026-11-23T10:15")
EXAMPLES = [
    ("call me tomorrow at three", "2026-11-24T15:00"),
    ("tomorrow at 9", "2026-11-24T09:00"),
    ("tomorrow morning at seven", "2026-11-24T07:00"),
    ("at 3:30 pm", "2026-11-23T15:30"),
    ("at three pm tomorrow", "2026-11-24T15:00"),
    ("at 14:45", "2026-11-23T14:45"),
    ("7 am tomorrow", "2026-11-24T07:00"),
    ("9 am", "2026-11-24T09:00"),
    ("14:45", "2026-11-23T14:45"),
    ("tomorrow at half past three", "2026-11-24T15:30"),
    ("three o'clock", "2026-11-23T15:00"),
    ("this afternoon", "2026-11-23T15:00"),
    ("tonight", "2026-11-23T18:00"),
    ("the day after tomorrow", "2026-11-25T10:00"),
    ("on Friday at noon", "2026-11-27T12:00"),
    ("Monday", "2026-11-30T10:00"),
    ("next week", "2026-11-30T10:00"),
    ("December 3 at 2 pm", "2026-12-03T14:00"),
    ("the 3rd of December", "2026-12-03T10:00"),
    ("January 5", "2027-01-05T10:00"),
    ("2026-12-03 at 11", "2026-12-03T11:00"),
    ("in an hour", "2026-11-23T11:15"),
    ("in half an hour", "2026-11-23T10:45"),
    ("in about two weeks", "2026-12-07T10:15"),
    ("two days from now", "2026-11-25T10:15"),
    ("明天下午三点", "2026-11-24T15:00"),
    ("后天上午十点半", "2026-11-25T10:30"),
    ("大后天", "2026-11-26T10:00"),
    ("下周二下午三点", "2026-12-01T15:00"),
    ("周五上午9点20分", "2026-11-27T09:20"),
    ("星期天", "2026-11-29T10:00"),
    ("12月3日下午两点", "2026-12-03T14:00"),
    ("十二月三号", "2026-12-03T10:00"),
    ("半小时后", "2026-11-23T10:45"),
    ("两个小时以后", "2026-11-23T12:15"),
    ("两周以后", "2026-12-07T10:15"),
    ("下周", "2026-11-30T10:00"),
    ("晚上", "2026-11-23T18:00"),
]


@pytest.mark.parametrize(("text", "instant"), EXAMPLES)
def test_the_time_that_is_named(text: str, instant: str) -> None:
    found = instant_of(text, NOW)
    assert found is not None
    assert found.isoformat(timespec="minutes") == instant


@pytest.mark.parametrize("text", ["later", "some other time", "改天吧", "today at 10 am", "February 31", "13月1日", ""])
def test_words_without_a_time_to_come(text: str) -> None:
    assert instant_of(text, NOW) is None


def test_a_day_alone() -> None:
    assert day_of("I was thinking of May 4", NOW.date()) == date(2027, 5, 4)
    assert day_of("1980-05-04", NOW.date()) == date(1980, 5, 4)
    assert day_of("soon", NOW.date()) is None


WORDS = st.sampled_from([word for text, _ in EXAMPLES for word in text.split()]) | st.text(max_size=4)


@given(st.lists(WORDS, max_size=6).map(" ".join))
def test_any_words_are_read_and_never_name_the_past(text: str) -> None:
    found = instant_of(text, NOW)
    assert found is None or found >= NOW
