"""Day first or month first: what a whole file shows about dates that alone could be two days."""

from dialer.intake.reader import Table
from dialer.intake.values import order_shown


class DateOrders:
    """Whether ``03/04/2026`` has the day or the month first, as the rest of the file shows it. Asked seldom, found out once."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._shown: dict[int, set[bool]] | None = None

    def is_day_first(self, column: int) -> bool | None:
        """What the column shows, else what all columns show together; None when that is nothing, or both."""
        if self._shown is None:
            self._shown = self._read()
        shown = self._shown.get(column) or set().union(*self._shown.values())
        return next(iter(shown)) if len(shown) == 1 else None

    def _read(self) -> dict[int, set[bool]]:
        shown: dict[int, set[bool]] = {}
        # The rows are being read at this moment: they go on where they were.
        at = self._table.source.tell()
        for record in self._table.rows():
            for index, cell in enumerate(record.cells):
                if cell[:1].isdigit() and (is_day_first := order_shown(cell)) is not None:
                    shown.setdefault(index, set()).add(is_day_first)
        self._table.source.seek(at)
        return shown
