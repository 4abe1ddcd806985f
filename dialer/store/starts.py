"""The last call start of each campaign, carrier account and caller ID: the one memory of the pace, for all workers."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from dialer.model.ids import CampaignId
from dialer.model.phone import PhoneNumber
from dialer.store.engine import insert_into
from dialer.store.schema import starts


def of_campaign(campaign_id: CampaignId) -> str:
    """The key of a campaign's pace."""
    return f"campaign:{campaign_id}"


def of_caller(number: PhoneNumber, campaign_id: CampaignId | None = None) -> str:
    """The key of a caller ID's pace: over all campaigns, or within one."""
    return f"caller:{number}" if campaign_id is None else f"caller:{number}:{of_campaign(campaign_id)}"


def last(tx: Connection, keys: Collection[str]) -> dict[str, datetime | None]:
    """When each of ``keys`` started a call last; those that never did are left out."""
    return {row.key: row.last_at for row in tx.execute(select(starts.c.key, starts.c.last_at).where(starts.c.key.in_(keys)))}


def locked(tx: Connection, keys: Collection[str]) -> dict[str, datetime | None]:
    """As ``last``, and nobody else starts a call of these keys until the transaction ends.

    The rows are locked in one order by everybody, so that nobody waits for each other.
    """
    order = sorted(keys)
    query = select(starts.c.key, starts.c.last_at).where(starts.c.key.in_(order)).order_by(starts.c.key).with_for_update()
    found = {row.key: row.last_at for row in tx.execute(query)}
    if len(found) == len(order):
        return found
    for key in order:
        tx.execute(insert_into(tx, starts).values(key=key).on_conflict_do_nothing())
    return {row.key: row.last_at for row in tx.execute(query)}


def take(tx: Connection, keys: Collection[str], at: datetime, claim_at: Mapping[str, datetime]) -> None:
    """A call starts at ``at``. ``claim_at``: from when on it makes sense to claim the next one, by key."""
    for key in sorted(keys):
        tx.execute(update(starts).where(starts.c.key == key).values(last_at=at, claim_at=claim_at.get(key)))


def claim_at(tx: Connection, campaign_id: CampaignId) -> datetime | None:
    """From when on a call of the campaign may be claimed; None: at any time."""
    found: datetime | None = tx.execute(
        select(starts.c.claim_at).where(starts.c.key == of_campaign(campaign_id))
    ).scalar_one_or_none()
    return found
