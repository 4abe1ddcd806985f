"""Results of a conversation: values with evidence, and the scored lead that they make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dialer.model.disposition import Outcome


class Source(StrEnum):
    """Where a value came from, most trusted first."""

    CORRECTED = "corrected"
    TOOL = "tool"
    CONFIRMED = "confirmed"
    MODEL = "model"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The callee's own words for a value: the turn, the quote as it stands there, and when (ms from the answer)."""

    turn_seq: int
    quote: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class EvidencedAnswer:
    """One answer to one question. Without evidence ``value`` is None and a person has to look."""

    name: str
    value: str | None
    source: Source
    evidence: Evidence | None
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says instead: of ``outcome``, or of an answer by its name. A value of "" means: not known."""

    field: str
    value: str
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a model says it read, before our code has looked for the quote in that turn."""

    value: str
    quote: str
    turn_seq: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """One talk as a model read it. Nothing of it counts until its quotes are found in the transcript."""

    outcome: Claim | None = None
    answers: Mapping[str, Claim] = field(default_factory=dict)
    objections: tuple[Claim, ...] = ()
    """``value`` is the kind."""
    opt_out: Claim | None = None
    sentiment: Claim | None = None
    summary: str = ""


class AnalysisState(StrEnum):
    """Where a model's reading of a talk stands."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    """The model would not."""
    INCOMPLETE = "incomplete"
    """It was cut off: a part of an answer is none."""
    FAILED = "failed"
    """The service did not give a usable answer, again and again."""


class ObjectionKind(StrEnum):
    """What spoke against it."""

    PRICE = "price"
    TIMING = "timing"
    TRUST = "trust"
    HAS_ONE = "has_one"
    NO_NEED = "no_need"
    NOT_ALONE = "not_alone"
    NOT_ENTITLED = "not_entitled"
    IN_WRITING = "in_writing"
    AUTOMATED = "automated"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Objection:
    """What a callee held against it, in the callee's own words."""

    kind: ObjectionKind
    evidence: Evidence
    source: Source


class Tag(StrEnum):
    """What stands out in a talk: how it went, and how the callee took it."""

    DEAD_AIR = "dead_air"
    SLOW_REPLY = "slow_reply"
    INTERRUPTED = "interrupted"
    LOOP = "loop"
    FRUSTRATED = "frustrated"
    PLEASED = "pleased"
    """Said so in words."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A tag with where it stands: the turn, the words there, ms from the answer. ``detail`` is a figure, if there is one."""

    tag: Tag
    turn_seq: int
    at_ms: int
    quote: str
    detail: str = ""


class Grade(StrEnum):
    """How urgent a lead is."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"


@dataclass(frozen=True, slots=True)
class ScoreReason:
    """Points and what they are for."""

    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Lead:
    """A contact with a scored result. ``score`` is 0 to 100; ``next_step`` is for the salesperson, ``due_at`` when."""

    outcome: Outcome
    score: int
    grade: Grade
    reasons: tuple[ScoreReason, ...]
    answers: tuple[EvidencedAnswer, ...]
    quote: Evidence | None
    next_step: str
    due_at: datetime | None = None
    needs_review: bool = False
