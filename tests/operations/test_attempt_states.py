"""A model of dials by chance: workers die, freeze and come back between any two steps, answers are lost, leases run out.

The store is the real one and so is the judgement; the phone network is a memory that counts rings and forbids nothing.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from dialer.model.attempt import Capabilities, EndCause, Ending, Found
from dialer.model.call import AttemptState, Bucket, CallState
from dialer.model.disposition import Disposition
from dialer.model.ids import AttemptId
from dialer.model.transcript import Transcript
from dialer.operations import settle
from dialer.store import attempts, leases, migrate, queue
from dialer.store.engine import open_store
from dialer.store.queue import ClaimedCall
from dialer.store.schema import attempts as attempt_rows
from dialer.store.schema import calls
from tests.store.rows import NOW, a_dial, a_result, minutes, stocked

CALLS = 3
LEASE = minutes(4)
OURS = Capabilities(finds_by="our_id", can_transfer=False, can_send_digits=False, has_exact_heard=True)


@dataclass
class Ring:
    """What the network remembers of one attempt."""

    phone: str
    count: int = 0
    was_answered: bool = False
    has_ended: bool = False


@dataclass
class Worker:
    """A claimed call in somebody's hands, who may have lost it without knowing."""

    call: ClaimedCall
    attempt_id: AttemptId | None = None
    dial_by: datetime | None = None
    is_sent: bool = False


def an_orphan(row: attempts.AttemptRow, fence: int) -> settle.Orphan:
    """As ``settle.take_over`` makes it, without the contact: judging does not look at who it is."""
    return settle.Orphan(row.id, fence, cast("Any", None), Transcript(()), row.answered_at is not None)


