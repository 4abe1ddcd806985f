"""What each talk came to, with its proof, and what people corrected afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from dialer.model.disposition import Outcome
from dialer.model.ids import AttemptId, CallId, CampaignId
from dialer.model.lead import Correction, Evidence, EvidencedAnswer, Source
from dialer.store.engine import insert_into
from dialer.store.schema import attempts, calls, corrections, findings


@dataclass(frozen=True, slots=True)
class Finding:
    """What one attempt came to. ``source`` is that of the outcome; ``session_outcome`` what the session itself had found."""

    outcome: Outcome
    source: Source | None = None
    session_outcome: Outcome | None = None
    quote: Evidence | None = None
    answers: tuple[EvidencedAnswer, ...] = ()
    reasons: tuple[str, ...] = ()
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction with what stood there before and where that came from ("" for nothing)."""

    correction: Correction
    was: str
    was_source: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often a person who looked agreed with one source."""

    source: str
    agreed: int
    changed: int


def save(
    tx: Connection, attempt_id: AttemptId, campaign_id: CampaignId, call_id: CallId, finding: Finding, now: datetime
) -> None:
    """Store what an attempt came to; a later look takes the place of an earlier one."""
    row: dict[str, Any] = {
        "outcome": finding.outcome,
        "source": finding.source,
        "session_outcome": finding.session_outcome,
        "quote": msgspec.to_builtins(finding.quote),
        "answers": msgspec.to_builtins(finding.answers),
        "reasons": list(finding.reasons),
        "needs_review": finding.needs_review,
        "updated_at": now,
    }
    new = insert_into(tx, findings).values(attempt_id=attempt_id, campaign_id=campaign_id, call_id=call_id, **row)
    tx.execute(new.on_conflict_do_update(index_elements=["attempt_id"], set_={name: new.excluded[name] for name in row}))


def of_attempt(tx: Connection, attempt_id: AttemptId) -> Finding | None:
    """What an attempt came to; None when no human took it."""
    row = tx.execute(select(findings).where(findings.c.attempt_id == attempt_id)).one_or_none()
    return None if row is None else read(row)


def read(row: Row[Any]) -> Finding:
    """A row with the columns of ``findings`` as a value."""
    return Finding(
        outcome=row.outcome,
        source=row.source,
        session_outcome=row.session_outcome,
        quote=msgspec.convert(row.quote, Evidence | None),
        answers=msgspec.convert(row.answers, tuple[EvidencedAnswer, ...]),
        reasons=tuple(row.reasons),
        needs_review=row.needs_review,
    )


def set_outcome(tx: Connection, attempt_id: AttemptId, outcome: Outcome, summary: str = "") -> None:
    """Say anew what a talk came to, in the attempt and, where it is the call's last one, in the call. Nothing is dialled."""
    changes: dict[str, Any] = {"outcome": outcome} | ({"summary": summary} if summary else {})
    tx.execute(update(attempts).where(attempts.c.id == attempt_id).values(changes))
    row = tx.execute(select(attempts.c.call_id, attempts.c.number).where(attempts.c.id == attempt_id)).one()
    last = select(func.max(attempts.c.number)).where(attempts.c.call_id == row.call_id).scalar_subquery()
    tx.execute(update(calls).where(calls.c.id == row.call_id, last == row.number).values(outcome=outcome))


def correct(tx: Connection, attempt_id: AttemptId, campaign_id: CampaignId, told: Iterable[Corrected], now: datetime) -> None:
    """Keep what a person said instead. Nothing is deleted: the last word on a field stands."""
    for item in told:
        tx.execute(
            insert(corrections).values(
                attempt_id=attempt_id,
                campaign_id=campaign_id,
                field=item.correction.field,
                value=item.correction.value,
                was=item.was,
                was_source=item.was_source,
                by=item.correction.by,
                note=item.correction.note,
                at=now,
            )
        )


def corrections_of(tx: Connection, attempt_id: AttemptId) -> list[Correction]:
    """The last word of a person on each field of an attempt."""
    query = select(corrections).where(corrections.c.attempt_id == attempt_id).order_by(corrections.c.id)
    last = {row.field: Correction(row.field, row.value, row.by, row.note) for row in tx.execute(query)}
    return list(last.values())


def agreements(tx: Connection, campaign_id: CampaignId) -> list[Agreement]:
    """How often people agreed with each source of a campaign, by the first word of a person on each field of each talk."""
    first = (
        select(func.min(corrections.c.id))
        .where(corrections.c.campaign_id == campaign_id)
        .group_by(corrections.c.attempt_id, corrections.c.field)
    )
    query = select(corrections.c.was_source, corrections.c.was, corrections.c.value).where(corrections.c.id.in_(first))
    counts: dict[str, list[int]] = {}
    for row in tx.execute(query):
        counts.setdefault(row.was_source, [0, 0])[row.was != row.value] += 1
    return [Agreement(source, *pair) for source, pair in sorted(counts.items())]


def sources(tx: Connection, campaign_id: CampaignId) -> dict[str, int]:
    """How many outcomes of a campaign came from each source; "" for those that nothing decided."""
    query = select(findings.c.source, func.count()).where(findings.c.campaign_id == campaign_id).group_by(findings.c.source)
    return {row[0].value if row[0] else "": row[1] for row in tx.execute(query)}
