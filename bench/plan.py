"""What the dry run of a long list costs: ``python bench/plan.py [contacts]`` (default 20000).

Imports so many people of the sales example, numbers of ten states, into an SQLite database, and plans them in a process of its
own: seconds by the clock and of CPU, and the highest resident memory.
"""

from __future__ import annotations

import csv
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dialer import wiring
from dialer.config import Settings
from dialer.operations import folders, importing, plan
from dialer.store import migrate

CAMPAIGNS = Path(__file__).resolve().parents[1] / "campaigns"
NAME = "solar-sales"
AREAS = {"NY": (212, 646, 718), "IL": (312, 773), "WA": (206, 253), "AZ": (602, 480), "CO": (303, 720)}
AREAS |= {"MA": (617, 857), "PA": (215, 267), "GA": (404, 678), "FL": (305, 786), "TX": (214, 972, 713)}


def contacts(path: Path, count: int) -> None:
    """A file of so many people, each with a number of their own."""
    with (CAMPAIGNS / NAME / "contacts.csv").open(encoding="utf-8", newline="") as source:
        header, first, *_ = csv.reader(source, delimiter=";")
    areas = [(state, area) for state, codes in AREAS.items() for area in codes]
    at = {name: header.index(name) for name in ("Lead ID", "Mobile Phone", "State", "Time Zone")}
    with path.open("w", encoding="utf-8", newline="") as target:
        out = csv.writer(target)
        out.writerow(header)
        for number in range(count):
            state, area = areas[number % len(areas)]
            row = list(first)
            row[at["Lead ID"]], row[at["State"]], row[at["Time Zone"]] = f"L-{number}", state, ""
            row[at["Mobile Phone"]] = f"+1{area}{300 + number // len(areas) // 100 % 200}{number // len(areas) % 100:02d}00"
            out.writerow(row)


def measured(url: str) -> None:
    """Plan, in this process."""
    parts = wiring.build(Settings(database_url=url, campaigns_dir=CAMPAIGNS))
    began, cpu = time.perf_counter(), time.process_time()
    found = plan.plan(parts, NAME)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(found.calls):9d} {found.most_dials:9d} {took:9.1f} {used:9.1f} {peak:9.0f}")
    parts.store.close()


def main(count: int) -> None:
    """Import, measure, print one table."""
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/dialer.db"
        migrate.upgrade(url)
        parts = wiring.build(Settings(database_url=url, campaigns_dir=CAMPAIGNS))
        folder = folders.required_folder(parts.settings, NAME)
        contacts(Path(scratch) / "contacts.csv", count)
        options = importing.ImportOptions()
        importing.import_contacts(parts, folder.campaign, Path(scratch) / "contacts.csv", options, Path(scratch) / "rejects.csv")
        parts.store.close()
        print(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
        print(f"{'to call':>9} {'at most':>9} {'seconds':>9} {'CPU s':>9} {'MiB':>9}", flush=True)
        subprocess.run([sys.executable, __file__, "--measure", url], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measured(sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
