"""The ledger of consent: what was given, in which words, for which number as it was written, when it was last used, and when it
was taken back. Nothing is deleted: a consent that was taken back stays as the proof of the calls made under it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, func, insert, select, update

from dialer.model.call import CallState
from dialer.model.contact import Consent, Contact
from dialer.model.ids import ContactId
from dialer.model.phone import PhoneNumber
from dialer.store import bulk
from dialer.store.schema import calls, consents, contacts

_TEXT_COLUMNS = ("consent_text", "consenttext")


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One consent on record. ``text``: what the person agreed to; ``number_as_given``: the number before it was normalised."""

    contact_id: ContactId
    phone: PhoneNumber
    kind: str
    source: str
    given_at: datetime | None
    recorded_at: datetime
    text: str = ""
    number_as_given: str = ""
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str = ""
    revoked_reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger says of a number as a whole."""

    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


_COLUMNS = tuple(consents.c[name] for name in ConsentRow.__dataclass_fields__)


def add(tx: Connection, contact_id: ContactId, phone: PhoneNumber, consent: Consent, text: str, now: datetime) -> None:
    """Add one consent, make it the one in force of its contact, and queue the call that was held for want of it."""
    values = {"kind": consent.kind, "source": consent.source, "given_at": consent.given_at}
    tx.execute(
        insert(consents).values(contact_id=contact_id, phone=phone, text=text, number_as_given=phone, recorded_at=now, **values)
    )
    in_force = {f"consent_{name}": value for name, value in values.items()}
    tx.execute(update(contacts).where(contacts.c.id == contact_id).values(**in_force, updated_at=now))
    held = (calls.c.contact_id == contact_id, calls.c.state == CallState.HELD, calls.c.hold_code == "blocked_consent")
    tx.execute(update(calls).where(*held).values(state=CallState.QUEUED, bucket=None, hold_code=""))


def of_phone(tx: Connection, phone: PhoneNumber) -> list[ConsentRow]:
    """Every consent of a number, the oldest first."""
    rows = tx.execute(select(*_COLUMNS).where(consents.c.phone == phone).order_by(consents.c.id)).mappings()
    return [ConsentRow(**row) for row in rows]


def standing(tx: Connection, phones: Iterable[PhoneNumber]) -> dict[PhoneNumber, Standing]:
    """Last use and last revocation of each of these numbers that has a consent on record."""
    query = select(consents.c.phone, func.max(consents.c.last_used_at), func.max(consents.c.revoked_at))
    found = tx.execute(query.where(bulk.one_of(tx, consents.c.phone, phones)).group_by(consents.c.phone))
    return {phone: Standing(used_at, revoked_at) for phone, used_at, revoked_at in found}


def used(tx: Connection, phone: PhoneNumber, now: datetime) -> None:
    """A dial is about to be made under the consents of this number."""
    tx.execute(update(consents).where(consents.c.phone == phone, consents.c.revoked_at.is_(None)).values(last_used_at=now))


def revoke(tx: Connection, phone: PhoneNumber, by: str, reason: str, now: datetime) -> int:
    """Take every consent of a number back; how many stood."""
    standing_ones = (consents.c.phone == phone, consents.c.revoked_at.is_(None))
    values = {"revoked_at": now, "revoked_by": by, "revoked_reason": reason}
    return tx.execute(update(consents).where(*standing_ones).values(**values)).rowcount


def consent_text(contact: Contact) -> str:
    """What the contact's own row says that the person agreed to."""
    return next((cell for name, cell in contact.cells.items() if _is_text_column(name)), "")


@lru_cache(maxsize=1024)
def _is_text_column(name: str) -> bool:
    return name.strip().casefold().replace(" ", "_").replace("-", "_") in _TEXT_COLUMNS
