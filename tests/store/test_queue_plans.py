"""What a claim costs however long the queue is, in which turn campaigns are served, and what calls wait for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, text

from dialer.model.call import Bucket, CallState
from dialer.model.ids import CampaignId
from dialer.store import overview, queue
from dialer.store.engine import Store
from dialer.store.schema import calls, contacts
from tests.store.rows import LEASE, NOW, Stock, claim, minutes, stocked


def crowd(tx: Connection, campaign_id: CampaignId, count: int, first: int = 0) -> None:
    """Many calls in one statement: every tenth is due, the others are finished."""
    one = select(contacts).where(contacts.c.campaign_id == campaign_id).limit(1)
    pattern = dict(tx.execute(one).mappings().one())
    rows = [pattern | {"id": 1000 + number, "phone": f"+1999{number:07d}"} for number in range(first, first + count)]
    tx.execute(insert(contacts), rows)
    done = {"state": CallState.DONE, "bucket": Bucket.REACHED}
    waiting = {"state": CallState.QUEUED, "bucket": None}
    tx.execute(
        insert(calls),
        [
            {"campaign_id": campaign_id, "contact_id": row["id"], "phone": row["phone"], "due_at": NOW}
            | (done if number % 10 else waiting)
            for number, row in enumerate(rows, first)
        ],
    )
    if tx.dialect.name == "postgresql":
        tx.execute(text("ANALYZE"))


def test_the_claim_finds_its_calls_by_the_partial_index(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        crowd(tx, stock.campaign_id, 8000)
        statement = queue.claim_statement(store.dialect, "lane-a", 10, NOW, LEASE, stock.room)
        compiled = statement.compile(dialect=tx.dialect, compile_kwargs={"render_postcompile": True})
        explain = "EXPLAIN QUERY PLAN" if store.dialect == "sqlite" else "EXPLAIN"
        processors = compiled._bind_processors
        values = {name: processors[name](value) if name in processors else value for name, value in compiled.params.items()}
        given = tuple(values[name] for name in compiled.positiontup or ()) or values
        plan = "\n".join(str(row) for row in tx.exec_driver_sql(f"{explain} {compiled}", given))
    assert "ix_calls_claim" in plan, plan
    assert "ix_calls_in_a_lane" in plan or "ix_calls_phone (phone=?)" in plan, plan
    assert "SCAN calls" not in plan, plan
    assert "Seq Scan on calls" not in plan, plan


def work_of_a_claim(store: Store, tx: Connection, stock: Stock) -> int:
    """What a claim of ten costs the database: steps of its machine (SQLite), blocks that it looks at (Postgres)."""
    statement = queue.claim_statement(store.dialect, "lane-a", 10, NOW, LEASE, stock.room)
    compiled = statement.compile(dialect=tx.dialect, compile_kwargs={"render_postcompile": True})
    processors = compiled._bind_processors
    values = {name: processors[name](value) if name in processors else value for name, value in compiled.params.items()}
    nested = tx.begin_nested()
    if store.dialect == "sqlite":
        steps = [0]
        driver: Any = tx.connection.driver_connection
        driver.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 20)
        tx.exec_driver_sql(str(compiled), tuple(values[name] for name in compiled.positiontup or ())).all()
        driver.set_progress_handler(None, 0)
        work = steps[0]
    else:
        explained = tx.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {compiled}", values).scalar_one()
        work = explained[0]["Plan"]["Shared Hit Blocks"] + explained[0]["Plan"]["Shared Read Blocks"]
    nested.rollback()
    return work


def test_a_claim_costs_the_same_however_long_the_queue_is(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        crowd(tx, stock.campaign_id, 1000)
        short = work_of_a_claim(store, tx, stock)
        crowd(tx, stock.campaign_id, 19000, first=1000)
        long = work_of_a_claim(store, tx, stock)
    assert 0 < long <= short * 1.5 + 20, (short, long)


def test_campaigns_are_served_in_turn_however_long_their_queues_are(store: Store) -> None:
    with store.write() as tx:
        early = stocked(tx, 20, "early", due_at=NOW - minutes(50))
        late = stocked(tx, 5, "late", first=50)
        room = early.room | late.room
        claimed = queue.claim(tx, "lane-a", 4, NOW, LEASE, room)
        assert [call.campaign_id for call in claimed].count(late.campaign_id) == 2
        claimed = queue.claim(tx, "lane-a", 3, NOW, LEASE, room, {early.campaign_id: 9, late.campaign_id: 2})
        assert {call.campaign_id for call in claimed} == {late.campaign_id}, "who has few open calls catches up"
        urgent = stocked(tx, 2, "urgent", first=60, priority=5)
        claimed = queue.claim(tx, "lane-a", 2, NOW, LEASE, room | urgent.room, {urgent.campaign_id: 90})
        assert {call.campaign_id for call in claimed} == {urgent.campaign_id}, "priority goes before turns"


def test_a_wait_has_its_reason_until_the_call_is_claimed_again(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        (claimed,) = claim(tx, stock)
        queue.release(tx, claimed.call_id, claimed.fence, NOW + minutes(5), "blocked_hours")
        assert overview.waits(tx, stock.campaign_id, NOW) == {"blocked_hours": 1}
        assert overview.waits(tx, stock.campaign_id, NOW + minutes(5)) == {}
        queue.claim(tx, "lane-a", 9, NOW + minutes(5), LEASE, stock.room)
        assert set(tx.execute(select(calls.c.hold_code)).scalars()) == {""}


def test_what_is_claimed_due_and_held_for_a_code(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 3)
        assert queue.has_due(tx, stock.campaign_id, NOW)
        assert not queue.has_due(tx, stock.campaign_id, NOW - minutes(1))
        first, second = claim(tx, stock, 2)
        assert queue.claimed(tx, stock.campaign_id) == 2
        queue.hold(tx, first.call_id, first.fence, "blocked_budget")
        queue.hold(tx, second.call_id, second.fence, "no_zone")
        assert queue.claimed(tx, stock.campaign_id) == 0
        assert queue.unhold(tx, stock.campaign_id, "blocked_budget") == 1
        assert queue.counts(tx, stock.campaign_id) == {Bucket.WAITING: 2, Bucket.HELD: 1}
