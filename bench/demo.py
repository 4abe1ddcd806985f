"""How long the demo takes: three campaigns from contact file to report, as a newcomer runs it, after the installation.

Run: ``python bench/demo.py [runs]``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_S = 60


def measure(folder: Path) -> tuple[float, float, float]:
    """One run: wall seconds, CPU seconds of all its processes, and the largest resident memory in MB. Raises when it failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "dialer", "demo", "--dir", str(folder)], capture_output=True, text=True, timeout=600, check=False
    )
    wall_s = time.monotonic() - began_s
    if done.returncode != 0:
        raise SystemExit(f"the demo ended with exit code {done.returncode}:\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall_s, cpu_s, after.ru_maxrss / 1024


def simulated_minutes(folder: Path) -> tuple[int, float]:
    """The dials that the phone network saw, and the minutes that people or machines were on the line."""
    dials, talk_ms = 0, 0.0
    for journal in folder.rglob("*.jsonl"):
        for line in map(json.loads, journal.read_text(encoding="utf-8").splitlines()):
            dials += line.get("kind") == "ring"
            talk_ms += line.get("talk_ms", 0) if line.get("kind") == "end" else 0
    return dials, talk_ms / 60_000


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("runs", nargs="?", type=int, default=1)
    runs = options.parse_args().runs
    print(
        f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}"
    )
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "demo"
            wall_s, cpu_s, memory_mb = measure(folder)
            dials, minutes = simulated_minutes(folder)
        for what, figure in (
            (f"demo, start to exit (limit {LIMIT_S} s)", f"{wall_s:.1f} s"),
            ("CPU of all its processes", f"{cpu_s:.1f} s"),
            ("largest memory", f"{memory_mb:.0f} MB"),
            ("dials, minutes on the line", f"{dials}, {minutes:.1f}"),
            ("CPU per call-minute, all parts", f"{cpu_s / max(minutes, 0.01) * 1e3:.0f} ms"),
        ):
            print(f"{what:<48}{figure:>28}")


if __name__ == "__main__":
    main()
