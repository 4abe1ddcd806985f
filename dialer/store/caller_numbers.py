"""Our own numbers: how much each is shown, whether it rests, and how its calls went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from dialer.dialing.caller_id import Tally
from dialer.model.phone import PhoneNumber
from dialer.store.engine import insert_into
from dialer.store.schema import attempts, caller_numbers

SHORT_S = 6.0
"""A talk that ended sooner: the callee looked at the number, or heard it is a call of that kind, and hung up."""


@dataclass(frozen=True, slots=True)
class CallerNumber:
    """One of our numbers. ``daily_cap`` None: no limit; ``verified_at`` None: nobody has said that it may be shown."""

    number: PhoneNumber
    weight: int = 1
    daily_cap: int | None = None
    rests_until: datetime | None = None
    rest_reason: str = ""
    verified_at: datetime | None = None


def listed(tx: Connection) -> list[CallerNumber]:
    """All that are known, in order."""
    rows = tx.execute(select(caller_numbers).order_by(caller_numbers.c.number)).mappings()
    return [CallerNumber(**row) for row in rows]


def put(tx: Connection, number: PhoneNumber, **changes: object) -> None:
    """Know this number, with these fields changed; the others stay."""
    statement = insert_into(tx, caller_numbers).values(number=number, **changes)
    keys = [caller_numbers.c.number]
    if changes:
        tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))
    else:
        tx.execute(statement.on_conflict_do_nothing(index_elements=keys))


def tallies(tx: Connection, since: datetime, until: datetime) -> Mapping[PhoneNumber, Tally]:
    """How the calls of each number went that were dialled between two instants."""
    is_answered = attempts.c.answered_at.is_not(None)
    query = select(
        attempts.c.from_number,
        func.count().label("dials"),
        func.sum(case((is_answered, 1), else_=0)).label("answered"),
        func.sum(case((is_answered & (attempts.c.talk_s < SHORT_S), 1), else_=0)).label("short"),
    ).where(attempts.c.dialed_at >= since, attempts.c.dialed_at < until)
    rows = tx.execute(query.group_by(attempts.c.from_number)).all()
    return {row.from_number: Tally(row.dials, row.answered, row.short) for row in rows}
