"""The rules as data: reads and checks ``data/rulebook.toml``. A rule file that cannot be read is an error, so nothing
is dialled.

Every row carries its source, the day on which it was checked, and how sure it is, so that a person can judge it without
reading code. The version stands in the file; ``Rulebook.digest`` names the exact text.
"""

import hashlib
import tomllib
from collections.abc import Collection, Iterator
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dialer.compliance.hours import Window, parse_window
from dialer.errors import PolicyRefusal, UserError
from dialer.model.campaign import CampaignKind, Duration, Hours


class Row(BaseModel):
    """What each row of the file says about itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Z]+-[0-9]+(-[A-Z]{2}){0,2}$")
    kinds: tuple[CampaignKind, ...] = Field(min_length=1)
    source: str = Field(min_length=1)
    checked_on: date
    confidence: Literal["read", "secondary", "design"]

    def binds(self, kind: CampaignKind) -> bool:
        """Whether the row applies to this kind of campaign."""
        return kind in self.kinds


class WindowRule(Row):
    """When the callee may be rung, in local time; a weekday that is absent is closed."""

    mon: tuple[str, ...] = ()
    tue: tuple[str, ...] = ()
    wed: tuple[str, ...] = ()
    thu: tuple[str, ...] = ()
    fri: tuple[str, ...] = ()
    sat: tuple[str, ...] = ()
    sun: tuple[str, ...] = ()
    holidays: Literal["", "country", "state"] = ""
    """Whose public holidays are closed as well; ``state``: the country's and the state's."""


class Place(Row):
    """A country (ISO 3166-1), or one state of it."""

    region: str = Field(pattern=r"^[A-Z]{2}$")
    state: str = Field(default="", pattern=r"^([A-Z]{2,3})?$")

    def covers(self, region: str, states: Collection[str]) -> bool:
        """Whether a contact there is meant; ``states``: the codes of all states that it may be in."""
        return self.region == region and (not self.state or self.state in states)


class NarrowerRule(WindowRule, Place):
    """A place with shorter hours."""


class BarredRule(Place):
    """A place where such calls are not made."""

    why: str = Field(min_length=1)
    unless_caller_id: str = ""
    """The number shown may begin with this; then nothing is barred."""


class _Everywhere(Row):
    """A row that binds one place, or (without ``region``) all."""

    region: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    state: str = Field(default="", pattern=r"^([A-Z]{2,3})?$")

    def covers(self, region: str, states: Collection[str] = ()) -> bool:
        """Whether a contact there is meant."""
        return (not self.region or self.region == region) and (not self.state or self.state in states)


class CapRule(_Everywhere):
    """At most so many attempts on one number in any stretch of ``period``."""

    attempts: int = Field(ge=1)
    period: Duration


class QuietRule(Row):
    """No attempt for ``period`` after a talk, a refusal, or a call in which we said nothing."""

    after: Literal["talk", "refusal", "abandoned"]
    period: Duration


class ConsentRule(Row):
    """Which classes of consent suffice, whether a named person may attest it for a whole list, and whether it needs its date."""

    classes: tuple[Literal["express", "written"], ...] = Field(min_length=1)
    may_be_attested: bool
    must_be_dated: bool


class AgeRule(_Everywhere):
    """Something may be as old as ``period``: consent since its last use, a copy of a national list."""

    period: Duration


class NumbersRule(Row):
    """Which numbers are dialled at all."""

    types: tuple[str, ...] = Field(min_length=1)
    no_country: tuple[int, ...]
    pay_exchanges: tuple[str, ...]


class FigureRule(Row):
    """A figure that another part of the program keeps."""

    what: str = Field(min_length=1)
    value: float


class WordsRule(_Everywhere):
    """What fixed words must say."""

    needs: tuple[Literal["identity", "ai", "purpose", "opt_out", "callback", "toll_free", "recording"], ...] = Field(min_length=1)


class YesRule(Row):
    """Where something needs a yes of the callee: countries ("DE") and states ("US-CA")."""

    places: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z]{2,3})?$")], ...] = Field(min_length=1)

    def place(self, region: str, states: Collection[str]) -> str:
        """The first of its places that the contact may be at; empty: at none. Where the state is not known it may be any."""
        states = states or [place[3:] for place in self.places if place.startswith(f"{region}-")]
        return next((place for place in self.places if place in {region, *(f"{region}-{state}" for state in states)}), "")


class Rulebook(BaseModel):
    """The whole file. Every kind of campaign has exactly one window and one consent rule, and at least one cap."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1)
    least_common_minutes: int = Field(ge=1, le=1440)
    clock_skew_s: float = Field(gt=0)
    windows: tuple[WindowRule, ...]
    narrower: tuple[NarrowerRule, ...] = ()
    barred: tuple[BarredRule, ...] = ()
    caps: tuple[CapRule, ...]
    quiet: tuple[QuietRule, ...] = ()
    consent: tuple[ConsentRule, ...]
    outer: WindowRule
    """What no override widens."""
    holidays: Row
    """Public holidays; the windows say whose."""
    continental: tuple[Row, ...] = ()
    numbers: NumbersRule
    consent_age: tuple[AgeRule, ...] = ()
    reassigned: Row
    national: tuple[AgeRule, ...] = ()
    registrations: tuple[BarredRule, ...] = ()
    figures: tuple[FigureRule, ...] = ()
    opening: tuple[WordsRule, ...] = ()
    voicemail: tuple[WordsRule, ...] = ()
    recording: WordsRule
    recording_yes: YesRule
    selling: Row
    digest: str = Field(min_length=1)
    """SHA-256 of the text that was read, in hex."""

    def window_for(self, kind: CampaignKind) -> WindowRule:
        """The base window of this kind."""
        return next(row for row in self.windows if row.binds(kind))

    def consent_for(self, kind: CampaignKind) -> ConsentRule:
        """The consent that this kind needs."""
        return next(row for row in self.consent if row.binds(kind))

    def caps_for(self, kind: CampaignKind) -> tuple[CapRule, ...]:
        """The frequency caps of this kind."""
        return tuple(row for row in self.caps if row.binds(kind))

    def quiet_for(self, kind: CampaignKind) -> tuple[QuietRule, ...]:
        """The quiet times of this kind."""
        return tuple(row for row in self.quiet if row.binds(kind))

    def narrower_for(self, kind: CampaignKind, region: str, states: Collection[str]) -> tuple[NarrowerRule, ...]:
        """The rows that shorten the hours of this kind at that place."""
        return tuple(row for row in self.narrower if row.binds(kind) and row.covers(region, states))

    def barred_for(self, kind: CampaignKind, region: str, states: Collection[str]) -> tuple[BarredRule, ...]:
        """The rows that bar this kind at that place."""
        return tuple(row for row in self.barred if row.binds(kind) and row.covers(region, states))

    def may_be_overridden(self) -> frozenset[str]:
        """The ids of the rules that a named person may widen. What the callee said, proof of consent, the kind of number,
        our clock and our money are none of them.
        """
        return _overridable(self)

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Every row of the book with the name of its section, in the order of the file's sections."""
        for section in type(self).model_fields:
            value = getattr(self, section)
            found = value if isinstance(value, tuple) else (value,)
            yield from ((section, row) for row in found if isinstance(row, Row))


