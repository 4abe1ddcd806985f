"""Results on their way out, written in the transaction that made them: what was committed is told, what was not is not.

All instants are the world's (``lease_now``). A try is claimed under a lease like a call: two deliverers never try one message
at the same time, and the message of one that died is tried again, with the same id, when the lease has run out.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, and_, delete, exists, func, insert, or_, select, update

from dialer.model.call import Bucket, CallState
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import AttemptId, CallId, CampaignId
from dialer.model.outbox import DeliveryState, EventKind, Target
from dialer.model.phone import PhoneNumber
from dialer.store.columns import spelled
from dialer.store.engine import batches
from dialer.store.schema import calls, campaigns, contacts, outbox


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be sent. ``id`` is unique for ever: receivers drop doubles by it."""

    id: str
    kind: EventKind
    target: Target
    campaign_id: CampaignId | None
    attempt_id: AttemptId | None
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message whose try number ``tries`` is ours until the lease runs out."""

    id: str
    target: Target
    body: dict[str, Any]
    tries: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """How one message stands, without its body."""

    id: str
    kind: EventKind
    target: Target
    campaign: str | None
    attempt_id: AttemptId | None
    created_at: datetime
    state: DeliveryState
    tries: int
    next_try_at: datetime
    last_error: str
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class FinishedCall:
    """The end of a call with whose it was: what a receiver is told."""

    id: CallId
    campaign_id: CampaignId
    phone: PhoneNumber
    external_id: str
    row: int
    bucket: Bucket
    disposition: Disposition | None
    outcome: Outcome | None
    attempts_made: int


def add(tx: Connection, new: Iterable[NewMessage], at: datetime) -> int:
    """Store messages, due at once. Says how many."""
    stored = 0
    for batch in batches(new):
        rows = [
            {
                "id": message.id,
                "kind": message.kind,
                "target": message.target,
                "campaign_id": message.campaign_id,
                "attempt_id": message.attempt_id,
                "body": message.body,
                "created_at": at,
                "next_try_at": at,
                "state": DeliveryState.PENDING,
            }
            for message in batch
        ]
        tx.execute(insert(outbox), rows)
        stored += len(rows)
    return stored


def finished_calls(tx: Connection, call_ids: Collection[CallId]) -> list[FinishedCall]:
    """The finished ones of these few calls, with what is told of them."""
    query = (
        select(
            calls.c.id,
            calls.c.campaign_id,
            calls.c.phone,
            contacts.c.external_id,
            contacts.c.row,
            calls.c.bucket,
            calls.c.disposition,
            calls.c.outcome,
            calls.c.attempts_made,
        )
        .join_from(calls, contacts, contacts.c.id == calls.c.contact_id)
        .where(calls.c.state == spelled(CallState.DONE))
        .order_by(calls.c.id)
    )
    return [FinishedCall(**row) for row in tx.execute(query.where(calls.c.id.in_(call_ids))).mappings()]


def has_due(tx: Connection, targets: Collection[Target], now: datetime) -> bool:
    """Whether ``claim`` would find anything: a look that takes no lock."""
    return bool(tx.execute(select(exists().where(_is_due(targets, now)))).scalar_one())


def claim(tx: Connection, targets: Collection[Target], limit: int, now: datetime, lease_until: datetime) -> list[ClaimedMessage]:
    """Take up to ``limit`` due messages for one try each, the longest due first."""
    claimed = tx.execute(claim_statement(targets, limit, now, lease_until)).mappings()
    return sorted((ClaimedMessage(**row) for row in claimed), key=lambda message: message.id)


def claim_statement(targets: Collection[Target], limit: int, now: datetime, lease_until: datetime) -> Update:
    """The one statement of ``claim``; messages that another transaction has locked are passed over."""
    due = select(outbox.c.id).where(_is_due(targets, now)).order_by(outbox.c.next_try_at, outbox.c.id).limit(limit)
    locked = due.with_for_update(skip_locked=True).cte("due")
    taken = {"tries": outbox.c.tries + 1, "lease_until": lease_until}
    columns = [outbox.c[name] for name in ClaimedMessage.__dataclass_fields__]
    return update(outbox).where(outbox.c.id.in_(select(locked.c.id))).values(taken).returning(*columns)


def delivered(tx: Connection, message: ClaimedMessage, at: datetime) -> bool:
    """The receiver took it. False: the try is not ours any more."""
    return _settle(tx, message, {"state": DeliveryState.DELIVERED, "delivered_at": at, "last_error": ""})


def failed(tx: Connection, message: ClaimedMessage, error: str, next_try_at: datetime | None) -> bool:
    """The try failed: another one at ``next_try_at``; None: the message is dead. False: the try is not ours any more."""
    if next_try_at is None:
        return _settle(tx, message, {"state": DeliveryState.DEAD, "last_error": error})
    return _settle(tx, message, {"next_try_at": next_try_at, "last_error": error})


def replay(tx: Connection, message_id: str, now: datetime) -> bool:
    """Send one message again, whatever its state, from now on; a try that is under way is waited for. False: no such message."""
    one = outbox.c.id == message_id
    waiting = update(outbox).where(one, outbox.c.state == spelled(DeliveryState.PENDING)).values(next_try_at=now)
    if tx.execute(waiting).rowcount:
        return True
    return tx.execute(_again(now).where(one)).rowcount == 1


def replay_dead(tx: Connection, campaign_id: CampaignId | None, now: datetime) -> int:
    """Send all dead messages again, or those of one campaign. Says how many."""
    dead = _again(now).where(outbox.c.state == spelled(DeliveryState.DEAD))
    if campaign_id is not None:
        dead = dead.where(outbox.c.campaign_id == campaign_id)
    return tx.execute(dead).rowcount


def listed(tx: Connection, state: DeliveryState | None, limit: int) -> list[MessageRow]:
    """The newest messages, of one state or of all."""
    names = [name for name in MessageRow.__dataclass_fields__ if name != "campaign"]
    query = select(*(outbox.c[name] for name in names), campaigns.c.name.label("campaign"))
    query = query.join_from(outbox, campaigns, campaigns.c.id == outbox.c.campaign_id, isouter=True)
    if state is not None:
        query = query.where(outbox.c.state == spelled(state))
    query = query.order_by(outbox.c.created_at.desc(), outbox.c.id).limit(limit)
    return [MessageRow(**row) for row in tx.execute(query).mappings()]


def counts(tx: Connection) -> dict[DeliveryState, int]:
    """How many messages are in each state; states without any are left out."""
    rows = tx.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return {row[0]: row[1] for row in rows}


def waiting(tx: Connection) -> dict[Target, int]:
    """How many messages wait for each receiver; receivers without any are left out."""
    pending = outbox.c.state == spelled(DeliveryState.PENDING)
    rows = tx.execute(select(outbox.c.target, func.count()).where(pending).group_by(outbox.c.target))
    return {row[0]: row[1] for row in rows}


def is_waiting_since(tx: Connection, targets: Collection[Target], before: datetime) -> bool:
    """Whether ``give_up`` would find anything."""
    return bool(tx.execute(select(exists().where(_is_waiting(targets, before)))).scalar_one())


def give_up(tx: Connection, targets: Collection[Target], before: datetime, error: str) -> int:
    """Messages to these receivers that were made before then are dead. Says how many."""
    dead = {"state": DeliveryState.DEAD, "last_error": error, "lease_until": None}
    return tx.execute(update(outbox).where(_is_waiting(targets, before)).values(dead)).rowcount


def has_old(tx: Connection, before: datetime) -> bool:
    """Whether ``forget`` would find anything."""
    return bool(tx.execute(select(exists().where(_is_old(before)))).scalar_one())


def forget(tx: Connection, before: datetime) -> int:
    """Delete what was delivered before then: bodies hold personal data. Says how many."""
    return tx.execute(delete(outbox).where(_is_old(before))).rowcount


def _is_due(targets: Collection[Target], now: datetime) -> ColumnElement[bool]:
    return and_(
        outbox.c.state == spelled(DeliveryState.PENDING),
        outbox.c.next_try_at <= now,
        or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < now),
        outbox.c.target.in_(targets),
    )


def _is_waiting(targets: Collection[Target], before: datetime) -> ColumnElement[bool]:
    return and_(outbox.c.state == spelled(DeliveryState.PENDING), outbox.c.target.in_(targets), outbox.c.created_at < before)


def _is_old(before: datetime) -> ColumnElement[bool]:
    return and_(outbox.c.state == spelled(DeliveryState.DELIVERED), outbox.c.delivered_at < before)


def _again(now: datetime) -> Update:
    return update(outbox).values(state=DeliveryState.PENDING, tries=0, next_try_at=now, lease_until=None, delivered_at=None)


def _settle(tx: Connection, message: ClaimedMessage, values: dict[str, Any]) -> bool:
    """Say how the try ended, if it is still ours."""
    ours = (outbox.c.id == message.id, outbox.c.tries == message.tries, outbox.c.state == spelled(DeliveryState.PENDING))
    return tx.execute(update(outbox).where(*ours).values({**values, "lease_until": None})).rowcount == 1
