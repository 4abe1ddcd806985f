"""What campaigns have spent and promised: a sum for each day of dialling, and the reservation of each open attempt.

The sums are kept and not counted anew, so that asking before each dial costs the same after a million attempts.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Connection, func, select

from dialer.model.call import AttemptState
from dialer.model.ids import CampaignId
from dialer.store.columns import spelled
from dialer.store.engine import insert_into
from dialer.store.schema import attempts, spending


@dataclass(frozen=True, slots=True)
class Account:
    """A campaign's money: settled in all, settled of the dials of one UTC day, and reserved for attempts that are open."""

    total: Decimal
    today: Decimal
    reserved: Decimal


def account(tx: Connection, campaign_id: CampaignId, now: datetime) -> Account:
    """How a campaign's money stands; today is the UTC day of ``now``."""
    days = {row.day: row.spent for row in tx.execute(select(spending).where(spending.c.campaign_id == campaign_id))}
    is_open = (attempts.c.campaign_id == campaign_id, attempts.c.state != spelled(AttemptState.ENDED))
    reserved = tx.execute(select(func.sum(attempts.c.reserved)).where(*is_open)).scalar_one()
    return Account(sum(days.values(), Decimal(0)), days.get(_day(now), Decimal(0)), reserved or Decimal(0))


def settle(tx: Connection, campaign_id: CampaignId, dialed_at: datetime, amount: Decimal) -> None:
    """An attempt has cost ``amount``. It is of the day on which it was dialled."""
    new = insert_into(tx, spending).values(campaign_id=campaign_id, day=_day(dialed_at), spent=amount)
    sums = {"spent": spending.c.spent + new.excluded.spent}
    tx.execute(new.on_conflict_do_update(index_elements=["campaign_id", "day"], set_=sums))


def _day(instant: datetime) -> str:
    return instant.astimezone(UTC).date().isoformat()
