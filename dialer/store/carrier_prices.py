"""What the carrier bills for a call, told by it minutes or hours later: asked for a bounded number of times, booked once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, select, update

from dialer.model.ids import AttemptId
from dialer.store import money
from dialer.store.engine import insert_into
from dialer.store.schema import attempts, carrier_prices

OURS = "USD"
"""The currency of all amounts here. A price in another one is kept, and changes no cost."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A call whose price is asked for."""

    attempt_id: AttemptId
    carrier_call_id: str


def expect(
    tx: Connection, attempt_id: AttemptId, carrier: str, carrier_call_id: str, estimated: Decimal, ask_at: datetime
) -> None:
    """The price of this call will be told. ``estimated``: the part of the attempt's cost that it takes the place of."""
    row = {"attempt_id": attempt_id, "carrier": carrier, "carrier_call_id": carrier_call_id, "estimated": estimated}
    tx.execute(insert_into(tx, carrier_prices).values(**row, ask_at=ask_at).on_conflict_do_nothing())


def is_any_due(tx: Connection, carrier: str, now: datetime) -> bool:
    """Whether a price is to be asked for."""
    is_due = (carrier_prices.c.ask_at <= now, carrier_prices.c.carrier == carrier)
    return tx.execute(select(carrier_prices.c.attempt_id).where(*is_due).limit(1)).first() is not None


def take(tx: Connection, carrier: str, now: datetime, delays: Sequence[timedelta], limit: int) -> list[Awaited]:
    """Calls whose price is to be asked for now, the longest due first; each is put off by the delay after this try.

    After as many tries as there are delays, and one more, it is not asked for again.
    """
    is_due = (carrier_prices.c.ask_at <= now, carrier_prices.c.carrier == carrier)
    due = select(carrier_prices.c.attempt_id, carrier_prices.c.carrier_call_id, carrier_prices.c.tries).where(*is_due)
    taken = []
    for row in tx.execute(due.order_by(carrier_prices.c.ask_at, carrier_prices.c.attempt_id).limit(limit)).all():
        again_at = now + delays[row.tries] if row.tries < len(delays) else None
        same = (carrier_prices.c.attempt_id == row.attempt_id, carrier_prices.c.tries == row.tries)
        if tx.execute(update(carrier_prices).where(*same).values(tries=row.tries + 1, ask_at=again_at)).rowcount:
            taken.append(Awaited(row.attempt_id, row.carrier_call_id))
    return taken


def told(tx: Connection, attempt_id: AttemptId, amount: Decimal, currency: str, now: datetime) -> bool:
    """Book the price in the place of the estimate, in the attempt and in its campaign's money. False: it is booked already."""
    mine = (carrier_prices.c.attempt_id == attempt_id, carrier_prices.c.told_at.is_(None))
    values = {"amount": amount, "currency": currency, "told_at": now, "ask_at": None}
    statement = update(carrier_prices).where(*mine).values(values).returning(carrier_prices.c.estimated)
    estimated: Decimal | None = tx.execute(statement).scalar_one_or_none()
    if estimated is None:
        return False
    more = amount - estimated
    if currency == OURS and more:
        this = attempts.c.id == attempt_id
        row = tx.execute(
            update(attempts)
            .where(this)
            .values(cost=attempts.c.cost + more)
            .returning(attempts.c.campaign_id, attempts.c.dialed_at)
        ).one()
        money.settle(tx, row.campaign_id, row.dialed_at, more)
    return True
