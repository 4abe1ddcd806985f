"""A contact file as a header and a stream of records, whatever program wrote it. Excel workbooks: see ``workbook``.

Encoding: see ``encoding``. Delimiter: the one of comma, semicolon, tab and bar under which the first records have most
often the header's number of cells, or what a first line ``sep=;`` says. Quoting: double quotes, doubled inside; line
ends of any kind, also inside quotes. Blank lines and records of empty cells are no rows.

Row numbers count the lines of the file from 1, as a text editor shows them, a ``sep=`` line and blank lines included; a
row that spans several lines has the number of its first one. The header is usually row 1.

Memory does not grow with the file: it is read twice in chunks (once to prove the encoding, once for the rows), and one
cell or one line is limited to 131,072 characters.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from dialer.errors import UserError
from dialer.intake.clean import clean
from dialer.intake.encoding import MAX_BYTES, Encoding, decoded, detect
from dialer.intake.footer import WithoutFooter
from dialer.intake.record import Record
from dialer.intake.workbook import find_sheet, is_workbook, sheet_rows

__all__ = ["DELIMITERS", "MAX_COLUMNS", "MAX_LINE", "Record", "Table", "column_key", "open_table"]

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MAX_LINE = 1 << 17
MAX_COLUMNS = 1000
_SAMPLE_LINES = 200
_HEAD = 64
_OTHERS = {
    b"<html": "a web page", b"<!doctype": "a web page", b"<table": "a web page", b"<?xml": "an XML document",
    b"%pdf": "a PDF", b"{\\rtf": "a text document (RTF)", b"\x1f\x8b": "a compressed file (gzip)", b"begin:vcard": "a vCard",
}  # fmt: skip
"""How files begin that programs save under the name of a table."""


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file. ``rows()`` may be asked more than once; it starts at the first data row each time."""

    source: BinaryIO
    encoding: Encoding
    delimiter: str
    header: tuple[str, ...]
    header_row: int
    notes: tuple[str, ...] = field(default=())
    sheet: str = ""
    """Of a workbook; it has no delimiter."""
    footer: list[Record] = field(default_factory=list)
    """What stood below the last row (see ``footer``), once ``rows()`` has come to its end."""

    @property
    def said(self) -> str:
        """How the file is read, for people: ``UTF-8 with mark, semicolon``."""
        if self.sheet:
            return f"Excel workbook, sheet {self.sheet!r}"
        mark = " with byte order mark" if self.encoding.mark_bytes else ""
        return f"{self.encoding.name.upper()}{mark}, {DELIMITERS[self.delimiter]}"

    def rows(self) -> Iterator[Record]:
        """Yield the data rows. Raises ``UserError`` (``unclosed_quote``, ``too_large``) where the file breaks off."""
        every = _sheet(self.source, self.sheet) if self.sheet else _records(_lines(self.source, self.encoding), self.delimiter)
        body = WithoutFooter((record for record in every if record.row > self.header_row and any(record.cells)), len(self.header))
        for record in body:
            yield self._filled(record) if self.sheet else record
        self.footer[:] = body.left_out

    def _filled(self, record: Record) -> Record:
        """A sheet has no cells where nothing was written: that makes no row ragged."""
        return replace(record, cells=record.cells + ("",) * (len(self.header) - len(record.cells)))


def open_table(
    source: BinaryIO,
    *,
    region: str = "",
    language: str = "",
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    columns: Sequence[str] = (),
    max_bytes: int = MAX_BYTES,
) -> Table:
    """Detect encoding and delimiter and read the header. ``source`` must be seekable; it stays the caller's to close.

    ``encoding`` and ``delimiter`` (a sign or its name) are taken as given when not empty; ``columns`` name the columns of a
    file that has no header. ``sheet`` names the sheet of a workbook (default: its first). Raises ``UserError`` with one of
    the codes ``empty_file``, ``too_large``, ``unreadable_encoding``, ``unclosed_quote``, ``no_header``, ``duplicate_column``,
    ``unreadable_workbook``, ``no_sheet``.
    """
    source.seek(0)
    head = source.read(_HEAD)
    if is_workbook(head):
        return _open_workbook(source, sheet, columns, max_bytes)
    if sheet:
        raise UserError("only an Excel workbook (.xlsx) has sheets", code="no_sheet", hint="leave --sheet out")
    if other := next((name for begin, name in _OTHERS.items() if head.lstrip().lower().startswith(begin)), ""):
        hint = "open it in a spreadsheet program and save it as .xlsx or as 'CSV UTF-8'"
        raise UserError(f"this is {other}, whatever it is called", code="unreadable_workbook", hint=hint)
    known = detect(source, region=region, language=language, given=encoding, max_bytes=max_bytes)
    sign = _delimiter_named(delimiter) if delimiter else _delimiter(source, known)
    first = next((record for record in _records(_lines(source, known), sign) if any(record.cells)), None)
    if first is None:
        raise UserError("the file has no line with text in it", code="empty_file", hint="the first line names the columns")
    header, notes, row = _named(columns, first) if columns else _header(first)
    return Table(source, known, sign, header, row, notes)


