"""Rows that wait are seen by nobody; taken over, they are contacts, consents, calls and decisions. What has changed counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dialer.errors import StoreError
from dialer.model.call import Bucket, CallState
from dialer.model.contact import RowProblem
from dialer.model.decision import RuleVerdict, Verdict
from dialer.store import consents, contacts, decisions, queue, schema, staging, suppression
from dialer.store.engine import Store
from dialer.store.staging import Judged
from tests.store.rows import ALLOWED, NOW, a_contact, a_phone, minutes, some_facts, staged, stocked, upsert

HELD = replace(
    ALLOWED, verdict=Verdict.HOLD, code="blocked_consent", rules=(RuleVerdict("CONSENT", Verdict.HOLD, "none"),),
    zones=("America/New_York",), next_allowed_at=NOW + minutes(5), basis={"facts": {"consent": None}},
)  # fmt: skip


def test_rows_that_wait_are_seen_by_nobody_and_gone_with_their_desk(store: Store) -> None:
    with store.desk() as desk:
        with desk.prepare() as tx:
            staging.begin(tx)
            staging.add(tx, [Judged(a_contact(0), ALLOWED, CallState.QUEUED, None, "", NOW)], "Mobile")
        with store.write() as other:  # and nobody waits for them, on SQLite either
            stocked(other, 0)
        with desk.prepare() as tx, store.write() as other:
            staging.add(tx, [Judged(a_contact(1), ALLOWED, CallState.QUEUED, None, "", NOW)], "Mobile")
            assert other.execute(select(func.count()).select_from(schema.contacts)).scalar_one() == 0
    with store.desk() as desk, desk.prepare() as tx:
        staging.begin(tx)  # nothing of that name is left


def test_calls_are_queued_or_held_by_their_decisions(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 0)
        later = replace(a_contact(1), priority=3, expires_at=NOW + minutes(60))
        for batch, decision in (([a_contact(0), later], ALLOWED), ([a_contact(2)], HELD)):
            with staged(tx, batch, decision=decision):
                staging.take_over(tx, stock.campaign_id, stock.import_id, NOW)
                staging.take_over_calls(tx, stock.campaign_id)
                refused = list(staging.refused(tx, stock.campaign_id))
                decisions.save(tx, refused)
        assert [(row.decision, row.phone) for row in refused] == [(HELD, a_phone(2))]
        assert [row.decision for row in decisions.of_phone(tx, a_phone(2))] == [HELD]
        assert queue.counts(tx, stock.campaign_id)[Bucket.HELD] == 1
        rows = {row.phone: row for row in tx.execute(select(schema.calls))}
    assert (rows[a_phone(1)].state, rows[a_phone(1)].priority) == (CallState.QUEUED, 3)
    assert rows[a_phone(1)].expires_at == NOW + minutes(60)
    assert (rows[a_phone(2)].state, rows[a_phone(2)].hold_code) == (CallState.HELD, "blocked_consent")


def test_a_call_that_was_dialled_stays_as_it_is(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        tx.execute(schema.calls.update().where(schema.calls.c.phone == a_phone(0)).values(attempts_made=1))
        with staged(tx, [a_contact(0), a_contact(1)], decision=HELD):
            again = contacts.record_import(tx, some_facts(stock.campaign_id), NOW)
            assert staging.take_over(tx, stock.campaign_id, again, NOW) == (0, 2)
            staging.take_over_calls(tx, stock.campaign_id)
        states = {row.phone: row.state for row in tx.execute(select(schema.calls))}
    assert states == {a_phone(0): CallState.QUEUED, a_phone(1): CallState.HELD}


def test_an_opt_out_of_the_list_takes_every_number_of_its_row(store: Store) -> None:
    gone = replace(a_contact(0), opt_out="DNC = yes", unwanted=(a_phone(0), a_phone(50)))
    bad = RowProblem(7, "", "", "duplicate", "", "", {}, "DNC = 1", (a_phone(2), a_phone(0)))
    with store.write() as tx:
        suppression.add(tx, a_phone(50), "asked by mail", "letter", NOW)
        with staged(tx, [gone, a_contact(1)]):
            staging.add_opt_outs(tx, [gone, a_contact(1), bad])
            staging.take_over_opt_outs(tx, "import of autumn", NOW)
            staging.take_over_opt_outs(tx, "import of autumn", NOW)
        (first,), (second,), (third,) = (suppression.entries(tx, a_phone(number)) for number in (0, 50, 2))
        assert (first.reason, first.source, first.added_at) == ("DNC = yes", "import of autumn", NOW)
        assert second.reason == "asked by mail", "the first proof stands"
        assert third.reason == "DNC = 1"
        assert suppression.entries(tx, a_phone(1)) == []


@pytest.mark.parametrize("which", [0, 50])
def test_who_says_no_while_the_file_is_read_is_found(store: Store, which: int) -> None:
    """At any number of theirs, for this campaign or all; by a consent taken back; and only where a call would go out."""
    with store.write() as tx:
        stock, other = stocked(tx, 0), stocked(tx, 0, name="winter")
        person = replace(a_contact(0), other_phones=(a_phone(50),))
        with staged(tx, [person, a_contact(1)]) as judged:
            staging.take_over(tx, stock.campaign_id, stock.import_id, NOW)
            found = lambda: staging.outdated(tx, stock.campaign_id, NOW)  # noqa: E731
            assert found() == []
            suppression.add(tx, a_phone(which), "asked", "call", NOW, campaign_id=other.campaign_id)
            assert found() == []
            suppression.add(tx, a_phone(which), "asked", "call", NOW, campaign_id=stock.campaign_id)
            (theirs,) = contacts.by_phone(tx, a_phone(0))
            assert found() == [theirs.contact_id]
            suppression.remove(tx, a_phone(which), stock.campaign_id)
            assert found() == []
            upsert_elsewhere = replace(a_contact(which), other_phones=())
            with_consent = contacts.record_import(tx, some_facts(other.campaign_id), NOW)
            consents_before = len(consents.of_phone(tx, a_phone(which)))
            tx.execute(
                schema.contacts.insert().values(
                    **{name: getattr(upsert_elsewhere, name) for name in staging.PLAIN},
                    campaign_id=other.campaign_id, import_id=with_consent, cells={}, variables={}, notes=[], created_at=NOW,
                    updated_at=NOW,
                )
            )  # fmt: skip
            (row,) = [it for it in contacts.by_phone(tx, a_phone(which)) if it.campaign_id == other.campaign_id]
            assert upsert_elsewhere.consent is not None
            consents.add(tx, row.contact_id, a_phone(which), upsert_elsewhere.consent, "", NOW)
            assert found() == []
            assert consents.revoke(tx, a_phone(which), "A. Person", "by letter", NOW - minutes(1)) == consents_before + 1
            assert found() == [theirs.contact_id]
            staging.judge_again(tx, [replace(judged[0], decision=HELD, state=CallState.HELD, bucket=Bucket.HELD, hold_code="x")])
            assert found() == [], "it is not called anyway"
            assert [row.decision for row in staging.refused(tx, stock.campaign_id)] == [HELD]
            staging.judge_again(tx, [])


def test_numbers_of_other_campaigns_are_counted_by_their_names(store: Store) -> None:
    with store.write() as tx:
        stocked(tx, 3)
        stocked(tx, 2, name="winter", first=1)
        with staged(tx, [a_contact(number) for number in range(4)]):
            assert staging.elsewhere(tx, "autumn") == {"winter": 2}
            assert staging.elsewhere(tx, "new") == {"winter": 2, "autumn": 3}


def test_refused_rows_wait_too(store: Store) -> None:
    problem = RowProblem(7, "Mobile", "12", "invalid_phone", "too short", "add the area code", {"Mobile": "12", "First": "A"})
    with store.write() as tx:
        stock = stocked(tx, 0)
        with staged(tx, [], [replace(problem, row=row) for row in (9, 7)]):
            staging.take_over_problems(tx, stock.import_id)
        assert contacts.problems_of(tx, stock.import_id) == [problem, replace(problem, row=9)]


def test_a_number_that_stands_twice_is_our_fault_and_stores_nothing(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 0)
    twice = [a_contact(1), replace(a_contact(1), row=9, consent=None)]
    if store.dialect == "postgresql":
        with pytest.raises(StoreError), store.write() as tx:
            upsert(tx, stock.campaign_id, stock.import_id, twice, NOW + timedelta(days=1))
