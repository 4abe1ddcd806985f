"""The fault matrix: ``make chaos``. Kills real processes at every checkpoint under every fault, and prints what came of it.

``python -m tests.support.chaos_matrix [--kills 500] [--seed 1] [--workers 4] [--minutes 0]``: at least so many kills over all
cells, in an order by chance; after so many minutes no cell is begun any more. Exit code 1 when a promise was broken. What a
database, a broker or time that cannot be had here leaves out is said.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import queue
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

from dialer.simulation.phones.faults import NAMED
from tests.support.chaos import PLACES
from tests.support.chaos_broker import play_broker
from tests.support.chaos_cells import Cell, Outcome, Stage, Workers, play
from tests.support.servers import Server, Unavailable
from tests.support.services import Services, fresh_database, fresh_redis, open_postgres, open_redis

DATABASES = ("sqlite", "postgres")
CUTS = ("before intent", "after intent", "before the final commit", "after the final commit")
_FLEET_KILLS = 6
MISTREATED = ("after intent", "after answer", "in mid-call")
"""Where the children of a fleet die while its broker is mistreated."""


def matrix(databases: Sequence[str]) -> list[Cell]:
    """Every checkpoint under every fault on every database; two workers racing; connections cut around the commits."""
    cells = [Cell(place, faults, database) for faults in NAMED for place in PLACES for database in databases]
    cells += [Cell(place, "none", database, workers=2) for place in PLACES for database in databases]
    cells += [Cell(place, "answers lost", database, finds_by="number_and_time") for place in PLACES for database in databases]
    cells += [Cell(place, "none", database, deed="cut") for place in CUTS for database in databases]
    cells += [Cell("at any moment", "none", "postgres", deed="cut")] if "postgres" in databases else []
    return cells


def table(outcomes: Iterable[Outcome]) -> str:
    """The matrix as Markdown: in each cell how many processes were killed there."""
    kept = list(outcomes)
    columns: dict[str, Callable[[Cell], bool]] = {
        name: lambda cell, name=name: (cell.faults, cell.deed, cell.workers, cell.finds_by) == (name, "kill", 1, "our_id")  # type: ignore[misc]
        for name in NAMED
    }
    columns["answers lost, found by number only"] = lambda cell: cell.finds_by != "our_id"
    columns["two workers"] = lambda cell: cell.workers == 2 and cell.database != "fleet"
    columns["connection cut"] = lambda cell: cell.deed == "cut"
    columns["broker emptied, messages tripled"] = lambda cell: cell.database == "fleet"
    heads = [name for name, is_in in columns.items() if any(is_in(outcome.cell) for outcome in kept)]
    lines = [f"| killed | {' | '.join('no fault' if head == 'none' else head for head in heads)} | rings per attempt | broken |"]
    lines.append("| --- |" + " ---: |" * (len(heads) + 2))
    for place in PLACES:
        row = [outcome for outcome in kept if outcome.cell.place == place]
        if not row:
            continue
        parts = [[outcome for outcome in row if columns[head](outcome.cell)] for head in heads]
        shown = [str(sum(outcome.deeds for outcome in part)) if part else "" for part in parts]
        most, broken = max(outcome.books.most_rings for outcome in row), sum(len(outcome.problems) for outcome in row)
        lines.append(f"| {place} | {' | '.join(shown)} | {most} | {broken} |")
    return "\n".join(lines)


def summary(outcomes: Sequence[Outcome]) -> str:
    """The figures over all cells, in one sentence, then every broken promise."""
    books = [outcome.books for outcome in outcomes]
    kills = sum(outcome.deeds for outcome in outcomes if outcome.cell.deed == "kill")
    cuts = sum(outcome.deeds for outcome in outcomes if outcome.cell.deed == "cut")
    broken = [f"{outcome.cell}: {problem}" for outcome in outcomes for problem in outcome.problems]
    text = (
        f"{kills} kills and {cuts} cut connections in {len(outcomes)} cells: {sum(item.attempts for item in books)} attempts, "
        f"{sum(item.rings for item in books)} rings, at most {max(item.most_rings for item in books)} for one attempt; "
        f"{sum(item.rows for item in books)} rows, each in one final bucket, {sum(item.listed for item in books)} of them "
        f"listed for a person; {sum(item.looks for item in outcomes)} looks on the way, at the latest state "
        f"{max(item.oldest_s for item in outcomes):.1f} s after its deadline; {len(broken)} broken promises."
    )
    return "\n".join([text, *broken])


@dataclass
class Run:
    """Plays cells side by side, each on whichever worker process is free."""

    stage: Stage
    seed: int
    kills: int
    until_s: float = math.inf
    """No cell is begun later, by the monotonic clock."""

    def play(self, cells: Sequence[Cell], side_by_side: int, tell: Callable[[Outcome], None]) -> list[Outcome]:
        """The outcomes of all cells for which there was time, in their order."""
        free: queue.SimpleQueue[Workers] = queue.SimpleQueue()
        crews = [Workers() for _ in range(side_by_side)]
        for crew in crews:
            free.put(crew)
        telling = threading.Lock()

        def one(cell: Cell) -> Outcome | None:
            if time.monotonic() > self.until_s:
                return None
            crew = free.get()
            try:
                outcome = play(self.stage, crew, cell, self.kills, self.seed)
            finally:
                free.put(crew)
            with telling:
                tell(outcome)
            return outcome

        try:
            with ThreadPoolExecutor(side_by_side) as pool:
                return [outcome for outcome in pool.map(one, cells) if outcome is not None]
        finally:
            for crew in crews:
                crew.close()


def _told(outcome: Outcome) -> None:
    state = "ok" if not outcome.problems else f"BROKEN (kept in {outcome.kept})"
    print(f"{state} {outcome.deeds} in {outcome.seconds:.0f} s: {outcome.cell}", file=sys.stderr, flush=True)


def _server(services: Services, name: str, open_it: Callable[[], Server]) -> Server | None:
    try:
        return services.get(name, open_it)
    except Unavailable as error:
        print(f"left out, no {name}: {error}")
        return None


def chaos(kills: int, seed: int, side_by_side: int, until_s: float, home: Path) -> int:
    """The whole matrix, as far as there is time; the exit code."""
    services = Services()
    with contextlib.ExitStack() as stack:
        stack.callback(services.stop)
        postgres, broker = _server(services, "postgres", open_postgres), _server(services, "redis", open_redis)
        stage = Stage(home, postgres)
        stack.callback(stage.close)
        databases = [name for name in DATABASES if name == "sqlite" or postgres is not None]
        for name in databases:
            stage.prepare(name)
        cells = matrix(databases)
        outcomes = []
        for place in MISTREATED if postgres is not None and broker is not None else ():
            assert postgres is not None
            assert broker is not None
            (home / place).mkdir()
            with fresh_database(postgres) as url, fresh_redis(broker) as broker_url:
                cell = Cell(place, "answers lost", "fleet", workers=2)
                outcomes.append(play_broker(home / place, url, broker_url, cell, _FLEET_KILLS))
            _told(outcomes[-1])
        left = kills - sum(outcome.deeds for outcome in outcomes)
        each = ceil(left / sum(cell.deed == "kill" for cell in cells))
        random.Random(seed).shuffle(cells)
        played = Run(stage, seed, each, until_s).play(cells, side_by_side, _told)
        if len(played) < len(cells):
            print(f"no time was left for {len(cells) - len(played)} of {len(cells)} cells")
        outcomes += played
        print(services.describe())
    print(table(outcomes), summary(outcomes), sep="\n\n")
    done = sum(outcome.deeds for outcome in outcomes if outcome.cell.deed == "kill")
    if done < kills and len(played) == len(cells):
        print(f"only {done} kills of {kills}: campaigns were over before; a longer list of contacts is needed")
    return 1 if done < kills or any(outcome.problems for outcome in outcomes) else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Kill worker processes at every checkpoint under every fault.")
    parser.add_argument("--kills", type=int, default=500, help="at least so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=4, help="cells that are played side by side")
    parser.add_argument("--minutes", type=float, default=0, help="begin no cell after so many; 0: play all")
    given = parser.parse_args()
    began, home = time.monotonic(), Path(tempfile.mkdtemp(prefix="dialer-chaos-"))
    until_s = began + given.minutes * 60 if given.minutes else math.inf
    code = chaos(given.kills, given.seed, given.workers, until_s, home)
    print(f"{datetime.now(UTC):%Y-%m-%d}, seed {given.seed}, {time.monotonic() - began:.0f} s; kept: {home}")
    return code


if __name__ == "__main__":
    sys.exit(main())
