"""Worker processes in real time: what the carrier counts by its own clock never exceeds the rate, and commands bite at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dialer import wiring
from dialer.config import Settings
from dialer.model.call import Bucket
from dialer.operations import folders, importing, scheduling
from dialer.operations.importing import ImportOptions
from dialer.store import campaigns, migrate, overview, queue
from tests.support.pace_worker import MondayClock
from tests.support.servers import die_with_parent

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).resolve().parents[2]
NAME = "solar-sales"
WORKERS, STARTS, CPS, CALLER_CPS = 4, 30, 5.0, 3.0
AREAS = {"303": "America/Denver", "602": "America/Phoenix", "404": "America/New_York"}
HEADER = "phone,first_name,timezone,city,state,roof,consent,consent_at,consent_source"
ENOUGH = 1000
"""More than there are people: these workers go on until they are signalled."""


def most_in_a_second(stamps: Sequence[float]) -> int:
    """The most starts in any sliding second."""
    return max(sum(first <= at < first + 1.0 for at in stamps) for first in stamps)


class Fleet:
    """A campaign of sixty people, and worker processes that dial them in real time."""

    def __init__(self, home: Path, database_url: str, cps: float) -> None:
        settings = {
            "database_url": database_url,
            "ledger_key": "a key for tests, and for nothing else",
            "campaigns_dir": str(ROOT / "campaigns"),
            "simulation_journal": str(home / "phones.jsonl"),
            "reports_dir": str(home / "reports"),
        }
        self.stamps = home / "stamps.jsonl"
        self.job = {"settings": settings, "began_s": time.monotonic(), "stamps": str(self.stamps)}
        self.workers: list[subprocess.Popen[bytes]] = []
        made = Settings(**settings)
        migrate.upgrade(database_url, **wiring.key_of(made))
        self.parts = replace(wiring.build(made), clock=MondayClock(self.job["began_s"]))
        contacts = home / "contacts.csv"
        rows = [
            f"+1{area}5550{number},Ann,{zone},Denver,CO,shingle,written,2026-11-02T12:00:00Z,web form"
            for number in range(100, 120)
            for area, zone in AREAS.items()
        ]
        contacts.write_text("\n".join([HEADER, *rows]) + "\n", encoding="ascii")
        campaign = folders.required_folder(self.parts.settings, NAME).campaign
        importing.import_contacts(self.parts, campaign, contacts, ImportOptions(), home / "rejects.csv")
        limits = scheduling.NewLimits(concurrency=100, cps=cps, caller_cps=CALLER_CPS)
        assert scheduling.schedule(self.parts, NAME, None, None, limits).waiting >= STARTS

    def start(self, workers: int, most: int) -> None:
        """Start so many, until so many dials have come in."""
        for number in range(workers):
            job = json.dumps({**self.job, "most": most, "node": f"node-{number}"})
            self.workers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.support.pace_worker", job],
                    cwd=ROOT,
                    preexec_fn=die_with_parent,  # noqa: PLW1509  # one system call; no thread of ours holds a lock then
                )
            )

    def seen(self) -> list[dict[str, Any]]:
        """What the carrier has stamped."""
        return [json.loads(line) for line in self.stamps.read_text("ascii").splitlines()] if self.stamps.exists() else []

    def wait_for(self, dials: int) -> None:
        """Until the carrier has been asked so often."""
        while len(self.seen()) < dials:
            assert all(worker.poll() is None for worker in self.workers), "a worker has ended"
            time.sleep(0.05)

    def dialed_since(self, instant: datetime) -> int:
        """How many dials were put on record after an instant."""
        with self.parts.store.read() as tx:
            return overview.dialed_since(tx, instant)


@pytest.fixture
def fleet(tmp_path: Path, database_url: str) -> Iterator[Callable[[float], Fleet]]:
    """Makes the fleet; nobody outlives the test."""
    made: list[Fleet] = []

    def make(cps: float) -> Fleet:
        made.append(Fleet(tmp_path, database_url, cps))
        return made[0]

    yield make
    for one in made:
        for worker in one.workers:
            worker.kill()
            worker.wait()
        one.parts.store.close()


def test_in_no_second_are_there_more_starts_than_the_rate(fleet: Callable[[float], Fleet]) -> None:
    scene = fleet(CPS)
    scene.start(WORKERS, STARTS)
    assert [worker.wait(240) for worker in scene.workers] == [0] * WORKERS
    seen = scene.seen()
    assert len(seen) >= STARTS
    assert most_in_a_second([one["at_s"] for one in seen]) <= CPS
    for caller in {one["from"] for one in seen}:
        assert most_in_a_second([one["at_s"] for one in seen if one["from"] == caller]) <= CALLER_CPS
    assert len({one["pid"] for one in seen}) > 1, "one process alone proves nothing"


def test_pause_resume_and_cancel_bite_at_the_next_dial_of_every_worker(fleet: Callable[[float], Fleet]) -> None:
    """From the moment a command has returned nobody is dialled, though several workers hold claimed calls; then SIGTERM."""
    scene = fleet(CPS)
    scene.start(2, ENOUGH)
    scene.wait_for(4)
    scheduling.pause(scene.parts, NAME)
    paused_at = scene.parts.clock.now()
    time.sleep(3)  # fifteen starts at the campaign's rate
    assert scene.dialed_since(paused_at) == 0
    before = len(scene.seen())
    scheduling.resume(scene.parts, NAME)
    scene.wait_for(before + 4)
    scheduling.cancel(scene.parts, NAME)
    cancelled_at = scene.parts.clock.now()
    time.sleep(3)
    assert scene.dialed_since(cancelled_at) == 0
    for worker in scene.workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(240) for worker in scene.workers] == [0, 0], "a drain is a good end"
    with scene.parts.store.read() as tx:
        (row,) = campaigns.listed(tx)
        counts = queue.counts(tx, row.id)
    assert {Bucket.WAITING, Bucket.LIVE}.isdisjoint(counts), counts
    assert sum(counts.values()) == len(AREAS) * 20
