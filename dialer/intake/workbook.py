"""Excel workbooks (.xlsx): one sheet as rows of texts, read from its beginning to its end.

Numbers come as Excel stores them: a phone number that became a float is written without its ``.0``, one with more digits
than a float holds keeps its exponent, so that ``numbers`` sees the damage. Dates and times come in ISO form. Formulas
count with the value that was saved for them. XML is read by defusedxml (no entities), and what unpacks to too much is
refused before it is unpacked: a workbook is a zip file from a stranger.
"""

import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from dialer.errors import UserError

MAX_UNPACKED = 2 << 30
MAX_SHARED_TEXTS = 256 << 20
"""Bytes of the texts that the cells share: the one part that is held in memory."""
MAX_RATIO = 250
"""Unpacked bytes for each packed one; real sheets have 5 to 30."""
MAX_ROWS = 1 << 20
MAX_COLUMNS = 1000
_SMALL = 10 << 20
_LARGEST_EXACT = 10**15
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What a broken or hostile file makes of the libraries.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, ET.ParseError, EOFError, OSError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    OverflowError, RuntimeError, AssertionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet that is read, and the others that are not."""

    name: str
    others: tuple[str, ...]


def is_workbook(head: bytes) -> bool:
    """These first bytes are those of a zip file. Raises ``UserError`` for the old form of Excel and for locked files."""
    if head.startswith(_OLD):
        raise UserError(
            "this is an old Excel file (.xls), or one with a password",
            code="unreadable_workbook",
            hint="save it as .xlsx without a password, or as 'CSV UTF-8'",
        )
    return head.startswith(_ZIP)


def find_sheet(source: BinaryIO, wanted: str = "", *, is_defused: bool | None = None) -> Sheet:
    """The sheet called ``wanted`` (in any case), or the first that is not hidden.

    Raises ``UserError``: ``unreadable_workbook``, ``no_sheet``.
    """
    from openpyxl import DEFUSEDXML

    if not (DEFUSEDXML if is_defused is None else is_defused):
        raise UserError("workbooks are not read without defusedxml", code="unreadable_workbook", hint="pip install defusedxml")
    with _opened(source) as book:
        shown = sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")  # stable: else in their order
        names = [str(sheet.title) for sheet in shown]
    if not names:
        raise UserError("the workbook has no sheet with cells", code="no_sheet")
    name = next((name for name in names if name.casefold() == wanted.casefold()), "") if wanted else names[0]
    if not name:
        raise UserError(f"the workbook has no sheet {wanted!r}; it has {', '.join(map(repr, names))}", code="no_sheet")
    return Sheet(name, tuple(other for other in names if other != name))


def sheet_rows(source: BinaryIO, name: str, *, max_rows: int = MAX_ROWS) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the sheet with their numbers. Raises ``UserError``: ``unreadable_workbook``, ``too_large``."""
    with _opened(source) as book:
        sheet = book[name]
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > max_rows or len(row) > MAX_COLUMNS:
                raise UserError(f"row {number} of the sheet is beyond all sense", code="too_large")
            yield number, [text_of(value) for value in row]


def text_of(value: Any) -> str:
    """One cell as a person would write it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _unescaped(value) if "_x" in value else value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        return str(int(value)) if abs(value) < _LARGEST_EXACT and value == int(value) else repr(value)
    if isinstance(value, datetime):
        moment = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        return moment.date().isoformat() if moment.time() == time() else moment.isoformat(timespec=_fineness(moment.second))
    if isinstance(value, time):
        return value.replace(microsecond=0).isoformat(timespec=_fineness(value.second))
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return value.isoformat() if isinstance(value, date) else str(value)


def _unescaped(value: str) -> str:
    from openpyxl.utils.escape import unescape

    return str(unescape(value))


def _fineness(second: int) -> str:
    return "seconds" if second else "minutes"


@contextmanager
def _opened(source: BinaryIO) -> Iterator[Any]:
    """The workbook, read row by row; whatever is wrong with it is one error."""
    from openpyxl import load_workbook  # a quarter of the time that a command needs to start, and few of them read a workbook

    try:
        source.seek(0)
        _check_size(source)
        book = load_workbook(source, read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()
    except _BROKEN as error:
        raise UserError(
            f"the workbook cannot be read ({type(error).__name__})",
            code="unreadable_workbook",
            hint="open it in a spreadsheet program and save it again, or save it as 'CSV UTF-8'",
        ) from error


def _check_size(source: BinaryIO) -> None:
    with zipfile.ZipFile(source) as packed:
        parts = packed.infolist()
        total = sum(part.file_size for part in parts)
        shared = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
        ratio = max((part.file_size / max(part.compress_size, 1) for part in parts if part.file_size > _SMALL), default=0)
    if total > MAX_UNPACKED or shared > MAX_SHARED_TEXTS or ratio > MAX_RATIO:
        raise UserError(
            f"the workbook unpacks to {total:,} bytes, {ratio:.0f} for each packed one",
            code="too_large",
            hint="save it as 'CSV UTF-8', or split it",
        )
