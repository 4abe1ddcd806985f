"""The sales example over the loopback Asterisk, by settings alone: the same report as with the built-in simulated phones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dialer import wiring
from dialer.clock import SimulatedClock
from dialer.config import Settings
from dialer.model.call import Bucket
from dialer.operations import lane, report, upkeep
from dialer.operations.parts import Lines, Parts
from dialer.simulation.asterisk.server import AsteriskServer, Options, serve_asterisk
from dialer.simulation.asterisk.trunk import World
from dialer.store import campaigns, migrate, queue
from dialer.store.engine import open_store
from dialer.store.schema import attempts
from tests.acceptance.world import PATIENCE_S, START
from tests.operations.stage import armed
from tests.operations.test_lane import few
from tests.support.asterisk import described

pytestmark = pytest.mark.timeout(PATIENCE_S)
NAME = "solar-sales"
CALLS = 20
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Run:
    """One run of the example: what it said in the end, and how many calls were up at once."""

    results: dict[str, list[tuple[str, str | None]]] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    rings: list[str] = field(default_factory=list)
    most_at_once: int = 0
    violations: list[str] = field(default_factory=list)


class Loopback:
    """Opens the stand-in beside the lines, on the lane's own loop, and nothing but settings leads to it."""

    def __init__(self, parts: Parts, run: Run) -> None:
        self._parts = parts
        self._run = run

    async def __call__(self) -> Lines:
        parts = self._parts
        world = World(partial(wiring.person_of, parts.store), parts.settings.simulation_journal, parts.settings.simulation_seed)
        peer = await serve_asterisk(world, Options(descriptions=described()), clock=parts.clock)
        settings = parts.settings.model_copy(
            update={
                "carrier": "asterisk",
                "asterisk_url": peer.url,
                "asterisk_user": "dialer",
                "asterisk_password": type(parts.settings.asterisk_password)("secret"),
            }
        )
        self._count(peer)
        lines = await wiring.open_lines(settings, parts.store, parts.clock)

        async def close() -> None:
            await lines.close()
            await peer.close()
            self._run.violations += peer.violations

        return replace(lines, close=close)

    def _count(self, peer: AsteriskServer) -> None:
        answer = peer.exchange.answer

        def counted(channel: Any) -> None:
            answer(channel)
            up = sum(it.far is not None for it in peer.exchange.channels.values())
            self._run.most_at_once = max(self._run.most_at_once, up)

        peer.exchange.answer = counted  # type: ignore[method-assign]  # the count is all that is added


@dataclass
class UntilDone:
    """Asks the lane to end when every call is settled."""

    parts: Parts

    def is_set(self) -> bool:
        upkeep.tidy(self.parts)
        with self.parts.store.read() as tx:
            counts = [queue.counts(tx, row.id) for row in campaigns.listed(tx)]
        return not any(found.get(Bucket.WAITING, 0) + found.get(Bucket.LIVE, 0) for found in counts)

    def is_urgent(self) -> bool:
        return False


@contextmanager
def a_workspace(path: Path) -> Iterator[Parts]:
    path.mkdir()
    settings = Settings(
        database_url=f"sqlite:///{path / 'dialer.db'}",
        clock_start=START,
        simulation_journal=path / "phones.jsonl",
        campaigns_dir=ROOT / "campaigns",
        lane_calls=CALLS,
    )
    migrate.upgrade(settings.database_url, **wiring.key_of(settings))
    store = open_store(settings.database_url, **wiring.key_of(settings))
    clock = SimulatedClock(START)
    parts = Parts(settings, clock, store, partial(wiring.open_lines, settings, store, clock))
    armed(parts, NAME)
    few(parts, CALLS)
    yield parts
    store.close()


def ran(path: Path, *, over_asterisk: bool) -> Run:
    run = Run()
    with a_workspace(path) as parts:
        working = replace(parts, open_lines=Loopback(parts, run)) if over_asterisk else parts
        lane.run_lane(working, "node", UntilDone(parts))
        report.write_report(parts.store, NAME, path / "report", parts.clock.now())
        run.report = json.loads((path / "report" / "report.json").read_text(encoding="utf-8"))
        with parts.store.read() as tx:
            query = select(attempts.c.phone, attempts.c.disposition, attempts.c.outcome).order_by(attempts.c.number)
            for row in tx.execute(query):
                result = (row.disposition.value, row.outcome.value if row.outcome else None)
                run.results.setdefault(str(row.phone), []).append(result)
        lines = [json.loads(line) for line in (path / "phones.jsonl").read_text().splitlines()]
        run.rings = [line["attempt_id"] for line in lines if line["kind"] == "ring"]
    return run


def test_the_sales_example_over_asterisk_gives_the_report_of_the_simulated_phones(tmp_path: Path) -> None:
    ours, theirs = ran(tmp_path / "asterisk", over_asterisk=True), ran(tmp_path / "simulated", over_asterisk=False)
    assert ours.violations == []
    assert ours.most_at_once >= 10, "calls run side by side"
    assert len(ours.rings) == len(set(ours.rings)), "no attempt rang twice"
    assert ours.results == theirs.results
    same = ("rows", "buckets", "funnel", "dispositions", "outcomes", "attempts", "dialled", "conversations", "leads", "opt_outs")
    assert {key: ours.report[key] for key in same} == {key: theirs.report[key] for key in same}
