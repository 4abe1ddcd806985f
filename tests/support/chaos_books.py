"""The books after chaos: what the database says against what the phone network remembers, which is nobody's but its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from dialer.model.call import AttemptState, Bucket, CallState, CampaignStatus
from dialer.model.disposition import Disposition
from dialer.store import campaigns, queue
from dialer.store.engine import Store
from dialer.store.schema import attempts, calls

NEVER_RANG = frozenset({"never_placed", "too_late", "permit_timeout", "lost_claim"})
OPEN = frozenset({Bucket.WAITING, Bucket.LIVE})


@dataclass(frozen=True)
class Books:
    """The figures, and every broken promise in words. ``listed``: calls whose last attempt nobody could settle."""

    rows: int
    attempts: int
    rings: int
    most_rings: int
    listed: int
    problems: tuple[str, ...]


def balance(store: Store, journal: Path, rows: int, *, is_provable: bool = True) -> Books:
    """Compare. ``rows``: accepted rows of the file; ``is_provable``: the carrier can say that a phone never rang."""
    lines = _lines(journal)
    rung = Counter(line["attempt_id"] for line in lines if line["kind"] == "ring")
    with store.read() as tx:
        dials = tx.execute(select(attempts).order_by(attempts.c.call_id, attempts.c.number, attempts.c.id)).all()
        goals = tx.execute(select(calls)).all()
        standing = [(row.status, queue.counts(tx, row.id)) for row in campaigns.listed(tx)]
    problems = [
        *_rings(rung, dials),
        *_overlaps(lines),
        *_attempts(dials, goals, rung, {line["attempt_id"] for line in lines if line["kind"] == "answer"}, is_provable),
        *_calls(goals, dials),
    ]
    total = sum(sum(counts.values()) for _, counts in standing)
    if not rows == total == len(goals):
        problems.append(f"{rows} rows in the file, {len(goals)} calls, {total} in the buckets")
    problems += [f"a campaign is {status.value}" for status, _ in standing if status is not CampaignStatus.DONE]
    problems += [f"{count} calls are {bucket}" for _, counts in standing for bucket, count in counts.items() if bucket in OPEN]
    listed = sum(counts.get(Bucket.UNSETTLED, 0) for _, counts in standing)
    return Books(len(goals), len(dials), sum(rung.values()), max(rung.values(), default=0), listed, tuple(problems))


def _lines(journal: Path) -> list[dict[str, Any]]:
    """What the network wrote, in the order in which it happened; a line that was torn by a kill is none."""
    found = []
    for text in journal.read_text(encoding="utf-8").splitlines() if journal.exists() else ():
        try:
            found.append(json.loads(text))
        except ValueError:
            continue
    return found


def _rings(rung: Counter[str], dials: Sequence[Row[Any]]) -> Iterator[str]:
    """At most one ring for each attempt, and none that nobody put on record before."""
    meant = {row.id: row.call_id for row in dials if row.dialed_at is not None}
    yield from (f"attempt {attempt} rang {count} times" for attempt, count in rung.items() if count > 1)
    yield from (f"attempt {attempt} rang and nobody meant to" for attempt in rung.keys() - meant.keys())
    per_call = Counter(meant.values())
    rings = Counter(meant[attempt] for attempt in rung.elements() if attempt in meant)
    for call, count in rings.items():
        if count > per_call[call]:
            yield f"call {call} rang {count} times, {per_call[call]} attempts are on record"


def _overlaps(lines: list[dict[str, Any]]) -> Iterator[str]:
    """No number rings while a call to it is up; without an end on record a call lasts as long as the network lets it."""
    up: dict[str, dict[str, Any]] = {}
    for line in lines:
        if line["kind"] == "ring":
            before = up.get(line["number"])
            if before is not None and _seconds(before, line) < before["limit_s"]:
                yield f"attempt {line['attempt_id']} rang while {before['attempt_id']} was up"
            up[line["number"]] = line
        elif line["kind"] == "end":
            up = {number: ring for number, ring in up.items() if ring["attempt_id"] != line["attempt_id"]}


def _seconds(first: dict[str, Any], second: dict[str, Any]) -> float:
    return (datetime.fromisoformat(second["at"]) - datetime.fromisoformat(first["at"])).total_seconds()


def _attempts(
    dials: Sequence[Row[Any]], goals: Sequence[Row[Any]], rung: Counter[str], answered: set[str], is_provable: bool
) -> Iterator[str]:
    """Every attempt is settled; what could not be is listed and not dialled again; no attempt tells a lie."""
    bucket = {row.id: row.bucket for row in goals}
    last = {row.call_id: row.id for row in dials}
    for row in dials:
        if row.state is not AttemptState.ENDED or row.lease_until is not None or row.owner is not None:
            yield f"attempt {row.id} is {row.state.value}, held until {row.lease_until}"
        is_listed = last[row.call_id] == row.id and bucket[row.call_id] is Bucket.UNSETTLED
        if row.disposition is Disposition.UNKNOWN and not is_listed:
            yield f"attempt {row.id} is unknown, its call is {bucket[row.call_id]} and its last attempt {last[row.call_id]}"
        is_silent = row.reason in NEVER_RANG or row.disposition is Disposition.CARRIER_FAILED
        if row.id in rung and is_silent:
            yield f"attempt {row.id} rang and says {row.disposition}: {row.reason}"
        if row.answered_at is not None and row.id not in answered:
            yield f"attempt {row.id} says that it was answered, the network does not"
        is_honest = row.disposition is Disposition.UNKNOWN and not is_provable
        if row.dialed_at is not None and row.id not in rung and not (is_silent or is_honest) and row.reason != "shutdown":
            yield f"attempt {row.id} never rang and says {row.disposition}: {row.reason}"


def _calls(goals: Sequence[Row[Any]], dials: Sequence[Row[Any]]) -> Iterator[str]:
    """Every call has come to rest, is nobody's, and counts its own dials."""
    made = Counter(row.call_id for row in dials if row.dialed_at is not None)
    for row in goals:
        if row.state not in (CallState.DONE, CallState.HELD) or row.owner is not None or row.lease_until is not None:
            yield f"call {row.id} is {row.state.value}, held until {row.lease_until}"
        if row.attempts_made != made[row.id]:
            yield f"call {row.id} counts {row.attempts_made} dials of {made[row.id]}"
