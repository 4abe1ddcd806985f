"""What people look up: where calls stand, what a campaign has made so far, which attempts a number or an id stands for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from dialer.model.call import Bucket, CallState
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import AttemptId, CallId, CampaignId, ContactId
from dialer.model.phone import PhoneNumber
from dialer.store.columns import spelled
from dialer.store.schema import attempts, calls, contact_numbers, contacts

_STREAMED_ROWS = 500


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call as it stands. ``disposition`` and ``outcome`` are those of its last attempt."""

    id: CallId
    campaign_id: CampaignId
    contact_id: ContactId
    phone: PhoneNumber
    state: CallState
    bucket: Bucket | None
    hold_code: str
    due_at: datetime
    priority: int
    attempts_made: int
    expires_at: datetime | None
    disposition: Disposition | None
    outcome: Outcome | None
    fence: int
    is_callback: bool
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What the attempts of one campaign come to. ``dialed`` were asked of the carrier; ``talks`` reached a human."""

    attempts: int = 0
    dialed: int = 0
    talks: int = 0
    spent: Decimal = Decimal(0)


def calls_of_campaign(tx: Connection, campaign_id: CampaignId) -> Iterator[CallRow]:
    """The calls of a campaign in the order in which they would be claimed, streamed."""
    order = (calls.c.priority.desc(), calls.c.due_at, calls.c.id)
    yield from _streamed(tx, _select().where(calls.c.campaign_id == campaign_id).order_by(*order))


def calls_of_phone(tx: Connection, phone: PhoneNumber) -> list[CallRow]:
    """Every call to a contact that has this number, as the first or a further one, over all campaigns."""
    further = select(contact_numbers.c.contact_id).where(contact_numbers.c.phone == phone)
    whose = select(contacts.c.id).where(contacts.c.phone == phone).union(further)
    return list(_streamed(tx, _select().where(calls.c.contact_id.in_(whose)).order_by(calls.c.id)))


def attempts_of_phone(tx: Connection, phone: PhoneNumber) -> list[AttemptId]:
    """Every attempt to a number, over all campaigns, the oldest first."""
    order = (func.coalesce(attempts.c.dialed_at, attempts.c.ended_at), attempts.c.id)
    return list(tx.execute(select(attempts.c.id).where(attempts.c.phone == phone).order_by(*order)).scalars())


def attempts_beginning(tx: Connection, prefix: str, limit: int = 2) -> list[AttemptId]:
    """Up to ``limit`` attempts whose id begins with ``prefix``: two are enough to know that it is not unique."""
    query = select(attempts.c.id).where(attempts.c.id.startswith(prefix, autoescape=True)).order_by(attempts.c.id)
    return list(tx.execute(query.limit(limit)).scalars())


def longest_talk(tx: Connection, campaign_id: CampaignId) -> AttemptId | None:
    """The attempt of a campaign in which a human talked longest; None when none did."""
    talked = attempts.c.disposition == spelled(Disposition.ANSWERED_HUMAN)
    query = select(attempts.c.id).where(attempts.c.campaign_id == campaign_id, talked)
    return tx.execute(query.order_by(attempts.c.talk_s.desc(), attempts.c.id).limit(1)).scalar_one_or_none()


def figures(tx: Connection) -> dict[CampaignId, Figures]:
    """The figures of every campaign that has attempts."""
    talks = func.sum(case((attempts.c.disposition == spelled(Disposition.ANSWERED_HUMAN), 1), else_=0))
    query = select(
        attempts.c.campaign_id, func.count(), func.count(attempts.c.dialed_at), talks, func.sum(attempts.c.cost)
    ).group_by(attempts.c.campaign_id)
    return {row[0]: Figures(row[1], row[2], int(row[3]), row[4] or Decimal(0)) for row in tx.execute(query)}


def next_due(tx: Connection) -> dict[CampaignId, datetime]:
    """When the first waiting call of each campaign falls due; campaigns without one are left out."""
    query = select(calls.c.campaign_id, func.min(calls.c.due_at)).where(calls.c.state == spelled(CallState.QUEUED))
    return {row[0]: row[1] for row in tx.execute(query.group_by(calls.c.campaign_id))}


def waits(tx: Connection, campaign_id: CampaignId, now: datetime) -> dict[str, int]:
    """What queued calls of a campaign wait for, by the code that put them off; due ones wait for nothing."""
    waiting = (calls.c.campaign_id == campaign_id, calls.c.state == spelled(CallState.QUEUED), calls.c.due_at > now)
    query = select(calls.c.hold_code, func.count()).where(*waiting, calls.c.hold_code != "").group_by(calls.c.hold_code)
    return {row[0]: row[1] for row in tx.execute(query.order_by(calls.c.hold_code))}


def dispositions(tx: Connection, campaign_id: CampaignId) -> dict[Disposition, int]:
    """How many attempts of a campaign ended in each way, most frequent first."""
    query = select(attempts.c.disposition, func.count()).where(
        attempts.c.campaign_id == campaign_id, attempts.c.disposition.is_not(None)
    )
    rows = tx.execute(query.group_by(attempts.c.disposition)).all()
    return {row[0]: row[1] for row in sorted(rows, key=lambda row: (-row[1], row[0]))}


def dialed_since(tx: Connection, since: datetime) -> int:
    """How many dials of all campaigns were made from ``since`` on."""
    return int(tx.execute(select(func.count()).where(attempts.c.dialed_at >= since)).scalar_one())


def last_dialed_at(tx: Connection) -> datetime | None:
    """When the last dial was made; None when there was none."""
    found: datetime | None = tx.execute(select(func.max(attempts.c.dialed_at))).scalar_one()
    return found


def _select() -> Select[Any]:
    return select(*(calls.c[name] for name in CallRow.__dataclass_fields__))


def _streamed(tx: Connection, query: Select[Any]) -> Iterator[CallRow]:
    for row in tx.execute(query, execution_options={"yield_per": _STREAMED_ROWS}).mappings():
        yield CallRow(**row)
