"""Whoever has a number is one person, whichever of their numbers is dialled next."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from dialer.model.call import Bucket, CallState, CampaignStatus
from dialer.model.disposition import Disposition
from dialer.store import campaigns, people
from dialer.store.engine import Store
from dialer.store.schema import calls, contact_numbers
from tests.store.rows import NOW, a_phone, claim, stocked


def test_all_numbers_of_those_who_wait(store: Store) -> None:
    with store.write() as tx:
        assert people.waiting_numbers(tx) == set()
        one = stocked(tx, 2)
        tx.execute(insert(contact_numbers).values(contact_id=one.contact_ids[0], position=2, phone=a_phone(50)))
        assert people.waiting_numbers(tx) == {a_phone(0), a_phone(1), a_phone(50)}
        claim(tx, one, limit=2)
        assert people.waiting_numbers(tx) == set()


@pytest.mark.parametrize("asked", [0, 50])
def test_a_persons_calls_end_with_any_of_their_numbers(store: Store, asked: int) -> None:
    with store.write() as tx:
        one, two = stocked(tx, 2, "one"), stocked(tx, 1, "two")
        tx.execute(insert(contact_numbers).values(contact_id=one.contact_ids[0], position=2, phone=a_phone(50)))
        tx.execute(calls.update().where(calls.c.campaign_id == two.campaign_id).values(phone=a_phone(60)))
        ended = people.cancel(tx, a_phone(asked), NOW, one.campaign_id)
        rows = {row.id: row for row in tx.execute(select(calls))}
        (call,) = (rows[call_id] for call_id in ended)
        assert (call.state, call.bucket, call.disposition) == (CallState.DONE, Bucket.SUPPRESSED, Disposition.BLOCKED_DNC)
        assert sum(row.state is CallState.QUEUED for row in rows.values()) == 2
        assert people.cancel(tx, a_phone(asked), NOW, one.campaign_id) == []
        everywhere = people.cancel(tx, a_phone(0), NOW)
        assert [rows[call_id].campaign_id for call_id in everywhere] == [two.campaign_id]


def test_only_what_was_never_dialled_waits_again(store: Store) -> None:
    with store.write() as tx:
        one, two = stocked(tx, 3, "one"), stocked(tx, 1, "two")
        for number in range(3):
            people.cancel(tx, a_phone(number), NOW)
        tx.execute(calls.update().where(calls.c.phone == a_phone(1)).values(attempts_made=1))
        assert people.restore(tx, a_phone(0), one.campaign_id) == 1
        assert people.restore(tx, a_phone(0)) == 1, "the other campaign's"
        assert people.restore(tx, a_phone(1)) == 0
        campaigns.set_status(tx, one.campaign_id, CampaignStatus.DONE, "", NOW)
        assert people.restore(tx, a_phone(2)) == 0
        waiting = tx.execute(select(calls.c.campaign_id).where(calls.c.state == CallState.QUEUED)).scalars()
        assert sorted(waiting) == sorted([one.campaign_id, two.campaign_id])