def _open_workbook(source: BinaryIO, wanted: str, columns: Sequence[str], max_bytes: int) -> Table:
    size = source.seek(0, 2)
    if size > max_bytes:
        raise UserError(f"the file has {size:,} bytes; allowed are {max_bytes:,}", code="too_large", hint="split the file")
    sheet = find_sheet(source, wanted)
    first = next((record for record in _sheet(source, sheet.name) if any(record.cells)), None)
    if first is None:
        raise UserError(f"the sheet {sheet.name!r} is empty", code="empty_file", hint="the first line names the columns")
    header, notes, row = _named(columns, first) if columns else _header(first)
    if sheet.others:
        others = ", ".join(map(repr, sheet.others))
        notes = (*notes, f"of the workbook only the sheet {sheet.name!r} is read, and not {others}; --sheet NAME reads another")
    return Table(source, Encoding("xlsx", "mark"), "", header, row, notes, sheet.name)


def _sheet(source: BinaryIO, name: str) -> Iterator[Record]:
    for number, cells in sheet_rows(source, name):
        yield _cleaned(number, cells)


def column_key(name: str) -> str:
    """Fold a column name so that case, spaces, underscores, hyphens and dots make no difference."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _lines(source: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """Yield the lines, each with ``\\n`` at its end, whatever ended it in the file."""
    pending, held_return = "", ""
    for text in _still(decoded(source, encoding)):
        # A carriage return at the end of a chunk may be half of a pair.
        whole = held_return + text
        held_return = "\r" if whole.endswith("\r") else ""
        whole = whole.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
        *complete, pending = (pending + whole).split("\n")
        for line in complete:
            yield line + "\n"
        if len(pending) > MAX_LINE:
            break
    if len(pending) > MAX_LINE:
        raise UserError(f"a line is longer than {MAX_LINE:,} characters: this is no CSV file", code="too_large")
    if pending or held_return:
        yield pending + "\n"


def _still(texts: Iterator[str]) -> Iterator[str]:
    """The texts of a file whose encoding is proven: what does not fit now was not there then."""
    try:
        yield from texts
    except UnicodeDecodeError as error:
        raise UserError("the file has changed while it was read", code="unreadable_encoding", hint="import it again") from error


def _records(lines: Iterator[str], delimiter: str) -> Iterator[Record]:
    """Parse lines into records, numbered by their first line. A ``sep=`` line is passed over."""
    counted = _Counted(lines)
    # Strict: text after a closing quote, or a quote left open, is an error and not a strange cell.
    reader = csv.reader(counted, delimiter=delimiter, strict=True)
    while True:
        before = counted.count
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _broken(error, before + 1, counted.count) from error
        if cells is None:
            return
        if len(cells) > MAX_COLUMNS:
            raise UserError(f"row {before + 1} has more than {MAX_COLUMNS} columns", code="too_large")
        if before == 0 and delimiter in _sep_line(counted.first):
            continue
        yield _cleaned(before + 1, cells)


class _Counted:
    """Lines with their count, so that a record knows where it began."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.count = 0
        self.first = ""

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.count += 1
        if self.count == 1:
            self.first = line
        return line


def _broken(error: csv.Error, first_line: int, last_line: int) -> UserError:
    if "field larger" in str(error) and first_line == last_line:
        return UserError(f"row {first_line} has a cell that is too long", code="too_large")
    return UserError(
        f'row {first_line}: a quote (") is opened and not closed where a cell should end (read on to line {last_line})',
        code="unclosed_quote",
        hint='a quote inside a quoted cell is written twice ("")',
    )


