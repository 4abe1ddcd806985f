"""Many calls at once in one worker process, in real time: what a lane costs, and whether it keeps up.

A lane works on its own uvloop loop with its own SQLite database, exactly as in a campaign; the phones are simulated people who
agree to everything, the voice model is the stand-in behind a real WebSocket. Measured twice: with the stand-in in the same
process (all parts of a demo), and with the stand-in in a process of its own (what a worker costs whose model is a service).
The difference between the two worker figures is the stand-in; the phones alone are measured by ``bench/phones.py``.

Run: ``python bench/calls.py [calls] [seconds]``. On a machine that does other things too, frames are late because there is no
core for this process: the table says how long it was ready and had to wait. CPU per call-minute holds all the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import os
import platform
import resource
import statistics
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.operations import folders, importing, scheduling
from dialer.operations.importing import ImportOptions
from dialer.operations.lane import run_lane
from dialer.operations.parts import Lines, Parts
from dialer.simulation.model.server import serve_model
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from dialer.store import migrate
from dialer.store.engine import open_store
from dialer.store.schema import attempts, turns
from dialer.voice.openai import OpenAIVoice

ROOT = Path(__file__).resolve().parents[1]
MONDAY = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
AREAS = {"212": "America/New_York", "312": "America/Chicago", "303": "America/Denver", "206": "America/Los_Angeles"} | {
    "617": "America/New_York",
    "713": "America/Chicago",
    "602": "America/Phoenix",
    "404": "America/New_York",
}
SETTLING_S = 12.0
FRAME_S = 0.02


class MondayClock(SystemClock):
    """Real time, moved to a Monday at noon: calling hours are open whenever this runs."""

    is_simulated = True

    def __init__(self) -> None:
        self._began_s = time.monotonic()

    def now(self) -> datetime:
        """The moved instant."""
        return MONDAY + timedelta(seconds=time.monotonic() - self._began_s)


class Drain(threading.Event):
    """Asks the lane to stop claiming."""

    def is_urgent(self) -> bool:
        """Calls may end by themselves."""
        return False


@dataclass
class Watch:
    """What is sampled while the lane runs."""

    late: list[float] = field(default_factory=list)
    idle_kb: int = 0
    began_at: datetime = MONDAY
    ended_at: datetime = MONDAY
    cpu_s: float = 0.0
    starved_s: float = 0.0
    peak_kb: int = 0
    measured_ticks: int = 0


def campaign_folder(folder: Path, calls: int, contacts: int) -> Path:
    """The sales example with room for so many calls, and a list of people."""
    home = folder / "campaigns" / "load"
    home.mkdir(parents=True)
    text = (ROOT / "campaigns" / "solar-sales" / "campaign.toml").read_text(encoding="utf-8")
    for old, new in (
        ('name = "solar-sales"', 'name = "load"'),
        ("concurrency = 25", f"concurrency = {calls}"),
        ("cps = 5", "cps = 25"),
        ("total = 75", "total = 100000"),
        ("per_day = 50", "per_day = 100000"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    (home / "campaign.toml").write_text(text, encoding="utf-8")
    (home / "script.md").write_text(
        (ROOT / "campaigns" / "solar-sales" / "script.md").read_text(encoding="utf-8"), encoding="utf-8"
    )
    rows = [
        f"Ann{number},{area}-555-{100 + number % 100:04},{zone},Denver,shingle,written,2026-11-02,web form"
        for area, zone in AREAS.items()
        for number in range(100)
    ]
    header = "first_name,phone,timezone,city,roof,consent,consent_at,consent_source"
    (home / "contacts.csv").write_text("\n".join([header, *rows[:contacts]]) + "\n", encoding="utf-8")
    return home


def serve_elsewhere(pipe: Connection) -> None:
    """The stand-in model in a process of its own; tells its address, and at the end its CPU seconds."""

    async def main() -> None:
        server = await serve_model()
        pipe.send(server.url)
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        await server.close()

    with asyncio.Runner(loop_factory=SystemClock().new_event_loop) as runner:
        runner.run(main())
    pipe.send(time.process_time())


def waited_s(thread: int) -> float:
    """Seconds that a thread of this process was ready to run and got no core, since it began (Linux; 0 elsewhere)."""
    path = Path(f"/proc/self/task/{thread}/schedstat")
    return int(path.read_text(encoding="ascii").split()[1]) / 1e9 if path.exists() else 0.0


def resident_kb() -> int:
    """Memory of this process that is resident now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() // 1024


