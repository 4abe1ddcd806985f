"""Whatever lanes do in whatever order, every call stays in exactly one bucket and no number is called twice at once."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from dialer.model.call import AttemptState, Bucket, CallState
from dialer.model.disposition import Disposition
from dialer.model.ids import CallId
from dialer.store import attempts, queue
from dialer.store.engine import open_store
from dialer.store.queue import ClaimedCall
from dialer.store.schema import attempts as attempt_rows
from dialer.store.schema import calls
from tests.store.rows import NOW, Stock, a_dial, a_phone, a_result, minutes, stocked

CALLS = 6
LEASE_S = minutes(3)
MOVES = (
    "claim",
    "release",
    "hold",
    "begin",
    "end_and_redial",
    "end_and_finish",
    "forget",
    "rescue",
    "take_over",
    "opt_out",
    "cancel",
    "wait",
    "renew",
)
moves = st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 2 * CALLS - 1)), max_size=40)


@dataclass
class World:
    """Two campaigns that share their numbers, and what one lane believes to hold."""

    stocks: tuple[Stock, Stock]
    now: datetime = NOW
    claimed: list[ClaimedCall] = field(default_factory=list)
    dialling: list[tuple[ClaimedCall, attempts.NewAttempt, int]] = field(default_factory=list)
    dials: int = 0

    def play(self, tx: Connection, move: str, pick: int) -> None:
        """One move; it may concern what was lost long ago."""
        if move == "claim":
            room = {stock.campaign_id: 3 for stock in self.stocks}
            self.claimed += queue.claim(tx, "lane-a", pick % 4, self.now, self.now + LEASE_S, room)
        elif move in ("release", "hold", "begin") and self.claimed:
            self.with_a_claim(tx, move, self.claimed.pop(pick % len(self.claimed)))
        elif move in ("end_and_redial", "end_and_finish", "take_over") and self.dialling:
            self.with_a_dial(tx, move, pick % len(self.dialling))
        elif move == "forget":
            self.claimed = self.claimed[: pick // 2]
        elif move == "rescue":
            queue.rescue_claims(tx, self.now)
        elif move == "renew":
            queue.renew(tx, "lane-a", self.now + LEASE_S)
        elif move == "opt_out":
            queue.cancel_number(tx, a_phone(pick), self.now)
        elif move == "cancel" and pick == 0:
            queue.cancel_campaign(tx, self.stocks[1].campaign_id, self.now)
        elif move == "wait":
            self.now += minutes(pick)

    def with_a_claim(self, tx: Connection, move: str, held: ClaimedCall) -> None:
        """What a lane does with a claim; it may be stale."""
        if move == "release":
            queue.release(tx, held.call_id, held.fence, self.now)
        elif move == "hold":
            queue.hold(tx, held.call_id, held.fence, "blocked_consent")
        else:
            self.dials += 1
            stock = next(stock for stock in self.stocks if stock.campaign_id == held.campaign_id)
            lease_until = self.now + LEASE_S
            new = a_dial(held, stock, f"{self.dials}", lease_until=lease_until)
            try:
                attempts.begin(tx, new, self.now)
            except (attempts.LostClaim, attempts.NumberBusy):
                return  # nothing was changed: ``check`` sees to it
            self.dialling.append((held, new, held.fence))

    def with_a_dial(self, tx: Connection, move: str, index: int) -> None:
        """What a lane does with a dial; somebody else may have it."""
        held, new, fence = self.dialling[index]
        if move == "take_over":
            taken = attempts.take_over(tx, new.attempt_id, "lane-b", self.now, self.now + LEASE_S)
            if taken is not None:
                self.dialling[index] = (held, new, taken)
            return
        del self.dialling[index]
        assert attempts.end(tx, new.attempt_id, fence, a_result(), self.now)
        assert not attempts.end(tx, new.attempt_id, fence, a_result(), self.now)
        if move == "end_and_redial":
            due_at = self.now + minutes(2)
            assert queue.requeue(tx, held.call_id, fence, due_at, False, Disposition.NO_ANSWER, None)
        else:
            bucket = Bucket.NOT_REACHED
            assert queue.finish(tx, held.call_id, fence, bucket, Disposition.NO_ANSWER, None, self.now)

    def check(self, tx: Connection) -> None:
        """The promises that hold after every move."""
        for stock in self.stocks:
            assert sum(queue.counts(tx, stock.campaign_id).values()) == CALLS
        is_open = attempt_rows.c.state != AttemptState.ENDED
        ringing = list(tx.execute(select(attempt_rows.c.phone).where(is_open)).scalars())
        assert len(ringing) == len(set(ringing)) == len(self.dialling)
        active = set(tx.execute(select(calls.c.id).where(calls.c.state == CallState.ACTIVE)).scalars())
        assert active == {held.call_id for held, _, _ in self.dialling}
        dials = dict(iter(tx.execute(select(attempt_rows.c.call_id, func.count()).group_by(attempt_rows.c.call_id))))
        made: dict[CallId, int] = dict(iter(tx.execute(select(calls.c.id, calls.c.attempts_made))))
        assert all(made[call_id] == dials.get(call_id, 0) for call_id in made)


@settings(max_examples=60)
@given(moves)
def test_every_call_stays_in_exactly_one_bucket(empty_sqlite: Path, script: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dialer.db"
        shutil.copy(empty_sqlite, path)
        store = open_store(f"sqlite:///{path}")
        with store.write() as tx:
            world = World((stocked(tx, CALLS, "one"), stocked(tx, CALLS, "two")))
            for move, pick in script:
                world.play(tx, move, pick)
                world.check(tx)
        store.close()
