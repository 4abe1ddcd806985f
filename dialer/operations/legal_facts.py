"""What the law's own ledgers say of a number: lists, consent, overrides. A part of the facts that the gates judge.

Opt-outs and consents are a person's: whoever takes one of their numbers off, or their consent back, means themselves and not one
of their phones.
"""

from collections.abc import Iterator, Mapping, Sequence
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


def of_numbers(
    tx: Tx, campaign_id: CampaignId, dialled: Sequence[tuple[Contact, PhoneNumber]], now: datetime
) -> Iterator[dict[str, Any]]:
    """The facts by name for each contact and the number of theirs that would be dialled, in order, all read in this transaction.

    Raises ``StoreError`` when the do-not-call list cannot be read.
    """
    widened = overrides.in_force(tx, campaign_id, now)
    copies = national.copies_of(tx, {phone for _, phone in dialled})
    for (_, phone), found in zip(dialled, of_ledgers(tx, campaign_id, dialled), strict=True):
        yield found | {"national": copies[phone], "overrides": widened}


def of_ledgers(
    tx: Tx, campaign_id: CampaignId | None, dialled: Sequence[tuple[Contact, PhoneNumber]]
) -> Iterator[dict[str, Any]]:
    """The part of the facts that is told when a list comes in: our own lists, consent, and what the row says."""
    everybody = {number for contact, phone in dialled for number in (phone, *contact.numbers)}
    listed = suppression.suppressed(tx, everybody, campaign_id)
    ledger = consents.standing(tx, everybody)
    for contact, phone in dialled:
        mine = {phone, *contact.numbers}
        lists = {"is_suppressed": phone in listed, "is_person_suppressed": bool((mine - {phone}) & listed)}
        yield lists | of_contact(contact, _of_person([ledger[number] for number in mine if number in ledger]))


def _of_person(ledger: Sequence[Standing]) -> Standing:
    """Of all numbers of a person together."""
    used = [it.last_used_at for it in ledger if it.last_used_at is not None]
    revoked = [it.revoked_at for it in ledger if it.revoked_at is not None]
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
