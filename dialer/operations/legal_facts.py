"""What the law's own ledgers say of a number: lists, consent, overrides. A part of the facts that the gates judge."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialer.model.contact import Contact
from dialer.model.ids import CampaignId
from dialer.model.phone import PhoneNumber
from dialer.store import consents, national, overrides, suppression
from dialer.store.consents import Standing
from dialer.store.engine import Tx

_RND = "rnd_status"
_NOTHING = Standing()


def of_number(tx: Tx, campaign_id: CampaignId, contact: Contact, phone: PhoneNumber, now: datetime) -> dict[str, Any]:
    """The facts by name, read in this transaction. Raises ``StoreError`` when the do-not-call list cannot be read."""
    found = {
        "is_suppressed": bool(suppression.suppressed(tx, [phone], campaign_id)),
        "national": national.copies(tx, phone),
        "overrides": overrides.in_force(tx, campaign_id, now),
    }
    return found | of_contact(contact, _of_person(consents.standing(tx, {phone, *contact.numbers})))


def _of_person(ledger: Mapping[PhoneNumber, Standing]) -> Standing:
    """Of all numbers of a person together: whoever takes consent back means themselves and not one of their phones."""
    used = [it.last_used_at for it in ledger.values() if it.last_used_at is not None]
    revoked = [it.revoked_at for it in ledger.values() if it.revoked_at is not None]
    return Standing(max(used, default=None), max(revoked, default=None))


def of_contact(contact: Contact, ledger: Standing = _NOTHING) -> dict[str, Any]:
    """What the contact's own row and the ledger of consent say."""
    return {
        "state": contact.state,
        "postal_code": contact.postal_code,
        "country": contact.country,
        "rnd_status": rnd_status(contact.cells),
        "consent_used_at": ledger.last_used_at,
        "consent_revoked_at": ledger.revoked_at,
    }


def rnd_status(cells: Mapping[str, str]) -> str:
    """What the contact file says of the Reassigned Numbers Database; empty without such a column."""
    return next((cell for name, cell in cells.items() if name.strip().casefold().replace(" ", "_") == _RND), "")
