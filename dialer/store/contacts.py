"""Imports, their refused rows, and the contacts that came of the good ones."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from dialer.errors import StoreError
from dialer.model.contact import Consent, Contact, RowProblem
from dialer.model.ids import CampaignId, ContactId, ImportId
from dialer.model.phone import PhoneNumber
from dialer.store import consents
from dialer.store.engine import batches
from dialer.store.schema import contact_numbers, contacts, import_problems, imports
from dialer.store.staging import PLAIN

_STREAMED_ROWS = 500


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """One reading of one file. ``rows`` = accepted + updated + duplicates + rejected; ``by_code`` counts problem rows."""

    campaign_id: CampaignId
    file_name: str
    file_hash: str
    encoding: str
    delimiter: str
    phone_column: str
    header: Sequence[str]
    rows: int = 0
    accepted: int = 0
    updated: int = 0
    duplicates: int = 0
    rejected: int = 0
    held: int = 0
    suppressed: int = 0
    by_code: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A stored import."""

    import_id: ImportId
    facts: ImportFacts
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A stored contact."""

    contact_id: ContactId
    campaign_id: CampaignId
    import_id: ImportId
    contact: Contact
    created_at: datetime
    updated_at: datetime


def record_import(tx: Connection, facts: ImportFacts, now: datetime) -> ImportId:
    """Store the facts of an import. While the file is still being read the counts may be zero: see ``settle_import``."""
    new = insert(imports).values(**_import_values(facts), imported_at=now)
    return ImportId(tx.execute(new.returning(imports.c.id)).scalar_one())


def settle_import(tx: Connection, import_id: ImportId, facts: ImportFacts) -> None:
    """Put the final counts in the place of those of ``record_import``."""
    tx.execute(update(imports).where(imports.c.id == import_id).values(**_import_values(facts)))


def imports_of(tx: Connection, campaign_id: CampaignId) -> list[ImportRow]:
    """All imports of a campaign, the oldest first."""
    found = tx.execute(select(imports).where(imports.c.campaign_id == campaign_id).order_by(imports.c.id))
    names = ImportFacts.__dataclass_fields__
    return [
        ImportRow(row["id"], ImportFacts(**{name: row[name] for name in names}), row["imported_at"]) for row in found.mappings()
    ]


def problems_of(tx: Connection, import_id: ImportId) -> list[RowProblem]:
    """The refused rows of an import, in the order of the file."""
    names = ("row", "column", "value", "code", "message", "fix", "cells")
    query = select(*(import_problems.c[name] for name in names)).where(import_problems.c.import_id == import_id)
    found = tx.execute(query.order_by(import_problems.c.row, import_problems.c.id))
    return [RowProblem(**row) for row in found.mappings()]


def get(tx: Connection, contact_id: ContactId) -> ContactRow:
    """The contact with that id. Raises ``StoreError`` (``not_found``)."""
    row = tx.execute(select(contacts).where(contacts.c.id == contact_id)).one_or_none()
    if row is None:
        raise StoreError(f"there is no contact {contact_id}", code="not_found", retryable=False)
    return _contact_row(row, _numbers(tx, [row.id])[row.id])


def of_row(tx: Connection, campaign_id: CampaignId, row: int) -> ContactRow | None:
    """The contact of a row of the campaign's file, the newest where several files had that row; None when there is none."""
    mine = (contacts.c.campaign_id == campaign_id, contacts.c.row == row)
    newest = (contacts.c.import_id.desc(), contacts.c.id.desc())
    found = tx.execute(select(contacts).where(*mine).order_by(*newest).limit(1)).one_or_none()
    return None if found is None else _contact_row(found, _numbers(tx, [found.id])[found.id])


def many(tx: Connection, contact_ids: Iterable[ContactId]) -> dict[ContactId, ContactRow]:
    """The contacts with these ids; unknown ids are left out."""
    found: dict[ContactId, ContactRow] = {}
    for part in batches(contact_ids):
        others = _numbers(tx, part)
        for row in tx.execute(select(contacts).where(contacts.c.id.in_(part))):
            found[row.id] = _contact_row(row, others[row.id])
    return found


def of_campaign(tx: Connection, campaign_id: CampaignId) -> Iterator[ContactRow]:
    """All contacts of a campaign as they were first imported, streamed: memory does not grow with the list."""
    yield from _streamed(tx, select(contacts).where(contacts.c.campaign_id == campaign_id).order_by(contacts.c.id))


def by_phone(tx: Connection, phone: PhoneNumber) -> list[ContactRow]:
    """Everybody with that number, as their first or a further one, over all campaigns."""
    further = select(contact_numbers.c.contact_id).where(contact_numbers.c.phone == phone)
    has_it = or_(contacts.c.phone == phone, contacts.c.id.in_(further))
    return list(_streamed(tx, select(contacts).where(has_it).order_by(contacts.c.id)))


def consents_of(tx: Connection, phone: PhoneNumber) -> list[Consent]:
    """Every consent on record for that number that was not taken back, the oldest first."""
    return [Consent(it.kind, it.source, it.given_at) for it in consents.of_phone(tx, phone) if it.revoked_at is None]


def _import_values(facts: ImportFacts) -> dict[str, Any]:
    values = {name: getattr(facts, name) for name in ImportFacts.__dataclass_fields__}
    return values | {"header": list(facts.header), "by_code": dict(facts.by_code or {})}


def _numbers(tx: Connection, contact_ids: Sequence[int]) -> Mapping[int, list[PhoneNumber]]:
    """The further numbers of these contacts, in order; of one that has none an empty list."""
    found: defaultdict[int, list[PhoneNumber]] = defaultdict(list)
    query = select(contact_numbers).where(contact_numbers.c.contact_id.in_(contact_ids))
    for row in tx.execute(query.order_by(contact_numbers.c.contact_id, contact_numbers.c.position)):
        found[row.contact_id].append(row.phone)
    return found


def _contact_row(row: Row[Any], other_phones: Sequence[PhoneNumber]) -> ContactRow:
    consent = None
    if row.consent_kind is not None:
        consent = Consent(row.consent_kind, row.consent_source, row.consent_given_at)
    contact = Contact(
        **{name: getattr(row, name) for name in PLAIN},
        cells=row.cells,
        variables=row.variables,
        other_phones=tuple(other_phones),
        notes=tuple(row.notes),
        consent=consent,
    )
    return ContactRow(row.id, row.campaign_id, row.import_id, contact, row.created_at, row.updated_at)


def _streamed(tx: Connection, query: Select[Any]) -> Iterator[ContactRow]:
    for part in tx.execute(query, execution_options={"yield_per": _STREAMED_ROWS}).partitions():
        others = _numbers(tx, [row.id for row in part])
        for row in part:
            yield _contact_row(row, others[row.id])
