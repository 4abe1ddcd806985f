"""A long contact file into SQLite and into Postgres, beside the same rows stored bare: without validation, gates or calls.

The file has ten columns, numbers in five forms over twelve areas, one bad number in a hundred and one duplicate in a thousand.
Each line of the table is a process of its own, so that its peak memory is its own: "bare" copies the file's own bytes (COPY) or
the rows of ``csv.reader`` (executemany) into a table of texts; "read" reads and judges every row and stores nothing; "import" is
``dialer import``, while another writer looks in ten times a second and its longest wait is told. Postgres:
``DIALER_TEST_POSTGRES_URL``, else the server that the tests find or start.

Run: ``python bench/import.py [rows]`` (default: a million). On a machine that does other things too look at the CPU seconds.
"""

from __future__ import annotations

import sys
from pathlib import Path

# ruff: noqa: E402  # the way to the modules has to be mended first
ROOT = Path(__file__).resolve().parents[1]
sys.path.pop(0)  # programs beside this one are called like parts of the standard library
sys.path.insert(0, str(ROOT))

import argparse
import csv
import os
import platform
import random
import resource
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context

import psycopg
from pydantic import SecretStr
from sqlalchemy import text

from dialer import wiring
from dialer.config import Settings
from dialer.intake.columns import map_columns
from dialer.intake.reader import open_table
from dialer.intake.rows import read_contacts
from dialer.model.contact import Contact
from dialer.operations import folders, importing
from dialer.operations.parts import Parts
from dialer.store import migrate
from tests.support.services import fresh_database, libpq_url, open_postgres

CAMPAIGNS = ROOT / "campaigns"
AREAS = ("212", "312", "303", "602", "404", "718", "206", "415", "617", "702", "773", "216")
FORMS = ("+1{}{}{}", "({}) {}-{}", "{}-{}-{}", "1{}{}{}", "{}.{}.{}")
HEADER = "external_id,first_name,last_name,phone,city,timezone,inquiry_on,consent,consent_at,consent_source"
COLUMNS = HEADER.count(",") + 1
LEDGER_KEY = "a key for benchmarks, and for nothing else"


def write_file(path: Path, rows: int) -> None:
    """The file to import: the same for the same number of rows."""
    chance = random.Random(rows)
    taken: set[int] = set()
    area, number = "", 0
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER + "\n")
        for row in range(rows):
            if row % 1000 != 999:  # that one repeats the number of the row before it
                number = chance.randrange(200, 1000) * 10_000 + chance.randrange(10_000)
                area = AREAS[row % len(AREAS)]
                while (key := int(area) * 10_000_000 + number) in taken:
                    number = (number + 7919) % 8_000_000 + 2_000_000
                taken.add(key)
            phone = FORMS[row % 5].format(area, f"{number // 10_000:03}", f"{number % 10_000:04}")
            phone = "1.21256E+10" if row % 100 == 50 else phone
            day = f"2026-11-{1 + row % 20:02}"
            out.write(f"L-{row},First{row % 997},Last{row % 773},{phone},Denver,America/Denver,{day},written,{day},web form\n")


def bare_copy(path: Path, url: str) -> int:
    """The file's bytes into a table of texts."""
    with psycopg.connect(libpq_url(url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (" + ", ".join(f"c{index} text" for index in range(COLUMNS)) + ")")
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy, path.open("rb") as source:
            while chunk := source.read(1 << 16):
                copy.write(chunk)
        return int(cursor.execute("SELECT count(*) FROM bare").fetchone()[0])  # type: ignore[index]  # count has a row


def bare_rows(path: Path, file: str) -> int:
    """The rows of the file into a table of texts."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE bare (" + ", ".join(f"c{index} text" for index in range(COLUMNS)) + ")")
    with path.open(encoding="utf-8", newline="") as source, connection:
        lines = csv.reader(source)
        next(lines)
        done = connection.executemany("INSERT INTO bare VALUES (" + ", ".join("?" * COLUMNS) + ")", lines)
    return done.rowcount


def read_only(path: Path, _: str) -> int:
    """Every row read and judged, nothing stored."""
    campaign = folders.read_folder(CAMPAIGNS / "solar-sales").campaign
    with path.open("rb") as source:
        table = open_table(source)
        results = read_contacts(table, map_columns(table.header, campaign.variables), campaign)
        return sum(isinstance(result, Contact) or bool(result.code) for result in results)


def import_into(path: Path, url: str) -> int:
    """What ``dialer import`` does."""
    migrate.upgrade(url)
    parts = wiring.build(Settings(database_url=url, campaigns_dir=CAMPAIGNS, ledger_key=SecretStr(LEDGER_KEY)))
    campaign = folders.required_folder(parts.settings, "solar-sales").campaign
    with waiting(parts) as waits_s:
        summary = importing.import_contacts(parts, campaign, path, importing.ImportOptions(), path.with_name("rejects.csv"))
    assert summary.rows == summary.accepted + summary.updated + summary.duplicates + summary.rejected
    counts = (
        f"{summary.accepted:,} accepted ({summary.held:,} held), {summary.duplicates:,} duplicates, {summary.rejected:,} rejected"
    )
    print(f"  {counts}; another writer waited {max(waits_s):.1f} s at the most", file=sys.stderr)
    return summary.rows


@contextmanager
def waiting(parts: Parts) -> Iterator[list[float]]:
    """How long each transaction of another writer took, ten of them a second, until the end of the block."""
    waits_s, is_over = [0.0], threading.Event()

    def write() -> None:
        while not is_over.wait(0.1):
            began = time.perf_counter()
            with parts.store.write() as tx:
                tx.execute(text("UPDATE lanes SET live_calls = live_calls"))
            waits_s.append(time.perf_counter() - began)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield waits_s
    finally:
        is_over.set()
        writer.join()


def measured(work: Callable[[Path, str], int], path: Path, place: str) -> tuple[int, float, float, float]:
    """Rows, seconds, CPU seconds and peak megabytes of this process."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    rows = work(path, place)
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return rows, wall_s, cpu_s, _peak_mb()


def _peak_mb() -> float:
    """The most memory of this process; ``ru_maxrss`` would count its parent's, too."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("count", nargs="?", type=int, default=1_000_000)
    count = options.parse_args().count
    load = os.getloadavg()[0]
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, load before {load:.1f}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = folder / "contacts.csv"
        write_file(path, count)
        server = open_postgres()
        stack.callback(server.stop)
        postgres = stack.enter_context(fresh_database(server))
        print(f"{count:,} rows, {path.stat().st_size / 1e6:.0f} MB\n\n| what | rows | seconds | rows/s | CPU s | peak MB |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for name, work, place in (
            ("bare COPY, Postgres", bare_copy, postgres),
            ("bare executemany, SQLite", bare_rows, str(folder / "bare.db")),
            ("import into Postgres", import_into, postgres),
            ("import into SQLite", import_into, f"sqlite:///{folder}/dialer.db"),
            ("read and judged, not stored", read_only, ""),
        ):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
                rows, wall_s, cpu_s, peak_mb = alone.submit(measured, work, path, place).result()
            print(f"| {name} | {rows:,} | {wall_s:.1f} | {rows / wall_s:,.0f} | {cpu_s:.1f} | {peak_mb:.0f} |", flush=True)


if __name__ == "__main__":
    main()
