"""Deeds at named checkpoints: a process that kills itself, or loses its database, at the n-th time it comes by one.

The product knows nothing of this. Its database and its carrier are wrapped by what they are called with: transactions are
recognised by the statements in them, dials and reports as they pass. So a checkpoint is a place in what the process really did.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, event

from dialer.call.events import Answered, CallEvent, Ringing
from dialer.carriers.base import Books, Carrier, PlacedCall
from dialer.errors import StoreError
from dialer.model.attempt import DialOrder, Found
from dialer.model.ids import AttemptId
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.store.engine import Store
from tests.support.services import libpq_url

_NEAR = timedelta(minutes=1)
_LIST_LAG = timedelta(seconds=2)
_CUT_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
STEPS = {
    "claim": r"UPDATE calls SET .*state=.*fence=\(calls\.fence \+",
    "takeover": r"UPDATE attempts SET .*fence=\(attempts\.fence \+",
    "intent": r"INSERT INTO attempts\b.*",
    "placed": r"UPDATE attempts SET .*placed_at=",
    "answered": r"UPDATE attempts SET .*answered_at=",
    "turn": r"INSERT INTO turns\b",
    "end": r"UPDATE attempts SET .*ended_at=",
}
"""Transactions by a statement that only they contain."""
ANY_MOMENT = "any"
"""No checkpoint: a while after the start, whatever the process is doing then."""
PLACES = {
    "claimed": "after_claim",
    "before intent": "before_intent",
    "after intent": "after_intent",
    "after send": "sent",
    "after ring": "ringing",
    "after answer": "answered",
    "in mid-call": "after_turn",
    "before the final commit": "before_end",
    "after the final commit": "after_end",
    "while settling": "after_takeover",
    "at any moment": ANY_MOMENT,
}
"""The checkpoints of the matrix, in the order in which an attempt comes by them."""


@dataclass(slots=True)
class Reaper:
    """Does ``deed`` (``kill`` or ``cut``) each ``nth`` time that the process comes by ``at``.

    Before it does, it writes the place and its own process id to ``log``: what is written there has happened. With ``most`` deeds
    in there, by whichever process, there are no more.
    """

    at: str
    nth: int
    log: Path
    deed: str = "kill"
    most: int = 1_000_000
    _seen: int = field(default=0)

    def begin(self, url: str) -> None:
        """Do the deed at some moment, if it has no other place: in ``nth`` tenths of a second, and a cut again and again."""
        if self.at == ANY_MOMENT:
            threading.Thread(target=self._strike, args=(url,), daemon=True).start()

    def _strike(self, url: str) -> None:
        while True:
            time.sleep(self.nth / 10)
            if deeds_in(self.log) >= self.most:
                return
            self._note("anywhere")
            if self.deed == "cut":
                with psycopg.connect(libpq_url(url), autocommit=True) as connection:
                    connection.execute(_CUT_ALL)

    def pass_by(self, place: str) -> bool:
        """The process is at ``place``. Returns True when the connection to the database is to be lost here."""
        if place != self.at:
            return False
        self._seen += 1
        if self._seen % self.nth or deeds_in(self.log) >= self.most:
            return False
        self._note(place)
        return True

    def _note(self, place: str) -> None:
        """Put the deed on record, and die if that is the deed."""
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{self.deed} {place} {os.getpid()}\n".encode())
        os.close(descriptor)
        if self.deed == "kill":
            os.kill(os.getpid(), signal.SIGKILL)


def deeds_in(log: Path) -> int:
    """How many deeds have been done."""
    return len(log.read_text().splitlines()) if log.exists() else 0


class WatchedStore:
    """A ``Store`` whose write transactions are checkpoints, before their commit and after it.

    On Postgres a connection is lost by shutting its socket: both ways before a commit, so that it never arrives, or the way back
    alone, so that the server commits and nobody here learns of it. A file has no connection: there the error alone is made.
    """

    def __init__(self, store: Store, reaper: Reaper) -> None:
        self._store = store
        self._reaper = reaper
        self.dialect, self.url, self.read, self.close = store.dialect, store.url, store.read, store.close

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction; its commit may fail, and it may succeed without our learning of it."""
        steps: set[str] = set()
        with self._store.write() as tx:
            event.listen(tx, "before_cursor_execute", _noting(steps))
            yield tx
            if self._is_lost("before", steps):
                self._lose(tx, socket.SHUT_RDWR)
            # A cut is made before the commit, whose answer it loses; a kill comes after it.
            is_answer_lost = self._reaper.deed == "cut" and self._is_lost("after", steps)
            wire = tx.connection.driver_connection if self.dialect == "postgresql" else None
            if is_answer_lost and wire is not None:
                self._lose(tx, socket.SHUT_RD)
        if is_answer_lost and wire is not None:
            wire.close()  # an answer that came at once is still read (Linux, tcp(7)): nobody else may get half a connection
        if is_answer_lost or (self._reaper.deed == "kill" and self._is_lost("after", steps)):
            raise StoreError("the connection was lost", code="08006", retryable=True)

    def _is_lost(self, when: str, steps: set[str]) -> bool:
        return True in {self._reaper.pass_by(f"{when}_{step}") for step in sorted(steps)}

    def _lose(self, tx: Connection, how: int) -> None:
        if self.dialect != "postgresql":
            raise StoreError("the connection was lost", code="08006", retryable=True)
        connection = tx.connection.driver_connection
        assert connection is not None
        with socket.socket(fileno=os.dup(connection.fileno())) as wire:
            wire.shutdown(how)


