"""A workspace with real processes: campaigns armed, processes started and killed, and the books checked at the end."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import select

from dialer import wiring
from dialer.config import Settings
from dialer.model.call import AttemptState, Bucket, CampaignStatus
from dialer.operations import folders, importing, scheduling
from dialer.operations.importing import ImportOptions
from dialer.operations.parts import Parts
from dialer.store import campaigns, migrate, queue
from dialer.store.schema import attempts, calls, lanes
from dialer.store.schema import campaigns as campaigns_table
from tests.support.servers import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
LONG_S = 300.0
"""Nothing here takes a tenth of it on an idle machine: a limit says that something hangs, never that it is slow."""
PATIENCE_S = 4 * LONG_S
"""Of a whole test with several such waits."""
OVER = frozenset({Bucket.WAITING, Bucket.LIVE})


class Books:
    """What the database and the simulated network's own journal say of a run."""

    parts: Parts
    journal_path: Path

    def open_attempts(self, *states: AttemptState) -> int:
        """Attempts that are not settled, or those in ``states``."""
        with self.parts.store.read() as tx:
            found = tx.execute(select(attempts.c.state).where(attempts.c.state != AttemptState.ENDED)).scalars().all()
        return sum(state in states for state in found) if states else len(found)

    def lane_pids(self) -> set[int]:
        """The processes that hold a lane."""
        with self.parts.store.read() as tx:
            return set(tx.execute(select(lanes.c.pid)).scalars())

    def is_done(self) -> bool:
        """Every campaign has come to its end."""
        with self.parts.store.read() as tx:
            return all(row.status is CampaignStatus.DONE for row in campaigns.listed(tx))

    def is_lease_over(self) -> bool:
        """Every lane and every open attempt is held for no longer than until now."""
        now = self.parts.clock.lease_now()
        with self.parts.store.read() as tx:
            held = [*tx.execute(select(lanes.c.lease_until)).scalars(), *tx.execute(select(attempts.c.lease_until)).scalars()]
        return all(until is None or until < now for until in held)

    def journal(self, kind: str) -> list[dict[str, object]]:
        """The lines of the simulated network: ``ring``, ``answer`` or ``end``."""
        if not self.journal_path.exists():
            return []
        whole = self.journal_path.read_text().rpartition("\n")[0]
        return [line for text in whole.splitlines() if (line := json.loads(text))["kind"] == kind]

    def rings(self) -> int:
        """How often a phone rang."""
        return len(self.journal("ring"))

    def check_books(self) -> None:
        """Nothing lost and nothing doubled: every call in one final bucket, every ring on record, every attempt settled."""
        rung = [str(line["attempt_id"]) for line in self.journal("ring")]
        assert len(rung) == len(set(rung)), "an attempt rang twice"
        with self.parts.store.read() as tx:
            rows = tx.execute(select(attempts.c.id, attempts.c.state, attempts.c.dialed_at, attempts.c.reason)).all()
            counts = [queue.counts(tx, row.id) for row in campaigns.listed(tx)]
            total = len(tx.execute(select(calls.c.id)).all())
        assert {row.state for row in rows} == {AttemptState.ENDED}, "an attempt is open"
        assert set(rung) <= {row.id for row in rows if row.dialed_at}, "a phone rang that nobody meant to call"
        silent = {row.id: row.reason for row in rows if row.dialed_at} | dict.fromkeys(rung, "rang")
        never = {reason for reason in silent.values() if reason != "rang"}
        assert never <= {"never_placed", "shutdown", "too_late", "permit_timeout"}, never
        assert not OVER & {bucket for found in counts for bucket in found}, counts
        assert sum(sum(found.values()) for found in counts) == total

    def results(self) -> dict[str, list[tuple[str, str | None]]]:
        """What came of each dial, in order, for each number of each campaign."""
        query = select(campaigns_table.c.name, attempts.c.phone, attempts.c.disposition, attempts.c.outcome)
        query = query.join_from(attempts, campaigns_table, campaigns_table.c.id == attempts.c.campaign_id)
        found: dict[str, list[tuple[str, str | None]]] = {}
        with self.parts.store.read() as tx:
            for row in tx.execute(query.order_by(attempts.c.dialed_at, attempts.c.number)):
                result = (row.disposition.value, row.outcome.value if row.outcome else None)
                found.setdefault(f"{row.name} {row.phone}", []).append(result)
        return found

    def reasons(self) -> set[str]:
        """Why attempts ended as they did."""
        with self.parts.store.read() as tx:
            return set(tx.execute(select(attempts.c.reason)).scalars())

    def figures(self) -> dict[str, object]:
        """The counts that a person would compare."""
        with self.parts.store.read() as tx:
            buckets = {row.name: queue.counts(tx, row.id) for row in campaigns.listed(tx)}
        every = [result for results in self.results().values() for result in results]
        return {"buckets": buckets, "dispositions": Counter(d for d, _ in every), "outcomes": Counter(o for _, o in every)}


