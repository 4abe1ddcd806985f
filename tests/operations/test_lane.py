"""A lane claims, dials, drains and goes; it outlives its database and leaves nothing that it still holds."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from dialer import wiring
from dialer.clock import SystemClock
from dialer.errors import StoreError
from dialer.model.call import AttemptState, Bucket, CallState
from dialer.operations import dispatch, folders, lane, scheduling, slots, upkeep
from dialer.operations.parts import Parts
from dialer.operations.slots import Slot
from dialer.store import attempts, queue
from dialer.store.engine import Store, Tx
from dialer.store.schema import attempts as attempt_rows
from dialer.store.schema import calls
from tests.operations.stage import a_dial, armed, claimed


@dataclass
class Asked:
    """A drain flag that answers by what it sees."""

    when: Callable[[], bool] = lambda: False
    urgent: Callable[[], bool] = lambda: False
    looks: int = field(default=0)

    def is_set(self) -> bool:
        """Asked at every round."""
        self.looks += 1
        return self.when() or self.urgent()

    def is_urgent(self) -> bool:
        """Asked while waiting."""
        return self.urgent()


def with_lines(parts: Parts, **settings: Any) -> Parts:
    """Simulated phones and the stand-in model over its socket."""
    settings = {"poll_s": 1.0, **settings}
    changed = replace(parts, settings=parts.settings.model_copy(update=settings))
    return replace(changed, open_lines=partial(wiring.open_lines, changed.settings, changed.store, changed.clock))


def few(parts: Parts, count: int) -> None:
    """Leave so many calls in the queue."""
    with parts.store.write() as tx:
        keep = tx.execute(select(calls.c.id).where(calls.c.state == CallState.QUEUED).limit(count)).scalars().all()
        away = {"state": CallState.DONE, "bucket": Bucket.CANCELLED}
        tx.execute(update(calls).where(calls.c.state == CallState.QUEUED, calls.c.id.not_in(keep)).values(away))


def live(parts: Parts) -> int:
    """Open attempts."""
    with parts.store.read() as tx:
        return len(tx.execute(select(attempt_rows.c.id).where(attempt_rows.c.state == AttemptState.LIVE)).all())


def open_calls(parts: Parts) -> int:
    """Calls that a lane holds by the book, dialled or not."""
    with parts.store.read() as tx:
        return sum(queue.open_by_campaign(tx).values())


def test_a_lane_calls_everybody_and_stops_when_asked(parts: Parts) -> None:
    parts = with_lines(parts)
    armed(parts)
    few(parts, 3)
    report = lane.run_lane(parts, "node", Asked(lambda: dispatch.is_all_done(parts)))
    assert report is not None
    assert report.attempts >= 3
    assert open_calls(parts) == 0
    (finished,) = upkeep.tidy(parts)
    assert folders.stored(parts, "solar-sales").id == finished
    assert slots.take(parts, "node") is not None, "the slot is free"


def test_no_lane_where_all_slots_are_taken_or_the_worker_is_going(parts: Parts) -> None:
    assert lane.run_lane(parts, "node", Asked(lambda: True)) is None
    assert slots.take(parts, "node") is not None
    assert lane.run_lane(parts, "node", Asked()) is None


def test_lines_that_do_not_open_free_the_slot(parts: Parts) -> None:
    with pytest.raises(AssertionError, match="dials nothing"):
        lane.run_lane(parts, "node", Asked())
    assert slots.take(parts, "node") is not None


def test_draining_finishes_what_is_live_and_gives_back_what_is_not_dialled(parts: Parts) -> None:
    parts = with_lines(parts)
    armed(parts)
    report = lane.run_lane(parts, "node", Asked(lambda: live(parts) >= 2))
    assert report is not None
    with parts.store.read() as tx:
        rows = tx.execute(select(attempt_rows.c.state, attempt_rows.c.disposition, attempt_rows.c.dialed_at)).all()
        waiting = queue.counts(tx, folders.stored(parts, "solar-sales").id)[Bucket.WAITING]
    assert {row.state for row in rows} == {AttemptState.ENDED}
    assert not [row for row in rows if row.dialed_at and row.disposition == "cancelled"], "who rang was not given up"
    assert waiting > 0
    assert open_calls(parts) == 0


def test_in_a_hurry_the_line_goes_dead_and_another_lane_settles(parts: Parts) -> None:
    parts = with_lines(parts)
    armed(parts)
    lane.run_lane(parts, "node", Asked(urgent=lambda: live(parts) >= 2))
    with parts.store.read() as tx:
        assert attempts.expired(tx, parts.clock.lease_now() + timedelta(seconds=1)), "free for the rescue at once"
    rounds = iter(range(100))
    lane.run_lane(parts, "node", Asked(lambda: next(rounds) > 6))
    with parts.store.read() as tx:
        reasons = set(tx.execute(select(attempt_rows.c.reason)).scalars())
    assert reasons & {"interrupted", "settled_with_carrier"}
    assert open_calls(parts) == 0


def test_an_old_lane_makes_room_for_a_new_one(parts: Parts) -> None:
    parts = with_lines(parts)
    armed(parts)
    few(parts, 2)
    assert lane.run_lane(parts, "node", Asked(), retire_after=timedelta(seconds=0)) == lane.LaneReport("node:0", 0)
    report = lane.run_lane(parts, "node", Asked(), retire_after=timedelta(seconds=1))
    assert report is not None
    assert open_calls(parts) == 0


def test_cancelled_at_once_the_talks_come_to_their_end(parts: Parts) -> None:
    parts = with_lines(parts)
    armed(parts)
    few(parts, 4)

    def when() -> bool:
        if live(parts) >= 1 and folders.stored(parts, "solar-sales").status.value == "armed":
            scheduling.cancel(parts, "solar-sales", is_now=True)
        return folders.stored(parts, "solar-sales").status.value == "cancelled" and open_calls(parts) == 0

    lane.run_lane(parts, "node", Asked(when))
    with parts.store.read() as tx:
        assert set(queue.counts(tx, folders.stored(parts, "solar-sales").id)) <= {
            Bucket.CANCELLED, Bucket.HELD, Bucket.REACHED, Bucket.NOT_REACHED, Bucket.SUPPRESSED,
        }  # fmt: skip


class Flaky(Store):
    """A database that is away for some transactions once a call is live."""

    def __init__(self, store: Store, away: int) -> None:
        super().__init__(store._engine)
        self.away = away
        self.missed = 0
        self.is_armed = False

    def write(self) -> AbstractContextManager[Tx]:
        """As the database, while it is there."""
        if self.is_armed and self.missed < self.away:
            self.missed += 1
            raise StoreError("the database does not answer", code="08000")
        return super().write()


def test_a_database_that_is_away_for_a_while_costs_no_call(parts: Parts) -> None:
    flaky = Flaky(parts.store, away=3)
    parts = with_lines(replace(parts, store=flaky))
    armed(parts)
    few(parts, 3)

    def when() -> bool:
        flaky.is_armed = flaky.is_armed or live(parts) > 0
        return dispatch.is_all_done(parts)

    lane.run_lane(parts, "node", Asked(when))
    assert flaky.missed == 3
    with parts.store.read() as tx:
        reasons = set(tx.execute(select(attempt_rows.c.reason)).scalars())
    assert not reasons & {"interrupted", "never_placed"}
    assert open_calls(parts) == 0


def test_a_database_that_refuses_for_good_ends_the_lane(parts: Parts) -> None:
    flaky = Flaky(parts.store, away=10**6)
    parts = with_lines(replace(parts, store=flaky))
    armed(parts)

    def urgent() -> bool:
        flaky.is_armed = flaky.is_armed or live(parts) > 0
        return flaky.missed > 2

    # Whether a call or the lane's own look around meets the refusal first decides only how the lane ends.
    with suppress(StoreError):
        lane.run_lane(parts, "node", Asked(urgent=urgent))
    flaky.is_armed = False
    assert open_calls(parts) > 0, "the leases run out by themselves"


def test_a_call_held_by_the_book_only_is_let_go_at_the_renewal(parts: Parts) -> None:
    armed(parts)
    slot = slots.take(parts, "node")
    assert slot is not None
    kept, forgotten = claimed(parts, 2, owner=slot.owner)
    with parts.store.write() as tx:
        attempts.begin(tx, a_dial(parts, forgotten, slot.owner), parts.clock.now())
    assert lane._keep(parts, slot, {(kept.subject.call_id, kept.subject.fence)})
    soon = parts.clock.lease_now() + timedelta(seconds=1)
    with parts.store.write() as tx:
        assert [row.id for row in attempts.expired(tx, soon)] == [forgotten.attempt_id]
        assert queue.rescue_claims(tx, soon) == 0
    assert not lane._keep(parts, Slot("node:0", "somebody else"), set()), "the slot is not theirs"


def test_a_call_that_came_back_to_us_is_not_kept_by_its_old_attempt(parts: Parts) -> None:
    """Given away and claimed anew by the same lane, while the task of the first claim has not noticed yet."""
    armed(parts)
    slot = slots.take(parts, "node")
    assert slot is not None
    (work,) = claimed(parts, 1, owner=slot.owner)
    with parts.store.write() as tx:
        tx.execute(update(calls).where(calls.c.id == work.subject.call_id).values(fence=work.subject.fence + 2))
    assert lane._keep(parts, slot, {(work.subject.call_id, work.subject.fence)})
    with parts.store.write() as tx:
        assert queue.rescue_claims(tx, parts.clock.lease_now() + timedelta(seconds=1)) == 1


def test_two_lanes_of_one_process_have_their_own_clocks(parts: Parts) -> None:
    parts = with_lines(parts, lanes=2)
    armed(parts)
    few(parts, 6)
    names: list[str] = []

    def run() -> None:
        report = lane.run_lane(parts, "node", Asked(lambda: dispatch.is_all_done(parts)))
        names.append(report.name if report else "")

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(names)[-1].startswith("node:")
    assert open_calls(parts) == 0


def test_in_real_time_an_idle_lane_looks_now_and_then(parts: Parts) -> None:
    real = with_lines(replace(parts, clock=SystemClock()), poll_s=0.3)
    asked = Asked()
    asked.when = lambda: asked.looks > 4
    assert lane.run_lane(real, "node", asked) == lane.LaneReport("node:0", 0)


def test_sigterm_to_its_own_process_drains_it_and_then_tells_who_listened_before(parts: Parts) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        parts = with_lines(parts)
        armed(parts)
        few(parts, 3)
        sent: list[bool] = []

        def when() -> bool:
            if live(parts) and not sent:
                sent.append(True)
                os.kill(os.getpid(), signal.SIGTERM)
            return False

        report = lane.run_lane(parts, "node", Asked(when))
        assert report is not None
        assert heard == [signal.SIGTERM]
        assert open_calls(parts) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
