"""A lane: one event loop that claims due calls in batches and runs them side by side until it is asked to drain.

A lane occupies one worker child (or one thread of an embedded run). It holds a slot of its node under a lease, so that doubled
doorbells start no second one, and renews the leases of all its calls in one statement. It stops claiming when asked to drain or
when it has grown old, lets its calls finish, and goes; the next doorbell starts a fresh one. Asked a second time it hangs up and
goes at once: what it leaves behind is settled by another lane with the carrier.

While the database is away its calls go on and their writes wait. Nothing is claimed and nobody is dialled meanwhile, since both
need a commit.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from dialer.clock import SimulatedClock, wait_real
from dialer.errors import StoreError
from dialer.model.ids import AttemptId, CallId, CampaignId
from dialer.operations import attempt as attempts
from dialer.operations import dispatch, later_prices, scheduling, settle, shared_time, slots
from dialer.operations.parts import Drain, Lines, Parts
from dialer.operations.slots import Slot
from dialer.store import lanes, leases, queue
from dialer.telemetry import emit

T = TypeVar("T")
_RETIRE_AFTER = timedelta(minutes=25)
_LOOK_S = 0.25
_LOOK_AROUND = timedelta(seconds=3)
_GRACE = timedelta(seconds=10)
"""After the database was away everybody renews first: whose lease ran out meanwhile may be alive."""
_PATIENCE_S = 600.0
_GOODBYE_S = 20.0
_CLOSING_S = 8.0
_starting = threading.Lock()


@dataclass(frozen=True, slots=True)
class LaneReport:
    """What a lane did in its life."""

    name: str
    attempts: int


def run_lane(parts: Parts, node: str, drain: Drain, *, retire_after: timedelta = _RETIRE_AFTER) -> LaneReport | None:
    """Run a lane in this thread until it is asked to drain or has grown old; None when the node already has all its lanes."""
    slot = None if drain.is_set() else slots.take(parts, node)
    if slot is None:
        return None
    emit("lane.started", lane=slot.name)
    try:
        with _starting:
            # One clock follows one loop: a second lane of the same process brings its own.
            if isinstance(parts.clock, SimulatedClock):
                parts = replace(parts, clock=parts.clock.for_lane())
            runner = asyncio.Runner(loop_factory=parts.clock.new_event_loop)
            runner.get_loop()
        with runner:
            return runner.run(_Lane(parts, slot, drain, retire_after).live())
    except Exception as error:
        emit("lane.failed", lane=slot.name, error=type(error).__name__)
        raise
    finally:
        _leave(parts, slot)


def _leave(parts: Parts, slot: Slot) -> None:
    try:
        slots.leave(parts, slot)
        shared_time.publish(parts)
    except StoreError as error:
        emit("lane.waiting", lane=slot.name, error=str(error))  # the leases run out by themselves


@dataclass(frozen=True, slots=True)
class _Live:
    """A call in progress: its task, and how to ask it for a polite end."""

    task: asyncio.Task[None]
    stop: asyncio.Event
    work: dispatch.Work

    @property
    def campaign_id(self) -> CampaignId:
        return self.work.subject.campaign.id


class _Lane:
    """The loop of one lane and the calls that run on it."""

    def __init__(self, parts: Parts, slot: Slot, drain: Drain, retire_after: timedelta) -> None:
        self._parts = parts
        self._slot = slot
        self._leave_when = _Leaving(parts, drain, retire_after)
        self._live: dict[AttemptId, _Live] = {}
        self._done = 0
        self._leased_at = parts.clock.lease_now()
        self._looked_at = self._leased_at - _LOOK_AROUND
        self._is_slot_lost = False

    async def live(self) -> LaneReport:
        """Open the lines, work until there is a reason to stop, drain, close."""
        loop = asyncio.get_running_loop()
        with (
            ThreadPoolExecutor(1, thread_name_prefix=f"{self._slot.name}-db") as self._database,
            _listening(loop, self._leave_when),
        ):
            await self.call(shared_time.catch_up, self._parts)
            self._pace = dispatch.Pace(await self.call(slots.living, self._parts))
            lines = await self._parts.open_lines()
            try:
                await self._work(lines)
                await self._drain()
            finally:
                await lines.close()
        emit("lane.stopped", lane=self._slot.name, attempts=self._done, live=len(self._live))
        return LaneReport(self._slot.name, self._done)

    async def call(self, function: Callable[..., T], *arguments: object) -> T:
        """Run a database step on this lane's database thread; one that is safe to be run again when its answer was lost."""
        return await asyncio.get_running_loop().run_in_executor(self._database, self._patiently, function, *arguments)

    def _patiently(self, function: Callable[..., T], *arguments: object) -> T:
        """A database that is away is asked again, until somebody is in a hurry. Simulated time stands still meanwhile."""
        waited_s = 0.0
        while True:
            try:
                return function(*arguments)
            except StoreError as error:
                if not error.retryable or waited_s >= _PATIENCE_S or self._leave_when.is_urgent():
                    raise
                if not waited_s:
                    emit("lane.waiting", lane=self._slot.name, error=str(error))
                now = self._parts.clock.lease_now()
                self._leased_at, self._looked_at = now - timedelta(seconds=self._parts.settings.lease_s), now + _GRACE
            wait_real(_LOOK_S)
            waited_s += _LOOK_S

    async def _work(self, lines: Lines) -> None:
        while not self._leave_when.is_time() and not self._is_slot_lost:
            await self._renew()
            await self._look_around(lines)
            free = self._parts.settings.lane_calls - len(self._live)
            claimed = await self.call(dispatch.claim, self._parts, self._slot.owner, free, self._pace) if free > 0 else []
            for work in claimed:
                self._start(lines, work)
            if not claimed:
                await self._idle()

    async def _look_around(self, lines: Lines) -> None:
        """Every few seconds: settle what dead workers left, share the pace, end the calls of campaigns cancelled at once."""
        now = self._parts.clock.lease_now()
        if now - self._looked_at < _LOOK_AROUND:
            return
        self._looked_at = now
        self._pace.share(await self.call(slots.living, self._parts))
        await settle.settle_lost(self._parts, lines.carrier, self._slot.owner, self.call)
        await later_prices.collect(self._parts, lines.carrier, self.call)
        if self._live:
            ended = await self.call(scheduling.ended_now, self._parts)
            for live in self._live.values():
                if live.campaign_id in ended:
                    live.stop.set()

    def _start(self, lines: Lines, work: dispatch.Work) -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(attempts.carry_out(self._parts, lines, work, self._pace, self.call, stop))
        self._live[work.attempt_id] = _Live(task, stop, work)
        task.add_done_callback(lambda over: self._forget(work.attempt_id, over))

    def _forget(self, attempt_id: AttemptId, over: "asyncio.Task[None]") -> None:
        self._live.pop(attempt_id, None)
        self._done += 1
        if not over.cancelled() and (error := over.exception()):
            emit("attempt.failed", attempt_id=attempt_id, error=type(error).__name__)

    async def _renew(self) -> None:
        """Keep the slot and all calls: one statement each, by the time of the world."""
        now = self._parts.clock.lease_now()
        if now - self._leased_at < timedelta(seconds=self._parts.settings.lease_s / 4):
            return
        self._leased_at = now
        live = {(live.work.subject.call_id, live.work.subject.fence) for live in self._live.values()}
        self._is_slot_lost = not await self.call(_keep, self._parts, self._slot, live)

    async def _idle(self) -> None:
        """Wait for a call to end or for something to come due; a simulated world with nothing to do skips ahead."""
        settings = self._parts.settings
        if self._live:
            wait_s = min(settings.poll_s, settings.lease_s / 4) if self._parts.clock.is_simulated else _LOOK_S
            await asyncio.wait(self._tasks(), timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        elif isinstance(self._parts.clock, SimulatedClock):
            await self.call(_skip_or_rest, self._parts)
        else:
            for _ in range(max(1, round(min(settings.poll_s, settings.lease_s / 4) / _LOOK_S))):
                await asyncio.sleep(_LOOK_S)
                if self._leave_when.is_time():
                    return

    async def _drain(self) -> None:
        """Let calls end by themselves, then ask them to say goodbye, then hang up and leave them to the rescue."""
        if self._live:
            emit("lane.draining", lane=self._slot.name, live=len(self._live))
            if not self._leave_when.is_asked():
                await self.call(slots.vacate, self._parts, self._slot)
            for live in self._live.values():
                if self._pace.is_waiting(live.work):
                    live.stop.set()  # not dialled yet: it goes back to the queue
            await self._wait_for_calls(self._parts.settings.drain_s)
            for live in self._live.values():
                live.stop.set()
            await self._wait_for_calls(_GOODBYE_S)
        tasks = self._tasks()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CLOSING_S)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [live.task for live in self._live.values()]

    async def _wait_for_calls(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while self._live and loop.time() < until_s and not self._leave_when.is_urgent():
            await self._renew()
            await asyncio.wait(self._tasks(), timeout=min(_LOOK_S, until_s - loop.time()), return_when=asyncio.FIRST_COMPLETED)


class _Leaving:
    """When a lane has to go: its worker was asked to drain, its own process was signalled, or it has grown old."""

    def __init__(self, parts: Parts, drain: Drain, retire_after: timedelta) -> None:
        self._clock = parts.clock
        self._drain = drain
        self._retire_at = parts.clock.lease_now() + retire_after
        self._signals = 0

    def signalled(self) -> None:
        """SIGTERM came to this very process: the first asks to drain, as a whole process group is, the second to stop at once."""
        self._signals += 1

    @property
    def is_signalled(self) -> bool:
        """This very process was signalled."""
        return self._signals > 0

    def is_asked(self) -> bool:
        """Somebody wants this lane to end."""
        return self.is_signalled or self._drain.is_set()

    def is_time(self) -> bool:
        """No further claims."""
        return self.is_asked() or self._clock.lease_now() >= self._retire_at

    def is_urgent(self) -> bool:
        """Calls in progress are not waited for."""
        return self._signals > 1 or self._drain.is_urgent()


@contextmanager
def _listening(loop: asyncio.AbstractEventLoop, leaving: _Leaving) -> Iterator[None]:
    """Hear SIGTERM while the block lasts; whoever heard it before us (a worker without children) hears it afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    loop.add_signal_handler(signal.SIGTERM, leaving.signalled)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)
        if leaving.is_signalled and callable(before):
            before(signal.SIGTERM, None)


def _keep(parts: Parts, slot: Slot, live: set[tuple[CallId, int]]) -> bool:
    """Renew the slot and the calls; let a call go that we hold by the book only, or anew while its old attempt still runs here.

    ``live``: calls with their fences. False: the slot is somebody else's.
    """
    now = parts.clock.lease_now()
    until = now + timedelta(seconds=parts.settings.lease_s)
    with parts.store.write() as tx:
        is_ours = lanes.renew(tx, slot.name, slot.owner, until, len(live))
        queue.renew(tx, slot.owner, until)
        for call_id, fence in leases.held_by(tx, slot.owner):
            if (call_id, fence) not in live:
                leases.let_go(tx, call_id, fence, now)
    return is_ours


def _skip_or_rest(parts: Parts) -> None:
    if not shared_time.skip_ahead(parts):
        shared_time.catch_up(parts)  # others are at work: the pace is theirs too, and goes by the latest of them
        wait_real(0.02)
