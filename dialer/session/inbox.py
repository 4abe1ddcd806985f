"""What has happened to an attempt and was not fed to its cores yet, with the one timer that the cores wait for."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")
CLOSE_S = 0.001
"""uvloop counts whole milliseconds, so that a timer may fire a part of one too early: so close to its time it is due."""


class Inbox(Generic[T]):
    """Events in the order of their coming. One reader.

    The model speaks in bursts, so most events are taken without waiting. Deadlines mostly move away while one waits, so a timer
    that was set stays set as long as it is not too late, and is set anew when it fires too early.
    """

    def __init__(self) -> None:
        self._events: deque[T] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def __bool__(self) -> bool:
        """Something is there."""
        return bool(self._events)

    def post(self, event: T) -> None:
        """Something happened."""
        self._events.append(event)
        self._wake()

    async def take(self, due: float | None) -> T | None:
        """The next event; None when ``due`` (seconds of the loop) comes first."""
        while not self._events:
            if due is not None:
                if self._loop.time() >= due - CLOSE_S:
                    return None
                self._set(due)
            self._waiter = self._loop.create_future()
            await self._waiter
        return self._events.popleft()

    def follower(self) -> T | None:
        """The next event, if it has come already; it stays where it is."""
        return self._events[0] if self._events else None

    def drop(self) -> None:
        """Take the next event, which is there, away."""
        self._events.popleft()

    def close(self) -> None:
        """Nobody waits any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, due: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._fire)

    def _fire(self) -> None:
        self._timer = None
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
