"""What one call costs in CPU: a whole session beside a bare bridge, on the same library, with the same frames, in the same run.

A phone on a media stream (JSON, base64 mu-law, 50 messages a second, spread over the 20 ms) talks through the program with a
Realtime service whose speech comes in pieces of 20 ms. Phones and service are in a process of their own; only the program's CPU
is counted, from its first dial to its last end, over the minutes that were talked. Both programs use ``websockets`` on uvloop
and typed decoding. The bare bridge pastes each frame's audio from one message into the other; the session is all of ours: both
cores, the driver, the event log, tones, the ledger, turns, tools, barge-in, the compared set-up and the packed log at the end.
It joins pieces of the model's speech that have come together, which is why it sends fewer messages to the phone.
A database is not in it. The load: ``bridge/script.py``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bridge import peers
from bridge.programs import Load, Outcome, run_bridge, run_sessions

LIMIT = 0.30
"""CPU seconds in a call-minute that a session may cost."""
TIMES = 1.3
"""What a session may cost, in bare bridges."""
SPAWN = multiprocessing.get_context("spawn")


class FarEnds:
    """The process with the phones and the service."""

    def __init__(self) -> None:
        self._pipe: Connection
        self._pipe, there = SPAWN.Pipe()
        self._process = SPAWN.Process(target=peers.serve, args=(there,), daemon=True)
        self._process.start()
        self.model_port, self.desk_port = self._pipe.recv()

    def figures(self) -> tuple[dict[str, Any], float]:
        """What was counted since the last time, and the CPU seconds of all time."""
        self._pipe.send("figures")
        found: tuple[dict[str, Any], float] = self._pipe.recv()
        return found

    def close(self) -> None:
        """End it."""
        self._pipe.send("end")
        self._process.join()


def run(far: FarEnds, program: Any, load: Load) -> tuple[Outcome, dict[str, Any], float]:
    """One program under one load in a fresh process: what it spent, what the far ends saw, CPU seconds in a call-minute."""
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        outcome: Outcome = pool.submit(program, load).result()
    figures, _ = far.figures()
    return outcome, figures, outcome.cpu_s / (figures["talk_s"] / 60)


def share(values: list[float] | list[int], part: float) -> float:
    """The value below which this part of all values lies."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)] if values else float("nan")


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("calls", nargs="?", type=int, default=100, help="calls at once (100)")
    options.add_argument("seconds", nargs="?", type=int, default=60, help="of talk in each (60)")
    options.add_argument("rounds", nargs="?", type=int, default=2, help="of both programs, in turns; the best of each counts (2)")
    options.add_argument("--profile", default="", metavar="FILE", help="write a profile of the session (which makes it slower)")
    given = options.parse_args()
    calls, seconds, rounds, profile = given.calls, given.seconds, given.rounds, given.profile
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{calls} calls of {seconds} s at once, {rounds} rounds; CPU seconds in a call-minute")
    far = FarEnds()
    load = Load(calls, float(seconds), far.model_port, far.desk_port)
    bare: list[float] = []
    whole: list[float] = []
    for number in range(rounds):
        _, figures, cost = run(far, run_bridge, load)
        bare.append(cost)
        minutes = figures["talk_s"] / 60
        print(f"round {number + 1}: bare bridge    {cost:.3f}   {_seen(figures, minutes)}", flush=True)
        outcome, figures, cost = run(far, run_sessions, load if not profile else Load(**{**_fields(load), "profile": profile}))
        whole.append(cost)
        minutes = figures["talk_s"] / 60
        print(f"round {number + 1}: whole session  {cost:.3f}   {_seen(figures, minutes)}", flush=True)
    far.close()
    ends = ", ".join(f"{count} {end}" for end, count in outcome.ends.items())
    print(f"sessions ended: {ends}; {outcome.turns / calls:.1f} turns and {figures['barge_ins'] / calls:.1f} cuts in each")
    print(f"event log, packed: {statistics.median(outcome.log_bytes) / 1024:.1f} kB")
    first = outcome.answer_to_audio_ms
    print(f"answer to first audio: p50 {share(first, 0.5):.0f} ms, p95 {share(first, 0.95):.0f} ms")
    cost, floor = min(whole), min(bare)
    print(f"bare bridge {floor:.3f}, whole session {cost:.3f} (limit {LIMIT:.2f}), ratio {cost / floor:.2f} (limit {TIMES})")
    return 0 if cost <= LIMIT and cost <= TIMES * floor else 1


def _fields(load: Load) -> dict[str, Any]:
    return {name: getattr(load, name) for name in Load.__slots__}


def _seen(figures: dict[str, Any], minutes: float) -> str:
    """What the far ends counted, in a call-minute."""
    up, down, pieces = (figures[name] / minutes for name in ("frames_to_model", "messages_to_phone", "pieces_to_caller"))
    late = f"{figures['late_ticks']} of {figures['ticks']} ticks late"
    return f"frames up {up:.0f}, pieces down {pieces:.0f}, messages to the phone {down:.0f}; {late}"


if __name__ == "__main__":
    sys.exit(main())
