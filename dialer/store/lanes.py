"""Which process runs which lane. A slot is held under a lease, so that a doubled wake-up finds it taken."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update

from dialer.store.engine import insert_into
from dialer.store.schema import lanes


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A lane: its slot, who runs it and where, until when the lease lasts, and how many calls it had at the last renewal.

    ``machine`` names the space in which ``pid`` means anything, ``pid_started`` tells the process from a later one of that id;
    both are empty where they cannot be known.
    """

    slot: str
    owner: str
    lease_until: datetime
    host: str
    pid: int
    started_at: datetime
    live_calls: int
    machine: str = ""
    pid_started: str = ""


def take(
    tx: Connection,
    slot: str,
    owner: str,
    lease_now: datetime,
    lease_until: datetime,
    host: str,
    pid: int,
    *,
    machine: str = "",
    pid_started: str = "",
) -> bool:
    """Become the runner of a slot that is free, ours or expired. False when somebody else runs it."""
    mine = {"owner": owner, "lease_until": lease_until, "host": host, "pid": pid, "started_at": lease_now, "live_calls": 0}
    mine |= {"machine": machine, "pid_started": pid_started}
    new = insert_into(tx, lanes).values(slot=slot, **mine)
    taken = new.on_conflict_do_update(
        index_elements=["slot"],
        set_={name: new.excluded[name] for name in mine},
        where=or_(lanes.c.lease_until < lease_now, lanes.c.owner == owner),
    )
    return tx.execute(taken.returning(lanes.c.slot)).scalar_one_or_none() is not None


def renew(tx: Connection, slot: str, owner: str, lease_until: datetime, live_calls: int = 0) -> bool:
    """Keep a slot. False when it is not ours any more."""
    mine = update(lanes).where(lanes.c.slot == slot, lanes.c.owner == owner)
    return tx.execute(mine.values(lease_until=lease_until, live_calls=live_calls)).rowcount == 1


def free(tx: Connection, slot: str, owner: str) -> bool:
    """Give a slot up. False when it was not ours."""
    return tx.execute(delete(lanes).where(lanes.c.slot == slot, lanes.c.owner == owner)).rowcount == 1


def listed(tx: Connection) -> list[LaneRow]:
    """All lanes, expired ones too, by slot."""
    return [LaneRow(**row) for row in tx.execute(select(lanes).order_by(lanes.c.slot)).mappings()]
