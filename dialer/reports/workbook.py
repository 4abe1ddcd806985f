"""``leads.xlsx``: the leads, the contacts, the attempts and the figures as sheets of one workbook, row by row.

Every text is written as a string, so that nothing in it is a formula or a link; amounts, scores and seconds are numbers. The
library keeps one row of each sheet in memory (``constant_memory``). What a sheet cannot hold is not lost silently: longer texts
end in "…" (32,767 signs is a cell's limit), and ``is_cut`` says that rows beyond the 1,048,576th are in the CSV files only.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from dialer.reports.csvs import written

MOST_ROWS = 1_048_576
MOST_SIGNS = 32_767
_NUMBERS = (int, float, Decimal)
_WIDEST, _NARROWEST = 48, 9


class Sheet:
    """One sheet that is filled from the top."""

    def __init__(self, sheet: Any, header: Sequence[str], bold: Any, *, most_rows: int = MOST_ROWS) -> None:
        self._sheet = sheet
        self._row = 0
        self._most_rows = most_rows
        self.is_cut = False
        for column, name in enumerate(header):
            sheet.set_column(column, column, min(max(len(name) + 2, _NARROWEST), _WIDEST))
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(header):
            sheet.write_string(0, column, _fitting(name), bold)
        self._row = 1

    def add(self, cells: Sequence[object]) -> None:
        """One row."""
        if self._row >= self._most_rows:
            self.is_cut = True
            return
        for column, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            if isinstance(cell, _NUMBERS) and not isinstance(cell, bool):
                self._sheet.write_number(self._row, column, cell)
            else:
                self._sheet.write_string(self._row, column, _fitting(written(cell)))
        self._row += 1


class Workbook:
    """The workbook, written to ``target`` when it is closed."""

    def __init__(self, target: IO[bytes], headers: Mapping[str, Sequence[str]], made_at: datetime) -> None:
        """``headers``: the name of each sheet with its columns, in order. The same rows give the same bytes."""
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book = xlsxwriter.Workbook(target, options)
        self._book.set_properties({"created": made_at.replace(tzinfo=None)})
        bold = self._book.add_format({"bold": True})
        self.sheets = {name: Sheet(self._book.add_worksheet(name), header, bold) for name, header in headers.items()}

    def close(self) -> None:
        """Put the parts together."""
        self._book.close()


def _fitting(text: str) -> str:
    return text if len(text) <= MOST_SIGNS else f"{text[: MOST_SIGNS - 1]}…"


def figure_rows(values: Mapping[str, Any], path: str = "") -> list[tuple[str, object]]:
    """The contents of ``report.json`` as rows of name and value, for the sheet of figures."""
    found: list[tuple[str, object]] = []
    for key, value in values.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            found += figure_rows(value, name)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                inner = item if isinstance(item, Mapping) else {"": item}
                found += figure_rows(inner, f"{name}[{index}]")
        else:
            found.append((name, value))
    return found