def run(folder: Path, calls: int, seconds: int, url: str, watch: Watch) -> list[Any]:
    """Run a lane with so many calls at once; the rows of its attempts."""
    settings = Settings(
        database_url=f"sqlite:///{folder / 'load.db'}", campaigns_dir=folder / "campaigns", lane_calls=calls, simulation_seed=1
    )
    migrate.upgrade(settings.database_url)
    clock = MondayClock()
    store = open_store(settings.database_url)
    person = Person("Ann", persona="agrees", facts={"roof": "shingle"})
    ready = threading.Event()

    async def open_lines() -> Lines:
        carrier = SimulatedCarrier(1, folder / "phones.jsonl", lambda _: person, clock=clock)
        server = None if url else await serve_model()
        voice = OpenAIVoice(url or (server.url if server else ""), "stand-in")
        watch.idle_kb = resident_kb()
        watch_ticks(carrier, watch)
        ready.set()

        async def close() -> None:
            await carrier.close()
            await voice.close()
            if server is not None:
                await server.close()

        return Lines(carrier, voice, close)

    parts = Parts(settings, clock, store, open_lines)
    source = folders.required_folder(settings, "load")
    importing.import_contacts(parts, source.campaign, source.contacts_path, ImportOptions(), folder / "rejects.csv")
    scheduling.schedule(parts, "load", None, None)
    drain = Drain()
    meter = (threading.get_native_id(), seconds, clock, watch, ready, drain)
    sampler = threading.Thread(target=sample, args=meter, daemon=True)
    sampler.start()
    run_lane(parts, "bench", drain)
    sampler.join()
    with store.read() as tx:
        rows = list(tx.execute(sa.select(attempts)).all())
        watch_turns = [row.latency_ms for row in tx.execute(sa.select(turns.c.latency_ms)).all() if row.latency_ms is not None]
    store.close()
    return [rows, watch_turns]


def sample(loop_thread: int, seconds: int, clock: MondayClock, watch: Watch, ready: threading.Event, drain: Drain) -> None:
    """Measure for so many seconds once the calls have settled in, then let the lane drain."""
    ready.wait()
    time.sleep(SETTLING_S)
    watch.late.clear()
    cpu_s, starved_s, watch.began_at = time.process_time(), waited_s(loop_thread), clock.now()
    for _ in range(seconds * 2):
        time.sleep(0.5)
        watch.peak_kb = max(watch.peak_kb, resident_kb())
    watch.cpu_s, watch.ended_at = time.process_time() - cpu_s, clock.now()
    watch.starved_s = waited_s(loop_thread) - starved_s
    watch.measured_ticks = len(watch.late)
    drain.set()


def watch_ticks(carrier: SimulatedCarrier, watch: Watch) -> None:
    """Note how late each 20 ms tick of the network comes, beside the legs."""
    loop = asyncio.get_running_loop()
    due_s = loop.time() + FRAME_S

    def tick() -> None:
        nonlocal due_s
        watch.late.append(max(loop.time() - due_s, 0.0))
        due_s += FRAME_S

    carrier.ticker.add(watch_ticks, tick)


def talking_minutes(rows: list[Any], watch: Watch) -> float:
    """Minutes of answered call within the measured time."""
    total = timedelta()
    for row in rows:
        if row.answered_at is not None and row.ended_at is not None:
            total += max(min(row.ended_at, watch.ended_at) - max(row.answered_at, watch.began_at), timedelta())
    return total.total_seconds() / 60


