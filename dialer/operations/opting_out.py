"""Somebody asked never to be called again: their numbers go on the list and out of every queue, in one transaction, on record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.operations import outgoing
from dialer.operations.parts import Parts
from dialer.store import acts, people, suppression
from dialer.store.contacts import ContactRow
from dialer.store.engine import Tx
from dialer.store.keys import number_of


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, in which talk. ``phone`` is the number that was dialled; ``proof``: reason, source and quote."""

    contact: ContactRow
    phone: PhoneNumber
    campaign: str
    attempt_id: AttemptId
    proof: Mapping[str, str]


def suppress(tx: Tx, parts: Parts, asked: Asked, now: datetime) -> None:
    """Put the numbers on the list of all campaigns and take them out of every queue, in the caller's transaction. Harmless twice.

    The contact's other numbers go with the one that was dialled: whoever asks not to be called means themselves and not one of
    their phones. Each number that is new on the list is an act on record.
    """
    reason, source, quote = asked.proof["reason"], asked.proof["source"], asked.proof["quote"]
    for phone in dict.fromkeys((asked.phone, *asked.contact.contact.numbers)):
        if suppression.add(tx, phone, reason, source, now, quote=quote, attempt_id=asked.attempt_id):
            outgoing.opted_out(tx, parts, asked.contact, phone, asked.attempt_id, asked.proof, now)
            detail = {"source": source, "attempt_id": asked.attempt_id}
            act = acts.Act(now, "the callee", "dnc.opt_out", reason, number_of(tx, phone), asked.campaign, detail)
            acts.record(tx, act)
        outgoing.calls_finished(tx, parts, people.cancel(tx, phone, now), now)
