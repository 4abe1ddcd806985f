"""The calls of a person rather than of a number: whoever has several is one and the same, whichever of theirs is dialled next."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true, union_all, update

from dialer.model.call import Bucket, CallState, CampaignStatus
from dialer.model.disposition import Disposition
from dialer.model.ids import CallId, CampaignId
from dialer.model.phone import PhoneNumber
from dialer.store import queue
from dialer.store.schema import calls, campaigns, contact_numbers, contacts


def cancel(tx: Connection, phone: PhoneNumber, now: datetime, campaign_id: CampaignId | None = None) -> list[CallId]:
    """End all queued and held calls to everybody who has this number, as suppressed: of all campaigns, or of one. Says which."""
    values = {"bucket": Bucket.SUPPRESSED, **queue.ended_undialled(Disposition.BLOCKED_DNC, now)}
    ended = queue.waiting().where(*_theirs(phone, campaign_id)).values(values)
    return sorted(tx.execute(ended.returning(calls.c.id)).scalars())


def restore(tx: Connection, phone: PhoneNumber, campaign_id: CampaignId | None = None) -> int:
    """Queue the calls to everybody who has this number that a list ended or held before their first dial: of all campaigns, or of
    one. Says how many. The gates judge each of them anew; who was ever dialled is not called again by this, nor is anybody by a
    campaign that is over.
    """
    is_ended = and_(calls.c.state == CallState.DONE, calls.c.disposition == Disposition.BLOCKED_DNC)
    is_held = and_(calls.c.state == CallState.HELD, calls.c.hold_code == Disposition.BLOCKED_DNC.value)
    values = {"state": CallState.QUEUED, "bucket": None, "hold_code": "", "disposition": None, "finished_at": None}
    over = select(campaigns.c.id).where(campaigns.c.status.in_([CampaignStatus.CANCELLED, CampaignStatus.DONE]))
    is_undialled = (or_(is_ended, is_held), calls.c.attempts_made == 0, calls.c.campaign_id.not_in(over))
    again = update(calls).where(*is_undialled, *_theirs(phone, campaign_id))
    return tx.execute(again.values(**values, fence=calls.c.fence + 1)).rowcount


def _theirs(phone: PhoneNumber, campaign_id: CampaignId | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    first = select(contacts.c.id).where(contacts.c.phone == phone)
    further = select(contact_numbers.c.contact_id).where(contact_numbers.c.phone == phone)
    mine = true() if campaign_id is None else calls.c.campaign_id == campaign_id
    return or_(calls.c.phone == phone, calls.c.contact_id.in_(first.union(further))), mine


def waiting_numbers(tx: Connection) -> set[PhoneNumber]:
    """Every number of everybody whose call is queued or held, over all campaigns."""
    theirs = select(calls.c.contact_id).where(calls.c.state.in_([CallState.QUEUED, CallState.HELD]))
    first = select(contacts.c.phone).where(contacts.c.id.in_(theirs))
    further = select(contact_numbers.c.phone).where(contact_numbers.c.contact_id.in_(theirs))
    return set(tx.execute(union_all(first, further)).scalars())
