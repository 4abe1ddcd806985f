"""Copies of national do-not-call lists, as keyed hashes, with the day that each copy is of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from dialer.compliance.facts import NationalCopy
from dialer.model.phone import PhoneNumber
from dialer.store.engine import batches, insert_into
from dialer.store.keys import hashed, ring_of
from dialer.store.schema import dnc_lists, dnc_numbers


@dataclass(frozen=True, slots=True)
class ListRow:
    """One copy. Only the newest of a region keeps its numbers; of the others it is known that they were there."""

    id: int
    region: str
    as_of: datetime
    entries: int
    file_hash: str
    imported_at: datetime
    imported_by: str


_COLUMNS = tuple(dnc_lists.c[name] for name in ListRow.__dataclass_fields__)


def begin(tx: Connection, region: str, as_of: datetime, file_hash: str, by: str, now: datetime) -> int:
    """A new copy of the list of ``region``, without numbers so far; its id."""
    new = insert(dnc_lists).values(region=region, as_of=as_of, entries=0, file_hash=file_hash, imported_at=now, imported_by=by)
    made: int = tx.execute(new.returning(dnc_lists.c.id)).scalar_one()
    return made


def add(tx: Connection, list_id: int, phones: Iterable[PhoneNumber]) -> int:
    """Put numbers into a copy; how many are new to it."""
    key = ring_of(tx).key(tx)
    added = 0
    for batch in batches(phones):
        rows = [{"list_id": list_id, "number": hashed(key, phone)} for phone in dict.fromkeys(batch)]
        new = insert_into(tx, dnc_numbers).values(rows).on_conflict_do_nothing().returning(dnc_numbers.c.number)
        added += len(tx.execute(new).all())
    return added


def settle(tx: Connection, list_id: int, entries: int) -> None:
    """The copy is whole: older copies of the same list lose their numbers."""
    row = tx.execute(select(dnc_lists).where(dnc_lists.c.id == list_id)).one()
    tx.execute(update(dnc_lists).where(dnc_lists.c.id == list_id).values(entries=entries))
    newest = newest_of(tx)[row.region]
    others = select(dnc_lists.c.id).where(dnc_lists.c.region == row.region, dnc_lists.c.id != newest.id)
    tx.execute(delete(dnc_numbers).where(dnc_numbers.c.list_id.in_(others)))


def newest_of(tx: Connection) -> dict[str, ListRow]:
    """The newest copy of each region."""
    found = (ListRow(**row) for row in tx.execute(select(*_COLUMNS).order_by(dnc_lists.c.as_of, dnc_lists.c.id)).mappings())
    return {row.region: row for row in found}


def copies(tx: Connection, phone: PhoneNumber) -> tuple[NationalCopy, ...]:
    """The newest copy of each region, and whether the number is in it. Raises ``StoreError`` without the database's key."""
    return copies_of(tx, [phone])[phone]


def copies_of(tx: Connection, phones: Iterable[PhoneNumber]) -> dict[PhoneNumber, tuple[NationalCopy, ...]]:
    """As ``copies``, for each of these numbers."""
    newest = newest_of(tx)
    if not newest:
        return dict.fromkeys(phones, ())
    key, ids = ring_of(tx).key(tx), [row.id for row in newest.values()]
    found: dict[PhoneNumber, tuple[NationalCopy, ...]] = {}
    for batch in batches(phones):
        by_hash = {hashed(key, phone): phone for phone in batch}
        query = select(dnc_numbers.c.number, dnc_numbers.c.list_id)
        query = query.where(dnc_numbers.c.list_id.in_(ids), dnc_numbers.c.number.in_(list(by_hash)))
        listed = {(by_hash[number], list_id) for number, list_id in tx.execute(query)}
        for phone in batch:
            found[phone] = tuple(NationalCopy(row.region, row.as_of, (phone, row.id) in listed) for row in newest.values())
    return found