@cache
def an_empty_database() -> bytes:
    """A migrated file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        migrate.upgrade(f"sqlite:///{path}")
        return path.read_bytes()


class Dials(RuleBasedStateMachine):
    """Every rule is one step of one process; between any two of them any other may come."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "dialer.db"
        path.write_bytes(an_empty_database())
        self.store = open_store(f"sqlite:///{path}")
        self.transaction = self.store.write()
        self.tx = self.transaction.__enter__()
        self.stock = stocked(self.tx, CALLS)
        self.now = NOW
        self.workers: list[Worker] = []
        self.network: dict[AttemptId, Ring] = {}
        self.dials = 0

    def teardown(self) -> None:
        """Whatever happened, the rescue brings everything to rest, and every call is where it can be seen."""
        self.workers.clear()
        for _ in range(3):
            self.now += 2 * LEASE
            self.settle()
        self.the_promises_hold()
        states = set(self.tx.execute(select(calls.c.state)).scalars())
        assert states <= {CallState.QUEUED, CallState.DONE}
        assert set(self.tx.execute(select(attempt_rows.c.state)).scalars()) <= {AttemptState.ENDED}
        self.transaction.__exit__(None, None, None)
        self.store.close()
        self.folder.cleanup()

    @rule(count=st.integers(1, CALLS))
    def claim(self, count: int) -> None:
        """A lane takes what is due."""
        taken = queue.claim(self.tx, "lane-a", count, self.now, self.now + LEASE, self.stock.room)
        self.workers += [Worker(call) for call in taken]

    @precondition(lambda self: self.workers)
    @rule(pick=st.integers(0, 9))
    def step(self, pick: int) -> None:
        """A worker does its next step: the intent, then the dial."""
        worker = self.workers[pick % len(self.workers)]
        if not worker.attempt_id:
            self.dials += 1
            new = a_dial(worker.call, self.stock, f"{self.dials}", lease_until=self.now + LEASE)
            try:
                attempts.begin(self.tx, new, self.now)
            except (attempts.LostClaim, attempts.NumberBusy):
                self.workers.remove(worker)
                return
            worker.attempt_id, worker.dial_by = new.attempt_id, self.now + LEASE / 2
        elif not worker.is_sent:
            assert worker.dial_by is not None
            worker.is_sent = True
            if self.now <= worker.dial_by:
                self.network.setdefault(worker.attempt_id, Ring(worker.call.phone)).count += 1
            else:
                self.workers.remove(worker)  # too late: nobody is asked, the rescue finds out

    def sent(self, pick: int) -> Worker | None:
        """One of the workers whose phone rings."""
        ringing = [worker for worker in self.workers if worker.is_sent]
        return ringing[pick % len(ringing)] if ringing else None

    @rule(pick=st.integers(0, 9), is_lost=st.booleans())
    def hear_the_answer_to_the_dial(self, pick: int, is_lost: bool) -> None:
        """The carrier confirms, or its answer is lost and the attempt is nobody's."""
        if (worker := self.sent(pick)) is None:
            return
        held = (self.tx, worker.attempt_id, worker.call.fence)
        if is_lost:
            if attempts.lost(*held, "timeout"):
                leases.let_go(self.tx, worker.call.call_id, worker.call.fence, self.now + minutes(1))
            self.workers.remove(worker)
        elif not attempts.placed(*held, "C1", self.now):
            self.hang_up(worker)

    @rule(pick=st.integers(0, 9))
    def be_answered(self, pick: int) -> None:
        """Somebody answers; a worker that has lost the call learns it now."""
        if (worker := self.sent(pick)) is None or self.network[worker.attempt_id].has_ended:
            return
        self.network[worker.attempt_id].was_answered = True
        if not attempts.answered(self.tx, worker.attempt_id, worker.call.fence, self.now):
            self.hang_up(worker)

    @rule(pick=st.integers(0, 9), again=st.booleans())
    def end(self, pick: int, again: bool) -> None:
        """The call ends and its end is committed, unless it is somebody else's by now."""
        if (worker := self.sent(pick)) is None:
            return
        self.hang_up(worker)
        if attempts.end(self.tx, worker.attempt_id, worker.call.fence, a_result(), self.now):
            self.follow(worker.call.call_id, worker.call.fence, Disposition.NO_ANSWER, is_final=not again)

    @precondition(lambda self: self.workers)
    @rule(pick=st.integers(0, 9))
    def die(self, pick: int) -> None:
        """Without a word. What rang goes on ringing."""
        self.workers.pop(pick % len(self.workers))

    @rule(span=st.integers(1, 6))
    def wait(self, span: int) -> None:
        """Whoever does nothing meanwhile was frozen."""
        self.now += minutes(span)

    @rule()
    def renew(self) -> None:
        """The lane keeps what it has by the book, that of its lost tasks too."""
        queue.renew(self.tx, "lane-a", self.now + LEASE)

    @rule()
    def settle(self) -> None:
        """The rescue: take over what has run out, ask the network, judge, commit."""
        queue.rescue_claims(self.tx, self.now)
        for row in attempts.expired(self.tx, self.now):
            fence = attempts.take_over(self.tx, row.id, "rescue", self.now, self.now + LEASE)
            if fence is None:
                continue
            ring = self.network.get(row.id)
            if ring is not None:
                ring.has_ended = True
            ending = Ending(EndCause.NEAR_HANG_UP)
            found = None if ring is None else Found("C1", ending, ring.was_answered)
            result = settle.judge(an_orphan(row, fence), found, OURS)
            assert attempts.end(self.tx, row.id, fence, result, self.now)
            self.follow(row.call_id, fence, result.disposition, is_final=result.disposition is Disposition.UNKNOWN)

    def follow(self, call_id: Any, fence: int, disposition: Disposition, *, is_final: bool) -> None:
        """What becomes of the call."""
        if is_final:
            bucket = Bucket.UNSETTLED if disposition is Disposition.UNKNOWN else Bucket.NOT_REACHED
            assert queue.finish(self.tx, call_id, fence, bucket, disposition, None, self.now)
        else:
            assert queue.requeue(self.tx, call_id, fence, self.now + timedelta(seconds=1), False, disposition, None)

    def hang_up(self, worker: Worker) -> None:
        """The worker is through with it."""
        self.network[worker.attempt_id].has_ended = True
        self.workers.remove(worker)

    @invariant()
    def the_promises_hold(self) -> None:
        """One ring for an attempt, one call up for a number, a ring for nobody unrecorded, every call in one bucket."""
        assert all(ring.count <= 1 for ring in self.network.values())
        up = [ring.phone for ring in self.network.values() if not ring.has_ended]
        assert len(up) == len(set(up))
        recorded = {row.id: row for row in self.tx.execute(select(attempt_rows))}
        assert self.network.keys() <= recorded.keys()
        for attempt_id, ring in self.network.items():
            row = recorded[attempt_id]
            assert row.reason != "never_placed"
            assert ring.has_ended or row.state is not AttemptState.ENDED, "settled while it is up"
        assert sum(queue.counts(self.tx, self.stock.campaign_id).values()) == CALLS
        of_unknown = [row.call_id for row in recorded.values() if row.disposition is Disposition.UNKNOWN]
        listed = self.tx.execute(select(calls.c.id).where(calls.c.bucket == Bucket.UNSETTLED)).scalars()
        assert sorted(of_unknown) == sorted(listed)


TestDials = Dials.TestCase
# Not made smaller when it fails: at most so many steps are read by a person sooner than by the shrinker.
TestDials.settings = settings(max_examples=40, stateful_step_count=40, deadline=None, phases=[Phase.reuse, Phase.generate])
