"""What the reports are made of: rows as the store reads them, and the campaign's head. Instants are aware UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from dialer.model.attempt import Usage
from dialer.model.call import AttemptState, Bucket, CampaignStatus
from dialer.model.campaign import Campaign
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.lead import Evidence, EvidencedAnswer, Lead, Source
from dialer.model.transcript import Transcript


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One imported file: ``rows`` = accepted + updated + duplicates + rejected."""

    id: int
    file_name: str
    header: tuple[str, ...]
    rows: int
    accepted: int
    updated: int
    duplicates: int
    rejected: int
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Who was to be called. ``zone`` is the IANA zone in which times are shown, "" when it is not known."""

    phone: str
    name: str = ""
    company: str = ""
    email: str = ""
    external_id: str = ""
    zone: str = ""
    row: int = 0
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What a person's last talk came to, with its proof. ``reasons`` say in words where it comes from and what is open."""

    attempt_id: str
    source: Source | None = None
    quote: Evidence | None = None
    answers: tuple[EvidencedAnswer, ...] = ()
    reasons: tuple[str, ...] = ()
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One accepted row of a file with where it stands and what came of it.

    ``reason`` is the code for not calling (``blocked_consent``, ``no_consent``, ...). ``dials`` are the times that
    the carrier was asked; ``has_answer`` and ``has_talk`` say whether anything, and whether a human, took one of
    them. ``due_at`` is the next dial of a call that waits, ``callback_at`` what was promised. ``summary_of``: the attempt of
    the summary.
    """

    person: Person
    cells: Mapping[str, str]
    bucket: Bucket
    reason: str = ""
    dials: int = 0
    has_answer: bool = False
    has_talk: bool = False
    talk_s: float = 0.0
    cost: Decimal = Decimal(0)
    disposition: Disposition | None = None
    outcome: Outcome | None = None
    last_dialed_at: datetime | None = None
    due_at: datetime | None = None
    callback_at: datetime | None = None
    is_callback: bool = False
    summary: str = ""
    summary_of: str = ""
    lead: Lead | None = None
    lead_attempt_id: str = ""
    finding: FindingRow | None = None


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A row of a file that did not become a contact: rejected or a duplicate."""

    file_name: str
    row: int
    bucket: Bucket
    code: str
    column: str
    value: str
    message: str
    fix: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt, refused ones too (``dialed_at`` is None: the carrier was never asked)."""

    id: str
    person: Person
    number: int
    from_number: str
    carrier: str
    script_hash: str
    state: AttemptState
    dialed_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    disposition: Disposition | None = None
    outcome: Outcome | None = None
    answered_by: AnsweredBy | None = None
    end_cause: str = ""
    hangup_cause: str = ""
    sip_code: int | None = None
    reason: str = ""
    ring_s: float = 0.0
    talk_s: float = 0.0
    answer_to_audio_ms: int | None = None
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = Decimal(0)
    callback_at: datetime | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead, whose it is, and the attempt that gave it. ``is_redialled``: the dialler itself rings again at the due
    time."""

    person: Person
    lead: Lead
    attempt_id: str
    is_redialled: bool = False


@dataclass(frozen=True, slots=True)
class OptOutRow:
    """A person who must never be called again, with the words where they are known."""

    person: Person
    quote: str = ""
    source: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """The words and deeds of one attempt. ``document``: what a model answered about it, if one was asked."""

    attempt: AttemptRow
    transcript: Transcript
    document: Any = None


@dataclass(frozen=True, slots=True)
class MethodRow:
    """How the results were made: outcomes by source ("" for none), what people agreed with and changed, what models cost.

    ``readings``: (model, schema, prompt, counts by state, cost).
    """

    sources: Mapping[str, int] = field(default_factory=dict)
    agreements: tuple[tuple[str, int, int], ...] = ()
    readings: tuple[tuple[str, str, str, Mapping[str, int], Decimal], ...] = ()

    @property
    def analysis_cost(self) -> Decimal:
        """What models cost that read talks afterwards."""
        return sum((item[4] for item in self.readings), Decimal(0))


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of a chain of records when the report was made: it proves later that nothing was cut off or changed."""

    name: str
    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class CampaignHead:
    """The campaign as it stands: the script version in force, its status, the heads of its records."""

    id: int
    campaign: Campaign
    status: CampaignStatus
    imports: tuple[ImportRow, ...] = field(default=())
    chains: tuple[ChainHead, ...] = field(default=())

    @property
    def columns(self) -> tuple[str, ...]:
        """The input columns of all files, in order of first appearance."""
        return tuple(dict.fromkeys(name for item in self.imports for name in item.header))
