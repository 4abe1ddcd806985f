"""Imports, their refused rows, and the contacts that came of the good ones."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select, update

from dialer.errors import StoreError
from dialer.model.contact import Consent, Contact, RowProblem
from dialer.model.ids import CampaignId, ContactId, ImportId
from dialer.model.phone import PhoneNumber
from dialer.store import bulk, consents
from dialer.store.engine import batches
from dialer.store.schema import campaigns, contact_numbers, contacts, import_problems, imports

_STREAMED_ROWS = 500
# Fields of model.contact.Contact that are columns of their own, under the same name.
_PLAIN = (
    "row",
    "phone",
    "external_id",
    "first_name",
    "last_name",
    "name",
    "email",
    "company",
    "timezone",
    "language",
    "country",
    "state",
    "postal_code",
    "caller_id",
    "priority",
    "not_before",
    "expires_at",
)
_CORRECTED = (*_PLAIN, "cells", "variables", "notes", "consent_kind", "consent_source", "consent_given_at")


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
class Upserted:
    """What became of one contact of a batch: new, or an earlier one corrected in place."""

    contact_id: ContactId
    row: int
    is_new: bool


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


def add_problems(tx: Connection, import_id: ImportId, problems: Iterable[RowProblem]) -> None:
    """Store refused rows with what was wrong and how to mend it."""
    for batch in batches(problems):
        rows = [
            {
                "import_id": import_id,
                "row": problem.row,
                "column": problem.column,
                "value": problem.value,
                "code": problem.code,
                "message": problem.message,
                "fix": problem.fix,
                "cells": dict(problem.cells),
            }
            for problem in batch
        ]
        tx.execute(insert(import_problems), rows)


def problems_of(tx: Connection, import_id: ImportId) -> list[RowProblem]:
    """The refused rows of an import, in the order of the file."""
    names = ("row", "column", "value", "code", "message", "fix", "cells")
    query = select(*(import_problems.c[name] for name in names)).where(import_problems.c.import_id == import_id)
    found = tx.execute(query.order_by(import_problems.c.row, import_problems.c.id))
    return [RowProblem(**row) for row in found.mappings()]


def upsert(
    tx: Connection, campaign_id: CampaignId, import_id: ImportId, batch: Sequence[Contact], now: datetime
) -> list[Upserted]:
    """Store contacts, correcting in place those whose number the campaign has; the answers are in the order of ``batch``.

    A number may stand in ``batch`` once. Further numbers (``other_phones``) are replaced by those of the batch, in their order.
    A consent that was not known before is added to the consents on record.
    """
    done: dict[str, Upserted] = {}
    rows = [
        {"campaign_id": campaign_id, "import_id": import_id, "created_at": now, "updated_at": now, **_values(contact)}
        for contact in batch
    ]
    for row in bulk.merge(tx, contacts, rows, _corrected):
        done[row.phone] = Upserted(row.id, row.row, is_new=row.revision == 1)
    for part in batches(batch):
        _keep_numbers(tx, {done[contact.phone]: contact.other_phones for contact in part})
        column = tx.execute(select(imports.c.phone_column).where(imports.c.id == import_id)).scalar_one()
        consents.record(tx, [(done[contact.phone].contact_id, contact) for contact in part], now, column)
    return [done[contact.phone] for contact in batch]


def _corrected(new: Any) -> Any:
    """Whoever is there already has the newer facts of the file."""
    followed = {name: new.excluded[name] for name in ("import_id", *_CORRECTED, "updated_at")}
    statement = new.on_conflict_do_update(
        index_elements=["campaign_id", "phone"], set_={**followed, "revision": contacts.c.revision + 1}
    )
    return statement.returning(contacts.c.id, contacts.c.phone, contacts.c.row, contacts.c.revision)


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


def elsewhere(tx: Connection, campaign_id: CampaignId, phones: Sequence[PhoneNumber]) -> Counter[str]:
    """How many of ``phones`` are contacts of other campaigns as well, by the name of the campaign."""
    found: Counter[str] = Counter()
    for batch in batches(phones):
        query = select(campaigns.c.name, func.count()).join_from(contacts, campaigns)
        query = query.where(contacts.c.phone.in_(batch), contacts.c.campaign_id != campaign_id).group_by(campaigns.c.name)
        for name, count in tx.execute(query):
            found[name] += count
    return found


def consents_of(tx: Connection, phone: PhoneNumber) -> list[Consent]:
    """Every consent on record for that number that was not taken back, the oldest first."""
    return [Consent(it.kind, it.source, it.given_at) for it in consents.of_phone(tx, phone) if it.revoked_at is None]


def _import_values(facts: ImportFacts) -> dict[str, Any]:
    values = {name: getattr(facts, name) for name in ImportFacts.__dataclass_fields__}
    return values | {"header": list(facts.header), "by_code": dict(facts.by_code or {})}


def _values(contact: Contact) -> dict[str, Any]:
    consent = contact.consent
    return {name: getattr(contact, name) for name in _PLAIN} | {
        "cells": dict(contact.cells),
        "variables": dict(contact.variables),
        "notes": list(contact.notes),
        "consent_kind": consent.kind if consent else None,
        "consent_source": consent.source if consent else None,
        "consent_given_at": consent.given_at if consent else None,
    }


def _keep_numbers(tx: Connection, further: Mapping[Upserted, Sequence[PhoneNumber]]) -> None:
    """Put these further numbers in the place of those on record."""
    corrected = [stored.contact_id for stored in further if not stored.is_new]
    if corrected:
        tx.execute(delete(contact_numbers).where(contact_numbers.c.contact_id.in_(corrected)))
    rows = [
        {"contact_id": stored.contact_id, "position": position, "phone": phone}
        for stored, phones in further.items()
        for position, phone in enumerate(phones, start=2)
    ]
    if rows:
        tx.execute(insert(contact_numbers), rows)


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
        **{name: getattr(row, name) for name in _PLAIN},
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
