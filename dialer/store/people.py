"""The calls of a person rather than of a number: whoever has several is one and the same, whichever of theirs is dialled next."""

from datetime import datetime

from sqlalchemy import Connection, or_, select, true, union_all

from dialer.model.call import Bucket, CallState
from dialer.model.disposition import Disposition
from dialer.model.ids import CallId, CampaignId
from dialer.model.phone import PhoneNumber
from dialer.store import queue
from dialer.store.schema import calls, contact_numbers, contacts


def cancel(tx: Connection, phone: PhoneNumber, now: datetime, campaign_id: CampaignId | None = None) -> list[CallId]:
    """End all queued and held calls to everybody who has this number, as suppressed: of all campaigns, or of one. Says which."""
    first = select(contacts.c.id).where(contacts.c.phone == phone)
    further = select(contact_numbers.c.contact_id).where(contact_numbers.c.phone == phone)
    theirs = or_(calls.c.phone == phone, calls.c.contact_id.in_(first.union(further)))
    mine = true() if campaign_id is None else calls.c.campaign_id == campaign_id
    values = {"bucket": Bucket.SUPPRESSED, **queue.ended_undialled(Disposition.BLOCKED_DNC, now)}
    return sorted(tx.execute(queue.waiting().where(theirs, mine).values(values).returning(calls.c.id)).scalars())


def waiting_numbers(tx: Connection) -> set[PhoneNumber]:
    """Every number of everybody whose call is queued or held, over all campaigns."""
    theirs = select(calls.c.contact_id).where(calls.c.state.in_([CallState.QUEUED, CallState.HELD]))
    first = select(contacts.c.phone).where(contacts.c.id.in_(theirs))
    further = select(contact_numbers.c.phone).where(contact_numbers.c.contact_id.in_(theirs))
    return set(tx.execute(union_all(first, further)).scalars())
