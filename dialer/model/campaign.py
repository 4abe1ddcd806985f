"""A campaign as its author writes it: ``campaign.toml`` plus ``script.md``, checked key by key.

The models are the single description of the file: ``campaign check`` reports their errors, the JSON schema for editors is
generated from them, and a frozen script version is their canonical JSON. Unknown keys are errors.
"""

import hashlib
import json
import re
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from dialer.model.disposition import Disposition, Outcome

_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(s|m|h|d)\s*$")
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(value: object) -> object:
    """Read ``"30m"``, ``"4h"``, ``"1d"``, ``"90s"`` as a timedelta; anything else is left to pydantic."""
    if isinstance(value, str) and (match := _DURATION.match(value)):
        return timedelta(seconds=float(match[1]) * _UNITS_S[match[2]])
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration, json_schema_input_type=str),
    PlainSerializer(lambda value: f"{value.total_seconds():g}s", return_type=str),
]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]


class _Section(BaseModel):
    """Every section: frozen, and an unknown key is an error rather than a silent typo."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CampaignKind(StrEnum):
    """What the call is for; the legal gates depend on it."""

    REMINDER = "reminder"
    PROMOTION = "promotion"
    SALES = "sales"

    @property
    def is_marketing(self) -> bool:
        """Promotion and sales are telemarketing; a reminder informs."""
        return self is not CampaignKind.REMINDER


class Opening(_Section):
    """The fixed first words: identity, AI disclosure, purpose, opt-out. Placeholders are ``{variable}``."""

    text: str = Field(min_length=1, max_length=600)


class VoiceChoice(_Section):
    """Which voice speaks, and when the opening is produced."""

    name: str = "marin"
    model: str = ""
    prewarm: Literal["ring", "answer", "clip"] = "ring"


class Variable(_Section):
    """One column of the contact file that the script uses."""

    type: Literal["text", "integer", "number", "money", "date", "time", "datetime", "enum", "boolean"] = "text"
    required: bool = False
    fallback: str = ""
    values: tuple[str, ...] = ()
    private: bool = False
    """Only told after the identity check."""
    description: str = ""
    column: str = ""
    """The name of the column in the contact file, where it is not the variable's own (a Chinese header, for example)."""
    currency: str = Field(default="", pattern=r"^([A-Z]{3})?$")
    """Of a money variable, where it is not the one of the language: ``USD``."""


class Identity(_Section):
    """Check who is speaking before a private detail. The secret stays in code: the model only learns yes or no."""

    variable: Name
    question: str
    tries: int = Field(default=2, ge=1, le=5)


class Answer(_Section):
    """One thing to find out, with the question to ask."""

    question: str = Field(min_length=1, max_length=300)
    type: Literal["text", "integer", "number", "money", "date", "boolean", "enum"] = "text"
    values: tuple[str, ...] = ()
    required: bool = False


class OutcomeRule(_Section):
    """One outcome that this script may end in, and what it means for the contact."""

    when: str
    category: Literal["positive", "negative", "neutral"] = "neutral"
    final_for_contact: bool = True
    final_for_number: bool = False
    right_party: bool = True
    lead: bool = False


class Hours(_Section):
    """When the callee may be rung, in the callee's own local time: ``mon = ["09:00-12:00", "13:00-20:00"]``; absent = closed."""

    mon: tuple[str, ...] = ()
    tue: tuple[str, ...] = ()
    wed: tuple[str, ...] = ()
    thu: tuple[str, ...] = ()
    fri: tuple[str, ...] = ()
    sat: tuple[str, ...] = ()
    sun: tuple[str, ...] = ()


class Pacing(_Section):
    """How many calls at once, and how many call starts per second."""

    concurrency: int = Field(default=10, ge=1, le=2000)
    cps: float = Field(default=1.0, gt=0, le=100)
    caller_concurrency: int | None = Field(default=None, ge=1, le=2000)
    caller_cps: float | None = Field(default=None, gt=0, le=100)
    """The same for each caller ID of this campaign by itself; absent: no limit of its own."""


class Redial(_Section):
    """After one disposition: how many attempts at each number, and how long to wait before each further one (the last
    repeats).
    """

    attempts: int = Field(default=1, ge=1, le=10)
    delays: tuple[Duration, ...] = ()
    next_number: Duration = timedelta(minutes=10)
    """How long to wait before the contact's next number, where it has several."""
    other_time: bool = False
    """Try again in another part of the day: morning, afternoon, evening of the contact's own zone."""


