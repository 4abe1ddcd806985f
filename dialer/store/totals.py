"""What all campaigns came to, summed up by the database: a million attempts are a few rows here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import CampaignId, ScriptVersionId
from dialer.model.lead import Grade
from dialer.store.columns import spelled
from dialer.store.schema import attempts, contacts, leads, script_versions

Positive = Mapping[CampaignId, Sequence[Outcome]]
"""Which outcomes each campaign calls positive."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What the attempts under one heading come to. ``positive``: talks with a positive outcome."""

    campaign_id: CampaignId
    version: str = ""
    attempts: int = 0
    dials: int = 0
    talks: int = 0
    positive: int = 0
    talk_s: float = 0.0
    cost: Decimal = Decimal(0)
    first_at: datetime | None = None
    last_at: datetime | None = None


def by_version(tx: Connection, positive: Positive) -> list[Sums]:
    """The attempts of every campaign and script version, in one pass over the attempts."""
    key = (attempts.c.campaign_id, attempts.c.script_version_id)
    query = select(*key, *_sums(positive)).group_by(*key)
    hashes = {row.id: row.hash for row in tx.execute(select(script_versions.c.id, script_versions.c.hash))}
    rows = tx.execute(query).all()
    return [_read(row, hashes[ScriptVersionId(row.script_version_id)]) for row in sorted(rows, key=lambda row: tuple(row[:2]))]


def contact_counts(tx: Connection) -> dict[CampaignId, int]:
    """How many contacts each campaign has."""
    query = select(contacts.c.campaign_id, func.count()).group_by(contacts.c.campaign_id)
    return {row[0]: row[1] for row in tx.execute(query)}


def lead_counts(tx: Connection) -> dict[CampaignId, dict[Grade, int]]:
    """How many leads of each grade each campaign has."""
    query = select(leads.c.campaign_id, leads.c.grade, func.count()).group_by(leads.c.campaign_id, leads.c.grade)
    found: dict[CampaignId, dict[Grade, int]] = {}
    for row in tx.execute(query):
        found.setdefault(row[0], {})[row[1]] = row[2]
    return found


def _sums(positive: Positive) -> list[ColumnElement[Any]]:
    is_talk = attempts.c.disposition == spelled(Disposition.ANSWERED_HUMAN)
    return [
        func.count().label("attempts"),
        func.count(attempts.c.dialed_at).label("dials"),
        func.sum(case((is_talk, 1), else_=0)).label("talks"),
        func.sum(case((and_(is_talk, _is_positive(positive)), 1), else_=0)).label("positive"),
        func.sum(attempts.c.talk_s).label("talk_s"),
        func.sum(attempts.c.cost).label("cost"),
        func.min(attempts.c.dialed_at).label("first_at"),
        func.max(attempts.c.dialed_at).label("last_at"),
    ]


def _is_positive(positive: Positive) -> ColumnElement[bool]:
    """True for an outcome that the attempt's own campaign calls positive."""
    kinds: dict[frozenset[Outcome], list[int]] = {}
    for campaign_id, words in positive.items():
        kinds.setdefault(frozenset(words), []).append(campaign_id)
    tests = [
        and_(attempts.c.campaign_id.in_(ids), attempts.c.outcome.in_(sorted(words))) for words, ids in kinds.items() if words
    ]
    return or_(*tests) if tests else attempts.c.id.is_(None)


def _read(row: Any, version: str) -> Sums:
    return Sums(
        campaign_id=row.campaign_id,
        version=version,
        attempts=row.attempts,
        dials=row.dials,
        talks=int(row.talks),
        positive=int(row.positive),
        talk_s=float(row.talk_s or 0),
        cost=row.cost or Decimal(0),
        first_at=row.first_at,
        last_at=row.last_at,
    )
