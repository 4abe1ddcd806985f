"""The coverage gates: each module of the pure half has every branch taken, the shells and joints nine in ten.

They read the data that a finished run left in ``.coverage``, by ``coverage report``, once for each half.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PURE = ("audio", "call", "compliance", "conversation", "dialing", "intake", "leads", "model", "reports", "wire")


@dataclass(frozen=True)
class Gate:
    """One demand on the coverage of a part of the source. ``selection`` are options of ``coverage report``."""

    name: str
    percent: int
    selection: tuple[str, ...]


PURE_PATHS = ",".join(f"dialer/{package}/*" for package in PURE)
GATES = (
    Gate("pure half", 100, (f"--include={PURE_PATHS}",)),
    Gate("shells and joints", 90, ("--include=dialer/*", f"--omit={PURE_PATHS}")),
)


@dataclass(frozen=True)
class Verdict:
    """How a gate ended; ``report`` is what coverage printed."""

    gate: Gate
    is_met: bool
    report: str

    def describe(self) -> str:
        """One line, and below it the files that fall short when the gate is not met."""
        line = f"coverage of the {self.gate.name}: {'ok' if self.is_met else 'TOO LOW'}, {self.gate.percent} % demanded"
        return line if self.is_met else f"{line}\n{self.report}"


def check(gate: Gate, root: Path) -> Verdict:
    """Ask ``coverage report`` about ``gate``, with the data and settings that lie in ``root``."""
    command = [sys.executable, "-m", "coverage", "report", *gate.selection, f"--fail-under={gate.percent}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return Verdict(gate, done.returncode == 0, (done.stdout + done.stderr).strip())