def _noting(steps: set[str]) -> Callable[..., None]:
    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        text = " ".join(statement.split())
        steps.update(name for name, pattern in STEPS.items() if re.search(pattern, text))
        if "intent" in steps and text.startswith("INSERT INTO attempts") and "dialing" not in repr(parameters):
            steps.discard("intent")  # a gate's refusal on record, and no intent

    return note


class ForgetfulCarrier:
    """A ``Carrier`` that takes no id of ours: it finds calls by number and time, and its list is late.

    A call that is not in the list yet, and two that could be meant, are no answer: then nobody can say whether a phone rang.
    """

    def __init__(self, carrier: SimulatedCarrier, journal: Path, books: Books, now: Callable[[], datetime]) -> None:
        self._carrier = carrier
        self._journal = journal
        self._books = books
        self._now = now
        self.name, self.place, self.close = carrier.name, carrier.place, carrier.close
        self.capabilities = replace(carrier.capabilities, finds_by="number_and_time")

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """The one call to that number in the minute of the dial."""
        meant = self._meant(attempt_id)
        return None if meant is None else await self._carrier.find(meant)

    async def end(self, attempt_id: AttemptId) -> None:
        """End the call that was found."""
        meant = self._meant(attempt_id)
        if meant is not None:
            await self._carrier.end(meant)

    def _meant(self, attempt_id: AttemptId) -> AttemptId | None:
        trace = self._books(attempt_id)
        if trace is None:
            return None
        found = []
        for ring in rings_in(self._journal):
            rang_at = datetime.fromisoformat(ring["at"])
            is_near = abs(rang_at - trace.dialed_at) < _NEAR and self._now() - rang_at > _LIST_LAG
            if is_near and (ring["number"], ring["from"]) == (trace.to, trace.from_number):
                found.append(AttemptId(ring["attempt_id"]))
        return found[0] if len(found) == 1 else None


def rings_in(journal: Path) -> list[dict[str, Any]]:
    """What the network wrote of rings; a line that was torn by a kill is none."""
    found = []
    for text in journal.read_text(encoding="utf-8").splitlines() if journal.exists() else ():
        with contextlib.suppress(ValueError):
            found.append(json.loads(text))
    return [line for line in found if line["kind"] == "ring"]


class WatchedCarrier:
    """A ``Carrier`` whose dials and reports are checkpoints."""

    def __init__(self, carrier: Carrier, reaper: Reaper) -> None:
        self._carrier = carrier
        self._reaper = reaper
        self.name, self.capabilities = carrier.name, carrier.capabilities

    async def place(self, order: DialOrder) -> PlacedCall:
        """Dial; the process may die before it learns the answer, or before it learns that there is none."""
        try:
            return WatchedCall(await self._carrier.place(order), self._reaper)
        finally:
            self._reaper.pass_by("sent")

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """As the carrier does."""
        return await self._carrier.find(attempt_id)

    async def end(self, attempt_id: AttemptId) -> None:
        """As the carrier does."""
        await self._carrier.end(attempt_id)

    async def close(self) -> None:
        """As the carrier does."""
        await self._carrier.close()


class WatchedCall:
    """A placed call whose reports are checkpoints; all else is the call's own."""

    def __init__(self, call: PlacedCall, reaper: Reaper) -> None:
        self._call = call
        self._reaper = reaper

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    async def events(self) -> AsyncIterator[CallEvent]:
        """The process may die when the phone rings, and when it is answered, before anybody here knows."""
        async for report in self._call.events():
            if isinstance(report, Ringing):
                self._reaper.pass_by("ringing")
            elif isinstance(report, Answered):
                self._reaper.pass_by("answered")
            yield report
