"""Time. The only caller of the system clock, and the place where packaged zone data is forced.

Two clocks with one face. ``SystemClock`` is real time. ``SimulatedClock`` starts at a chosen instant and passes only while
nothing is left to do: its event loop runs all ready work and all background threads first, then jumps to the next timer. A
simulated hour costs what its work costs, an overloaded machine only makes the run longer, and the same seed gives the same run.

Zone rules: ``zoneinfo`` prefers the system's files to the ``tzdata`` package (PEP 615), and a stock system may be a year behind.
Importing this module empties the search path, so that only the packaged data answers.
"""

import asyncio
import math
import selectors
import threading
import time
import zoneinfo
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

zoneinfo.reset_tzpath(())


class Clock(Protocol):
    """What the rest of dialer knows of time."""

    @property
    def is_simulated(self) -> bool:
        """True when ``now`` is not the time of the world."""
        ...

    def now(self) -> datetime:
        """The instant at which campaigns live: aware UTC."""
        ...

    def lease_now(self) -> datetime:
        """The instant by which processes judge each other's leases and heartbeats: always the time of the world, aware UTC."""
        ...

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """A loop whose timers run on this clock."""
        ...


class SystemClock:
    """The time of the world."""

    is_simulated = False

    def now(self) -> datetime:
        """Current UTC time."""
        return datetime.now(UTC)

    def lease_now(self) -> datetime:
        """Current UTC time."""
        return datetime.now(UTC)

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """uvloop where it is installed, else the standard loop."""
        try:
            import uvloop
        except ImportError:
            return asyncio.new_event_loop()
        return uvloop.new_event_loop()


class SimulatedClock:
    """A time of our own choosing.

    It stands still outside its event loop, passes inside it as timers fall due, and can be moved forward (never back) with
    ``move_to`` when a whole simulated world has nothing to do until then.
    """

    is_simulated = True

    def __init__(self, start: datetime, speed: float = math.inf) -> None:
        """``speed``: at most this many simulated seconds in a real one while waiting; infinite by default."""
        if start.tzinfo is None:
            raise ValueError("start must be an aware datetime")
        self._base = start.astimezone(UTC)
        self._speed = speed
        self._loop: JumpingLoop | None = None
        self._loop_zero_s = 0.0
        self._moving = threading.Lock()

    def now(self) -> datetime:
        """The simulated instant."""
        if self._loop is None:
            return self._base
        return self._base + timedelta(seconds=self._loop.time() - self._loop_zero_s)

    def lease_now(self) -> datetime:
        """Current UTC time of the world."""
        return datetime.now(UTC)

    def move_to(self, instant: datetime) -> None:
        """Skip forward to ``instant``; an earlier one changes nothing. Running timers keep their distance."""
        with self._moving:
            ahead = instant - self.now()
            if ahead > timedelta(0):
                self._base += ahead

    def for_lane(self) -> "SimulatedClock":
        """This clock while no loop moves it, else another one at the same instant: a clock can follow one loop only."""
        is_driven = self._loop is not None and not self._loop.is_closed()
        return SimulatedClock(self.now(), self._speed) if is_driven else self

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """A loop that carries this clock. The last one made is the one that moves ``now``."""
        self._base = self.now()
        self._loop = JumpingLoop(self._speed)
        self._loop_zero_s = self._loop.time()
        return self._loop


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when neither a socket, nor a callback, nor a background thread has work."""

    def __init__(self, speed: float) -> None:
        """``speed`` limits how fast waiting may pass (simulated seconds per real second)."""
        self._now_s = 0.0
        self._in_threads = 0
        self._world = _JumpingSelector(self, speed)
        super().__init__(self._world)

    def time(self) -> float:
        """Simulated monotonic seconds."""
        return self._now_s

    def advance(self, seconds: float) -> None:
        """Let time pass; called by the selector when everything is idle."""
        self._now_s += seconds

    @property
    def has_background_work(self) -> bool:
        """A thread is still at work for this loop."""
        return self._in_threads > 0

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]  # typeshed hides the TypeVarTuple
        """As the base class, but time stands still until the thread has answered."""
        self._in_threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _: "asyncio.Future[Any] | Future[Any]") -> None:
        self._in_threads -= 1


class _JumpingSelector(selectors.BaseSelector):
    """Delegates to the real selector; turns waiting into a jump of the loop's time."""

    def __init__(self, loop: JumpingLoop, speed: float) -> None:
        self._loop = loop
        self._speed = speed
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self._loop.has_background_work:
            # Nothing is scheduled, or a thread still works: really wait, without any time passing. The cap lets a thread's
            # answer, which comes through the loop's own wake-up socket, be the usual end of it.
            return self._real.select(None if timeout is None else 0.01)
        ready = self._real.select(0 if math.isinf(self._speed) else timeout / self._speed)
        if not ready:
            self._loop.advance(timeout)
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.get_key(fileobj)

    def close(self) -> None:
        self._real.close()


def wait_real(seconds: float) -> None:
    """Block this thread for real seconds, whatever the clock: only for a simulated process that must let others catch up."""
    time.sleep(seconds)
