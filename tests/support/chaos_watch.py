"""Looks into the database again and again while processes die, and says what no look may ever show.

A state's deadline is its lease: whoever holds a call renews it, and when it is over somebody else takes the call. So a held call
or an open attempt may be older than its lease only as long as the living need to come round to it. The time in which nobody lives
does not count, since nobody could.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from dialer import wiring
from dialer.config import Settings
from dialer.errors import StoreError
from dialer.model.call import AttemptState, CallState
from dialer.store import campaigns, queue
from dialer.store.engine import Store
from dialer.store.schema import attempts, calls, metadata

_EVERY_S = 0.1
_HELD = (CallState.CLAIMED, CallState.ACTIVE)


@dataclass
class Watch:
    """What was seen. ``oldest_s``: by how much a state was at most older than its deadline while somebody was alive."""

    rows: int
    seen_in: Path | None = None
    """Where all rows are kept as they were at the look that first showed what must not be seen."""
    oldest_s: float = 0.0
    looks: int = 0
    problems: list[str] = field(default_factory=list)
    _alive_since: datetime | None = None

    @contextmanager
    def alive(self) -> Iterator[None]:
        """While the block lasts somebody works."""
        self._alive_since = datetime.now(UTC)
        try:
            yield
        finally:
            self._alive_since = None

    @contextmanager
    def looking(self, settings: Settings) -> Iterator[None]:
        """While the block lasts a thread looks."""
        is_over, store = threading.Event(), wiring.build(settings).store
        thread = threading.Thread(target=self._look_on, args=(store, is_over.wait), daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()
            store.close()

    def _look_on(self, store: Store, is_over: Callable[[float], bool]) -> None:
        while not is_over(_EVERY_S):
            try:
                self.look(store, datetime.now(UTC), self._alive_since)
            except StoreError:
                continue  # all connections of the database were cut, this one too

    def look(self, store: Store, now: datetime, alive_since: datetime | None) -> None:
        """One look: the buckets add up, whoever is open is held, and nobody is older than the deadline."""
        with store.read() as tx:
            total = sum(sum(queue.counts(tx, row.id).values()) for row in campaigns.listed(tx))
            held = tx.execute(select(calls.c.id, calls.c.state, calls.c.lease_until).where(calls.c.state.in_(_HELD))).all()
            is_open = attempts.c.state != AttemptState.ENDED
            open_ = tx.execute(select(attempts.c.id, attempts.c.state, attempts.c.lease_until).where(is_open)).all()
            orphans = set(
                tx.execute(
                    select(attempts.c.id)
                    .join(calls, calls.c.id == attempts.c.call_id)
                    .where(is_open, calls.c.state != CallState.ACTIVE)
                ).scalars()
            )
        self.looks += 1
        seen = [f"the buckets held {total} of {self.rows}"] if total != self.rows else []
        seen += [f"{row.id} was {row.state.value} and had no deadline" for row in (*held, *open_) if row.lease_until is None]
        seen += [f"attempt {name} was open, its call was not" for name in orphans]
        new = [text for text in seen if text not in self.problems]
        self.problems += new
        if new and self.seen_in is not None and not self.seen_in.exists():
            evidence(store, self.seen_in)
        if alive_since is not None:
            ages = [now - max(row.lease_until, alive_since) for row in (*held, *open_) if row.lease_until is not None]
            self.oldest_s = max([self.oldest_s, *(age / timedelta(seconds=1) for age in ages)])


def evidence(store: Store, file: Path) -> None:
    """Write every row of every table, one JSON object a line: what a broken cell can be explained by."""
    with store.read() as tx, file.open("w", encoding="utf-8") as out:
        for table in metadata.sorted_tables:
            for row in tx.execute(select(table)).mappings():
                out.write(json.dumps({"table": table.name, **row}, default=_plain, ensure_ascii=False) + "\n")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
