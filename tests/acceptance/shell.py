"""The real `dialer`, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIALER = (sys.executable, "-m", "dialer")
LIMIT_S = 400
"""A limit says that something hangs, never that the machine is slow."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment without any setting of dialer, finding the package in this checkout from any directory."""
    ours = ("DIALER_", "OPENAI_", "AZURE_", "TWILIO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"} | dict(extra or {})


def dialer(cwd: Path, *arguments: str, code: int = 0, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; ``code`` is the exit code wanted."""
    done = subprocess.run(
        [*DIALER, *arguments], cwd=cwd, env=environment(extra), capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def started(cwd: Path, *arguments: str, **extra: str) -> subprocess.Popen[str]:
    """Start one command and go on."""
    return subprocess.Popen(
        [*DIALER, *arguments],
        cwd=cwd,
        env=environment(extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
