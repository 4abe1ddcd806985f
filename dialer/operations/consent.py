"""The ledger of consent as people work with it: show, add, take back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialer.errors import UserError
from dialer.model.contact import Consent
from dialer.model.phone import PhoneNumber
from dialer.operations.lookup import read_phone
from dialer.operations.parts import Parts
from dialer.store import acts, campaigns, consents, contacts
from dialer.store.acts import Act
from dialer.store.consents import ConsentRow
from dialer.store.keys import number_of

KINDS = ("express", "written")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything on record of a number's consent."""

    phone: PhoneNumber
    rows: tuple[ConsentRow, ...]

    def as_json(self) -> dict[str, Any]:
        """The document of ``consent show --json``."""
        return {"phone": self.phone, "consents": [_json(row) for row in self.rows]}


def show(parts: Parts, phone_text: str, region: str = "US") -> Ledger:
    """What is on record for a number."""
    phone = read_phone(phone_text, region)
    with parts.store.read() as tx:
        return Ledger(phone, tuple(consents.of_phone(tx, phone)))


def add(parts: Parts, phone_text: str, consent: Consent, text: str, by: str, region: str = "US") -> int:
    """Record a consent for every contact with that number; how many. Calls that were held for want of it go on.

    Raises ``UserError`` for an unknown class, a date of the future, no source, or a number that no campaign has.
    """
    phone, now = read_phone(phone_text, region), parts.clock.now()
    if consent.kind not in KINDS:
        raise UserError(f"--class {consent.kind}: one of {', '.join(KINDS)}", code="bad_class")
    if not consent.source.strip():
        raise UserError("a consent needs its source: where it was given", code="no_source")
    if consent.given_at is not None and consent.given_at > now:
        raise UserError(f"--at {consent.given_at.isoformat()} is in the future", code="bad_instant")
    with parts.store.write() as tx:
        people = contacts.by_phone(tx, phone)
        if not people:
            raise UserError(f"no campaign has {phone}", code="unknown_number", hint="import it first")
        for person in people:
            consents.add(tx, person.contact_id, phone, consent, text, now)
        detail = {"class": consent.kind, "source": consent.source}
        acts.record(tx, Act(now, by, "consent.add", "", number_of(tx, phone), "", detail))
    return len(people)


def revoke(parts: Parts, phone_text: str, by: str, reason: str, region: str = "US") -> int:
    """Take every consent of a number back, for all campaigns; how many stood. It bites at the next dial."""
    phone, now = read_phone(phone_text, region), parts.clock.now()
    with parts.store.write() as tx:
        count = consents.revoke(tx, phone, by, reason, now)
        if not count:
            raise UserError(f"no consent of {phone} is on record", code="no_consent")
        acts.record(tx, Act(now, by, "consent.revoke", reason, number_of(tx, phone), "", {"consents": count}))
    return count


def campaigns_of(parts: Parts, phone: PhoneNumber) -> dict[int, str]:
    """Which campaigns have contacts with that number, by the contact's id."""
    with parts.store.read() as tx:
        return {it.contact_id: campaigns.get(tx, it.campaign_id).name for it in contacts.by_phone(tx, phone)}


def _json(row: ConsentRow) -> dict[str, Any]:
    return {
        "class": row.kind,
        "source": row.source,
        "text": row.text,
        "number_as_given": row.number_as_given,
        "given_at": _iso(row.given_at),
        "recorded_at": _iso(row.recorded_at),
        "last_used_at": _iso(row.last_used_at),
        "revoked_at": _iso(row.revoked_at),
        "revoked_by": row.revoked_by,
        "revoked_reason": row.revoked_reason,
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
