"""The workbook holds texts as texts, whatever they are."""

import io
from decimal import Decimal

import openpyxl
import pytest

from dialer.reports.workbook import MOST_SIGNS, Sheet, Workbook, figure_rows
from tests.support.report_rows import NOW

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.com", "{=1}", "0012", "\x1b[31m", "<b>", "a\u202eb"]


def book_of(*rows):
    target = io.BytesIO()
    book = Workbook(target, {"Leads": ("=name", "value"), "More": ("a",)}, NOW)
    for row in rows:
        book.sheets["Leads"].add(row)
    book.sheets["More"].add(["x"])
    book.close()
    return openpyxl.load_workbook(io.BytesIO(target.getvalue()))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_a_formula_a_link_or_a_number(text):
    sheet = book_of([text, 1])["Leads"]
    assert (sheet["A2"].data_type, sheet["B2"].value) == ("s", 1)
    assert sheet["A2"].hyperlink is None
    assert sheet["A1"].data_type == "s"


def test_numbers_are_numbers_and_nothing_is_empty():
    sheet = book_of([Decimal("0.0412"), None], [2.5, ""], ["", True])["Leads"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [0.0412, 2.5, None]
    assert sheet["B2"].value is None
    assert sheet["B4"].value == "True"


def test_a_text_that_no_cell_holds_ends_in_a_mark():
    sheet = book_of(["x" * (MOST_SIGNS + 5), 1])["Leads"]
    assert len(sheet["A2"].value) == MOST_SIGNS
    assert sheet["A2"].value.endswith("…")


class Recorder:
    def __init__(self):
        self.rows = set()

    def write_string(self, row, column, text, form=None):
        self.rows.add(row)

    def set_column(self, *_):
        pass

    def freeze_panes(self, *_):
        pass


def test_rows_that_no_sheet_holds_are_said():
    target = Recorder()
    sheet = Sheet(target, ["a"], None, most_rows=3)
    for _ in range(2):
        sheet.add(["x"])
    assert not sheet.is_cut
    sheet.add(["x"])
    assert (sheet.is_cut, target.rows) == (True, {0, 1, 2})


def test_figures_as_rows():
    values = {"rows": 3, "buckets": {"held": 1}, "funnel": [{"step": "loaded", "of": 3}], "list": [1]}
    assert figure_rows(values) == [
        ("rows", 3),
        ("buckets.held", 1),
        ("funnel[0].step", "loaded"),
        ("funnel[0].of", 3),
        ("list[0].", 1),
    ]
