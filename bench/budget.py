"""Many simulated calls under a budget, with several worker processes: what was spent, and whether it was ever too much.

Ten thousand people are called in simulated time; some talk, most do not. The budget is enough for a part of them: the campaign
stops by itself, is given more, goes on, and stops again. All the while another process adds up what is settled and what is
reserved, in one reading of the database. What is reserved is the most that the calls in progress may still cost (the live tail),
so the budget holds if the sum never exceeds it.

Run: ``python bench/budget.py [--calls 10000] [--workers 3] [--database URL]``. Exit code 1 when it was exceeded.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import phonenumbers

from dialer import wiring
from dialer.config import Settings
from dialer.dialing import prices
from dialer.model.call import Bucket, CampaignStatus
from dialer.operations import dispatch, folders, importing, scheduling
from dialer.operations.importing import ImportOptions
from dialer.operations.lane import run_lane
from dialer.operations.parts import Lines
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from dialer.store import campaigns, migrate, money, overview, queue

ROOT = Path(__file__).resolve().parents[1]
NAME = "solar-sales"
HEADER = "phone,first_name,timezone,city,state,roof,consent,consent_at,consent_source"
TALKS_EVERY = 20
"""One person in so many talks; the others are busy, do not answer, or hang up at once."""
_TYPICAL = Decimal("0.008")
"""What a call costs here on average; a budget of three quarters of it must not last to the end."""
_QUIET = ("busy", "no_answer", "invalid_number", "hangs_up_early")


def numbers(count: int) -> list[str]:
    """Numbers that are nobody's: 555-0100 to 555-0199 of every area code of the United States."""
    found = []
    for area in range(201, 990):
        first = phonenumbers.parse(f"+1{area}5550100")
        if phonenumbers.region_code_for_number(first) == "US":
            found += [f"+1{area}55501{rest:02}" for rest in range(100)]
    return found[:count]


def person(phone: str) -> Person:
    """Who has this number."""
    nth = int(phone[2:5]) * 100 + int(phone[-2:])
    return Person("Ann", persona="agrees" if nth % TALKS_EVERY == 0 else _QUIET[nth % len(_QUIET)], facts={"roof": "shingle"})


def settings_of(home: Path, url: str) -> dict[str, Any]:
    """Settings of every process, as JSON."""
    return {
        "database_url": url or f"sqlite:///{home / 'dialer.db'}",
        "ledger_key": "a key for benchmarks, and for nothing else",
        "campaigns_dir": str(ROOT / "campaigns"),
        "simulation_journal": str(home / "phones.jsonl"),
        "reports_dir": str(home / "reports"),
        "clock_start": datetime(2026, 11, 23, 18, 0, tzinfo=UTC).isoformat(),
        "lane_calls": 20,
    }


class UntilNothingIsLeft:
    """Asks to drain when no call may be claimed."""

    def __init__(self, parts: Any) -> None:
        self._parts = parts
        self._looked_s = 0.0
        self._is_done = False

    def is_set(self) -> bool:
        """The campaign has stopped, or is through."""
        if time.monotonic() - self._looked_s > 0.5:
            self._looked_s = time.monotonic()
            self._is_done = self._is_done or dispatch.is_all_done(self._parts)
        return self._is_done

    def is_urgent(self) -> bool:
        """Nobody is in a hurry."""
        return False


def work(given: dict[str, Any], node: str) -> None:
    """One worker process, until nothing is left to claim."""
    parts = wiring.build(Settings(**given))

    async def open_lines() -> Lines:
        lines = await wiring.open_lines(parts.settings, parts.store, parts.clock)
        return replace(lines, carrier=SimulatedCarrier(1, parts.settings.simulation_journal, person, clock=parts.clock))

    drain = UntilNothingIsLeft(parts)
    while not drain.is_set():  # a lane grows old; the next one takes its place
        run_lane(replace(parts, open_lines=open_lines), node, drain)
    parts.store.close()


