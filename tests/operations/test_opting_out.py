"""An opt-out takes all numbers of the person off every queue, and stands on record once."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import insert, select

from dialer.model.call import CallState
from dialer.model.phone import PhoneNumber
from dialer.operations import opting_out
from dialer.operations.opting_out import Asked
from dialer.operations.parts import Parts
from dialer.store import acts, contacts, suppression
from dialer.store.keys import number_of
from dialer.store.schema import calls, contact_numbers
from tests.operations.stage import armed
from tests.operations.talked import begun

PROOF = {"reason": "opt_out", "source": "tool", "quote": "never again"}
SECOND = PhoneNumber("+13035550199")


def test_every_number_of_the_person_is_listed_and_no_queue_keeps_one(parts: Parts) -> None:
    armed(parts)
    armed(parts, "clinic-reminder")
    work = begun(parts)
    now = parts.clock.now()
    with parts.store.write() as tx:
        tx.execute(insert(contact_numbers).values(contact_id=work.subject.contact.contact_id, position=2, phone=SECOND))
        contact = contacts.get(tx, work.subject.contact.contact_id)
        assert contact.contact.numbers == (work.phone, SECOND)
        other = tx.execute(select(calls.c.id).where(calls.c.state == CallState.QUEUED).limit(1)).scalar_one()
        tx.execute(calls.update().where(calls.c.id == other).values(phone=SECOND))
        asked = Asked(contact, work.phone, "solar-sales", work.attempt_id, PROOF)
        opting_out.suppress(tx, parts, asked, now)
        opting_out.suppress(tx, parts, replace(asked, proof=PROOF | {"quote": "again"}), now)
    with parts.store.read() as tx:
        assert suppression.suppressed(tx, [work.phone, SECOND]) == {work.phone, SECOND}
        assert tx.execute(select(calls.c.state).where(calls.c.id == other)).scalar_one() is CallState.DONE
        (entry,) = suppression.entries(tx, SECOND)
        assert (entry.quote, entry.attempt_id) == ("never again", work.attempt_id), "the first proof stands"
        for phone in (work.phone, SECOND):
            (act,) = acts.of_number(tx, number_of(tx, phone))
            assert (act.act, act.actor, act.campaign, act.detail["source"]) == (
                "dnc.opt_out",
                "the callee",
                "solar-sales",
                "tool",
            )
