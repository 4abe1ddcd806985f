"""One date or code in another form is the same secret."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.leads.figures import essence


@pytest.mark.parametrize(
    "said",
    [
        "April 12, 1979",
        "12 apr 1979",
        "the 12th of April 1979",
        "April twelfth, nineteen seventy nine",
        "04/12/1979",
        "1979-04-12",
        "1979年4月12日",
        "一九七九年四月十二日",
        "four twelve nineteen seventy-nine",
    ],
)
def test_a_date_is_the_same_in_every_form(said: str) -> None:
    assert essence(said) == essence("1979-04-12") == "11247" + "99"


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("two thousand five", "2005"),
        ("nineteen hundred five", "1905"),
        ("nineteen oh five", "1905"),
        ("a hundred", "100"),
        ("twenty three", "23"),
        ("the twentieth", "20"),
        ("thirteenth", "13"),
        ("twenty thirteen", "2013"),
        ("二十三", "23"),
        ("十", "10"),
        ("AB12C", "ab12c"),
        ("of and the", ""),
    ],
)
def test_numbers_in_words_and_figures(said: str, same: str) -> None:
    assert essence(said) == essence(same)


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.dates(date(1900, 1, 1), date(2030, 1, 1)))
def test_other_digits_are_another_secret(one: date, other: date) -> None:
    digits = [sorted(f"{day.year}{day.month}{day.day}") for day in (one, other)]
    assert (essence(f"{one:%B %d, %Y}") == essence(f"{other:%d.%m.%Y}")) == (digits[0] == digits[1])
