"""Leases that end before their time."""

from __future__ import annotations

from datetime import timedelta

from dialer.model.disposition import Disposition
from dialer.store import attempts, lanes, leases, queue
from dialer.store.engine import Store
from tests.store.rows import LEASE, NOW, a_result, begun, claim, minutes, stocked


def test_a_lane_that_gives_a_call_up_holds_it_until_then_and_no_longer(store: Store) -> None:
    with store.write() as tx:
        claimed, new = begun(tx, stocked(tx, 1))
        assert leases.let_go(tx, claimed.call_id, claimed.fence, NOW + minutes(5))
        assert queue.renew(tx, "lane-a", NOW + minutes(60)) == 0
        assert attempts.expired(tx, LEASE + timedelta(seconds=1)) == []
        (orphan,) = attempts.expired(tx, NOW + minutes(6))
        assert orphan.id == new.attempt_id
        assert attempts.take_over(tx, new.attempt_id, "lane-b", NOW + minutes(6), NOW + minutes(7)) is not None


def test_who_was_overtaken_gives_nothing_up(store: Store) -> None:
    with store.write() as tx:
        claimed, _ = begun(tx, stocked(tx, 1))
        assert not leases.let_go(tx, claimed.call_id, claimed.fence - 1, NOW + minutes(5))
        assert queue.renew(tx, "lane-a", NOW + minutes(60)) == 1


def test_an_attempt_that_has_ended_gets_no_lease_back(store: Store) -> None:
    with store.write() as tx:
        claimed, new = begun(tx, stocked(tx, 1))
        attempts.end(tx, new.attempt_id, new.fence, a_result(Disposition.BUSY), NOW)
        assert leases.let_go(tx, claimed.call_id, claimed.fence, NOW + minutes(5))
        assert attempts.get(tx, new.attempt_id).lease_until is None


def test_a_dead_process_holds_nothing(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 3)
        lanes.take(tx, "worker@host:0", "lane-a", NOW, LEASE, "host", 42)
        _, dialled = begun(tx, stock)
        claim(tx, stock)
        claim(tx, stock, owner="lane-b")
        assert leases.bury(tx, "lane-a", NOW) == 2
        assert lanes.listed(tx) == []
        assert queue.rescue_claims(tx, NOW) == 1
        assert [row.id for row in attempts.expired(tx, NOW)] == [dialled.attempt_id]
        assert leases.bury(tx, "nobody", NOW) == 0


def test_what_a_lane_holds_by_the_book(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 3)
        first, _ = begun(tx, stock)
        (second,) = claim(tx, stock)
        claim(tx, stock, owner="lane-b")
        assert leases.held_by(tx, "lane-a") == [(first.call_id, first.fence), (second.call_id, second.fence)]
        leases.let_go(tx, first.call_id, first.fence, NOW)
        assert leases.held_by(tx, "lane-a") == [(second.call_id, second.fence)]
