"""One person to be called, and the problems of rows that did not become one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dialer.model.phone import PhoneNumber


@dataclass(frozen=True, slots=True)
class Consent:
    """Proof that we may call: ``kind`` is ``express`` or ``written``; the number is the contact's own."""

    kind: str
    source: str
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A good row. ``row`` is its line in the file (the header is row 1); ``cells`` are its own columns, in order, as read."""

    row: int
    phone: PhoneNumber
    cells: Mapping[str, str]
    variables: Mapping[str, Any]
    """Typed values by name, JSON-ready (dates and times as ISO 8601 text, money and numbers as text of a Decimal)."""
    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    name: str = ""
    email: str = ""
    company: str = ""
    timezone: str = ""
    language: str = ""
    country: str = ""
    state: str = ""
    postal_code: str = ""
    caller_id: str = ""
    priority: int = 0
    not_before: datetime | None = None
    expires_at: datetime | None = None
    consent: Consent | None = None
    other_phones: tuple[PhoneNumber, ...] = field(default=())
    """Further numbers of the same person, in the order in which they are tried after ``phone``; none of them twice."""
    opt_out: str = ""
    """The list itself says that this person wants no calls: the column and its word; empty otherwise."""
    unwanted: tuple[PhoneNumber, ...] = field(default=())
    """Where there is an opt-out, every number of the row that can be read, also one that another row has."""
    notes: tuple[str, ...] = field(default=())
    """What was repaired while reading (``repaired 1.3912345678E+10``), for the operator."""

    @property
    def numbers(self) -> tuple[PhoneNumber, ...]:
        """All numbers of the person, in order."""
        return (self.phone, *self.other_phones)

    @property
    def display_name(self) -> str:
        """The name to show to people: the full name, else first and last, else nothing."""
        return self.name or " ".join(part for part in (self.first_name, self.last_name) if part)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A refused row: where, what, which code, and what to do about it. ``cells`` are the row's own columns as read."""

    row: int
    column: str
    value: str
    code: str
    message: str
    fix: str
    cells: Mapping[str, str]
    opt_out: str = ""
    unwanted: tuple[PhoneNumber, ...] = field(default=())
    """As of a contact: a wish for no calls counts whatever else is wrong with its row."""
