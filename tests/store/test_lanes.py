"""A slot has one runner at a time."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import Connection

from dialer.store import lanes
from dialer.store.engine import Store
from dialer.store.lanes import LaneRow
from tests.store.rows import LEASE, NOW, minutes

SLOT = "worker@host:0"
AFTER = LEASE + timedelta(seconds=1)


def take(tx: Connection, owner: str, lease_now: object = NOW) -> bool:
    return lanes.take(tx, SLOT, owner, lease_now, lease_now + minutes(1), "host", 42)  # type: ignore[arg-type,operator]  # an instant


def test_a_slot_is_taken_once(store: Store) -> None:
    with store.write() as tx:
        assert take(tx, "a")
        assert not take(tx, "b")
        assert take(tx, "a"), "it is ours"
        assert lanes.listed(tx) == [LaneRow(SLOT, "a", LEASE, "host", 42, NOW, 0)]


def test_a_dead_runner_is_replaced(store: Store) -> None:
    with store.write() as tx:
        take(tx, "a")
        assert lanes.renew(tx, SLOT, "a", LEASE, live_calls=7)
        assert lanes.listed(tx)[0].live_calls == 7
        assert take(tx, "b", AFTER)
        assert not lanes.renew(tx, SLOT, "a", AFTER)
        assert not lanes.free(tx, SLOT, "a")
        (row,) = lanes.listed(tx)
        assert (row.owner, row.started_at, row.live_calls) == ("b", AFTER, 0)


def test_a_freed_slot_is_free(store: Store) -> None:
    with store.write() as tx:
        take(tx, "a")
        assert lanes.free(tx, SLOT, "a")
        assert lanes.listed(tx) == []
        assert take(tx, "b")


def test_of_two_racing_runners_one_wins(store: Store) -> None:
    results: list[bool] = []
    together = threading.Barrier(4)

    def work(owner: str) -> None:
        together.wait()
        with store.write() as tx:
            results.append(take(tx, owner))

    threads = [threading.Thread(target=work, args=(f"lane-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]
