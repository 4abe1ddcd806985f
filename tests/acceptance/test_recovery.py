"""Processes die at any moment, databases and brokers go away: no phone rings twice for one attempt, no call is lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dialer.model.call import AttemptState
from tests.acceptance.world import LONG_S, PATIENCE_S, Door, World, world

pytestmark = pytest.mark.timeout(PATIENCE_S)
SALES = "solar-sales"
PEOPLE = 16
"""Rows of the list; twelve of them are called."""


def killed_when(scene: World, is_so: Callable[[], object], what: str) -> None:
    """``dialer run``, killed without a word at a moment when something is the case and an attempt is open."""
    process = scene.start("dialer", "run")
    scene.freeze(process, lambda: is_so() and scene.open_attempts(), what)
    process.kill()
    process.wait(10)


def test_killed_again_and_again(tmp_path: Path, database_url: str) -> None:
    with world(tmp_path, database_url, clock_speed=60.0) as scene:
        scene.arm(SALES, most=PEOPLE)
        killed_when(scene, scene.open_attempts, "the first intent to dial")
        killed_when(scene, lambda: scene.open_attempts(AttemptState.LIVE) >= 2, "two conversations")
        before = scene.rings()
        killed_when(scene, lambda: scene.rings() >= before + 6, "six more rings")
        assert scene.open_attempts() > 0
        scene.ends_well(scene.start("dialer", "run", DIALER_CLOCK_SPEED="0"))
        scene.check_books()
        assert scene.is_done()


def test_a_drained_run_finishes_its_calls_and_the_next_one_goes_on(tmp_path: Path, sqlite_url: str) -> None:
    with world(tmp_path, sqlite_url, clock_speed=60.0) as scene:
        scene.arm(SALES, most=PEOPLE)
        process = scene.start("dialer", "run")
        scene.until(lambda: scene.open_attempts(AttemptState.LIVE) >= 3, "three conversations")
        process.send_signal(signal.SIGTERM)
        scene.ends_well(process)
        assert scene.open_attempts() == 0
        ends = {line["attempt_id"]: line["hangup_cause"] for line in scene.journal("end")}
        assert len(ends) == scene.rings()
        assert "Originator cancelled (487)" not in ends.values(), "no phone that rang was given up"
        scene.ends_well(scene.start("dialer", "run", DIALER_CLOCK_SPEED="0"))
        scene.check_books()


def test_asked_twice_a_run_ends_at_once_and_the_next_one_settles(tmp_path: Path, sqlite_url: str) -> None:
    with world(tmp_path, sqlite_url, clock_speed=5.0) as scene:
        scene.arm(SALES, most=PEOPLE)
        process = scene.start("dialer", "run")
        scene.until(lambda: scene.open_attempts(AttemptState.LIVE) >= 2, "two conversations")
        process.send_signal(signal.SIGTERM)
        scene.until(lambda: "draining" in scene.said_by(process), "that the first signal was heard")
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG_S) != 0, "it drained"
        assert scene.open_attempts() > 0
        scene.ends_well(scene.start("dialer", "run", DIALER_CLOCK_SPEED="0"))
        scene.check_books()


def test_a_worker_drains_though_its_whole_group_is_signalled(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    with world(tmp_path, postgres_url, redis_url, clock_speed=60.0) as scene:
        scene.arm(SALES, most=PEOPLE)
        worker = scene.worker("drained")
        scene.until(lambda: scene.open_attempts(AttemptState.LIVE) >= 3, "three conversations")
        os.killpg(worker.pid, signal.SIGTERM)
        scene.ends_well(worker)
        assert scene.open_attempts() == 0
        assert len(scene.journal("end")) == scene.rings()
        assert scene.lane_pids() == set()
        impatient = scene.worker("impatient")
        scene.until(lambda: scene.open_attempts(AttemptState.LIVE), "a conversation of the next worker")
        impatient.send_signal(signal.SIGTERM)
        scene.until(lambda: "Warm shutdown" in scene.said_by(impatient), "that the first signal was heard")
        impatient.send_signal(signal.SIGTERM)
        scene.ends_well(impatient)
        scene.ends_well(scene.start("dialer", "run", DIALER_CLOCK_SPEED="0", DIALER_BROKER_URL="memory://"))
        scene.check_books()


def test_a_database_that_was_away_and_a_broker_that_came_back_empty(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    database, broker = Door(postgres_url), Door(redis_url)
    try:
        # The lease is longer than the database is away on the slowest machine: who lives must not pass for dead.
        with world(tmp_path, postgres_url, redis_url, clock_speed=60.0, lease_s=60.0) as scene:
            scene.arm(SALES, most=PEOPLE)
            away = {"DIALER_DATABASE_URL": database.url, "DIALER_BROKER_URL": broker.url}
            scene.start("celery", "-A", "dialer.worker", "worker", "-n", "lonely@test", "--loglevel=INFO", **away)
            scene.start("celery", "-A", "dialer.worker", "beat", **away)
            scene.until(lambda: scene.open_attempts(AttemptState.LIVE) >= 2, "two conversations")
            (lane,) = scene.lane_pids()
            database.shut()
            time.sleep(3)
            database.open()
            rang = scene.rings()
            scene.until(lambda: scene.rings() > rang + 2, "dials after the database came back")
            assert scene.lane_pids() == {lane}, "the lane lived through it"
            broker.shut()
            empty(redis_url)
            time.sleep(1)
            broker.open()
            scene.until(scene.is_done, "the campaign's end")
            scene.check_books()
            assert "interrupted" not in scene.reasons(), "no conversation was lost"
    finally:
        database.close()
        broker.close()


def empty(redis_url: str) -> None:
    """What a restart without persistence leaves."""
    import redis

    client = redis.Redis.from_url(redis_url)
    client.flushdb()
    client.close()


def test_a_lane_whose_child_was_killed_comes_back_at_the_next_tick(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    with world(tmp_path, postgres_url, redis_url, clock_speed=60.0) as scene:
        scene.arm(SALES, most=PEOPLE)
        scene.worker("bereft")
        scene.beat()
        scene.until(lambda: scene.open_attempts(AttemptState.LIVE), "a conversation")
        (child,) = scene.lane_pids()
        os.kill(child, signal.SIGKILL)
        scene.until(lambda: scene.lane_pids() - {child}, "another lane")
        scene.until(scene.is_done, "the campaign's end")
        scene.check_books()


def test_a_lane_that_was_stopped_dials_nothing_behind_its_lease(tmp_path: Path, sqlite_url: str) -> None:
    """A process frozen for longer than its lease, while another one takes its calls over, adds no ring of its own."""
    with world(tmp_path, sqlite_url, clock_speed=60.0, lease_s=5.0) as scene:
        scene.arm(SALES, most=PEOPLE)
        frozen = scene.start("dialer", "run")
        scene.freeze(frozen, lambda: scene.open_attempts() >= 2, "two dials")
        scene.until(scene.is_lease_over, "the end of its lease")
        assert scene.open_attempts() >= 2
        other = scene.start("dialer", "run", DIALER_CLOCK_SPEED="0")
        scene.until(lambda: scene.open_attempts() == 0 or other.poll() is not None, "the other one settles")
        frozen.send_signal(signal.SIGCONT)
        scene.ends_well(other)
        scene.ends_well(frozen)
        scene.check_books()
