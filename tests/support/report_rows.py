"""Builders of the rows that reports are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dialer.leads.objections import find_objections
from dialer.leads.observe import observe
from dialer.model.call import AttemptState, Bucket, CampaignStatus
from dialer.model.campaign import Campaign
from dialer.model.disposition import Disposition, Outcome
from dialer.model.lead import Evidence, EvidencedAnswer, Grade, Lead, ScoreReason, Source
from dialer.reports.aggregate import AttemptTally, ContactTally, Summary, TurnTally, summarise
from dialer.reports.data import (
    AttemptRow,
    CampaignHead,
    ContactRow,
    FindingRow,
    ImportRow,
    LeadRow,
    OptOutRow,
    Person,
    TranscriptRow,
)
from dialer.reports.heard import Heard, HeardTally
from dialer.reports.html import Page
from dialer.reports.lists import Lists
from dialer.reports.worked import Worked, WorkedTally

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
FILES = ("contacts.csv", "attempts.csv", "leads.csv", "leads.xlsx", "report.json", "transcripts.jsonl")


def a_person(row: int = 2, **changes: Any) -> Person:
    """A person in New York."""
    defaults: dict[str, Any] = {
        "phone": f"+121255501{row:02d}",
        "name": f"Maria Perez {row}",
        "company": "Harbor Dental",
        "zone": "America/New_York",
        "row": row,
        "file_name": "contacts.csv",
    }
    return Person(**(defaults | changes))


def a_lead(grade: Grade = Grade.HOT, outcome: Outcome = Outcome.INTERESTED, **changes: Any) -> Lead:
    """A lead with reasons that add up."""
    points = {Grade.HOT: 80, Grade.WARM: 50, Grade.COLD: 10}[grade]
    defaults: dict[str, Any] = {
        "score": points,
        "reasons": (ScoreReason(points - 10, "wants an offer"), ScoreReason(10, "named a need")),
        "answers": (
            EvidencedAnswer("need", "a new roof", Source.TOOL, Evidence(4, "a new roof", 21000)),
            EvidencedAnswer("budget", None, Source.TOOL, None, needs_review=True),
        ),
        "quote": Evidence(6, "Yes, send me an offer this week", 34000),
        "next_step": "Call within the hour, while the conversation is fresh",
        "due_at": NOW + timedelta(hours=1),
    }
    return Lead(outcome=outcome, grade=grade, **(defaults | changes))


def a_contact_row(row: int = 2, bucket: Bucket = Bucket.REACHED, **changes: Any) -> ContactRow:
    """A person who was reached, with one dial, unless ``changes`` say otherwise."""
    was_dialled = bucket in {Bucket.REACHED, Bucket.NOT_REACHED, Bucket.UNSETTLED}
    is_reached = bucket is Bucket.REACHED
    defaults: dict[str, Any] = {
        "cells": {"Name": f"Maria Perez {row}", "Phone": f"+121255501{row:02d}"},
        "dials": int(was_dialled),
        "has_answer": is_reached,
        "has_talk": is_reached,
        "talk_s": 42.0 if is_reached else 0.0,
        "cost": Decimal("0.0412") if was_dialled else Decimal(0),
        "disposition": Disposition.ANSWERED_HUMAN if is_reached else Disposition.NO_ANSWER if was_dialled else None,
        "outcome": Outcome.INTERESTED if is_reached else None,
        "last_dialed_at": NOW - timedelta(hours=3) if was_dialled else None,
    }
    return ContactRow(a_person(row), bucket=bucket, **(defaults | changes))


def an_attempt_row(row: int = 2, disposition: Disposition | None = Disposition.ANSWERED_HUMAN, **changes: Any) -> AttemptRow:
    """A dialled and ended attempt."""
    dialed_at = NOW - timedelta(hours=3, minutes=row)
    is_answered = disposition is not None and disposition.is_answered
    defaults: dict[str, Any] = {
        "id": f"{row:032x}",
        "number": 1,
        "from_number": "+12125550199",
        "carrier": "simulated",
        "script_hash": "abc",
        "state": AttemptState.ENDED,
        "dialed_at": dialed_at,
        "answered_at": dialed_at + timedelta(seconds=8) if is_answered else None,
        "ended_at": dialed_at + timedelta(seconds=60),
        "outcome": Outcome.INTERESTED if disposition is Disposition.ANSWERED_HUMAN else None,
        "talk_s": 42.0 if is_answered else 0.0,
        "answer_to_audio_ms": 24 if is_answered else None,
        "cost": Decimal("0.0412"),
    }
    return AttemptRow(person=a_person(row), disposition=disposition, **(defaults | changes))


def an_import(accepted: int, **changes: Any) -> ImportRow:
    """A file with these accepted rows and whatever ``changes`` add."""
    counts = {"updated": 0, "duplicates": 0, "rejected": 0} | {
        name: changes.pop(name) for name in ("updated", "duplicates", "rejected") if name in changes
    }
    defaults: dict[str, Any] = {
        "id": 1,
        "file_name": "contacts.csv",
        "header": ("Name", "Phone"),
        "rows": accepted + sum(counts.values()),
        "imported_at": NOW - timedelta(days=1),
    }
    return ImportRow(accepted=accepted, **counts, **(defaults | changes))


def a_head(campaign: Campaign, *imports: ImportRow, status: CampaignStatus = CampaignStatus.DONE) -> CampaignHead:
    """The campaign with its files."""
    return CampaignHead(1, campaign, status, imports)


def a_summary(
    head: CampaignHead,
    contacts: list[ContactRow],
    attempts: list[AttemptRow] | None = None,
    transcripts: list[TranscriptRow] | None = None,
) -> Summary:
    """The counts over these rows."""
    people, dials, turns = ContactTally(head.campaign), AttemptTally(), TurnTally()
    for contact in contacts:
        people.add(contact)
    for attempt in attempts or []:
        dials.add(attempt)
    for transcript in transcripts or []:
        turns.add(transcript)
    return summarise(head.campaign, head.imports, people, dials, turns)


def _rank(row: ContactRow) -> tuple[int, int]:
    assert row.lead is not None
    return list(Grade).index(row.lead.grade), -row.lead.score


def a_finding(**changes: Any) -> FindingRow:
    """What a talk came to, proven."""
    defaults: dict[str, Any] = {
        "attempt_id": f"{2:032x}",
        "source": Source.TOOL,
        "quote": Evidence(6, "Yes, send me an offer", 34000),
    }
    return FindingRow(**(defaults | changes))


def a_page(
    head: CampaignHead,
    contacts: list[ContactRow],
    attempts: list[AttemptRow] | None = None,
    transcripts: list[TranscriptRow] | None = None,
    opt_outs: list[OptOutRow] | None = None,
) -> Page:
    """The page of these rows."""
    lists = Lists()
    for contact in contacts:
        lists.add_contact(contact)
    for attempt in attempts or []:
        lists.add_attempt(attempt)
    for transcript in transcripts or []:
        lists.add_transcript(transcript)
    for row in sorted((item for item in contacts if item.lead), key=_rank):
        assert row.lead is not None
        lists.add_lead(LeadRow(row.person, row.lead, row.lead_attempt_id))
    return Page(
        head,
        a_summary(head, contacts, attempts, transcripts),
        lists,
        opt_outs or [],
        FILES,
        NOW,
        a_worked(head, attempts or [], transcripts or []),
        *heard_in(transcripts or []),
    )


def a_worked(head: CampaignHead, attempts: list[AttemptRow], transcripts: list[TranscriptRow]) -> Worked:
    """What worked, over these rows."""
    rules = head.campaign.outcomes
    tally, dials, turns = WorkedTally(word for word in rules if rules[word].category == "positive"), AttemptTally(), TurnTally()
    for attempt in attempts:
        tally.add(attempt)
        dials.add(attempt)
    for transcript in transcripts:
        turns.add(transcript)
    return tally.result(dials.answer_to_audio_ms, turns.latencies_ms)


def heard_in(transcripts: list[TranscriptRow]) -> tuple[tuple[Heard, ...], tuple[Heard, ...]]:
    """Objections and observations of these talks."""
    tally = HeardTally(lambda row: (find_objections(row.transcript), observe(row.transcript)))
    for transcript in transcripts:
        tally.add(transcript)
    return tally.objections(), tally.observations()
