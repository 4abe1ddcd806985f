"""The queue on Postgres: claim and finish beside two queue libraries, in the same run on the same server.

Every job is nothing: what is measured is how one is taken and how its end is committed. Ours claims in batches with all that
a claim looks at (campaign, times, room, numbers that are being called, fairness), one statement each, and commits each end by
itself, as lanes do; the libraries run their own worker with a task that does nothing. Ours has 10 thousand, 100 thousand and a
million calls in the queue: the claim must not notice. Then what the dispatch of 1,000 calls costs in all: claim, every gate at
the claim and at the dial with its decision stored, the pace, the intent.

Run: ``make bench``, or ``python bench/queues.py [--jobs 1000] [--rows 10000,100000,1000000] [--rounds 3]``. Rates depend on the
machine; the ratios hold better. The server is that of ``DIALER_TEST_POSTGRES_URL``, or one that is started.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402  # the path comes first
from sqlalchemy import func, select, text  # noqa: E402

from dialer import wiring  # noqa: E402
from dialer.call.events import Permitted  # noqa: E402
from dialer.config import Settings  # noqa: E402
from dialer.model.call import Bucket, CallState  # noqa: E402
from dialer.model.disposition import Disposition  # noqa: E402
from dialer.operations import dispatch, folders, importing, scheduling  # noqa: E402
from dialer.operations.attempt import DatabaseJournal  # noqa: E402
from dialer.operations.dispatch import Pace  # noqa: E402
from dialer.operations.importing import ImportOptions  # noqa: E402
from dialer.store import migrate, queue  # noqa: E402
from dialer.store.schema import calls, contacts, decisions  # noqa: E402
from tests.support.services import Services, fresh_database, libpq_url, open_postgres  # noqa: E402

MONDAY = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)
HEADER = "phone,first_name,timezone,city,state,roof,consent,consent_at,consent_source"
AREAS = ("303", "970", "720", "719", "602", "480", "623", "520", "928", "404", "770", "678", "470", "912")


def settings_of(home: Path, url: str) -> Settings:
    """Settings of a workspace on that database."""
    return Settings(
        database_url=url,
        ledger_key="a key for benchmarks, and for nothing else",
        campaigns_dir=ROOT / "campaigns",
        simulation_journal=home / "phones.jsonl",
        clock_start=MONDAY,
        lane_calls=2000,
        voice_calls=5000,
    )


@contextmanager
def campaign_of(url: str, people: int) -> Iterator[Any]:
    """A workspace with an armed campaign of so many people."""
    with tempfile.TemporaryDirectory(prefix="dialer-queue-") as folder:
        settings = settings_of(Path(folder), url)
        migrate.upgrade(url, **wiring.key_of(settings))
        parts = wiring.build(settings)
        phones = [f"+1{area}55501{rest:02}" for area in AREAS for rest in range(100)][:people]
        rows = [f"{phone},Ann,America/Denver,Denver,CO,shingle,written,2026-11-02T12:00:00Z,web form" for phone in phones]
        file = Path(folder) / "contacts.csv"
        file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="ascii")
        campaign = folders.required_folder(settings, "solar-sales").campaign
        rich = campaign.model_copy(update={"budget": campaign.budget.model_copy(update={"per_day": None, "total": None})})
        importing.import_contacts(parts, rich, file, ImportOptions(), Path(folder) / "rejects.csv")
        scheduling.schedule(parts, "solar-sales", None, None, scheduling.NewLimits(concurrency=2000, cps=100.0))
        yield parts
        parts.store.close()


def multiply(parts: Any, rows: int) -> None:
    """Fill the queue up to so many calls, by the first contact as a pattern."""
    with parts.store.write() as tx:
        there = tx.execute(select(func.count()).select_from(calls)).scalar_one()
        names = [column.name for column in contacts.columns if column.name not in ("id", "phone", "row")]
        columns = ", ".join(f'"{name}"' for name in names)
        copied = ", ".join(f'pattern."{name}"' for name in names)
        tx.execute(
            text(
                f"INSERT INTO contacts (phone, \"row\", {columns}) SELECT '+1999' || lpad(n::text, 7, '0'), n, "
                f"{copied} "
                "FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n, "
                "(SELECT * FROM contacts ORDER BY id LIMIT 1) AS pattern"
            ),
            {"first": there + 1, "last": rows},
        )
        tx.execute(
            text(
                "INSERT INTO calls (campaign_id, contact_id, phone, state, due_at) SELECT campaign_id, id, phone, 'queued', :due "
                "FROM contacts WHERE NOT EXISTS (SELECT 1 FROM calls WHERE calls.contact_id = contacts.id)"
            ),
            {"due": MONDAY - timedelta(hours=1)},
        )
    with psycopg.connect(libpq_url(parts.settings.database_url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE calls")


def ours(parts: Any, jobs: int, batch: int) -> tuple[float, float]:
    """Claim and finish so many calls; calls per second, and the median of a claim in milliseconds."""
    with parts.store.read() as tx:
        campaign_id = tx.execute(select(calls.c.campaign_id).limit(1)).scalar_one()
    done, claims, began = 0, [], time.perf_counter()
    while done < jobs:
        asked = time.perf_counter()
        with parts.store.write() as tx:
            queue.lock_claims(tx)
            open_calls = queue.open_by_campaign(tx)
            until = datetime.now(UTC) + LEASE
            taken = queue.claim(tx, "bench", batch, MONDAY, until, {campaign_id: batch}, open_calls)
        claims.append((time.perf_counter() - asked) * 1000)
        for call in taken:
            with parts.store.write() as tx:
                queue.finish(tx, call.call_id, call.fence, Bucket.NOT_REACHED, Disposition.NO_ANSWER, None, MONDAY)
        done += len(taken)
    return done / (time.perf_counter() - began), statistics.median(claims)


async def procrastinate_of(url: str, jobs: int, concurrency: int) -> float:
    """Jobs per second of procrastinate's worker."""
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=libpq_url(url)))

    @app.task(name="nothing")
    async def nothing(number: int) -> None:
        """Nothing."""

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await nothing.batch_defer_async(*({"number": number} for number in range(jobs)))
        began = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=concurrency, install_signal_handlers=False)
        return jobs / (time.perf_counter() - began)


