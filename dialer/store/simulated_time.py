"""The instant that several processes of one simulated run agree on."""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from dialer.store import queue
from dialer.store.engine import insert_into
from dialer.store.schema import attempts, simulated_time


def read(tx: Connection) -> datetime | None:
    """The newest instant that was published; None when none was."""
    return tx.execute(select(simulated_time.c.now_at)).scalar_one_or_none()


def publish(tx: Connection, instant: datetime) -> datetime:
    """Move the common instant forward to ``instant``; an earlier one changes nothing. The instant that stands."""
    new = insert_into(tx, simulated_time).values(id=1, now_at=instant)
    later = new.on_conflict_do_update(
        index_elements=["id"],
        set_={"now_at": new.excluded.now_at},
        where=simulated_time.c.now_at < new.excluded.now_at,
    )
    tx.execute(later)
    return max(instant, read(tx) or instant)


def next_event_at(tx: Connection) -> datetime | None:
    """When the next call of an armed campaign falls due, be it in the past; None when there is nothing to wait for."""
    return queue.next_due_at(tx, datetime.min.replace(tzinfo=UTC))


def newest_deed_at(tx: Connection) -> datetime | None:
    """When the last dial or end of a dial took place: whoever died before publishing was at least there."""
    newest = tx.execute(select(func.max(attempts.c.dialed_at), func.max(attempts.c.ended_at))).one()
    return max((instant for instant in newest if instant is not None), default=None)
