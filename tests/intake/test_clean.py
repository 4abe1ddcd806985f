"""Cells lose what nobody sees, and guarded cells come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.intake.clean import clean, guard, is_empty


@pytest.mark.parametrize(
    ("raw", "expected", "was_hidden"),
    [
        ("  Ann  ", "Ann", False),
        ("A\u200bn\x00n", "Ann", True),
        ("\u202eevil\u202c", "evil", True),
        ("\ufeffAnn", "Ann", True),
        ("a\xa0b\tc\u3000d", "a b c d", False),
        ("one\r\ntwo\rthree", "one\ntwo\nthree", False),
        ("王芳 👋", "王芳 👋", False),
        ("'=1+1", "=1+1", False),
        ("''=1", "'=1", False),
        ("'tis", "'tis", False),
    ],
)
def test_clean(raw: str, expected: str, was_hidden: bool) -> None:
    assert clean(raw) == (expected, was_hidden)


@pytest.mark.parametrize("risky", ["=1+1", "+12125550123", "-5", "@cmd", "\t=1", "\rx", "＝1", "'=1"])
def test_what_a_spreadsheet_would_run_is_guarded(risky: str) -> None:
    assert guard(risky) == f"'{risky}"


@pytest.mark.parametrize("harmless", ["", "Ann", "'tis", "a=b", "1+1"])
def test_what_is_harmless_stays(harmless: str) -> None:
    assert guard(harmless) == harmless


@given(st.text())
def test_a_clean_cell_survives_guard_and_clean(text: str) -> None:
    cell, _ = clean(text)
    # Taking a guard off can uncover blanks, which a cell as read never has at its ends.
    once, _ = clean(guard(cell))
    assert once == cell.strip()


@pytest.mark.parametrize(
    ("text", "empty"), [("", True), (" ", True), ("NULL", True), ("nan", True), ("Nan", False), ("0", False)]
)
def test_is_empty(text: str, empty: bool) -> None:
    assert is_empty(text) is empty
