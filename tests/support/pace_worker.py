"""One of several worker processes that start calls in real time: ``python -m tests.support.pace_worker`` with a job as JSON.

All of them dial on the same day at noon (so that calling hours are open whenever this runs) by one clock, the machine's monotonic
one. The carrier stamps each dial as it comes in by a clock of its own and into a file of its own; whoever it is for is busy.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dialer import wiring
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.model.attempt import DialOrder
from dialer.operations.lane import run_lane
from dialer.operations.parts import Lines, Parts
from dialer.simulation.phones.network import SimulatedCall, SimulatedCarrier
from dialer.simulation.phones.personas import Person

MONDAY = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


class MondayClock(SystemClock):
    """Real time, moved to a Monday at noon, the same in all processes that are told when it began."""

    is_simulated = True

    def __init__(self, began_s: float) -> None:
        """``began_s``: the machine's monotonic clock when it was noon."""
        self._began_s = began_s

    def now(self) -> datetime:
        """The moved instant."""
        return MONDAY + timedelta(seconds=time.monotonic() - self._began_s)


class StampingCarrier(SimulatedCarrier):
    """Writes down each dial, with the time by its own clock, before it does anything else."""

    stamps: Path

    async def place(self, order: DialOrder) -> SimulatedCall:
        """Dial."""
        line = json.dumps({"at_s": time.clock_gettime(time.CLOCK_BOOTTIME), "from": order.from_number, "pid": os.getpid()})
        with self.stamps.open("a", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line + "\n")
        return await super().place(order)


@dataclass
class UntilStamped:
    """Asks to drain when so many dials have come in."""

    stamps: Path
    most: int

    def is_set(self) -> bool:
        """There are enough."""
        return self.stamps.exists() and len(self.stamps.read_bytes().splitlines()) >= self.most

    def is_urgent(self) -> bool:
        """Nobody is in a hurry."""
        return False


def work(job: dict[str, Any]) -> None:
    """One lane until there are enough dials."""
    parts = wiring.build(Settings(**job["settings"]))
    clock, stamps = MondayClock(job["began_s"]), Path(job["stamps"])

    async def open_lines() -> Lines:
        lines = await wiring.open_lines(parts.settings, parts.store, clock)
        carrier = StampingCarrier(1, parts.settings.simulation_journal, lambda _: Person("Ann", persona="busy"), clock=clock)
        carrier.stamps = stamps
        return replace(lines, carrier=carrier)

    run_lane(Parts(parts.settings, clock, parts.store, open_lines), job["node"], UntilStamped(stamps, job["most"]))
    parts.store.close()


if __name__ == "__main__":
    work(json.loads(sys.argv[1]))