class World(Books):
    """One database, one journal of phones, and the processes that work on them."""

    def __init__(self, home: Path, database_url: str, broker_url: str = "memory://", **settings: object) -> None:
        self.home = home
        self.journal_path = home / "phones.jsonl"
        self._processes: list[subprocess.Popen[bytes]] = []
        self.settings = Settings(
            database_url=database_url,
            broker_url=broker_url,
            clock_start=START,
            campaigns_dir=ROOT / "campaigns",
            reports_dir=home / "reports",
            simulation_journal=self.journal_path,
            key_file=home / "dialer.key",
            **{"lease_s": 6.0, **settings},  # type: ignore[arg-type]  # checked by the model itself
        )
        migrate.upgrade(database_url, **wiring.key_of(self.settings))
        self.parts = wiring.build(self.settings)

    @property
    def environment(self) -> dict[str, str]:
        """Our settings as the processes get them, and nothing of the tests' own."""
        ours = {f"DIALER_{name.upper()}": str(value) for name, value in self._given().items()}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT") if name in os.environ}
        return {**kept, **ours, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "C_FORCE_ROOT": "1"}

    def _given(self) -> dict[str, object]:
        values = self.settings.model_dump(exclude_defaults=True)
        return {**values, "clock_start": START.isoformat()}

    def arm(self, *names: str, most: int = 0) -> None:
        """Import examples and schedule them at once; with ``most`` only so many rows of each."""
        for name in names:
            folder = folders.required_folder(self.settings, name)
            with tempfile.TemporaryDirectory() as scratch:
                rejects, some = Path(scratch) / "rejects.csv", folder.contacts_path
                if most:
                    some = Path(scratch) / "contacts.csv"
                    some.write_text(first_rows(folder.contacts_path, most), encoding="utf-8")
                importing.import_contacts(self.parts, folder.campaign, some, ImportOptions(), rejects)
        for name in names:
            scheduling.schedule(self.parts, name, None, None)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """``python -m ARGUMENTS`` in a process group of its own; what it says goes to ``output-N.log``."""
        with (self.home / f"output-{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=self.home,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  # one system call; no thread of ours holds a lock then
            )
        self._processes.append(process)
        return process

    def worker(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """A worker of a fleet, as Celery users start it."""
        return self.start("celery", "-A", "dialer.worker", "worker", "-n", f"{name}@test", "--loglevel=INFO", *arguments)

    def beat(self) -> subprocess.Popen[bytes]:
        """The beat of a fleet."""
        return self.start("celery", "-A", "dialer.worker", "beat", "--loglevel=INFO")

    def run_to_end(self) -> None:
        """``dialer run`` until everything is done."""
        self.ends_well(self.start("dialer", "run"))

    def ends_well(self, process: subprocess.Popen[bytes], timeout_s: float = LONG_S) -> None:
        """The process ends by itself, with exit code 0."""
        assert process.wait(timeout_s) == 0, self.said()

    def said(self) -> str:
        """The last words of every process."""
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in sorted(self.home.glob("*.log")))

    def said_by(self, process: subprocess.Popen[bytes]) -> str:
        """Everything that one process has said so far."""
        return (self.home / f"output-{self._processes.index(process)}.log").read_text(errors="replace")

    def freeze(self, process: subprocess.Popen[bytes], is_so: Callable[[], object], what: str) -> None:
        """Stop a process (SIGSTOP) at a moment when something is the case and it locks nobody out.

        A process that is stopped inside of a write transaction on SQLite, or while it writes the network's journal, keeps the
        lock for as long as it is stopped: nobody could take its place, and nothing would be learnt.
        """
        end = time.monotonic() + LONG_S
        while True:
            self.until(is_so, what, end - time.monotonic())
            process.send_signal(signal.SIGSTOP)
            seen = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            assert seen is not None
            assert seen.si_code == os.CLD_STOPPED, f"{what}: it has ended\n{self.said()}"
            if is_so() and not is_locked(self.settings.database_url, self.journal_path):
                return
            process.send_signal(signal.SIGCONT)
            time.sleep(0.02)

    def until(self, is_so: Callable[[], object], what: str, timeout_s: float = LONG_S) -> None:
        """Wait until something is the case."""
        end = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < end, f"{what}: not within {timeout_s:.0f} s\n{self.said()}"
            time.sleep(0.05)

    def close(self) -> None:
        """Nothing that was started here is left."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        self.parts.store.close()


def first_rows(contacts: Path, most: int) -> str:
    """The head of an example's contact file and its first rows: enough people for a test that lives by what happens to a few."""
    text = contacts.read_text(encoding="utf-8")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    for _ in range(most + 1):
        next(reader)
    return "".join(text.splitlines(keepends=True)[: reader.line_num])


def is_locked(database_url: str, journal: Path) -> bool:
    """Whether somebody holds the write lock of an SQLite database, or that of the journal."""
    with contextlib.ExitStack() as stack:
        if database_url.startswith("sqlite:///"):
            path = database_url.removeprefix("sqlite:///")
            database = stack.enter_context(contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)))
            try:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return True
        if journal.exists():
            file = stack.enter_context(journal.open("rb"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False


@contextlib.contextmanager
def world(home: Path, database_url: str, broker_url: str = "memory://", **settings: object) -> Iterator[World]:
    """A ``World`` that is cleared up at the end."""
    made = World(home, database_url, broker_url, **settings)
    try:
        yield made
    finally:
        made.close()


class Door:
    """A loopback door before a server: shut, nobody gets through and whoever was inside is thrown out."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._inside: set[socket.socket] = set()
        self._is_open = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """The server's address, through the door."""
        credentials = self._parts.netloc.rpartition("@")[0]
        return urlunsplit(self._parts._replace(netloc=f"{credentials}@127.0.0.1:{self._listener.getsockname()[1]}"))

    def shut(self) -> None:
        """As a server that is stopped."""
        self._is_open = False
        for connection in list(self._inside):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def open(self) -> None:
        """As a server that is back."""
        self._is_open = True

    def close(self) -> None:
        """Take the door away."""
        self.shut()
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._is_open:
                    near.close()
                    continue
                far = socket.create_connection((self._parts.hostname, self._parts.port))
                for source, target in ((near, far), (far, near)):
                    self._inside.add(source)
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        self._inside.discard(source)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
