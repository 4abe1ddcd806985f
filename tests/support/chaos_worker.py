"""Worker processes that die at checkpoints, as a program: one JSON array of jobs on each line in, one of endings out.

``python -m tests.support.chaos_worker`` imports once and forks a process for each job of a line; they run side by side, as real
worker processes do, until each has died or found nothing left to do. ``--job JSON`` runs one job in this very process.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from dialer import wiring
from dialer.carriers.base import Carrier, Trace
from dialer.config import Settings
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.operations import dispatch, upkeep
from dialer.operations.lane import run_lane
from dialer.operations.parts import Lines, Parts
from dialer.simulation.phones.faults import NAMED
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from dialer.store import attempts
from dialer.telemetry import log_to_stderr
from tests.support.chaos import ForgetfulCarrier, Reaper, WatchedCarrier, WatchedStore

_LOOK_S = 0.1
_PERSONAS = ("hangs_up_early", "no_answer", "presses_9", "hangs_up_early", "busy", "agrees")
_STUCK_S = 240
"""A process that takes so long is ended by the system: its ending says that it was neither killed here nor came to its end."""


def watched(parts: Parts, reaper: Reaper, faults: str, finds_by: str = "our_id") -> Parts:
    """The same parts with checkpoints in them, on a network with the faults of that name."""
    lines = partial(_open_lines, parts, reaper, faults, finds_by)
    return replace(parts, store=WatchedStore(parts.store, reaper), open_lines=lines)  # type: ignore[arg-type]  # has what is used of a Store


async def _open_lines(parts: Parts, reaper: Reaper, faults: str, finds_by: str) -> Lines:
    """The lines as the wiring opens them, with another carrier."""
    settings = parts.settings
    lines = await wiring.open_lines(settings, parts.store, parts.clock)
    directory = partial(_person_of, parts)
    network = SimulatedCarrier(
        settings.simulation_seed, settings.simulation_journal, directory, clock=parts.clock, faults=NAMED[faults]
    )

    async def close() -> None:
        await network.close()
        await lines.close()

    carrier: Carrier = network
    if finds_by != "our_id":
        carrier = ForgetfulCarrier(network, settings.simulation_journal, partial(_trace, parts), parts.clock.now)
    return replace(lines, carrier=WatchedCarrier(carrier, reaper), close=close)


def _trace(parts: Parts, attempt_id: AttemptId) -> Trace | None:
    """What our books say of a dial."""
    with parts.store.read() as tx:
        row = attempts.get(tx, attempt_id)
    return None if row.dialed_at is None else Trace(row.id, row.phone, row.from_number, row.dialed_at, row.carrier_call_id)


def _person_of(parts: Parts, phone: PhoneNumber) -> Person | None:
    """The contact of that number with a short temper: what happens around a talk is looked at here, and talks take their time."""
    person = wiring.person_of(parts.store, phone)
    return None if person is None else replace(person, persona=_PERSONAS[int(phone[-2:]) % len(_PERSONAS)])


class UntilDone:
    """A drain that is asked for when nothing is left to do; the upkeep that a beat would ask for is done on the way."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._looked_at = 0.0
        self._is_done = False

    def is_set(self) -> bool:
        """Nothing is left."""
        if not self._is_done and time.monotonic() - self._looked_at > _LOOK_S:
            self._is_done = dispatch.is_all_done(self._parts)
            self._looked_at = time.monotonic()
        return self._is_done

    def is_urgent(self) -> bool:
        """Nobody is in a hurry."""
        return False


def work(job: dict[str, Any]) -> None:
    """One worker process: a lane of its own until nothing is left to do, or until it dies."""
    parts = wiring.build(Settings(**job["settings"]))
    reaper = Reaper(job.get("at", ""), job.get("nth", 1), Path(job["log"]), job.get("deed", "kill"), job["most"])
    reaper.begin(str(parts.settings.database_url))
    chaotic = watched(parts, reaper, job.get("faults", "none"), job.get("finds_by", "our_id"))
    run_lane(chaotic, job.get("node", "chaos"), UntilDone(parts))
    upkeep.tidy(parts)
    parts.store.close()


def _forked(job: dict[str, Any]) -> int:
    """A process of its own for one job; its id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        sink = os.open(job["said"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        log_to_stderr("INFO")
        signal.alarm(_STUCK_S)
        work(job)
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        raise
    finally:
        os._exit(status)


def main() -> None:
    """Serve jobs until standard input ends."""
    if sys.argv[1:2] == ["--job"]:
        work(json.loads(sys.argv[2]))
        return
    for line in sys.stdin:
        pids = {_forked(job) for job in json.loads(line)}
        endings = []
        while pids:
            pid, status = os.wait()  # whoever dies first: one that is not waited for would seem to be alive
            pids.discard(pid)
            endings.append(os.waitstatus_to_exitcode(status))
        sys.stdout.write(json.dumps(endings) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
