"""One cell of the fault matrix: a campaign whose workers die again and again, one that lives, then the books."""

from __future__ import annotations

import contextlib
import json
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from dialer import wiring
from dialer.config import Settings
from dialer.model.call import CampaignStatus
from dialer.operations import folders, importing, scheduling
from dialer.operations.importing import ImportOptions
from dialer.store import campaigns, migrate
from tests.support.chaos import PLACES, deeds_in
from tests.support.chaos_books import Books, balance
from tests.support.chaos_watch import Watch, evidence
from tests.support.servers import Server, die_with_parent
from tests.support.services import libpq_url

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
CAMPAIGN = "solar-sales"
LEDGER_KEY = "a key for tests, and for nothing else"
KILLED = -9
LATE_S = 30.0
"""A lane comes round every few seconds; the rest is for a machine that has other work."""
_RESUMES = 10
SETTLING = "while settling"
"""Somebody must have died before: the worker dies that looks after what another one left."""


@dataclass(frozen=True)
class Cell:
    """Where processes die (a key of ``PLACES``), what the network gets wrong meanwhile, on which database."""

    place: str
    faults: str = "none"
    database: str = "sqlite"
    deed: str = "kill"
    workers: int = 1
    finds_by: str = "our_id"
    """By what the carrier finds a call whose answer was lost."""

    def __str__(self) -> str:
        extra = f", {self.workers} workers" if self.workers > 1 else ""
        extra += "" if self.finds_by == "our_id" else f", found by {self.finds_by}"
        return f"{self.deed} {self.place}, {self.faults}, {self.database}{extra}"


@dataclass(frozen=True)
class Outcome:
    """What became of a cell. ``deeds``: how often it was really killed or cut, from the log of the processes themselves."""

    cell: Cell
    deeds: int
    books: Books
    seconds: float
    strange: tuple[str, ...] = ()
    """Workers that neither died by our hand nor came to their end, and what was seen on the way."""
    kept: str = ""
    """Where all rows, the network's journal and the last words lie, if a promise was broken."""
    oldest_s: float = 0.0
    """By how much a state was at most older than its deadline, at any look while somebody was alive."""
    looks: int = 0

    @property
    def problems(self) -> tuple[str, ...]:
        """Broken promises in words."""
        late = (f"a state was {self.oldest_s:.0f} s older than its deadline",) if self.oldest_s > LATE_S else ()
        return (*self.books.problems, *self.strange, *late)


class Workers:
    """A process that forks the workers; see ``chaos_worker``."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.support.chaos_worker"]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  # one system call; no thread of ours holds a lock then
        )

    def run(self, *jobs: dict[str, Any]) -> list[int]:
        """Run these side by side; how each process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(jobs) + "\n")
        self._process.stdin.flush()
        endings: list[int] = json.loads(self._process.stdout.readline())
        return endings

    def close(self) -> None:
        """No more jobs."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(10)


@dataclass
class Stage:
    """Armed campaigns to start from: made once for each database, copied for each cell."""

    home: Path
    postgres: Server | None
    contacts: int = 14
    rows: int = 0
    _patterns: dict[str, str] = field(default_factory=dict)

    def settings(self, database_url: str, home: Path) -> dict[str, Any]:
        """Settings of the workers of one cell, as JSON."""
        return {
            "database_url": database_url,
            "ledger_key": LEDGER_KEY,
            "campaigns_dir": str(ROOT / "campaigns"),
            "simulation_journal": str(home / "phones.jsonl"),
            "reports_dir": str(home / "reports"),
            "clock_start": START.isoformat(),
            "lease_s": 5.0,
            "settle_s": 1.0,
            "lane_calls": 4,
        }

    def prepare(self, database: str) -> None:
        """Import and arm the campaign of one kind of database."""
        if database == "sqlite":
            url = f"sqlite:///{self.home / 'pattern.db'}"
        else:
            url = self._create(f"dialer_pattern_{secrets.token_hex(4)}")
        settings = Settings(**self.settings(url, self.home))
        migrate.upgrade(url, **wiring.key_of(settings))
        parts = wiring.build(settings)
        folder = folders.required_folder(parts.settings, CAMPAIGN)
        some = self.home / "some.csv"
        some.write_text("".join(folder.contacts_path.read_text("utf-8").splitlines(keepends=True)[: self.contacts + 1]), "utf-8")
        report = importing.import_contacts(parts, folder.campaign, some, ImportOptions(), self.home / "rejects.csv")
        self.rows = report.accepted
        scheduling.schedule(parts, CAMPAIGN, None, None)
        parts.store.close()
        self._patterns[database] = url

    @contextlib.contextmanager
    def database(self, kind: str, home: Path) -> Iterator[str]:
        """An armed campaign of its own."""
        if kind == "sqlite":
            shutil.copy(self.home / "pattern.db", home / "dialer.db")
            yield f"sqlite:///{home / 'dialer.db'}"
            return
        name = f"dialer_chaos_{secrets.token_hex(6)}"
        url = self._create(name, urlsplit(self._patterns[kind]).path[1:])
        try:
            yield url
        finally:
            self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Leave nothing on the server."""
        if "postgres" in self._patterns:
            self._administer(f'DROP DATABASE IF EXISTS "{urlsplit(self._patterns["postgres"]).path[1:]}" WITH (FORCE)')

    def _create(self, name: str, pattern: str = "template1") -> str:
        assert self.postgres is not None
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{pattern}"')
        return urlunsplit(urlsplit(self.postgres.url)._replace(path=f"/{name}"))

    def _administer(self, statement: str) -> None:
        assert self.postgres is not None
        with psycopg.connect(libpq_url(self.postgres.url), autocommit=True) as connection:
            connection.execute(statement)


