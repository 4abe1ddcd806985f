"""Any CSV dialect becomes a header and records; broken files become one named error."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dialer.errors import UserError
from dialer.intake import reader
from dialer.intake.reader import MAX_LINE, Table, column_key, open_table

SAMPLES = Path(__file__).parents[1] / "samples" / "csv"
CODES = {
    "unreadable_encoding",
    "unclosed_quote",
    "no_header",
    "duplicate_column",
    "empty_file",
    "too_large",
    "unreadable_workbook",
}


def table_of(content: bytes | str, **options: object) -> Table:
    return open_table(io.BytesIO(content.encode() if isinstance(content, str) else content), **options)  # type: ignore[arg-type]  # passed on


def sample(name: str, **options: str) -> Table:
    return table_of((SAMPLES / name).read_bytes(), **options)


def code_of(content: bytes | str, **options: object) -> str:
    with pytest.raises(UserError) as caught:
        list(table_of(content, **options).rows())
    return caught.value.code


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("utf8.csv", "UTF-8, comma"),
        ("utf8_mark.csv", "UTF-8 with byte order mark, comma"),
        ("utf16_le_mark.csv", "UTF-16-LE with byte order mark, comma"),
        ("utf16_be_bare.csv", "UTF-16-BE, comma"),
        ("windows_1252_semicolon.csv", "WINDOWS-1252, semicolon"),
        ("tab.csv", "UTF-8, tab"),
        ("bar.csv", "UTF-8, bar"),
        ("sep_line.csv", "UTF-8, semicolon"),
        ("mac_returns.csv", "UTF-8, comma"),
    ],
)
def test_each_dialect_reads_the_same(name: str, said: str) -> None:
    table = sample(name)
    assert table.said == said
    assert table.header == ("Phone Number", "First Name", "City")
    assert [record.cells for record in table.rows()] == [
        ("+1 212 555 0123", "Zoë", "Montréal"),
        ("+1 312 555 0124", "José", "São Paulo"),
    ]
    assert [record.row for record in table.rows()] == ([3, 4] if name == "sep_line.csv" else [2, 3])


def test_rows_are_numbered_by_their_first_line_and_empty_ones_are_none() -> None:
    records = list(sample("multi_line.csv").rows())
    assert [(record.row, record.cells[1]) for record in records] == [(2, 'first line\nsecond, "quoted" line'), (6, "plain")]


def test_hidden_characters_are_cleaned_and_noted() -> None:
    (record,) = sample("hidden_characters.csv").rows()
    assert record.cells == ("+1 212‑555‑0123", "Ann")
    assert record.notes == ("removed invisible characters from column 1, 2",)


@pytest.mark.parametrize("name", ["unclosed_quote.csv", "stray_quote.csv"])
def test_a_broken_quote_names_its_row(name: str) -> None:
    with pytest.raises(UserError, match="row 2: a quote") as caught:
        list(sample(name).rows())
    assert caught.value.code == "unclosed_quote"


def test_a_runaway_quote_stops_early() -> None:
    rows = "".join(f"+1212555{number:04},x\n" for number in range(20_000))
    with pytest.raises(UserError, match="row 2: a quote"):
        list(table_of('phone,note\n+12125550123,"open\n' + rows).rows())


def test_what_is_too_long() -> None:
    assert code_of("phone,note\n+12125550123," + "x" * (MAX_LINE + 70_000)) == "too_large"
    assert code_of("phone,note\n" + "," * 2000) == "too_large"
    assert code_of("phone,note\n" + "é" * (MAX_LINE + 1) + "\n") == "too_large"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends_across_chunks(ending: str) -> None:
    rows = [f"+1212555{number % 10_000:04}" + "x" * 11 for number in range(9000)]
    text = ending.join(["phone,note", *(f"{row},n" for row in rows)]) + ending
    for shift in range(3):
        assert [record.cells[0] for record in table_of(" " * shift + text).rows()] == rows


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("\n \n,,\n", "empty_file"),
        (" , \n,\n", "empty_file"),
        ("+12125550123,Ann\n+13125550124,Bo\n", "no_header"),
        ("name,mail\nx", ""),
        ("ann@example.com,x\n", "no_header"),
        ("Phone,phone\n1,2\n", "duplicate_column"),
        ("First Name,first_name,phone\n", "duplicate_column"),
        ('"phone,name\nx', "unclosed_quote"),
    ],
)
def test_file_problems(content: str, code: str) -> None:
    if code:
        assert code_of(content) == code
    else:
        assert table_of(content).header == ("name", "mail")


def test_nameless_columns_get_a_name_and_trailing_ones_go() -> None:
    table = table_of(",phone,name,,\n0,+12125550123,Ann,,\n")
    assert table.header == ("column_1", "phone", "name")
    assert table.notes == ("column 1 has no name",)


def test_one_column_needs_no_delimiter() -> None:
    table = table_of("\n\nphone\n+12125550123\n")
    assert (table.delimiter, table.header_row) == (",", 3)
    assert [record.cells for record in table.rows()] == [("+12125550123",)]


@pytest.mark.parametrize(("given", "sign"), [(";", ";"), ("semicolon", ";"), ("tab", "\t"), ("\\t", "\t"), ("|", "|")])
def test_a_given_delimiter_is_taken(given: str, sign: str) -> None:
    assert table_of("phone\n1", delimiter=given).delimiter == sign


def test_an_unknown_delimiter_is_refused() -> None:
    with pytest.raises(UserError, match="unknown delimiter ':'"):
        table_of("phone\n1", delimiter=":")


def test_the_delimiter_is_the_consistent_one() -> None:
    assert table_of('phone;name, title\n1;"Lee, Dr."\n2;"Kim, Prof."\n3;Bo\n').delimiter == ";"
    assert table_of("phone,a;b,c\n1,2;3,4\n5,6;7,8\n").delimiter == ","
    assert table_of("phone|name\n" + "1|2\n" * 300).delimiter == "|"


def test_a_sep_line_that_names_nothing_known_is_a_row() -> None:
    assert table_of("sep=;\nphone;name\n1;2\n").header == ("phone", "name")
    assert table_of('"sep=,"\nphone,name\n1,2\n').header == ("phone", "name")
    assert table_of("sep=:\nphone,name\n").header == ("sep=:",)


def test_a_broken_first_line_is_still_read_with_its_own_delimiter() -> None:
    with pytest.raises(UserError) as caught:
        table_of('"phone" x;name;city\n1;2;3\n')
    assert caught.value.code == "unclosed_quote"


def test_a_first_line_of_too_many_columns() -> None:
    assert code_of("a" + "," * 1001 + "\n") == "too_large"


def test_column_key_is_blind() -> None:
    assert {column_key(name) for name in ("First Name", "first_name", "FIRST-NAME", "firstName", "First.Name")} == {"firstname"}


def test_rows_may_be_read_again() -> None:
    table = sample("utf8.csv")
    assert list(table.rows()) == list(table.rows())


def test_reading_holds_one_row_at_a_time() -> None:
    """A later broken row is only met when it is reached: nothing has read ahead to the end."""
    good = "".join(f"+1212555{number:04},{'x' * 50}\n" for number in range(5000))
    rows = table_of("phone,note\n" + good + '1,"open').rows()
    assert next(rows).row == 2
    with pytest.raises(UserError, match="row 5002"):
        list(rows)


@given(st.binary(max_size=400), st.sampled_from(["US", "CN"]))
def test_any_bytes_end_in_rows_or_in_a_named_error(content: bytes, region: str) -> None:
    try:
        table = table_of(content, region=region)
        rows = [record.row for record in table.rows()]
    except UserError as error:
        code = error.code
    else:
        code = ""
        assert rows == sorted(set(rows))
    assert code in CODES | {""}


@given(st.text(alphabet=',;\t|"\n\r a1é', max_size=120))
def test_any_text_of_separators_ends_in_rows_or_in_a_named_error(content: str) -> None:
    try:
        list(table_of(content).rows())
    except UserError as error:
        code = error.code
    else:
        code = ""
    assert code in CODES | {""}


CELL = st.text(alphabet=st.sampled_from("abcXYZ 019,;|\"'\né王=+-@"), max_size=12).map(str.strip)


@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3).filter(any), max_size=6),
    st.sampled_from(list(reader.DELIMITERS)),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_is_read(rows: list[list[str]], delimiter: str, encoding: str, end: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerows([["phone", "first name", "note"], *rows])
    table = table_of(text.getvalue().encode(encoding), delimiter=delimiter)
    assert table.header == ("phone", "first name", "note")
    expected = [tuple(reader.clean(cell)[0] for cell in row) for row in rows]
    assert [record.cells for record in table.rows()] == [cells for cells in expected if any(cells)]


def test_a_file_without_header_is_named_by_a_person() -> None:
    table = table_of("+12125550123,Ann\n+13125550124,Bo\n", columns=["phone", "First Name"])
    assert table.header == ("phone", "First Name")
    assert [record.row for record in table.rows()] == [1, 2]
    assert table.notes == ("the file has no header: row 1 is the first one, columns named by --columns",)


def test_columns_must_be_named_all_and_once() -> None:
    for names, code in ((["phone"], "no_header"), (["phone", "Phone"], "duplicate_column")):
        assert code_of("+12125550123,Ann\n", columns=names) == code


def test_a_footer_is_no_rows_and_is_kept_to_be_said() -> None:
    table = table_of("phone,name\n+12125550123,Ann\n\nGrand Totals (1 records),\nConfidential,\n")
    assert [record.row for record in table.rows()] == [2]
    assert [record.row for record in table.footer] == [4, 5]


def a_workbook(*rows: list[object], title: str = "People", more: tuple[str, ...] = ()) -> bytes:
    book, content = Workbook(), io.BytesIO()
    book.active.title = title  # type: ignore[union-attr]  # a new workbook has a sheet
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    for name in more:
        book.create_sheet(name)
    book.save(content)
    return content.getvalue()


def test_a_workbook_reads_as_a_table() -> None:
    table = table_of(a_workbook([], ["Phone", "Name", "Note"], [12125550123.0, "Zo\u200bë"], [], ["x", None, "y"], more=("Old",)))
    assert (table.said, table.header, table.delimiter) == ("Excel workbook, sheet 'People'", ("Phone", "Name", "Note"), "")
    assert [(record.row, record.cells) for record in table.rows()] == [(3, ("12125550123", "Zoë", "")), (5, ("x", "", "y"))]
    assert table.notes == ("of the workbook only the sheet 'People' is read, and not 'Old'; --sheet NAME reads another",)


def test_a_sheet_is_chosen_by_its_name() -> None:
    content = a_workbook(["phone"], [1], title="One", more=("Two",))
    assert table_of(content, sheet="one").sheet == "One"
    assert code_of(content, sheet="Two") == "empty_file"
    assert code_of(content, sheet="Three") == "no_sheet"
    assert code_of("phone\n1\n", sheet="One") == "no_sheet"


def test_a_workbook_without_header_or_too_large() -> None:
    content = a_workbook(["+12125550123", "Ann"])
    assert table_of(content, columns=["phone", "name"]).header_row == 0
    assert code_of(content) == "no_header"
    assert code_of(content, max_bytes=10) == "too_large"


WESTERN = st.text(alphabet=st.sampled_from("abcXYZ 019-,;|\"'\néöß€"), max_size=12).map(str.strip)
CHINESE = st.text(alphabet=st.sampled_from("王芳李伟北京上海市路号 019-,;|\"'\n"), max_size=12).map(str.strip)
WAYS = [
    ("utf-8", WESTERN, ""),
    ("utf-8-sig", CHINESE, ""),
    ("utf-16", CHINESE, ""),
    ("utf-16-le", WESTERN, ""),
    ("utf-16-be", WESTERN, ""),
    ("utf-32", CHINESE, ""),
    ("gb18030", CHINESE, "CN"),
    ("cp1252", WESTERN, "US"),
]


@settings(max_examples=200)
@given(st.data(), st.sampled_from(WAYS), st.sampled_from(list(reader.DELIMITERS)), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_encoding_and_dialect_is_found_and_read_back(
    data: st.DataObject, way: tuple[str, st.SearchStrategy[str], str], delimiter: str, end: str
) -> None:
    encoding, cells, region = way
    # Runs of three accents in a row are no western text: see the encoding's own tests.
    plain = cells.filter(lambda cell: not re.search(r"[éöß€]{3}", cell))
    rows = data.draw(st.lists(st.lists(plain, min_size=3, max_size=3).filter(all), min_size=1, max_size=6))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["phone", "first name", "note"], *rows])
    content = text.getvalue().encode(encoding)
    try:
        table = table_of(content, region=region, delimiter=delimiter)
    except UserError as error:
        # Few Chinese signs may be letters of UTF-8 by chance: then a person is asked.
        assert (error.code, encoding, bool(content.decode())) == ("unreadable_encoding", "gb18030", True)  # noqa: PT017
        table = table_of(content, region=region, delimiter=delimiter, encoding=encoding)
    assert table.header == ("phone", "first name", "note")
    expected = [tuple(reader.clean(cell)[0] for cell in row) for row in rows]
    assert [record.cells for record in table.rows()] == [cells for cells in expected if any(cells)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<html><table><tr><td>phone</td></tr></table></html>", "a web page"),
        ('\n <?xml version="1.0"?><Workbook/>', "an XML document"),
        ("%PDF-1.4\n", "a PDF"),
        (b"\x1f\x8b\x08\x00 packed", "a compressed file"),
        ("{\\rtf1 phone}", "RTF"),
        ("BEGIN:VCARD\nTEL:+12125550123\nEND:VCARD\n", "a vCard"),
    ],
)
def test_files_under_a_false_name_are_said_to_be_what_they_are(content: bytes | str, said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        table_of(content)
    assert (refused.value.code, bool(refused.value.hint)) == ("unreadable_workbook", True)


def test_bytes_that_do_not_fit_any_more_were_not_there_before() -> None:
    source = io.BytesIO(b"name,phone\n" + b"Ann,+12125550123\n" * 5000)
    table = open_table(source)
    source.seek(0, 2)
    source.write(b"Zo\xff\xfe,+12125550124\n")
    with pytest.raises(UserError, match="has changed") as refused:
        list(table.rows())
    assert refused.value.code == "unreadable_encoding"
