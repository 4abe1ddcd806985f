"""Run a coroutine in simulated time: sleeping costs nothing, and the same coroutine takes the same time every time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import TypeVar

from dialer.clock import SimulatedClock

T = TypeVar("T")
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday, ten in the morning in New York."""


def run_virtual(coroutine: Coroutine[object, object, T], clock: SimulatedClock | None = None) -> T:
    """Run ``coroutine`` to its end on a jumping loop and return its result."""
    with asyncio.Runner(loop_factory=(clock or SimulatedClock(START)).new_event_loop) as runner:
        return runner.run(coroutine)


def run_timed(main: Callable[[], Coroutine[object, object, T]]) -> tuple[T, float]:
    """As ``run_virtual``; return the simulated seconds that it took, too."""

    async def timed() -> tuple[T, float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        return await main(), loop.time() - began

    return run_virtual(timed())