class Voicemail(_Section):
    """What to do when a machine answers."""

    action: Literal["hang_up", "leave_message", "message_on_last_attempt"] = "hang_up"
    message: str = Field(default="", max_length=600)


class TransferDesk(_Section):
    """A human to hand over to."""

    number: E164
    when: str
    announce: str = "One moment, I am connecting you."
    mode: Literal["cold", "warm"] = "cold"
    """``warm``: the desk is rung first, hears a summary and takes the call by a key; until then the talk goes on."""


class Menu(_Section):
    """What to do when a telephone menu answers: press these keys once and wait for a person, or (empty) hang up."""

    press: str = Field(default="", pattern=r"^[0-9*#]{0,8}$")


class Guards(_Section):
    """What the agent must never promise: said nevertheless, it is recorded, and the call ends with a correction."""

    forbidden: tuple[Annotated[str, Field(min_length=3, max_length=100)], ...] = Field(default=(), max_length=50)
    """Phrases, in the language of the calls: "guaranteed returns", "free of charge"."""
    then: Literal["end", "record"] = "end"


class Dnc(_Section):
    """How national do-not-call lists bind: always, or not where the contact has given written consent to these calls."""

    national: Literal["required", "waived_with_consent"] = "required"


class Budget(_Section):
    """Money is a limit: the campaign stops at it."""

    total: Decimal | None = Field(default=None, gt=0)
    per_day: Decimal | None = Field(default=None, gt=0)
    per_call: Decimal | None = Field(default=None, gt=0)
    currency: Literal["USD"] = "USD"


class Limits(_Section):
    """How long a call may ring, last and be silent."""

    ring_s: int = Field(default=30, ge=15, le=120)
    call_s: int = Field(default=300, ge=30, le=1800)
    silence_s: int = Field(default=10, ge=4, le=60)
    attempts_per_day: int = Field(default=1, ge=1, le=3)


class LeadWeight(_Section):
    """Points for one reason: an outcome, or an answer that is given, equals a value or is at least a number."""

    points: int = Field(ge=-100, le=100)
    reason: str
    outcome: Outcome | None = None
    answer: str | None = None
    equals: str | None = None
    at_least: Decimal | None = None


class LeadRules(_Section):
    """How a contact becomes a lead, in points from 0 to 100."""

    hot: int = Field(default=70, ge=1, le=100)
    warm: int = Field(default=40, ge=1, le=100)
    weights: tuple[LeadWeight, ...] = ()


class Campaign(_Section):
    """A whole campaign: the settings of ``campaign.toml`` and the text of ``script.md``."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    kind: CampaignKind
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    company: str = Field(min_length=1)
    agent_name: str = Field(min_length=1)
    callback_number: E164
    caller_ids: tuple[E164, ...] = Field(min_length=1)
    regions: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ("US",)
    """Countries (ISO 3166-1) that may be called; the first reads national numbers."""
    registrations: dict[Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z]{2,3})?$")], str] = Field(default_factory=dict)
    """The seller's registrations by country or state, where a law wants one: ``US-TX = "..."``."""
    dnc: Dnc = Dnc()
    consent_attested_by: str = ""
    """Reminder only: the named person who attests express consent for a list without a consent column."""
    opening: Opening
    voice: VoiceChoice = VoiceChoice()
    variables: dict[Name, Variable] = Field(default_factory=dict)
    identity: Identity | None = None
    slots: tuple[str, ...] = ()
    """Appointment times that may be offered, as ISO local times (``2026-12-03T14:30``) in the contact's zone."""
    answers: dict[Name, Answer] = Field(default_factory=dict)
    outcomes: dict[Outcome, OutcomeRule]
    hours: Hours = Hours()
    pacing: Pacing = Pacing()
    redial: dict[Disposition, Redial] = Field(default_factory=dict)
    voicemail: Voicemail = Voicemail()
    menu: Menu = Menu()
    guards: Guards = Guards()
    transfer: dict[Name, TransferDesk] = Field(default_factory=dict)
    budget: Budget = Budget()
    limits: Limits = Limits()
    lead: LeadRules = LeadRules()
    script: str = Field(min_length=1, max_length=20000)
    """The text of ``script.md``: role, steps, facts, objections, limits."""

    def canonical_json(self) -> str:
        """The frozen text of this version, without spaces.

        Questions, variables and outcomes stay in the author's order: it is the order in which they are told and asked, so a
        new order is a new version.
        """
        body: dict[str, Any] = self.model_dump(mode="json")
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    def version_hash(self) -> str:
        """SHA-256 of the canonical text, in hex: the name of this script version."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()
