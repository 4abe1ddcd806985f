"""The do-not-call list: numbers that are never called, by all campaigns or by one. It holds keyed hashes and no number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, or_, select

from dialer.model.ids import AttemptId, CampaignId
from dialer.model.phone import PhoneNumber
from dialer.store import bulk
from dialer.store.engine import insert_into
from dialer.store.keys import hasher, number_of
from dialer.store.schema import suppressions


@dataclass(frozen=True, slots=True)
class Suppression:
    """A number that is never called, by ``campaign_id`` or (None) by anybody. ``quote``: the callee's own words, where he asked
    for it in a call (``attempt_id``).
    """

    number: str
    reason: str
    source: str
    quote: str
    attempt_id: AttemptId | None
    added_at: datetime
    campaign_id: CampaignId | None = None
    added_by: str = ""


_COLUMNS = tuple(suppressions.c[name] for name in Suppression.__dataclass_fields__)


def add(
    tx: Connection,
    phone: PhoneNumber,
    reason: str,
    source: str,
    now: datetime,
    *,
    quote: str = "",
    attempt_id: AttemptId | None = None,
    campaign_id: CampaignId | None = None,
    added_by: str = "",
) -> bool:
    """Put a number on the list. False when it is on it already: the first proof stands. Raises ``StoreError`` without the key."""
    number = number_of(tx, phone)
    return add_hashed(tx, Suppression(number, reason, source, quote, attempt_id, now, campaign_id=campaign_id, added_by=added_by))


def add_hashed(tx: Connection, entry: Suppression) -> bool:
    """As ``add``, for a number that is known by its hash alone (a list that was exported with the same key)."""
    new = insert_into(tx, suppressions).values({name: getattr(entry, name) for name in Suppression.__dataclass_fields__})
    is_local = entry.campaign_id is not None
    added = new.on_conflict_do_nothing(
        index_elements=["campaign_id", "number"] if is_local else ["number"],
        index_where=suppressions.c.campaign_id.is_not(None) if is_local else suppressions.c.campaign_id.is_(None),
    )
    return tx.execute(added.returning(suppressions.c.id)).scalar_one_or_none() is not None


def remove(tx: Connection, phone: PhoneNumber, campaign_id: CampaignId | None = None) -> bool:
    """Take a number off the list of all campaigns, or of one. False when it was not on it."""
    mine = _of(campaign_id) & (suppressions.c.number == number_of(tx, phone))
    return tx.execute(delete(suppressions).where(mine)).rowcount == 1


def suppressed(tx: Connection, phones: Iterable[PhoneNumber], campaign_id: CampaignId | None = None) -> set[PhoneNumber]:
    """Those of ``phones`` that are on the list of all campaigns, or on that of ``campaign_id``.

    Raises ``StoreError`` without the database's key: a list that cannot be read allows nothing.
    """
    asked = list(phones)
    if not asked:
        return set()
    hashed = hasher(tx)
    by_hash = {hashed(phone): phone for phone in asked}
    scope = or_(_of(None), _of(campaign_id)) if campaign_id is not None else _of(None)
    query = select(suppressions.c.number).where(bulk.one_of(tx, suppressions.c.number, by_hash), scope)
    return {by_hash[number] for number in tx.execute(query).scalars()}


def listed(tx: Connection) -> Iterator[Suppression]:
    """The whole list, the oldest entry first, streamed."""
    query = select(*_COLUMNS).order_by(suppressions.c.added_at, suppressions.c.id)
    for row in tx.execute(query, execution_options={"yield_per": 500}).mappings():
        yield Suppression(**row)


def entries(tx: Connection, phone: PhoneNumber) -> list[Suppression]:
    """Why and since when a number is on the lists, that of all campaigns first; empty when it is on none."""
    query = select(*_COLUMNS).where(suppressions.c.number == number_of(tx, phone))
    order = (suppressions.c.campaign_id.is_not(None), suppressions.c.id)
    return [Suppression(**row) for row in tx.execute(query.order_by(*order)).mappings()]


def entry(tx: Connection, phone: PhoneNumber) -> Suppression | None:
    """Why and since when a number is called by no campaign; None when it may be."""
    return next((it for it in entries(tx, phone) if it.campaign_id is None), None)


def _of(campaign_id: CampaignId | None) -> ColumnElement[bool]:
    return suppressions.c.campaign_id.is_(None) if campaign_id is None else suppressions.c.campaign_id == campaign_id
