"""``rejects.csv``: the refused rows as they were, with what is wrong and how to mend it, ready to be mended and imported again.

The row's own columns come first, then ``row, column, value, code, message, fix``. Every cell is safe to open in a
spreadsheet program; reading the file again gives the row's own cells back unchanged, and its six added columns are
passed over.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from dialer.intake.clean import guard
from dialer.intake.columns import REJECT_COLUMNS
from dialer.intake.reader import column_key
from dialer.model.contact import RowProblem


def rejects_header(header: Sequence[str]) -> list[str]:
    """Return the columns of ``rejects.csv`` for a file with ``header``.

    A file that was a ``rejects.csv`` itself keeps one set of the added columns; an own column called ``code`` or the like
    makes the added one ``reject_code``.
    """
    own = own_columns(header)
    taken = {column_key(name) for name in own}
    return [*own, *(f"reject_{name}" if column_key(name) in taken else name for name in REJECT_COLUMNS)]


def render(header: Sequence[str], problems: Iterable[RowProblem]) -> Iterator[str]:
    """Yield the lines of ``rejects.csv`` (text, CRLF line ends), the header first. Write them as UTF-8 with a byte order mark."""
    own = own_columns(header)
    yield _line(rejects_header(header))
    for problem in problems:
        added = (str(problem.row), problem.column, problem.value, problem.code, problem.message, problem.fix)
        yield _line([*(problem.cells.get(name, "") for name in own), *added])


def own_columns(header: Sequence[str]) -> list[str]:
    """Return the columns of the user's own: without the six at the end of a file that was written by us."""
    count = len(REJECT_COLUMNS)
    tail = [name.removeprefix("reject_") for name in header[-count:]]
    return list(header[:-count] if tail == list(REJECT_COLUMNS) else header)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([guard(cell) for cell in cells])
    return text.getvalue()