def play(stage: Stage, workers: Workers, cell: Cell, kills: int, seed: int) -> Outcome:
    """Kill until it was done ``kills`` times or the campaign is over, then run to the end, then look into the books.

    The last worker lives, on a network that still has its faults: only so it learns what a lost answer leads to.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=stage.home) as folder, stage.database(cell.database, Path(folder)) as url:
        home = Path(folder)
        watch = Watch(stage.rows, home / "first-seen.jsonl")
        strange = _work(stage, workers, cell, kills, random.Random(f"{seed} {cell}"), home, url, watch)
        store = wiring.build(Settings(**stage.settings(url, home))).store
        books = balance(store, home / "phones.jsonl", stage.rows, is_provable=cell.finds_by == "our_id")
        deeds = deeds_in(home / "deeds")
        seen = (*strange, *watch.problems)
        outcome = Outcome(cell, deeds, books, time.monotonic() - began, seen, "", watch.oldest_s, watch.looks)
        if outcome.problems:
            evidence(store, home / "rows.jsonl")
            outcome = replace(outcome, kept=str(stage.home / f"broken-{secrets.token_hex(4)}"))
            shutil.copytree(home, outcome.kept)
        store.close()
    return outcome


def _work(
    stage: Stage, workers: Workers, cell: Cell, kills: int, chance: random.Random, home: Path, url: str, watch: Watch
) -> list[str]:
    """Let workers die, then let one live; what was strange about their ends."""
    job = {"settings": stage.settings(url, home), "log": str(home / "deeds"), "said": str(home / "said"), "most": kills + 1}
    job |= {"faults": cell.faults, "finds_by": cell.finds_by}
    strange: list[str] = []
    with watch.looking(Settings(**stage.settings(url, home))):
        while (deeds := deeds_in(home / "deeds")) < kills:
            if cell.place == SETTLING:
                workers.run({**job, "at": PLACES["after ring"], "nth": chance.randint(1, 3)})
            deed = {"at": PLACES[cell.place], "deed": cell.deed}
            most = 1 if cell.place == SETTLING else 3
            nodes = ({"node": f"node-{number}", "nth": chance.randint(1, most)} for number in range(cell.workers))
            with watch.alive():
                endings = workers.run(*({**job, **deed, **node} for node in nodes))
            # Whose database goes away outside of a lane's work may end: the next doorbell starts another one.
            is_storm = cell.deed == "cut" and cell.place == "at any moment"
            strange += [f"a worker ended with {ending}" for ending in endings if ending not in (0, KILLED, int(is_storm))]
            if deeds_in(home / "deeds") == deeds or strange:
                break  # the campaign has come to its end
        for _ in range(_RESUMES):
            with watch.alive():
                strange += [f"the last worker ended with {ending}" for ending in workers.run(job) if ending]
            if not _resumed(Settings(**stage.settings(url, home))):
                break
    return strange


def _resumed(settings: Settings) -> bool:
    """A network that refuses half of the dials trips the carrier's breaker: somebody has looked, and lets the campaign go on."""
    parts = wiring.build(settings)
    try:
        with parts.store.read() as tx:
            (row,) = campaigns.listed(tx)
        if row.status is CampaignStatus.PAUSED and row.status_reason.startswith("carrier:"):
            scheduling.resume(parts, CAMPAIGN)
            return True
        return False
    finally:
        parts.store.close()
