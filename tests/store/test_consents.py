from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialer.model.call import CallState
from dialer.model.contact import Consent
from dialer.store import consents, contacts, overview
from dialer.store.consents import Standing
from dialer.store.engine import Store
from tests.store.rows import NOW, a_contact, a_phone, minutes, some_facts, stocked, upsert


def test_what_was_given_is_kept_with_words_and_the_number_as_written(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        import_id = contacts.record_import(tx, some_facts(stock.campaign_id), NOW)
        cells = {"Mobile": "(212) 555-0100", "Consent Text": "You may call me."}
        given = replace(a_contact(0), cells=cells, consent=Consent("written", "a new form", NOW))
        for _ in range(2):
            upsert(tx, stock.campaign_id, import_id, [given], NOW + minutes(1))
        first, second = consents.of_phone(tx, a_phone(0))
    assert (first.source, first.text, first.last_used_at, first.revoked_at) == ("web form", "", None, None)
    assert (second.kind, second.source, second.text) == ("written", "a new form", "You may call me.")
    assert (second.number_as_given, second.recorded_at) == ("(212) 555-0100", NOW + minutes(1))


def test_use_and_revocation_are_marked_and_stay(store: Store) -> None:
    with store.write() as tx:
        stocked(tx, 2)
        consents.used(tx, a_phone(0), NOW + minutes(1))
        assert consents.revoke(tx, a_phone(0), "A. Person", "by letter", NOW + minutes(2)) == 1
        assert consents.revoke(tx, a_phone(0), "A. Person", "again", NOW + minutes(3)) == 0
        consents.used(tx, a_phone(0), NOW + minutes(4))
        (row,) = consents.of_phone(tx, a_phone(0))
        found = consents.standing(tx, [a_phone(0), a_phone(1), a_phone(9)])
        assert contacts.consents_of(tx, a_phone(0)) == []
    assert (row.last_used_at, row.revoked_at, row.revoked_by, row.revoked_reason) == (
        NOW + minutes(1),
        NOW + minutes(2),
        "A. Person",
        "by letter",
    )
    assert found == {a_phone(0): Standing(NOW + minutes(1), NOW + minutes(2)), a_phone(1): Standing()}


def test_a_consent_that_is_added_frees_the_held_call(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1, state=CallState.HELD, bucket="held", hold_code="blocked_consent")
        given = Consent("express", "at the desk", NOW - timedelta(days=1))
        consents.add(tx, stock.contact_ids[0], a_phone(0), given, "Call me.", NOW)
        assert contacts.get(tx, stock.contact_ids[0]).contact.consent == given
        (call,) = overview.calls_of_phone(tx, a_phone(0))
        assert (call.state, call.hold_code) == (CallState.QUEUED, "")
        assert [row.source for row in consents.of_phone(tx, a_phone(0))] == ["web form", "at the desk"]
