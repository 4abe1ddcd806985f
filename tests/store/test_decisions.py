"""Decisions are linked in the transaction that makes them; every kind of tampering in the table is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from dialer.compliance import chain as links
from dialer.errors import StoreError
from dialer.model.decision import Decision, RuleVerdict, Stage, Verdict
from dialer.store import chain, decisions
from dialer.store.decisions import DecisionRow
from dialer.store.engine import Store
from dialer.store.keys import chain_key
from dialer.store.schema import decisions as table
from tests.store.rows import NOW, a_phone, minutes, stocked, without_guards

RULE = RuleVerdict("DNC-1", Verdict.ALLOW, "not on the list, ü")
ALLOWED = Decision(Verdict.ALLOW, "allowed", Stage.CLAIM, NOW, (RULE,), ("America/New_York",), basis={"facts": {"skew": 0.1}})


def filled(store: Store, count: int = 6) -> str:
    with store.write() as tx:
        stock = stocked(tx, 1)
        rows = [
            DecisionRow(replace(ALLOWED, decided_at=NOW + timedelta(microseconds=number)), stock.campaign_id, a_phone(number))
            for number in range(count)
        ]
        decisions.save(tx, rows[:2])
        decisions.save(tx, rows[2:])
        decisions.save(tx, [])
    return decisions.chain_of(stock.campaign_id, Stage.CLAIM)


def flaws(store: Store, name: str) -> list[str]:
    with store.read() as tx:
        head = next(head for head in chain.heads(tx) if head.name == name)
        return links.flaws(chain_key(tx), head, decisions.linked(tx, name))


def test_what_is_stored_is_whole(store: Store) -> None:
    name = filled(store)
    assert flaws(store, name) == []
    with store.read() as tx:
        assert decisions.chain_names(tx) == {name}
        assert decisions.unlinked(tx) == (0, 0)
        (row,) = decisions.of_phone(tx, a_phone(0))
        assert (row.decision, row.seq) == (ALLOWED, 1)
        assert len(list(decisions.of_campaign(tx, row.campaign_id))) == 6


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"code": "blocked_dnc"}, "record 3 was changed"),
        ({"verdict": "hold"}, "record 3 was changed"),
        ({"rules": []}, "record 3 was changed"),
        ({"basis": {}}, "record 3 was changed"),
        ({"decided_at": NOW + minutes(9)}, "record 3 was changed"),
        ({"number": "0" * 32}, "record 3 was changed"),
        ({"attempt_id": "f" * 32}, "record 3 was changed"),
        ({"mac": "0" * 64}, "seal that our key did not make"),
        ({"digest": "0" * 64}, "record 3 was changed"),
        ({"seq": 99}, "record 3 is missing"),
        ({"chain": None}, "record 3 is missing"),
    ],
)
def test_an_edited_record_is_found(store: Store, change: dict[str, object], found: str) -> None:
    name = filled(store)
    with store.write() as tx, without_guards(tx):
        tx.execute(update(table).where(table.c.seq == 3).values(change))
    assert found in flaws(store, name)[0]


def test_a_record_that_was_put_under_another_number_is_found(store: Store) -> None:
    filled(store)
    with store.write() as tx, without_guards(tx):
        assert list(decisions.misnamed(tx)) == []
        tx.execute(update(table).where(table.c.seq == 3).values(phone=a_phone(9)))
        tx.execute(update(table).where(table.c.seq == 4).values(phone=""))
        ((_, seq),) = decisions.misnamed(tx)
    assert seq == 3


def test_a_number_can_be_erased_and_the_chain_stays_whole(store: Store) -> None:
    name = filled(store)
    with store.write() as tx:
        tx.execute(update(table).values(phone=""))
    assert flaws(store, name) == []


def test_deleted_moved_and_cut_records_are_found(store: Store) -> None:
    name = filled(store)
    with store.write() as tx, without_guards(tx):
        tx.execute(delete(table).where(table.c.seq == 6))
    assert "the end was cut off" in flaws(store, name)[0]
    with store.write() as tx, without_guards(tx):
        tx.execute(update(table).where(table.c.seq == 4).values(seq=40))
        tx.execute(update(table).where(table.c.seq == 5).values(seq=4))
        tx.execute(update(table).where(table.c.seq == 40).values(seq=5))
    assert "record 4 was changed, or is not in its place" in flaws(store, name)[0]
    with store.write() as tx, without_guards(tx):
        tx.execute(delete(table).where(table.c.seq == 2))
    assert flaws(store, name)[0] == "record 2 is missing"


def test_the_database_itself_refuses_to_change_or_delete_a_record(store: Store) -> None:
    filled(store)
    for change in (*(update(table).values({column.name: column}) for column in table.columns), delete(table)):
        with pytest.raises(StoreError, match="only added to"), store.write() as tx:
            tx.execute(change.where(table.c.seq == 3))


def test_a_record_outside_the_chain_shows(store: Store) -> None:
    filled(store)
    with store.write() as tx:
        row = dict(tx.execute(select(table)).mappings().first() or {})
        tx.execute(table.insert().values(row | {"id": 999, "chain": None, "seq": None}))
        assert decisions.unlinked(tx) == (1, 1)


def test_imports_have_a_chain_of_their_own(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        held = replace(ALLOWED, stage=Stage.IMPORT)
        decisions.save(tx, [DecisionRow(one, stock.campaign_id, a_phone(1)) for one in (held, ALLOWED, held)])
        assert {head.name: head.seq for head in chain.heads(tx)} == {
            f"campaign:{stock.campaign_id}": 1,
            f"campaign:{stock.campaign_id}:import": 2,
        }
