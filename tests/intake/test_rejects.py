"""rejects.csv opens safely, says what is wrong, and can be mended and imported again."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from dialer.intake.reader import open_table
from dialer.intake.rejects import own_columns, rejects_header, render
from dialer.model.contact import RowProblem

ADDED = ["row", "column", "value", "code", "message", "fix"]


def problem(cells: dict[str, str], value: str = "") -> RowProblem:
    return RowProblem(7, "phone", value, "invalid_phone", "no number", "give one", cells)


def test_own_columns_then_the_six() -> None:
    lines = list(render(["phone", "note"], [problem({"phone": "12", "note": 'a "b", c'}, "12")]))
    assert lines == [
        "phone,note,row,column,value,code,message,fix\r\n",
        '12,"a ""b"", c",7,phone,12,invalid_phone,no number,give one\r\n',
    ]


def test_formulas_are_guarded() -> None:
    (_, line) = render(["phone"], [problem({"phone": "=cmd()"}, "+1212")])
    assert line.startswith("'=cmd(),7,phone,'+1212,")


def test_a_rejects_file_imported_again_keeps_one_set_of_the_six() -> None:
    again = rejects_header(rejects_header(["phone", "note"]))
    assert again == ["phone", "note", *ADDED]
    assert own_columns(again) == ["phone", "note"]


def test_own_columns_of_the_same_name_stay_and_the_added_one_gives_way() -> None:
    header = rejects_header(["phone", "Code", "row"])
    assert header == ["phone", "Code", "row", "reject_row", "column", "value", "reject_code", "message", "fix"]
    assert rejects_header(header) == header


def test_cells_that_a_row_does_not_have_are_empty() -> None:
    (_, line) = render(["phone", "note"], [problem({"phone": "1"})])
    assert line.startswith("1,,7,")


CELL = st.text(alphabet="ab =+-@'\",;\né王0", max_size=10).map(str.strip)


@given(st.lists(st.tuples(CELL.filter(bool), CELL), max_size=5))
def test_written_cells_are_read_back(rows: list[tuple[str, str]]) -> None:
    header = ["phone", "note"]
    text = "".join(render(header, [problem(dict(zip(header, row, strict=True))) for row in rows]))
    table = open_table(io.BytesIO(text.encode("utf-8-sig")))
    assert [record.cells[:2] for record in table.rows()] == rows
    assert all(len(row) == 8 for row in csv.reader(io.StringIO(text)))