def _cleaned(row: int, cells: list[str]) -> Record:
    pairs = [clean(cell) for cell in cells]
    hidden = [str(index) for index, (_, was_hidden) in enumerate(pairs, 1) if was_hidden]
    notes = (f"removed invisible characters from column {', '.join(hidden)}",) if hidden else ()
    return Record(row, tuple(text for text, _ in pairs), notes)


def _sep_line(line: str) -> str:
    """Return the sign that a ``sep=;`` line names, or nothing."""
    text = line.strip("\n\ufeff").strip('"')
    return text[4:5] if text[:4].lower() == "sep=" and text[5:].strip(" ,;\t|") == "" else ""


def _delimiter_named(given: str) -> str:
    for sign, name in DELIMITERS.items():
        if given in (sign, name) or (sign == "\t" and given == "\\t"):
            return sign
    allowed = ", ".join(f"{name} ({sign!r})" for sign, name in DELIMITERS.items())
    raise UserError(f"unknown delimiter {given!r}; known are {allowed}", code="no_header")


def _delimiter(source: BinaryIO, encoding: Encoding) -> str:
    """Choose by consistent numbers of cells over the first lines; a file of one column is read with commas."""
    lines = []
    for line in _lines(source, encoding):
        lines.append(line)
        if len(lines) == _SAMPLE_LINES:
            break
    told = _sep_line(lines[0])
    if told in DELIMITERS and told:
        return told
    scores = {sign: _consistency(lines, sign) for sign in DELIMITERS}
    best = max(scores, key=lambda sign: scores[sign])
    return best if scores[best] > (0, 0) else ","


def _consistency(lines: list[str], sign: str) -> tuple[float, int]:
    """How many of the sample's records have as many cells as the first (a share), and how many cells that is."""
    widths: list[int] = []
    try:
        # The end of the sample may cut a quoted cell in two: what was read until then counts.
        widths.extend(len(record.cells) for record in _records(iter(lines), sign) if any(record.cells))
    except UserError as error:
        if not widths:
            return (0, 0) if error.code == "too_large" else _first_line_width(lines, sign)
    if not widths or widths[0] < 2:
        return (0, 0)
    return (round(widths.count(widths[0]) / len(widths), 2), widths[0])


def _first_line_width(lines: list[str], sign: str) -> tuple[float, int]:
    """Judge by the first line alone when its own quotes are broken: the problem should be told with the right delimiter."""
    width = lines[0].count(sign) + 1
    return (0.01, width) if width > 1 else (0, 0)


def _named(columns: Sequence[str], first: Record) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """The header of a file that has none: as a person has named it, for as many columns as the first row has."""
    if len(columns) != len(first.cells):
        raise UserError(
            f"--columns names {len(columns)} columns, and row {first.row} has {len(first.cells)}",
            code="no_header",
            hint="name every column, in order: --columns phone,first_name,city",
        )
    names, _, _ = _header(Record(0, tuple(columns)))
    return names, (*first.notes, f"the file has no header: row {first.row} is the first one, columns named by --columns"), 0


def _header(first: Record) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Check the names: present, no data in their place, no two alike. Nameless columns get a name by position."""
    cells = list(first.cells)
    while not cells[-1]:
        cells.pop()
    for cell in cells:
        digits = sum(character.isdigit() for character in cell)
        if digits >= 7 or "@" in cell:
            raise UserError(
                f"row {first.row} should name the columns, but {cell[:40]!r} looks like data",
                code="no_header",
                hint="put the names of the columns into the first line, or name them: --columns phone,first_name,...",
            )
    names = tuple(cell or f"column_{index}" for index, cell in enumerate(cells, 1))
    seen: dict[str, str] = {}
    for name in names:
        key = column_key(name) or name
        if key in seen:
            raise UserError(
                f"the columns {seen[key]!r} and {name!r} have the same name (case, spaces, _ and - make no difference)",
                code="duplicate_column",
                hint="rename or remove one of them",
            )
        seen[key] = name
    nameless = tuple(f"column {index} has no name" for index, cell in enumerate(cells, 1) if not cell)
    return names, (*first.notes, *nameless), first.row
