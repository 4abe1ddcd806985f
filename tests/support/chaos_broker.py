"""A fleet whose broker is emptied again and again, whose messages come three times, and whose children die at a checkpoint."""

from __future__ import annotations

import json
import time
from pathlib import Path

import redis
from celery import Celery
from sqlalchemy import func, select

from dialer.store.schema import calls
from tests.acceptance.world import World, world
from tests.support.chaos import PLACES, deeds_in
from tests.support.chaos_books import balance
from tests.support.chaos_cells import CAMPAIGN, Cell, Outcome
from tests.support.chaos_watch import Watch, evidence

_LONG_S = 240.0
_COPIES = 3


def play_broker(home: Path, database_url: str, redis_url: str, cell: Cell, kills: int) -> Outcome:
    """Two workers and a beat, until the campaign is over; then the books."""
    began = time.monotonic()
    log = home / "deeds"
    job = {"at": PLACES[cell.place], "faults": cell.faults, "log": str(log), "most": kills}
    with world(home, database_url, redis_url, lease_s=5.0, settle_s=1.0, lane_calls=4, clock_speed=200.0) as scene:
        scene.arm(CAMPAIGN)
        with scene.parts.store.read() as tx:
            rows = tx.execute(select(func.count()).select_from(calls)).scalar_one()
        for name in ("first", "second"):
            command = ("celery", "-A", "tests.support.chaos_celery", "worker", "-n", f"{name}@chaos", "--loglevel=WARNING")
            scene.start(*command, CHAOS_JOB=json.dumps(job))
        scene.beat()
        watch = Watch(rows)
        with watch.looking(scene.settings), watch.alive():
            problems = _mistreat(scene, redis_url) + watch.problems
        books = balance(scene.parts.store, scene.journal_path, rows)
        evidence(scene.parts.store, home / "rows.jsonl")
    seen = (tuple(problems), str(home), watch.oldest_s, watch.looks)
    return Outcome(cell, deeds_in(log), books, time.monotonic() - began, *seen)


def _mistreat(scene: World, redis_url: str) -> list[str]:
    """Empty the broker, ring every doorbell three times, and again, until everything is done."""
    end = time.monotonic() + _LONG_S
    bell = Celery("bell", broker=redis_url, set_as_current=False)
    with redis.Redis.from_url(redis_url) as broker:
        turn = 0
        while not scene.is_done():
            if time.monotonic() > end:
                return [f"not done within {_LONG_S:.0f} s"]
            if turn % 8 == 0:
                broker.flushdb()
            for task, queue in (("dialer.lane", "lanes"), ("dialer.upkeep", "control")):
                for _ in range(_COPIES):
                    bell.send_task(task, queue=queue, expires=30)
            turn += 1
            time.sleep(0.25)
    return []