@dataclass
class Ledger:
    """What the looks on the way have seen."""

    looks: int = 0
    most: Decimal = Decimal(0)
    """Settled and reserved, at the look at which it was most."""
    tail: Decimal = Decimal(0)
    """Reserved, at the look at which it was most."""

    def look(self, parts: Any) -> None:
        """Add up settled and reserved in one reading."""
        with parts.store.read() as tx:
            row = campaigns.find(tx, NAME)
            assert row is not None
            account = money.account(tx, row.id, parts.clock.now())
        self.looks += 1
        self.most = max(self.most, account.total + account.reserved)
        self.tail = max(self.tail, account.reserved)


def run_until_it_stops(parts: Any, given: dict[str, Any], workers: int) -> Ledger:
    """Worker processes side by side until the campaign stops; what was seen meanwhile."""
    ledger, spawn = Ledger(), multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=work, args=(given, f"node-{number}")) for number in range(workers)]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        ledger.look(parts)
        time.sleep(0.1)
    for process in processes:
        process.join()
        assert process.exitcode == 0, process.exitcode
    ledger.look(parts)
    return ledger


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description="Many simulated calls under a budget.")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--database", default="", help="Postgres, empty; default: an SQLite file of its own")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dialer-budget-") as folder:
        return measure(Path(folder), asked.calls, asked.workers, asked.database)


def measure(home: Path, calls: int, workers: int, url: str) -> int:
    """Call everybody, with half of what it would cost and then with a quarter more."""
    began, given = time.monotonic(), settings_of(home, url)
    settings = Settings(**given)
    migrate.upgrade(settings.database_url, **wiring.key_of(settings))
    parts = wiring.build(settings)
    contacts = home / "contacts.csv"
    rows = [f"{phone},Ann,America/Denver,Denver,CO,shingle,written,2026-11-02T12:00:00Z,web form" for phone in numbers(calls)]
    contacts.write_text("\n".join([HEADER, *rows]) + "\n", encoding="ascii")
    campaign = folders.required_folder(settings, NAME).campaign
    stored = campaign.model_copy(update={"budget": campaign.budget.model_copy(update={"per_day": None}), "redial": {}})
    report = importing.import_contacts(parts, stored, contacts, ImportOptions(), home / "rejects.csv")
    reserve = prices.worst_case(stored, settings.voice_model, settings.carrier)
    budgets = [(_TYPICAL * calls * share / 4 + reserve).quantize(Decimal("0.01")) for share in (2, 3)]
    print(f"{report.accepted} people, {workers} worker processes, {parts.store.dialect}; one call may cost {reserve:.2f} at most")
    is_broken = False
    for budget in budgets:
        limits = scheduling.NewLimits(concurrency=60, cps=100.0, budget=budget)
        scheduling.schedule(parts, NAME, None, None, limits)
        ledger = run_until_it_stops(parts, given, workers)
        with parts.store.read() as tx:
            row = campaigns.find(tx, NAME)
            assert row is not None
            counts, figures = queue.counts(tx, row.id), overview.figures(tx)[row.id]
        is_broken |= ledger.most > budget or figures.spent > budget or sum(counts.values()) != report.accepted
        print(
            f"budget {budget}: spent {figures.spent:.2f} in {figures.dialed} dials; settled and reserved at most "
            f"{ledger.most:.2f}, reserved at most {ledger.tail:.2f} ({ledger.looks} looks); "
            f"{counts.get(Bucket.WAITING, 0)} calls wait, the campaign is {row.status.value} ({row.status_reason})"
        )
        if row.status is not CampaignStatus.PAUSED:
            print("the budget was not reached")
    parts.store.close()
    print(json.dumps({"is_exceeded": is_broken, "seconds": round(time.monotonic() - began), "machine": platform.machine()}))
    return 1 if is_broken else 0


if __name__ == "__main__":
    sys.exit(main())
