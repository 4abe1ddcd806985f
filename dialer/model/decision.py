"""Why a call was or was not allowed: one verdict per rule, one decision per evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """When the gates were asked."""

    IMPORT = "import"
    SCHEDULE = "schedule"
    CLAIM = "claim"
    DIAL = "dial"
    TEST = "test"
    """Before a test call to one's own phone."""


class Verdict(StrEnum):
    """What the gates said. Only ``ALLOW`` may lead to a dial."""

    ALLOW = "allow"
    WAIT = "wait"
    """Not now; ``next_allowed_at`` says when to ask again."""
    HOLD = "hold"
    """Not as it stands: a person must supply something (consent, a zone, money)."""
    REFUSE = "refuse"
    """Never for this contact in this campaign."""


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule said: its id (``DNC-1``, ``HOURS-3``, ...), the verdict, and the fact that it rests on."""

    rule: str
    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True)
class Decision:
    """All rules together. ``code`` is the disposition-like reason (``blocked_dnc``, ``blocked_hours``, ..., or ``allowed``)."""

    verdict: Verdict
    code: str
    stage: Stage
    decided_at: datetime
    rules: tuple[RuleVerdict, ...]
    zones: tuple[str, ...] = ()
    next_allowed_at: datetime | None = None
    start_until: datetime | None = None
    """Of an allowed dial: from then on the phone must not begin to ring. Not stored: the record has what it follows from."""
    basis: Mapping[str, Any] = field(default_factory=dict)
    """Everything that the rules were told, without the number itself: from it the decision can be made again."""

    @property
    def is_allowed(self) -> bool:
        """True only when every rule allowed."""
        return self.verdict is Verdict.ALLOW
