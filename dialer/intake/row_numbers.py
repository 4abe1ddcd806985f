"""The phone numbers of one row, and whether the person wants to be called at all."""

import re
from collections.abc import Collection, Sequence

from phonenumbers import SUPPORTED_REGIONS, region_code_for_country_code

from dialer.intake.clean import is_empty
from dialer.intake.columns import Columns
from dialer.intake.numbers import NumberProblem, ParsedNumber, parse_phone
from dialer.intake.refusal import Refused
from dialer.intake.seen import SeenNumbers
from dialer.model.phone import PhoneNumber

_SEVERAL = re.compile(r"\s*:::\s*")
"""What Google Contacts puts between several values of one cell."""
_NOT_OPTED_OUT = frozenset(
    "no n false f 0 off none allowed callable subscribed 否 没有 无 允许 可致电".split()  # noqa: SIM905  # a list of words reads better
)
_MAX_WORD = 80


class RowNumbers:
    """Reads the phone columns of a file. ``region`` reads national numbers; ``allowed`` regions may be called."""

    def __init__(self, columns: Columns, region: str, allowed: Collection[str]) -> None:
        self._columns = columns
        self._region = region
        self._allowed = allowed

    def read(
        self, cells: Sequence[str], country: str, seen: SeenNumbers
    ) -> tuple[ParsedNumber, tuple[PhoneNumber, ...], tuple[str, ...]]:
        """The first good number of the row, its further ones, and what was repaired or passed over. Raises ``Refused``."""
        region = country or self._dial_region(cells) or self._region
        good: dict[PhoneNumber, ParsedNumber] = {}
        notes: list[str] = []
        problems: list[Refused] = []
        for column, text in self._texts(cells):
            number = parse_phone(text, region, self._allowed)
            if isinstance(number, NumberProblem):
                problems.append(Refused(column, text, number.code, number.message, number.fix))
            elif number.phone not in good:
                good[number.phone] = number
                notes += number.notes
        said = [problem for problem in problems if problem.code != "missing_phone"]
        if not good:
            raise (said or problems)[0]
        first, *others = good.values()
        if row := seen.row_of(first.phone):
            same = f"the same number as in row {row}"
            raise Refused(self._columns.phone_column, first.phone, "duplicate", same, "keep one row for each number")
        taken = {other.phone: seen.row_of(other.phone) for other in others}
        notes += [f"passed over {problem.column!r}: {problem.code}" for problem in said]
        notes += [f"passed over {phone}: it is in row {row}" for phone, row in taken.items() if row]
        return first, tuple(phone for phone, row in taken.items() if not row), tuple(notes)

    def every(self, cells: Sequence[str], country: str) -> tuple[PhoneNumber, ...]:
        """Every number of the row that can be read, of whatever country and kind of use: for a wish that it be not called."""
        region = country or self._dial_region(cells) or self._region
        read = [parse_phone(text, region, SUPPORTED_REGIONS) for _, text in self._texts(cells)]
        return tuple(dict.fromkeys(number.phone for number in read if isinstance(number, ParsedNumber)))

    def _texts(self, cells: Sequence[str]) -> list[tuple[str, str]]:
        """Every cell of a phone column with the column's name, in the order in which they are tried."""
        indexes = (self._columns.phone, *self._columns.other_phones)
        return [(self._columns.header[index], text) for index in indexes for text in _SEVERAL.split(cells[index])]

    def _dial_region(self, cells: Sequence[str]) -> str:
        """The country of a calling code that stands in a column of its own."""
        text = cells[self._columns.dial_code].lstrip("+0 ") if self._columns.dial_code is not None else ""
        region = region_code_for_country_code(int(text)) if text.isdecimal() and len(text) <= 3 else "ZZ"
        return "" if region in ("ZZ", "001") else region


def opt_out(columns: Columns, cells: Sequence[str]) -> str:
    """What a column of those who want no calls says, unless it says no; what cannot be understood counts."""
    for index in columns.opt_outs:
        text = cells[index]
        if not is_empty(text) and text.casefold() not in _NOT_OPTED_OUT:
            return f"{columns.header[index]} = {text[:_MAX_WORD]}"
    return ""
