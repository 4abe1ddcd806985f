"""The lines that report exports put below the last row: totals, who made it, whose it is. They are said, and no rows."""

import re
from collections.abc import Iterable, Iterator

from dialer.intake.record import Record

MAX_LINES = 10
_SAYS_SO = re.compile(
    r"(?:grand |sub)?totals?\b|copyright\b|©|confidential\b|generated (?:by|on|at)\b|exported (?:by|on|at|from)\b"
    r"|report (?:name|generated|date)\b|as of \d|page \d+ of|end of (?:report|file|list)|number of (?:records|rows)"
    r"|\d+ (?:records|rows|contacts)\b|filtered by\b|printed (?:on|by)\b"
    r"|合计|总计|小计|共\s*\d+\s*[条行个]|导出(?:时间|日期|人)|制表|打印时间|数据来源"
    r"|summe\b|gesamt|erstellt (?:am|von)|total général",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\d\s()+./-]{7,}")


class WithoutFooter:
    """Records without the footer. ``left_out`` holds it once all records have been read."""

    def __init__(self, records: Iterable[Record], width: int) -> None:
        self._records = records
        self._width = width
        self.left_out: list[Record] = []

    def __iter__(self) -> Iterator[Record]:
        held: list[Record] = []
        for record in self._records:
            if len(held) < MAX_LINES and self._may_be_footer(record):
                held.append(record)
                continue
            yield from held
            held.clear()
            yield record
        # One line that says so makes the block a footer: a report's name and a company's stand there by themselves.
        if any(_SAYS_SO.match(text) for record in held for text in record.cells if text):
            self.left_out = held
        else:
            yield from held

    def _may_be_footer(self, record: Record) -> bool:
        """A lone cell that is no number, or a line of totals."""
        filled = [cell for cell in record.cells if cell]
        if len(filled) == 1 and self._width > 1:
            return not _NUMBER.fullmatch(filled[0])
        return len(filled) <= 2 and _SAYS_SO.match(filled[0]) is not None