def load_rulebook(text: str) -> Rulebook:
    """Read a rule file. Raise ``UserError`` when it is not TOML, has an unknown or missing key, or leaves a kind
    without a rule.
    """
    try:
        body = tomllib.loads(text)
        book = Rulebook.model_validate(body | {"digest": hashlib.sha256(text.encode()).hexdigest()})
        for row in (*book.windows, *book.narrower, book.outer):
            read_window(row)
    except (tomllib.TOMLDecodeError, ValidationError, UserError) as error:
        raise UserError(f"the rule file cannot be read, so nothing is dialled: {error}", code="bad_rulebook") from error
    for kind in CampaignKind:
        windows = sum(row.binds(kind) for row in book.windows)
        consents = sum(row.binds(kind) for row in book.consent)
        if windows != 1 or consents != 1 or not any(not row.region for row in book.caps_for(kind)):
            raise UserError(
                f"the rule file needs for {kind} one window (not {windows}), one consent rule (not {consents}), a cap",
                code="bad_rulebook",
            )
    return book


def _overridable(book: Rulebook) -> frozenset[str]:
    sections = (book.windows, book.narrower, book.barred, book.caps, book.quiet, book.continental, book.consent_age)
    rows = [row for section in (*sections, book.national, book.registrations) for row in section]
    return frozenset(row.id for row in (*rows, book.holidays, book.recording_yes))


@cache
def read_window(row: WindowRule) -> Window:
    """Return the spans of a row."""
    return parse_window(Hours(**row.model_dump(include=set(Hours.model_fields))))


def required_rulebook(text: str) -> Rulebook:
    """As ``load_rulebook``, for the rules in force. Raises ``PolicyRefusal``: without rules nothing may be dialled."""
    try:
        return load_rulebook(text)
    except UserError as error:
        raise PolicyRefusal(str(error)) from error


@cache
def shipped_rulebook() -> Rulebook:
    """The rules that travel with the package, read once. Raises ``PolicyRefusal`` when they cannot be read."""
    file = resources.files("dialer.compliance") / "data" / "rulebook.toml"
    return required_rulebook(file.read_text(encoding="utf-8"))
