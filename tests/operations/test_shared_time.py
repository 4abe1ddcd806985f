"""All processes of a simulated run agree on the time, and nobody's calls are overtaken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from dialer.clock import SimulatedClock, SystemClock
from dialer.operations import shared_time
from dialer.operations.parts import Parts
from dialer.store import attempts, simulated_time
from dialer.store.schema import attempts as attempt_rows
from dialer.store.schema import calls
from tests.operations.conftest import START
from tests.operations.stage import armed, claimed, intended

LATER = START + timedelta(hours=2)


def beside(parts: Parts) -> Parts:
    """Another process of the same run."""
    return replace(parts, clock=SimulatedClock(START))


def test_who_comes_later_begins_where_the_others_are(parts: Parts) -> None:
    other = beside(parts)
    shared_time.catch_up(other)
    assert other.clock.now() == START
    SimulatedClock.move_to(parts.clock, LATER)  # type: ignore[arg-type]  # the test's clock is simulated
    shared_time.publish(parts)
    shared_time.catch_up(other)
    assert other.clock.now() == LATER


def test_who_comes_after_a_crash_begins_after_the_last_deed(parts: Parts) -> None:
    work = intended(parts)
    with parts.store.write() as tx:
        tx.execute(update(attempt_rows).values(dialed_at=LATER))
        assert attempts.get(tx, work.attempt_id).ended_at is None
    other = beside(parts)
    shared_time.catch_up(other)
    assert other.clock.now() == LATER


def test_an_idle_world_skips_to_the_next_due_call(parts: Parts) -> None:
    armed(parts)
    with parts.store.write() as tx:
        tx.execute(update(calls).values(due_at=LATER))
    assert shared_time.skip_ahead(parts)
    assert parts.clock.now() == LATER
    assert not shared_time.skip_ahead(parts), "it is due: nothing to gain"
    with parts.store.read() as tx:
        assert simulated_time.read(tx) == LATER


def test_nobody_skips_while_somebody_is_at_work(parts: Parts) -> None:
    armed(parts)
    with parts.store.write() as tx:
        tx.execute(update(calls).values(due_at=LATER))
        tx.execute(update(calls).where(calls.c.id == 1).values(due_at=START))
    assert len(claimed(parts, 1)) == 1
    other = beside(parts)
    assert not shared_time.skip_ahead(other)
    assert other.clock.now() == START


def test_real_time_is_left_alone(parts: Parts) -> None:
    real = replace(parts, clock=SystemClock())
    shared_time.publish(real)
    shared_time.catch_up(real)
    with parts.store.read() as tx:
        assert simulated_time.read(tx) is None
