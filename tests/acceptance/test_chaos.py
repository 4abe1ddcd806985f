"""The short form of the fault matrix: real processes killed at every checkpoint, and the books compared with the network's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dialer import wiring
from dialer.config import Settings
from dialer.errors import StoreError
from dialer.model.call import CallState
from dialer.simulation.phones.faults import NAMED
from dialer.store.schema import calls
from tests.support.chaos import PLACES, Reaper, WatchedStore
from tests.support.chaos_books import balance
from tests.support.chaos_cells import Cell, Outcome, Stage, Workers
from tests.support.chaos_matrix import Run, matrix, summary, table
from tests.support.chaos_watch import Watch, evidence
from tests.support.servers import Server

pytestmark = pytest.mark.timeout(300)
KILLS = 1
SIDE_BY_SIDE = 3
"""Most of a cell's time is waiting for leases to run out."""
CELLS = [
    *(Cell(place, faults) for place, faults in zip(PLACES, [*NAMED, *NAMED], strict=False)),
    Cell("after send", database="postgres"),
    Cell("after send", "answers lost", finds_by="number_and_time"),
    Cell("after intent", "answers lost", database="postgres", workers=2),
    Cell("after intent", deed="cut"),
    Cell("after intent", deed="cut", database="postgres"),
]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    crew = Workers()
    yield crew
    crew.close()


@pytest.fixture(scope="module")
def stage(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("chaos"), postgres_server, contacts=5)
    for database in ("sqlite", "postgres"):
        made.prepare(database)
    yield made
    made.close()


@pytest.fixture(scope="module")
def outcomes(stage: Stage) -> dict[Cell, Outcome]:
    """What each cell came to; all are played side by side, and printed as the matrix."""
    found = Run(stage, seed=1, kills=KILLS).play(CELLS, SIDE_BY_SIDE, lambda outcome: None)
    print(table(found), summary(found), sep="\n\n")
    return {outcome.cell: outcome for outcome in found}


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_no_phone_rings_twice_and_nothing_is_lost(outcomes: dict[Cell, Outcome], cell: Cell) -> None:
    outcome = outcomes[cell]
    assert outcome.deeds > 0, "nobody came by that checkpoint"
    assert outcome.problems == (), f"kept in {outcome.kept}"
    assert outcome.books.most_rings == 1
    assert outcome.looks > 0


def test_a_cut_before_the_commit_undoes_it_and_one_after_it_loses_the_answer_alone(stage: Stage, tmp_path: Path) -> None:
    with stage.database("postgres", tmp_path) as url:
        store = wiring.build(Settings(**stage.settings(url, tmp_path))).store
        for place, is_kept in (("before_claim", False), ("after_claim", True)):
            watched = WatchedStore(store, Reaper(place, 1, tmp_path / place, deed="cut"))
            with pytest.raises(StoreError) as raised, watched.write() as tx:
                tx.execute(update(calls).values(state="claimed", fence=calls.c.fence + 1))
            assert raised.value.retryable
            with store.write() as tx:  # behind the transaction whose answer was lost
                states = set(tx.execute(select(calls.c.state).with_for_update()).scalars())
            assert (states == {CallState.CLAIMED}) is is_kept
        store.close()


def test_the_long_form_goes_through_every_checkpoint_under_every_fault_on_both_databases() -> None:
    cells = matrix(("sqlite", "postgres"))
    assert {(cell.place, cell.faults, cell.database) for cell in cells} >= {
        (place, faults, database) for place in PLACES for faults in NAMED for database in ("sqlite", "postgres")
    }
    assert len(cells) == len(set(cells))


def test_the_books_notice_what_is_broken(stage: Stage, workers: Workers, tmp_path: Path) -> None:
    """A network that has forgotten, a ring that is doubled: the judge is not blind."""
    with stage.database("sqlite", tmp_path) as url:
        job = {"settings": stage.settings(url, tmp_path), "most": 0, "log": str(tmp_path / "log"), "said": str(tmp_path / "said")}
        assert workers.run(job) == [0]
        journal, store = tmp_path / "phones.jsonl", wiring.build(Settings(**stage.settings(url, tmp_path))).store
        assert balance(store, journal, stage.rows).problems == ()
        lines = journal.read_text().splitlines(keepends=True)
        assert balance(store, journal, stage.rows + 1).problems != ()
        journal.write_text("".join([*lines, lines[0]]))
        assert "rang 2 times" in " ".join(balance(store, journal, stage.rows).problems)
        journal.write_text("".join(lines[1:]))
        assert "never rang and says" in " ".join(balance(store, journal, stage.rows).problems)
        store.close()


def test_a_look_notices_what_must_never_be_seen(stage: Stage, tmp_path: Path) -> None:
    with stage.database("sqlite", tmp_path) as url:
        store, now = wiring.build(Settings(**stage.settings(url, tmp_path))).store, datetime.now(UTC)
        with store.write() as tx:
            first, second = tx.execute(select(calls.c.id).limit(2)).scalars()
            late = {"state": "claimed", "owner": "gone", "lease_until": now - timedelta(seconds=70)}
            tx.execute(update(calls).where(calls.c.id == first).values(late))
        watch = Watch(stage.rows)
        watch.look(store, now, now - timedelta(seconds=60))
        assert (watch.problems, watch.oldest_s) == ([], 60.0), "while nobody lived nobody could come round"
        with store.write() as tx:
            tx.execute(update(calls).where(calls.c.id == second).values(late | {"lease_until": None}))
        Watch.look(watch, store, now, None)
        assert "had no deadline" in " ".join(watch.problems)
        lost = Watch(stage.rows + 1)
        lost.look(store, now, None)
        assert "the buckets held" in " ".join(lost.problems)
        evidence(store, tmp_path / "rows.jsonl")
        assert '"table": "calls"' in (tmp_path / "rows.jsonl").read_text()
        store.close()
