"""Eight writers at once leave no gap, on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

from dialer.compliance import chain as links
from dialer.store import acts, chain
from dialer.store.acts import Act
from dialer.store.engine import Store
from dialer.store.keys import chain_key
from tests.store.rows import NOW

WRITERS, EACH = 8, 12


def test_eight_writers_leave_no_gap(store: Store) -> None:
    together = threading.Barrier(WRITERS)
    failures: list[BaseException] = []

    def work(writer: int) -> None:
        together.wait()
        try:
            for step in range(EACH):
                with store.write() as tx:
                    acts.record(tx, Act(NOW + timedelta(seconds=step), f"writer {writer}", "dnc.add", "a test"))
        except BaseException as error:  # noqa: BLE001  # a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.read() as tx:
        (head,) = chain.heads(tx)
        records = list(acts.linked(tx))
        assert [record.link.seq for record in records] == list(range(1, WRITERS * EACH + 1))
        assert links.flaws(chain_key(tx), head, records) == []


def test_what_is_rolled_back_leaves_no_place(store: Store) -> None:
    class Undone(Exception):
        pass

    with store.write() as tx:
        chain.append(tx, "a", ["one"])
    try:
        with store.write() as tx:
            chain.append(tx, "a", ["two", "three"])
            raise Undone
    except Undone:
        pass
    with store.write() as tx:
        (link,) = chain.append(tx, "a", ["two"])
        assert link.seq == 2
        assert [(head.name, head.seq) for head in chain.heads(tx)] == [("a", 2)]


def test_chains_are_apart(store: Store) -> None:
    with store.write() as tx:
        first = chain.append(tx, "a", ["x"])
        second = chain.append(tx, "b", ["x"])
        assert first[0].seq == second[0].seq == 1
        assert first[0].digest != second[0].digest
        assert chain.append(tx, "b", []) == []
