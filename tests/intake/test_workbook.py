"""Excel workbooks read as texts, and hostile ones end in one named error."""

# Excel knows no zones: its moments are naive.
# ruff: noqa: DTZ001
import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dialer.errors import UserError
from dialer.intake import workbook
from dialer.intake.workbook import find_sheet, is_workbook, sheet_rows, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("Ann", "Ann"),
        ("one_x000A_two", "one\ntwo"),
        (True, "TRUE"),
        (12125550123, "12125550123"),
        (12125550123.0, "12125550123"),
        (1.5, "1.5"),
        (8.612345678901234e17, "8.612345678901234e+17"),
        (datetime(2026, 12, 1), "2026-12-01"),
        (datetime(2026, 12, 1, 15, 29, 59, 999_600), "2026-12-01T15:30"),
        (datetime(2026, 12, 1, 15, 30, 5), "2026-12-01T15:30:05"),
        (date(2026, 12, 1), "2026-12-01"),
        (time(15, 30), "15:30"),
        (time(15, 30, 5), "15:30:05"),
        (timedelta(hours=36), "36:00"),
        (timedelta(seconds=61), "0:01:01"),
        (1 + 2j, "(1+2j)"),
    ],
)
def test_cells_are_written_as_people_write_them(value: Any, text: str) -> None:
    assert text_of(value) == text


def saved(*rows: list[Any], names: tuple[str, ...] = ("One",)) -> io.BytesIO:
    book, content = Workbook(), io.BytesIO()
    for index, name in enumerate(names):
        (book.active if index == 0 else book.create_sheet()).title = name  # type: ignore[union-attr]  # it has a sheet
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(content)
    return content


def test_a_hidden_sheet_is_read_only_when_it_is_named() -> None:
    book, content = Workbook(), io.BytesIO()
    book.create_sheet("Hidden", 0).sheet_state = "hidden"
    book.create_sheet("Deep", 0).sheet_state = "veryHidden"
    book.save(content)
    assert (find_sheet(content).name, find_sheet(content).others) == ("Sheet", ("Deep", "Hidden"))
    assert find_sheet(content, "hidden").name == "Hidden"


def test_rows_have_the_numbers_of_the_sheet() -> None:
    source = saved(["phone", "when"], [], [12125550123, datetime(2026, 12, 1, 9, 30)])
    assert list(sheet_rows(source, "One")) == [(1, ["phone", "when"]), (2, []), (3, ["12125550123", "2026-12-01T09:30"])]


def test_the_first_sheet_or_the_one_that_is_named() -> None:
    source = saved(names=("One", "Two"))
    assert find_sheet(source) == workbook.Sheet("One", ("Two",))
    assert find_sheet(source, "TWO").name == "Two"
    with pytest.raises(UserError, match="it has 'One', 'Two'"):
        find_sheet(source, "Three")


def test_what_is_a_workbook() -> None:
    assert is_workbook(saved().getvalue()[:8])
    assert not is_workbook(b"phone,na")
    with pytest.raises(UserError) as caught:
        is_workbook(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert caught.value.code == "unreadable_workbook"


def altered(part: str, content: bytes | None) -> io.BytesIO:
    """A workbook with one part replaced or taken out."""
    source, made = zipfile.ZipFile(saved(["phone"], ["1"])), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
        if content is not None:
            target.writestr(part, content)
    return made


def code_of(source: io.BytesIO) -> str:
    with pytest.raises(UserError) as caught:
        list(sheet_rows(source, find_sheet(source).name, max_rows=1000))
    return caught.value.code


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<?xml version="1.0"?>'
MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
LAUGHS = (
    HEAD
    + b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    + MAIN
    + b"<row><c><v>&b;</v></c></row></sheetData></worksheet>"
)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (io.BytesIO(b"PK\x03\x04 and nothing more"), "unreadable_workbook"),
        (altered(SHEET, None), "no_sheet"),
        (altered(SHEET, b"<worksheet"), "unreadable_workbook"),
        (altered(SHEET, LAUGHS), "unreadable_workbook"),
        (altered("xl/workbook.xml", b"<x/>"), "no_sheet"),
        (altered(SHEET, b" " * (20 << 20)), "too_large"),
        (altered(SHEET, HEAD + MAIN + b'<row r="99999999"><c><v>1</v></c></row></sheetData></worksheet>'), "too_large"),
        (altered(SHEET, HEAD + MAIN + b'<row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>'), "too_large"),
    ],
)
def test_hostile_workbooks(source: io.BytesIO, code: str) -> None:
    assert code_of(source) == code


def test_workbooks_are_read_with_defused_xml_or_not_at_all() -> None:
    with pytest.raises(UserError, match="not read without defusedxml"):
        find_sheet(saved(), is_defused=False)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_end_in_rows_or_in_one_error(data: st.DataObject) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    source = io.BytesIO(bytes(content))
    try:
        list(sheet_rows(source, find_sheet(source).name))
    except UserError as error:
        assert error.code in ("unreadable_workbook", "too_large", "no_sheet")  # noqa: PT017  # rows are as good an end


GOOD = saved(["phone", "name"], [12125550123, "Ann"], [13125550124, "Bo"]).getvalue()
