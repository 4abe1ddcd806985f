"""What reports cost: the whole report of a campaign at two sizes, and the report over all campaigns on a million attempts.

Fills an SQLite database with contacts, attempts, talks of eight turns and leads, then measures in processes of their own: seconds
and the highest resident memory. Run: ``python bench/report.py [contacts] [attempts]`` (default 10000 and 1000000).
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from dialer.config import Settings
from dialer.model.call import AttemptState, Bucket, CallState
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.lead import Grade, Source
from dialer.operations import folders
from dialer.operations.overall import write_overall
from dialer.operations.report import write_report
from dialer.store import campaigns, migrate, schema
from dialer.store.engine import Tx, batches, open_store

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
CAMPAIGNS = Path(__file__).resolve().parents[1] / "campaigns"
EMPTY = ("external_id", "last_name", "name", "email", "company", "language", "country", "state", "postal_code", "caller_id")
SAID = (
    "Do you own your home?",
    "Yes, I do.",
    "How much is the bill?",
    "About 180 dollars.",
    "Shall we call?",
    "Is it expensive?",
)
QUOTE = {"turn_seq": 4, "quote": "About 180 dollars.", "at_ms": 4000}
ANSWERS = [{"name": "monthly_bill", "value": "180", "source": "tool", "evidence": QUOTE, "needs_review": False}]


def fill(path: Path, contacts: int, attempts_each: int, *, has_words: bool) -> None:
    """A campaign of so many contacts with so many attempts each, the last one a talk."""
    url = f"sqlite:///{path}"
    migrate.upgrade(url)
    store = open_store(url)
    campaign = folders.required_folder(Settings(campaigns_dir=CAMPAIGNS), "solar-sales").campaign
    with store.write() as tx:
        row = campaigns.save_version(tx, campaign, NOW)
        values = dict.fromkeys(("updated", "duplicates", "rejected", "held", "suppressed"), 0)
        texts = {"file_name": "contacts.csv", "file_hash": "x", "encoding": "utf-8", "delimiter": ",", "phone_column": "Phone"}
        counts = {"rows": contacts, "accepted": contacts, "by_code": {}, "imported_at": NOW, "header": ["Name", "Phone"]}
        tx.execute(insert(schema.imports).values(id=1, campaign_id=row.id, **values, **texts, **counts))
        for batch in batches(range(1, contacts + 1), 2000):
            put(tx, batch, row, attempts_each, has_words=has_words)
    store.close()


def put(tx: Tx, numbers: list[int], row: campaigns.CampaignRow, each: int, *, has_words: bool) -> None:
    """One batch of contacts with all that belongs to them."""
    people: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    dials: list[dict[str, Any]] = []
    empty = dict.fromkeys(EMPTY, "")
    for number in numbers:
        phone = f"+1212{number:07d}"
        cells = {"Name": f"Maria {number}", "Phone": phone}
        person = {"id": number, "campaign_id": row.id, "import_id": 1, "row": number + 1, "phone": phone, "cells": cells}
        person |= {"first_name": f"Maria {number}", "timezone": "America/New_York", "priority": 0, "variables": {}, "notes": []}
        people.append(person | empty | {"created_at": NOW, "updated_at": NOW})
        call = {"id": number, "campaign_id": row.id, "contact_id": number, "phone": phone, "state": CallState.DONE, "due_at": NOW}
        calls.append(call | {"bucket": Bucket.REACHED, "attempts_made": each, "disposition": Disposition.ANSWERED_HUMAN})
        dials += [dial(number, phone, index, each, row) for index in range(1, each + 1)]
    tx.execute(insert(schema.contacts), people)
    tx.execute(insert(schema.calls), calls)
    tx.execute(insert(schema.attempts), dials)
    if has_words:
        words(tx, numbers, each, row)


def dial(number: int, phone: str, index: int, each: int, row: campaigns.CampaignRow) -> dict[str, Any]:
    """One attempt; the last one of a contact is a talk."""
    is_talk = index == each
    at = NOW - timedelta(days=3, minutes=number % 600) + timedelta(hours=5 * index)
    return {
        "id": f"{number:024x}{index:08x}", "call_id": number, "campaign_id": row.id, "phone": phone, "number": index,
        "from_number": "+13035550160", "state": AttemptState.ENDED, "fence": index, "script_version_id": row.version_id,
        "carrier": "simulated", "dialed_at": at, "answered_at": at if is_talk else None, "ended_at": at,
        "disposition": Disposition.ANSWERED_HUMAN if is_talk else Disposition.NO_ANSWER,
        "outcome": (Outcome.INTERESTED if number % 3 else Outcome.NOT_INTERESTED) if is_talk else None,
        "answered_by": AnsweredBy.HUMAN if is_talk else None, "talk_s": 40.0 if is_talk else 0.0,
        "cost": Decimal("0.05" if is_talk else "0"),
        "answer_to_audio_ms": 20 + number % 900 if is_talk else None,
    }  # fmt: skip


def words(tx: Tx, numbers: list[int], each: int, row: campaigns.CampaignRow) -> None:
    """Talks, findings and leads."""
    turns: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    leads: list[dict[str, Any]] = []
    for number in numbers:
        attempt_id = f"{number:024x}{each:08x}"
        for seq, said in enumerate(SAID, 1):
            who = "callee" if seq % 2 == 0 else "agent"
            turn = {"attempt_id": attempt_id, "seq": seq, "speaker": who, "text": said, "generated": said, "item_id": ""}
            late = 300 + number % 700 if who == "agent" else None
            turns.append(turn | {"start_ms": seq * 1000, "end_ms": seq * 1000 + 900, "is_interrupted": False, "latency_ms": late})
        result = {"attempt_id": attempt_id, "campaign_id": row.id, "call_id": number, "quote": QUOTE, "answers": ANSWERS}
        outcome = {"outcome": Outcome.INTERESTED, "needs_review": False, "updated_at": NOW}
        found.append(result | outcome | {"source": Source.TOOL, "reasons": ["reported in the call"]})
        if number % 3:
            score = {"score": 30 + number % 70, "grade": list(Grade)[number % 3], "next_step": "Call", "due_at": NOW}
            why = [{"points": 30 + number % 70, "reason": "wants to hear more"}]
            leads.append(result | outcome | score | {"contact_id": number, "reasons": why})
    tx.execute(insert(schema.turns), turns)
    tx.execute(insert(schema.findings), found)
    tx.execute(insert(schema.leads), leads)


def measured(kind: str, path: Path, target: Path) -> None:
    """One report in this process; prints seconds and megabytes."""
    store = open_store(f"sqlite:///{path}")
    began = time.perf_counter()
    if kind == "one":
        write_report(store, "solar-sales", target, NOW)
    else:
        write_overall(store, target, NOW)
    seconds = time.perf_counter() - began
    store.close()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{seconds:.2f} {usage.ru_utime + usage.ru_stime:.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


def in_its_own_process(kind: str, path: Path, target: Path) -> list[str]:
    """Seconds, CPU seconds with the start of Python, and megabytes of one report."""
    command = [sys.executable, __file__, "--measure", kind, str(path), str(target)]
    environ = {**os.environ, "PYTHONPATH": str(CAMPAIGNS.parent)}
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
    return found.stdout.split()


def main(contacts: int, attempts: int) -> None:
    """Print the table."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, SQLite")
    print(f"{'report':<34} {'seconds':>8} {'CPU s':>8} {'MB':>6} {'page kB':>8}")
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        for count in (contacts // 5, contacts):
            path, target = home / f"{count}.db", home / f"report-{count}"
            fill(path, count, 2, has_words=True)
            seconds, cpu, memory = in_its_own_process("one", path, target)
            size = (target / "report.html").stat().st_size // 1000
            print(f"{f'{count:,} contacts, all files':<34} {seconds:>8} {cpu:>8} {memory:>6} {size:>8}", flush=True)
            path.unlink()
        path, target = home / "many.db", home / "all"
        fill(path, attempts // 5, 5, has_words=False)
        seconds, cpu, memory = in_its_own_process("all", path, target)
        size = (target / "report.html").stat().st_size // 1000
        print(f"{f'{attempts:,} attempts, --all':<34} {seconds:>8} {cpu:>8} {memory:>6} {size:>8}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measured(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main(*(int(item) for item in (sys.argv[1:] + ["10000", "1000000"][len(sys.argv) - 1 :])))