async def pgqueuer_of(url: str, jobs: int, batch: int) -> float:
    """Jobs per second of pgqueuer's worker."""
    import asyncpg
    from pgqueuer import AsyncpgDriver, PgQueuer
    from pgqueuer.queries import Queries
    from pgqueuer.types import QueueExecutionMode

    connection = await asyncpg.connect(libpq_url(url))
    try:
        driver = AsyncpgDriver(connection)
        queries = Queries(driver)
        await queries.install()
        worker = PgQueuer(driver)

        @worker.entrypoint("nothing")
        async def nothing(job: Any) -> None:
            """Nothing."""

        await queries.enqueue(["nothing"] * jobs, [None] * jobs, [0] * jobs)
        began = time.perf_counter()
        await worker.run(batch_size=batch, mode=QueueExecutionMode.drain)
        return jobs / (time.perf_counter() - began)
    finally:
        await connection.close()


def dispatch_cost(parts: Any, starts: int) -> tuple[float, float, int]:
    """Claim and start so many calls as a lane does; seconds, seconds of CPU here, and decisions stored."""

    async def steps(function: Any, *arguments: Any) -> Any:
        return function(*arguments)

    pace, done = Pace(1), 0
    began, cpu = time.perf_counter(), time.process_time()
    while done < starts:
        for work in dispatch.claim(parts, "bench", min(50, starts - done), pace):
            journal = DatabaseJournal(parts, work, pace, steps, "simulated")
            while isinstance(answer := journal._permit(), timedelta):
                parts.clock.move_to(parts.clock.now() + answer)
            pace.gone(work)
            assert isinstance(answer, Permitted), answer
            done += 1
        parts.clock.move_to(parts.clock.now() + timedelta(seconds=1))
    spent = (time.perf_counter() - began, time.process_time() - cpu)
    with parts.store.read() as tx:
        active = tx.execute(select(func.count()).select_from(calls).where(calls.c.state == CallState.ACTIVE)).scalar_one()
        asked = tx.execute(select(func.count()).select_from(decisions)).scalar_one()
    assert active == starts, active
    return (*spent, int(asked))


def compare(server: Any, jobs: int, sizes: Sequence[int], rounds: int) -> None:
    """Print everything: the best of the rounds, in each of which everybody has a turn: a busy machine only makes it slower."""
    rates: dict[tuple[str, str, int], list[float]] = {}
    claims: dict[tuple[str, str, int], list[float]] = {}
    with ExitStack() as stack:
        filled = {}
        for size in sizes:
            filled[size] = stack.enter_context(campaign_of(stack.enter_context(fresh_database(server)), 1))
            multiply(filled[size], size)
        with psycopg.connect(libpq_url(server.url), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        for _ in range(rounds):
            for size, parts in filled.items():
                for batch in (10, 100):
                    rate, claim_ms = ours(parts, jobs, batch)
                    rates.setdefault(("dialer", f"{size:,}", batch), []).append(rate)
                    claims.setdefault(("dialer", f"{size:,}", batch), []).append(claim_ms)
            for batch in (10, 100):
                with fresh_database(server) as url:
                    rate = asyncio.run(procrastinate_of(url, jobs, batch))
                    rates.setdefault(("procrastinate", f"{jobs:,}", batch), []).append(rate)
                with fresh_database(server) as url:
                    rate = asyncio.run(pgqueuer_of(url, jobs, batch))
                    rates.setdefault(("pgqueuer", f"{jobs:,}", batch), []).append(rate)
    print("| who | queued | batch or tasks at once | jobs per second | of dialer at most queued | claim ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for (who, size, batch), found in rates.items():
        base = max(rates["dialer", f"{sizes[-1]:,}", batch])
        claim_ms = f"{min(claims[who, size, batch]):.1f}" if who == "dialer" else ""
        print(f"| {who} | {size} | {batch} | {max(found):.0f} | {max(found) / base:.2f} | {claim_ms} |", flush=True)
    with fresh_database(server) as url, campaign_of(url, 1000) as parts:
        seconds, cpu_s, asked = dispatch_cost(parts, 1000)
    print(f"\nDispatch of 1,000 calls: {seconds:.1f} s, {cpu_s:.1f} s of CPU here, {asked} decisions stored")


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description="The queue on Postgres beside other queues.")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--rows", default="10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    services = Services()
    try:
        sizes = [int(size) for size in asked.rows.split(",")]
        compare(services.get("postgres", open_postgres), asked.jobs, sizes, asked.rounds)
        print(services.describe())
    finally:
        services.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
