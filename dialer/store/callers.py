"""Which caller IDs the calls in progress show: by this they are counted for the limits of calls at once."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, func, select, update

from dialer.model.call import CallState
from dialer.model.ids import CallId, CampaignId
from dialer.model.phone import PhoneNumber
from dialer.store.columns import spelled
from dialer.store.schema import calls


def shown(tx: Connection) -> dict[tuple[CampaignId, PhoneNumber], int]:
    """How many claimed or active calls of each campaign show each caller ID."""
    in_a_lane = calls.c.state.in_([spelled(CallState.CLAIMED), spelled(CallState.ACTIVE)])
    query = select(calls.c.campaign_id, calls.c.from_number, func.count()).where(in_a_lane, calls.c.from_number.is_not(None))
    return {(row[0], row[1]): row[2] for row in tx.execute(query.group_by(calls.c.campaign_id, calls.c.from_number))}


def claimed(tx: Connection, but: Collection[CallId] = ()) -> dict[PhoneNumber, int]:
    """How many calls that are claimed and not dialled will show each caller ID, those named in ``but`` left out."""
    waits = (calls.c.state == spelled(CallState.CLAIMED), calls.c.from_number.is_not(None), calls.c.id.not_in(but))
    query = select(calls.c.from_number, func.count()).where(*waits)
    return {row[0]: row[1] for row in tx.execute(query.group_by(calls.c.from_number))}


def show(tx: Connection, callers: Mapping[CallId, PhoneNumber]) -> None:
    """Put on record which caller ID each of these claimed calls will show."""
    if callers:
        of_call = update(calls).where(calls.c.id == bindparam("call")).values(from_number=bindparam("caller"))
        tx.execute(of_call, [{"call": call_id, "caller": number} for call_id, number in callers.items()])
