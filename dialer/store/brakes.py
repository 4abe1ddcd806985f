"""What the breakers of a campaign remember, and who must not start for a while."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, select

from dialer.dialing.breaker import Slowdown, Watch
from dialer.model.ids import CampaignId
from dialer.store.engine import insert_into
from dialer.store.schema import slowdowns, watches

VOICE = "voice"
"""The slowdown of the voice account: every campaign obeys it."""
CARRIER = "carrier"
"""That of the carrier account."""


def of_campaign(campaign_id: CampaignId) -> str:
    """The key of a slowdown that concerns one campaign."""
    return f"campaign:{campaign_id}"


def watch(tx: Connection, campaign_id: CampaignId) -> Watch:
    """The watch of a campaign, locked until the transaction ends, so that no two ends overwrite each other."""
    tx.execute(insert_into(tx, watches).values(campaign_id=campaign_id).on_conflict_do_nothing())
    columns = [watches.c[name] for name in Watch.__dataclass_fields__]
    row = tx.execute(select(*columns).where(watches.c.campaign_id == campaign_id).with_for_update()).mappings().one()
    return Watch(**row)


def keep_watch(tx: Connection, campaign_id: CampaignId, new: Watch) -> None:
    """Store what ``watch`` gave, with one more end."""
    tx.execute(watches.update().where(watches.c.campaign_id == campaign_id).values(asdict(new)))


def begin_anew(tx: Connection, campaign_id: CampaignId) -> None:
    """A person has looked: the breakers forget, and a slowdown of the campaign's own ends. Those of the accounts stay."""
    tx.execute(delete(watches).where(watches.c.campaign_id == campaign_id))
    clear(tx, of_campaign(campaign_id))


def slowdown(tx: Connection, key: str) -> Slowdown | None:
    """One slowdown, past ones too, locked until the transaction ends."""
    columns = [slowdowns.c[name] for name in Slowdown.__dataclass_fields__]
    row = tx.execute(select(*columns).where(slowdowns.c.key == key).with_for_update()).mappings().one_or_none()
    return None if row is None else Slowdown(**row)


def slow(tx: Connection, key: str, new: Slowdown) -> None:
    """Put a slowdown in force, or change it."""
    statement = insert_into(tx, slowdowns).values(key=key, **asdict(new))
    tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_=asdict(new)))


def clear(tx: Connection, key: str) -> None:
    """It goes well again."""
    tx.execute(delete(slowdowns).where(slowdowns.c.key == key))


def in_force(tx: Connection, campaign_id: CampaignId, now: datetime) -> Slowdown | None:
    """What keeps a campaign from starting calls now, its own slowdown or that of an account; the longest one."""
    columns = [slowdowns.c[name] for name in Slowdown.__dataclass_fields__]
    keys = (VOICE, CARRIER, of_campaign(campaign_id))
    query = select(*columns).where(slowdowns.c.key.in_(keys), slowdowns.c.until > now).order_by(slowdowns.c.until.desc())
    row = tx.execute(query.limit(1)).mappings().one_or_none()
    return None if row is None else Slowdown(**row)
