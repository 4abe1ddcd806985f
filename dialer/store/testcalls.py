"""Test calls: one marked call to one's own phone, with its words and its money, outside of everything that is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from dialer.model.attempt import AttemptResult, EndCause
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.ids import AttemptId, CampaignId, ScriptVersionId
from dialer.model.phone import PhoneNumber
from dialer.model.transcript import Transcript
from dialer.store.schema import test_calls


@dataclass(frozen=True, slots=True)
class NewTestCall:
    """One test call about to be made. ``row``: of the contact file; ``cost``: the most that it may cost."""

    id: AttemptId
    campaign_id: CampaignId
    script_version_id: ScriptVersionId
    instructions_hash: str
    row: int
    phone: PhoneNumber
    from_number: PhoneNumber
    carrier: str
    cost: Decimal


@dataclass(frozen=True, slots=True)
class KnownTestCall:
    """A stored test call. ``number`` is 0, where the attempts of a campaign's calls count from 1."""

    id: AttemptId
    campaign_id: CampaignId
    script_version_id: ScriptVersionId
    instructions_hash: str
    row: int
    phone: PhoneNumber
    from_number: PhoneNumber
    carrier: str
    carrier_call_id: str
    dialed_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    disposition: Disposition | None
    outcome: Outcome | None
    answered_by: AnsweredBy | None
    end_cause: EndCause | None
    hangup_cause: str
    sip_code: int | None
    reason: str
    talk_s: float
    answer_to_audio_ms: int | None
    cost: Decimal
    words: Transcript
    number: int = 0


def begin(tx: Connection, new: NewTestCall, now: datetime) -> None:
    """Put it on record before the carrier is asked."""
    row = {name: getattr(new, name) for name in NewTestCall.__dataclass_fields__}
    tx.execute(insert(test_calls).values(**row, dialed_at=now, words=msgspec.to_builtins(Transcript())))


def placed(tx: Connection, call_id: AttemptId, carrier_call_id: str) -> None:
    """The carrier has its own name for it."""
    _set(tx, call_id, {"carrier_call_id": carrier_call_id})


def answered(tx: Connection, call_id: AttemptId, at: datetime) -> None:
    """Somebody or something answered."""
    _set(tx, call_id, {"answered_at": at})


def said(tx: Connection, call_id: AttemptId, words: Transcript) -> None:
    """The words and deeds so far."""
    _set(tx, call_id, {"words": msgspec.to_builtins(words)})


def end(tx: Connection, call_id: AttemptId, result: AttemptResult, cost: Decimal, at: datetime) -> None:
    """It is over, and has cost ``cost``."""
    ending = result.ending
    values = {
        "ended_at": at,
        "disposition": result.disposition,
        "outcome": result.outcome,
        "answered_by": result.answered_by,
        "end_cause": ending.cause.value if ending else None,
        "hangup_cause": ending.hangup_cause if ending else "",
        "sip_code": ending.sip_code if ending else None,
        "reason": result.reason,
        "talk_s": result.talk_s,
        "answer_to_audio_ms": result.answer_to_audio_ms,
        "cost": cost,
    }
    _set(tx, call_id, values)


def known(tx: Connection, call_id: AttemptId) -> KnownTestCall | None:
    """The test call with that id, if there is one."""
    row = tx.execute(select(test_calls).where(test_calls.c.id == call_id)).mappings().one_or_none()
    return None if row is None else _test_call(row)


def beginning(tx: Connection, prefix: str, limit: int = 2) -> list[AttemptId]:
    """Up to ``limit`` test calls whose id begins with ``prefix``."""
    query = select(test_calls.c.id).where(test_calls.c.id.startswith(prefix, autoescape=True)).order_by(test_calls.c.id)
    return list(tx.execute(query.limit(limit)).scalars())


def of_campaign(tx: Connection, campaign_id: CampaignId) -> list[KnownTestCall]:
    """All test calls of a campaign, the oldest first."""
    query = select(test_calls).where(test_calls.c.campaign_id == campaign_id)
    return [_test_call(row) for row in tx.execute(query.order_by(test_calls.c.dialed_at, test_calls.c.id)).mappings()]


def open_to(tx: Connection, phone: PhoneNumber, since: datetime | None = None) -> KnownTestCall | None:
    """The newest test call to a number that has not ended; with ``since`` only one that was dialled then or later."""
    mine = (test_calls.c.phone == phone, test_calls.c.ended_at.is_(None))
    query = select(test_calls).where(*mine).order_by(test_calls.c.dialed_at.desc(), test_calls.c.id).limit(1)
    if since is not None:
        query = query.where(test_calls.c.dialed_at >= since)
    row = tx.execute(query).mappings().one_or_none()
    return None if row is None else _test_call(row)


def _set(tx: Connection, call_id: AttemptId, values: Mapping[str, Any]) -> None:
    tx.execute(update(test_calls).where(test_calls.c.id == call_id).values(**values))


def _test_call(row: Mapping[Any, Any]) -> KnownTestCall:
    cause = row["end_cause"]
    words = msgspec.convert(row["words"], Transcript)
    return KnownTestCall(**{**row, "end_cause": None if cause is None else EndCause(cause), "words": words})
