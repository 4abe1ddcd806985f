"""Leases that end before their time: a lane that gives one call up, and a process that is known to be dead."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from dialer.model.call import AttemptState
from dialer.model.ids import CallId
from dialer.store.columns import spelled
from dialer.store.schema import attempts, calls, lanes

_JUST = timedelta(milliseconds=1)


def let_go(tx: Connection, call_id: CallId, fence: int, until: datetime) -> bool:
    """Hold a call and its open attempt no longer than ``until``; then any lane may take them over. False: the fence is stale."""
    mine = (calls.c.id == call_id, calls.c.fence == fence)
    tx.execute(
        update(attempts)
        .where(attempts.c.call_id == call_id, attempts.c.fence == fence, attempts.c.state != spelled(AttemptState.ENDED))
        .values(owner=None, lease_until=until)
    )
    return tx.execute(update(calls).where(*mine).values(owner=None, lease_until=until)).rowcount == 1


def bury(tx: Connection, owner: str, lease_now: datetime) -> int:
    """A process that is known to be dead holds nothing: expire its leases now and free its lane. How many calls it had."""
    over = lease_now - _JUST
    tx.execute(delete(lanes).where(lanes.c.owner == owner))
    tx.execute(update(attempts).where(attempts.c.owner == owner).values(lease_until=over))
    return tx.execute(update(calls).where(calls.c.owner == owner).values(lease_until=over)).rowcount


def held_by(tx: Connection, owner: str) -> list[tuple[CallId, int]]:
    """The calls that a lane holds by the book, each with its fence."""
    rows = tx.execute(select(calls.c.id, calls.c.fence).where(calls.c.owner == owner).order_by(calls.c.id))
    return [(CallId(row.id), row.fence) for row in rows]
