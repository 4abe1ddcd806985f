"""Imports, refused rows and contacts come back as they went in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dialer.errors import StoreError
from dialer.model.contact import Consent, Contact, RowProblem
from dialer.model.ids import ContactId
from dialer.model.phone import PhoneNumber
from dialer.store import campaigns, contacts
from dialer.store.engine import Store
from tests.store.rows import NOW, a_campaign, a_contact, a_phone, add_problems, minutes, some_facts, stocked, upsert


def test_every_field_of_a_contact_is_kept(store: Store) -> None:
    full = Contact(
        row=2,
        phone=a_phone(3),
        cells={"Zeile": "1", "Mobile": "+1 212", "电话": " x "},
        variables={"amount": "12.50", "is_new": True, "slots": 3},
        external_id="A-1",
        first_name="Maria",
        last_name="Lopez",
        name="Maria Lopez",
        email="maria@example.com",
        company="Example Ltd",
        timezone="America/New_York",
        language="es",
        country="US",
        state="NY",
        postal_code="10001",
        caller_id="+12125550100",
        priority=5,
        not_before=NOW,
        expires_at=NOW + minutes(60),
        consent=Consent("express", "phone", datetime(2026, 1, 2, tzinfo=UTC)),
        other_phones=(a_phone(7), a_phone(5)),
        notes=("repaired 1.3912345678E+10",),
    )
    bare = Contact(row=3, phone=a_phone(4), cells={}, variables={})
    with store.write() as tx:
        stock = stocked(tx, 0)
        one, two = upsert(tx, stock.campaign_id, stock.import_id, [full, bare], NOW)
    with store.read() as tx:
        row = contacts.get(tx, one.contact_id)
        assert row.contact == full
        assert list(row.contact.cells) == ["Zeile", "Mobile", "电话"]
        assert (row.campaign_id, row.import_id, row.created_at) == (stock.campaign_id, stock.import_id, NOW)
        assert contacts.get(tx, two.contact_id).contact == bare
    assert (one.row, one.is_new, two.row) == (2, True, 3)


def test_a_second_import_corrects_in_place(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        again = contacts.record_import(tx, some_facts(stock.campaign_id), NOW)
        corrected = a_contact(1, first_name="Mary", row=9, consent=None)
        done = upsert(tx, stock.campaign_id, again, [a_contact(2), corrected], NOW)
        assert [(one.row, one.is_new) for one in done] == [(4, True), (9, False)]
        row = contacts.get(tx, stock.contact_ids[1])
        assert (row.contact, row.import_id) == (corrected, again)
        assert len(list(contacts.of_campaign(tx, stock.campaign_id))) == 3


def test_further_numbers_keep_their_order_and_are_replaced_by_the_next_import(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        first = a_contact(0, other_phones=(a_phone(31), a_phone(30)))
        upsert(tx, stock.campaign_id, stock.import_id, [first, a_contact(1)], NOW)
        one, two = stock.contact_ids
        assert contacts.get(tx, one).contact.numbers == (a_phone(0), a_phone(31), a_phone(30))
        assert [row.contact_id for row in contacts.by_phone(tx, a_phone(30))] == [one]
        assert [row.contact.other_phones for row in contacts.of_campaign(tx, stock.campaign_id)] == [first.other_phones, ()]
        assert contacts.many(tx, [one, two])[one].contact.other_phones == first.other_phones
        upsert(tx, stock.campaign_id, stock.import_id, [a_contact(0, other_phones=(a_phone(30),))], NOW)
        assert contacts.get(tx, one).contact.other_phones == (a_phone(30),)
        assert contacts.by_phone(tx, a_phone(31)) == []


def test_the_same_number_in_another_campaign_is_another_contact(store: Store) -> None:
    with store.write() as tx:
        stocked(tx, 1)
        stocked(tx, 1, "winter")
        rows = contacts.by_phone(tx, a_phone(0))
        assert len({row.campaign_id for row in rows}) == 2
        assert contacts.by_phone(tx, a_phone(9)) == []


def test_each_consent_is_recorded_once(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 0)

        def load(consent: Consent | None) -> None:
            batch = [a_contact(1, consent=consent)]
            upsert(tx, stock.campaign_id, stock.import_id, batch, NOW)

        undated, dated = Consent("express", "shop"), Consent("written", "form", NOW)
        for consent in (undated, undated, dated, None, dated):
            load(consent)
        assert contacts.consents_of(tx, a_phone(1)) == [undated, dated]
        assert contacts.consents_of(tx, a_phone(2)) == []


def test_a_long_list_goes_in_and_comes_out_whole(store: Store) -> None:
    numbers = range(1234)
    with store.write() as tx:
        row = campaigns.save_version(tx, a_campaign(), NOW)
        import_id = contacts.record_import(tx, some_facts(row.id), NOW)
        done = upsert(tx, row.id, import_id, [a_contact(number) for number in numbers], NOW)
    assert [one.row for one in done] == [number + 2 for number in numbers]
    with store.read() as tx:
        streamed = {row.contact_id: row for row in contacts.of_campaign(tx, row.id)}
        assert {found.contact.phone for found in streamed.values()} == {a_phone(number) for number in numbers}
        wanted = [one.contact_id for one in done]
        assert contacts.many(tx, [*wanted, ContactId(0)]) == streamed
        assert streamed[done[700].contact_id].contact == a_contact(700)


def test_a_contact_that_is_not_there(store: Store) -> None:
    with store.read() as tx, pytest.raises(StoreError, match="no contact 5"):
        contacts.get(tx, ContactId(5))


def test_an_import_is_settled_when_the_file_is_read(store: Store) -> None:
    with store.write() as tx:
        row = campaigns.save_version(tx, a_campaign(), NOW)
        started = some_facts(row.id, rows=0, accepted=0, rejected=0, by_code=None)
        first = contacts.record_import(tx, started, NOW)
        (unsettled,) = contacts.imports_of(tx, row.id)
        assert unsettled.facts.by_code == {}
        contacts.settle_import(tx, first, some_facts(row.id))
        second = contacts.record_import(tx, some_facts(row.id, delimiter=";"), NOW + minutes(1))
        found = contacts.imports_of(tx, row.id)
    assert [one.import_id for one in found] == [first, second]
    assert found[0].facts == some_facts(row.id, header=["Mobile", "First"])
    assert found[1].imported_at == NOW + minutes(1)


def test_refused_rows_are_kept_with_their_reasons(store: Store) -> None:
    problems = [
        RowProblem(row, "Mobile", "12", "invalid_phone", "too short", "add the area code", {"Mobile": "12", "First": "A"})
        for row in (7, 3)
    ]
    with store.write() as tx:
        stock = stocked(tx, 0)
        add_problems(tx, stock.import_id, problems)
        add_problems(tx, stock.import_id, [])
        assert contacts.problems_of(tx, stock.import_id) == problems[::-1]
        assert a_phone(0) == PhoneNumber("+12005550100")
