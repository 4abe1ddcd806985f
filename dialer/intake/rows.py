"""Rows into contacts: exactly one ``Contact`` or ``RowProblem`` for each data row, so that rows = accepted + duplicates
+ rejected.

A row has one problem at most: the first in the order shape, number, duplicate, zone, other columns, variables. A number
counts as seen only once a row with it was accepted, so that a bad row never hides a good one behind it.

Where a row has several numbers, the first good one is the contact's and the other good ones come after it; the bad ones
are noted. Only a row without any good number is refused, for what is wrong with its first.

A date such as ``03/04/2026`` is refused unless other rows of the same column, or of the whole file, show which comes first.

Times: ``not_before``, ``expires_at`` and ``consent_at`` are taken with their offset, else in the contact's
``timezone``; where that is not given, in the reading that allows less (see ``values.read_instant``).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from phonenumbers import SUPPORTED_REGIONS

from dialer.intake.clean import is_empty
from dialer.intake.columns import Columns
from dialer.intake.countries import country_named, zone_named
from dialer.intake.date_order import DateOrders
from dialer.intake.numbers import NumberProblem, parse_phone
from dialer.intake.orders import reads_like_an_order
from dialer.intake.reader import Record, Table
from dialer.intake.refusal import Refused
from dialer.intake.rejects import own_columns
from dialer.intake.row_numbers import RowNumbers, opt_out
from dialer.intake.seen import SeenNumbers
from dialer.intake.values import Ambiguous, Unreadable, read_instant, read_integer, read_value
from dialer.model.campaign import Campaign
from dialer.model.contact import Consent, Contact, RowProblem
from dialer.model.phone import PhoneNumber
from dialer.model.template import BUILT_IN, TemplateError, currency_of, is_spoken, placeholders

_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_]([a-z]{2}))?", re.IGNORECASE)
_CONSENT = {
    "express": ("yes", "y", "true", "1", "express", "oral", "verbal", "opted in", "opt-in", "是", "同意", "口头"),
    "written": ("written", "signed", "express written", "prior express written", "esign", "书面", "书面同意", "签字"),
    "": ("no", "n", "false", "0", "unknown", "withdrawn", "revoked", "opted out", "否", "不同意", "未同意", "撤回"),
}  # fmt: skip
_CONSENT_KINDS = {word: kind for kind, words in _CONSENT.items() for word in words}
ORDER_NOTE = "reads like an order to the agent"
MAX_NAME = 80
"""Characters of a name: it is spoken in the opening."""
_NAMES = ("first_name", "last_name", "name")
_MOST_VALUES = 4096


def read_contacts(table: Table, columns: Columns, campaign: Campaign, *, region: str = "") -> Iterator[Contact | RowProblem]:
    """Yield one result for each data row of ``table``, in order.

    ``region`` reads national numbers (default: the first of the campaign's regions; a country column goes before both).
    Raises ``UserError`` only for what stops the whole file.
    """
    reader = _RowReader(columns, campaign, region or campaign.regions[0], DateOrders(table))
    seen = SeenNumbers()
    for record in table.rows():
        try:
            contact = reader.read(record, seen)
        except Refused as refused:
            yield RowProblem(
                record.row,
                refused.column,
                refused.value,
                refused.code,
                refused.message,
                refused.fix,
                reader.cells(record),
                *reader.opted_out(record),
            )
        else:
            for phone in contact.numbers:
                seen.add(phone, contact.row)
            yield contact


def needed_variables(campaign: Campaign) -> frozenset[str]:
    """Names that a row must have a value for: required, or said by a fixed text, and without a fallback."""
    said = {name for text in (campaign.opening.text, campaign.voicemail.message, campaign.script) for name in _names(text)}
    of_contact = {"first_name", "last_name", "name"}
    known = (set(campaign.variables) - set(BUILT_IN)) | of_contact
    required = {name for name, variable in campaign.variables.items() if variable.required}
    names = required | (said & known)
    return frozenset(name for name in names if name not in campaign.variables or not campaign.variables[name].fallback)


def _names(text: str) -> frozenset[str]:
    try:
        return frozenset(it.name for it in placeholders(text))
    except TemplateError:
        return frozenset()


class _RowReader:
    """Reads single rows of one file for one campaign."""

    def __init__(self, columns: Columns, campaign: Campaign, region: str, orders: DateOrders) -> None:
        self._columns = columns
        self._campaign = campaign
        self._region = region
        self._numbers = RowNumbers(columns, region, campaign.regions)
        self._needed = tuple(sorted(needed_variables(campaign)))
        self._values = _Values(columns, orders)
        self._is_rejects = len(own_columns(columns.header)) < len(columns.header)

    def cells(self, record: Record) -> dict[str, str]:
        """The row's own columns as read, also when it has too few or too many cells."""
        header = self._columns.header
        if len(record.cells) == len(header):
            return dict(zip(header, record.cells, strict=True))
        return dict(zip(header, (*record.cells, *[""] * len(header)), strict=False))

    def opted_out(self, record: Record) -> tuple[str, tuple[PhoneNumber, ...]]:
        """What the row itself says against calls, and to which numbers; nothing where its cells are not in their columns."""
        if not self._columns.opt_outs or _misshapen(record, len(self._columns.header)):
            return "", ()
        says = opt_out(self._columns, record.cells)
        at = self._columns.reserved.get("country")
        country = country_named(record.cells[at]) if says and at is not None else ""
        return says, self._numbers.every(record.cells, country) if says else ()

    def read(self, record: Record, seen: SeenNumbers) -> Contact:
        """Read one row; raises ``Refused``."""
        _check_shape(record, len(self._columns.header))
        cells = self.cells(record)
        row = record.cells
        known = {name: row[index] for name, index in self._columns.reserved.items() if not is_empty(row[index])}
        country = self._country(known.get("country", ""))
        number, others, notes = self._numbers.read(record.cells, country, seen)
        if self._is_rejects:
            _check_twin(row, self._columns.phone_column, number.phone)
        zone = self._zone(known.get("timezone", ""))
        variables = self._variables(row, known, zone)
        says, unwanted = self.opted_out(record)
        return Contact(
            row=record.row,
            phone=number.phone,
            cells=cells,
            variables=variables,
            external_id=known.get("external_id", ""),
            first_name=self._name(known, "first_name"),
            last_name=self._name(known, "last_name"),
            name=self._name(known, "name"),
            email=known.get("email", ""),
            company=known.get("company", ""),
            state=known.get("state", ""),
            postal_code=known.get("postal_code", ""),
            timezone=zone.key if zone else "",
            language=self._language(known.get("language", "")),
            country=country,
            caller_id=self._caller_id(known.get("caller_id", "")),
            priority=self._priority(known.get("priority", "")),
            not_before=self._instant(known, "not_before", zone, is_end=False),
            expires_at=self._instant(known, "expires_at", zone, is_end=True),
            consent=self._consent(known, zone),
            other_phones=others,
            opt_out=says,
            unwanted=unwanted,
            notes=(*record.notes, *notes, *_addressed(cells)),
        )

    def _refuse(self, name: str, value: str, code: str, message: str, fix: str) -> Refused:
        """Build the way out; ``name`` is ``phone``, a reserved name or a variable, said as the file's own column."""
        indexes = {"phone": self._columns.phone, **self._columns.reserved, **self._columns.variables}
        column = self._columns.header[indexes[name]] if name in indexes else name
        return Refused(column, value, code, message, fix)

    def _country(self, text: str) -> str:
        if not text:
            return ""
        code = country_named(text)
        if not code:
            raise self._refuse("country", text, "invalid_value", f"{text!r} is no country", "write it as US, CN, GB, ...")
        return code

    def _name(self, known: Mapping[str, str], name: str) -> str:
        text = known.get(name, "")
        if not text:
            return ""
        text = " ".join(text.split())
        if len(text) > MAX_NAME:
            said = f"the name has {len(text)} characters"
            raise self._refuse(name, text[:MAX_NAME], "invalid_value", said, f"keep it to {MAX_NAME}: it is spoken")
        return text

    def _zone(self, text: str) -> ZoneInfo | None:
        if not text:
            return None
        zone = zone_named(text)
        if zone is None:
            raise self._refuse(
                "timezone",
                text,
                "bad_timezone",
                f"{text!r} is no zone of the IANA list",
                "write it as America/New_York, or leave it empty",
            )
        return zone

    def _language(self, text: str) -> str:
        match = _LANGUAGE.fullmatch(text)
        if text and not (match and is_spoken(match[1].lower())):
            raise self._refuse("language", text, "invalid_value", f"{text!r} is no language", "write it as en, zh or en-GB")
        return "-".join(part for part in (match[1].lower(), (match[2] or "").upper()) if part) if match else ""

    def _caller_id(self, text: str) -> str:
        if not text:
            return ""
        number = parse_phone(text, self._region, SUPPORTED_REGIONS)
        if isinstance(number, NumberProblem) or number.phone not in self._campaign.caller_ids:
            allowed = ", ".join(self._campaign.caller_ids)
            raise self._refuse("caller_id", text, "invalid_value", f"{text!r} is none of our caller IDs", f"use one of {allowed}")
        return number.phone

    def _priority(self, text: str) -> int:
        try:
            return read_integer(text) if text else 0
        except Unreadable as error:
            raise self._refuse("priority", text, "invalid_value", error.message, error.fix) from error

    def _instant(self, known: Mapping[str, str], name: str, zone: ZoneInfo | None, *, is_end: bool) -> datetime | None:
        text = known.get(name, "")
        if not text:
            return None
        try:
            found: datetime = self._values.read(
                name, text, zone, lambda order: read_instant(text, zone, is_end=is_end, is_day_first=order)
            )
        except Unreadable as error:
            raise self._refuse(name, text, "invalid_value", error.message, error.fix) from error
        return found

    def _consent(self, known: Mapping[str, str], zone: ZoneInfo | None) -> Consent | None:
        text = known.get("consent", "")
        kind = _CONSENT_KINDS.get(text.casefold()) if text else ""
        if kind is None:
            raise self._refuse(
                "consent", text, "invalid_value", f"{text!r} does not say which consent", "write express, written or no"
            )
        given_at = self._instant(known, "consent_at", zone, is_end=False)
        return Consent(kind, known.get("consent_source", ""), given_at) if kind else None

    def _variables(self, row: Sequence[str], known: Mapping[str, str], zone: ZoneInfo | None) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, index in self._columns.variables.items():
            text = row[index]
            if not is_empty(text):
                values[name] = self._typed(name, text, zone)
        for name in self._needed:
            if name not in values and not known.get(name) and not (name == "name" and _has_name(known)):
                raise self._refuse(name, "", "missing_variable", f"the script needs {name}", "fill it in, or give it a fallback")
        return values

    def _typed(self, name: str, text: str, zone: ZoneInfo | None) -> Any:
        variable = self._campaign.variables[name]
        currency = variable.currency or currency_of(self._campaign.language)
        try:
            return self._values.read(
                name, text, zone, lambda order: read_value(text, variable, currency=currency, zone=zone, is_day_first=order)
            )
        except Unreadable as error:
            raise self._refuse(name, text, "invalid_value", error.message, error.fix) from error


class _Values:
    """Reads typed values, and each different text of a column once: a long list has few different dates and amounts."""

    def __init__(self, columns: Columns, orders: DateOrders) -> None:
        self._columns = {**columns.reserved, **columns.variables}
        self._orders = orders
        self._known: dict[tuple[str, str, ZoneInfo | None], Any] = {}

    def read(self, name: str, text: str, zone: ZoneInfo | None, how: Callable[[bool | None], Any]) -> Any:
        """What ``how`` makes of ``text``; a date that could be two is read in the order that the file shows.

        Raises ``Unreadable``, each time.
        """
        told = (name, text, zone)
        if told not in self._known:
            try:
                value = how(None)
            except Ambiguous:
                value = how(self._orders.is_day_first(self._columns[name]))
            if len(self._known) >= _MOST_VALUES:
                self._known.clear()
            self._known[told] = value
        return self._known[told]


def _misshapen(record: Record, width: int) -> bool:
    return len(record.cells) < width or any(record.cells[width:])


def _check_twin(row: Sequence[str], column: str, phone: PhoneNumber) -> None:
    """A twin that came back from ``rejects.csv`` as it was would put its name in the place of the row that was taken."""
    *_, value, code, _, _ = row
    if code == "duplicate" and phone in value:
        said = "still the same number as in another row of the first file"
        raise Refused(column, phone, "duplicate", said, "delete the row, or give it a number of its own")


def _check_shape(record: Record, width: int) -> None:
    if _misshapen(record, width):
        raise Refused(
            "",
            " | ".join(cell for cell in record.cells[width:] if cell),
            "ragged_row",
            f"the row has {len(record.cells)} cells, the header has {width}",
            "a cell is missing, or a delimiter in a cell is not quoted",
        )


def _has_name(known: Mapping[str, str]) -> bool:
    return bool(known.get("first_name") or known.get("last_name"))


def _addressed(cells: Mapping[str, str]) -> tuple[str, ...]:
    if not reads_like_an_order("\n".join(cells.values())):
        return ()
    return tuple(f"column {name!r} {ORDER_NOTE}" for name, text in cells.items() if reads_like_an_order(text))


def count_problem(problem: RowProblem) -> str:
    """Return the count that the row belongs to: ``duplicates`` or ``rejected``."""
    return "duplicates" if problem.code == "duplicate" else "rejected"