def share(values: list[float], part: float) -> float:
    """The value below which this part of all values lies."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)] if values else float("nan")


def measure(calls: int, seconds: int, *, is_model_apart: bool) -> list[tuple[str, str]]:
    """One run, as lines of a table."""
    logging.disable(logging.CRITICAL)
    watch, model_cpu_s, url = Watch(), 0.0, ""
    here, there = multiprocessing.get_context("spawn").Pipe()
    model = multiprocessing.get_context("spawn").Process(target=serve_elsewhere, args=(there,), daemon=True)
    if is_model_apart:
        model.start()
        url = here.recv()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # A call lasts some 25 s and rings for some 5: so many people are needed for the whole time.
        campaign_folder(folder, calls, min(800, round(calls * (seconds + SETTLING_S) / 20) + calls))
        rows, latencies = run(folder, calls, seconds, url, watch)
        lines = (folder / "phones.jsonl").read_text(encoding="utf-8").splitlines()
    if is_model_apart:
        here.send("done")
        model_cpu_s = here.recv()
        model.join()
    ends = [line for line in map(json.loads, lines) if line["kind"] == "end" and line.get("heard")]
    first = [float(line["heard"][0]["start_ms"]) for line in ends]
    heard = [utterance for line in ends for utterance in line["heard"]]
    minutes = talking_minutes(rows, watch)
    wall_min = (watch.ended_at - watch.began_at).total_seconds() / 60
    grown_kb = watch.peak_kb - watch.idle_kb
    lags = watch.late[: watch.measured_ticks]
    late = sum(lag > FRAME_S for lag in lags)
    table = [
        ("calls at once: talking, on average", f"{minutes / wall_min:.1f}"),
        ("attempts, disposition answered by a human", f"{len(rows)}, {sum(row.disposition == 'answered_human' for row in rows)}"),
        ("CPU of the worker per call-minute", f"{watch.cpu_s / minutes * 1e3:.0f} ms"),
        ("CPU of the worker, of one core", f"{watch.cpu_s / (wall_min * 60):.0%}"),
        ("ready to run, but no core was free", f"{watch.starved_s / (wall_min * 60):.0%} of the time"),
        (
            "memory: idle, peak, per call",
            f"{watch.idle_kb / 1024:.0f} MB, {watch.peak_kb / 1024:.0f} MB, {grown_kb / calls:.0f} kB",
        ),
        ("answer to first audio at the phone: p50, p95", f"{share(first, 0.5):.0f} ms, {share(first, 0.95):.0f} ms"),
        ("our turn after theirs: p50, p95", f"{share(latencies, 0.5):.0f} ms, {share(latencies, 0.95):.0f} ms"),
        ("ticks of 20 ms, later than a frame, worst", f"{len(lags)}, {late}, {max(lags, default=0) * 1e3:.0f} ms"),
        ("utterances heard, damaged", f"{len(heard)}, {sum(utterance['is_damaged'] for utterance in heard)}"),
    ]
    if is_model_apart:
        table.append(("CPU of the stand-in model, whole run", f"{model_cpu_s:.1f} s"))
    return table


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("calls", nargs="?", type=int, default=50)
    options.add_argument("seconds", nargs="?", type=int, default=60)
    asked = options.parse_args()
    calls, seconds = asked.calls, asked.seconds
    load = statistics.mean(os.getloadavg()[:1])
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, load before {load:.1f}")
    print(f"{calls} calls at once for {seconds} s, in real time")
    modes = (("stand-in model in the same process", False), ("stand-in model in another process", True))
    for title, is_model_apart in modes:
        print(f"-- {title}")
        # A fresh process for each: the memory that one run leaves behind is not the next one's baseline.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            table = pool.submit(measure, calls, seconds, is_model_apart=is_model_apart).result()
        for what, figure in table:
            print(f"{what:<48}{figure:>28}", flush=True)


if __name__ == "__main__":
    main()
