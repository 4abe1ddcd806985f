"""Numbers as people say them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.simulation.model.brain.numerals import number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("about 1,200.50 dollars", "1200.50"),
        ("$2k", "2000"),
        ("3 million", "3000000"),
        ("3万元", "30000"),
        ("twenty five", "25"),
        ("twenty-five or so", "25"),
        ("a hundred", "100"),
        ("two hundred and fifty thousand", "250000"),
        ("one thousand two hundred", "1200"),
        ("a thousand", "1000"),
        ("maybe ten people", "10"),
        ("两万五千", "25000"),
        ("十二", "12"),
        ("一百零五", "105"),
        ("万", "10000"),
        ("一亿", "100000000"),
        ("no idea", None),
        ("", None),
    ],
)
def test_the_first_number_is_found(text: str, number: str | None) -> None:
    assert number_of(text) == (None if number is None else Decimal(number))


@given(st.integers(0, 10**9))
def test_digits_are_themselves(number: int) -> None:
    assert number_of(f"about {number:,} of them") == number


@given(st.text(alphabet="零一二两三十百千万亿 twohundred0.9,k-", max_size=12))
def test_any_text_is_read(text: str) -> None:
    number_of(text)
