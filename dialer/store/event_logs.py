"""The event log of each attempt: written once at its end, read when somebody replays it. What the bytes mean is ``session``'s."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from dialer.model.ids import AttemptId
from dialer.store.engine import insert_into
from dialer.store.schema import attempts, event_logs


@dataclass(frozen=True, slots=True)
class EventLogRow:
    """A stored log. ``version``: of its form; ``is_cut``: its end is missing."""

    attempt_id: AttemptId
    version: int
    is_cut: bool
    body: bytes


def save(tx: Connection, row: EventLogRow) -> bool:
    """Store the log of an attempt; a later one takes the place of an earlier one. False when there is no such attempt."""
    if tx.execute(select(attempts.c.id).where(attempts.c.id == row.attempt_id)).one_or_none() is None:
        return False
    values = {"version": row.version, "is_cut": row.is_cut, "body": row.body}
    new = insert_into(tx, event_logs).values(attempt_id=row.attempt_id, **values)
    tx.execute(new.on_conflict_do_update(index_elements=["attempt_id"], set_=values))
    return True


def find(tx: Connection, attempt_id: AttemptId) -> EventLogRow | None:
    """The log of an attempt, if one was kept."""
    row = tx.execute(select(event_logs).where(event_logs.c.attempt_id == attempt_id)).mappings().one_or_none()
    return None if row is None else EventLogRow(**row)


def forget(tx: Connection, before: datetime) -> int:
    """Delete the logs of attempts that ended before then: they hold every word that was said. Says how many."""
    is_old = select(attempts.c.id).where(attempts.c.id == event_logs.c.attempt_id, attempts.c.ended_at < before).exists()
    return tx.execute(delete(event_logs).where(is_old)).rowcount
