"""Single calls outside the queue's own moves."""

from datetime import datetime

from sqlalchemy import Connection, case, func, or_, select, update

from dialer.errors import StoreError
from dialer.model.call import Bucket, CallState
from dialer.model.disposition import Disposition
from dialer.model.ids import CallId, CampaignId, ContactId
from dialer.store.columns import spelled
from dialer.store.schema import calls


def contact_of(tx: Connection, call_id: CallId) -> ContactId:
    """Who a call is for. Raises ``StoreError`` (``not_found``)."""
    found = tx.execute(select(calls.c.contact_id).where(calls.c.id == call_id)).scalar_one_or_none()
    if found is None:
        raise StoreError(f"there is no call {call_id}", code="not_found", retryable=False)
    return ContactId(found)


def is_callback(tx: Connection, call_id: CallId) -> bool:
    """Whether the contact asked for the next or present attempt of a call."""
    return bool(tx.execute(select(calls.c.is_callback).where(calls.c.id == call_id)).scalar_one_or_none())


def expire(tx: Connection, campaign_id: CampaignId, now: datetime) -> list[CallId]:
    """End the waiting and held calls whose own limit has passed; which. Suppressed ones stay counted as suppressed."""
    late = (
        calls.c.campaign_id == campaign_id,
        calls.c.state.in_([CallState.QUEUED, CallState.HELD]),
        or_(calls.c.bucket.is_(None), calls.c.bucket != Bucket.SUPPRESSED),
        calls.c.expires_at <= now,
    )
    values = {"state": CallState.DONE, "bucket": Bucket.BLOCKED, "disposition": Disposition.EXPIRED, "finished_at": now}
    return sorted(tx.execute(update(calls).where(*late).values(values).returning(calls.c.id)).scalars())


def hold_waiting(tx: Connection, campaign_id: CampaignId, code: str) -> int:
    """Put all queued calls of a campaign aside until a person mends what ``code`` names. Says how many."""
    waiting = (calls.c.campaign_id == campaign_id, calls.c.state == spelled(CallState.QUEUED))
    values = {"state": CallState.HELD, "bucket": Bucket.HELD, "hold_code": code}
    return tx.execute(update(calls).where(*waiting).values(values)).rowcount


def held_and_tried(tx: Connection, campaign_id: CampaignId, code: str) -> tuple[int, int]:
    """How many calls of a campaign are held for ``code``, and how many have been dialled at least once."""
    held = case(((calls.c.state == CallState.HELD) & (calls.c.hold_code == code), 1), else_=0)
    tried = case((calls.c.attempts_made > 0, 1), else_=0)
    query = select(func.coalesce(func.sum(held), 0), func.coalesce(func.sum(tried), 0))
    row = tx.execute(query.where(calls.c.campaign_id == campaign_id)).one()
    return int(row[0]), int(row[1])
