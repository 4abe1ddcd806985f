"""Real processes: the demo, the failures that a newcomer meets, Ctrl-C, and `kill -9` in mid-run."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.shell import LIMIT_S, ROOT, dialer, environment, started

pytestmark = pytest.mark.timeout(3 * LIMIT_S)
CLOCK = {"DIALER_CLOCK_START": "2026-11-23T15:00:00Z"}
SALES = "solar-sales"


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the three examples, and the sales example imported and scheduled: made once, copied for each test."""
    home = tmp_path_factory.mktemp("pattern")
    shutil.copytree(ROOT / "campaigns", home / "campaigns", ignore=shutil.ignore_patterns("rejects.csv"))
    dialer(home, "db", "upgrade")
    dialer(home, "import", SALES, f"campaigns/{SALES}/contacts.csv", **CLOCK)
    dialer(home, "schedule", SALES, **CLOCK)
    return home


@pytest.fixture
def home(tmp_path: Path, pattern: Path) -> Path:
    """A workspace of its own, armed."""
    return Path(shutil.copytree(pattern, tmp_path / "home"))


def standing(home: Path) -> Any:
    """``dialer status --json``."""
    return json.loads(dialer(home, "status", SALES, "--json", **CLOCK).stdout)


def dials(home: Path) -> int:
    """How many attempts are on record."""
    with sqlite3.connect(home / "dialer.db") as database:
        return int(database.execute("SELECT count(*) FROM attempts WHERE dialed_at IS NOT NULL").fetchone()[0])


def wait_for_dials(home: Path, process: subprocess.Popen[str], count: int) -> None:
    """Until ``count`` dials are on record."""
    until = time.monotonic() + LIMIT_S
    while dials(home) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "nothing was dialled"
        time.sleep(0.05)


def rings(home: Path) -> Counter[str]:
    """How often the simulated phones rang for each attempt."""
    journal = home / "simulated-phones.jsonl"
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    return Counter(line["attempt_id"] for line in lines if "from" in line)


def test_the_demo_tells_the_whole_story(tmp_path: Path) -> None:
    done = dialer(tmp_path, "demo")
    pages = [Path(line.strip()) for line in done.stdout.splitlines() if line.strip().endswith("report.html")]
    assert len(pages) == 3
    reports = [json.loads((page.parent / "report.json").read_text(encoding="utf-8")) for page in pages]
    for page, report in zip(pages, reports, strict=True):
        assert page.is_file()
        assert sum(report["buckets"].values()) == report["rows"]
        assert report["status"] == "done"
    assert len({name for report in reports for name in report["dispositions"]}) >= 4
    assert sum(report["redials"] for report in reports) > 0
    assert sum(report["opt_outs"] for report in reports) > 0
    assert "\x1b" not in done.stdout
    home, status = re.findall(r"^   (cd .*)\n   (.* status)$", done.stdout, flags=re.MULTILINE)[0]
    line = ["bash", "-c", f"{home} && {status}"]
    off_path = environment({"PATH": "/usr/bin:/bin"})
    looked = subprocess.run(line, cwd=tmp_path, env=off_path, capture_output=True, text=True, check=False)
    assert looked.returncode == 0, f"{line}: {looked.stderr}"
    assert "solar-sales" in looked.stdout
    words = dialer(tmp_path / "dialer-demo", "transcript", re.findall(r"dialer transcript (\w+)", done.stdout)[0])
    assert "callee" in words.stdout
    again = dialer(tmp_path / "dialer-demo", "status", "--json")
    assert {item["status"] for item in json.loads(again.stdout)} == {"done"}


def test_kill_9_in_mid_run_dials_nobody_twice_and_loses_nobody(home: Path) -> None:
    lease = {**CLOCK, "DIALER_LEASE_S": "5", "DIALER_SETTLE_S": "1"}
    process = started(home, "run", **lease)
    wait_for_dials(home, process, 5)
    process.kill()
    process.communicate()
    dialer(home, "run", **lease)
    found = standing(home)
    assert found["status"] == "done"
    assert sum(found["buckets"].values()) == found["rows"]
    assert not {"waiting", "live"} & found["buckets"].keys()
    assert set(rings(home).values()) == {1}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_the_first_signal_drains(home: Path, number: signal.Signals) -> None:
    process = started(home, "run", DIALER_CLOCK_SPEED="60", **CLOCK)  # as fast as can be, it might be over before the signal
    wait_for_dials(home, process, 3)
    process.send_signal(number)
    _, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert "draining" in err
    assert "Traceback" not in err
    assert "live" not in standing(home)["buckets"]


@pytest.fixture
def model(tmp_path: Path) -> Iterator[str]:
    """The address of a stand-in that accepts one key only."""
    process = started(tmp_path, "simulate", "model", "--port", "0", "--key", "the-right-one")
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0


def test_a_wrong_key_is_said_plainly(home: Path, model: str) -> None:
    settings = {"DIALER_VOICE": "openai", "DIALER_VOICE_URL": model}
    done = dialer(home, "doctor", "--json", code=4, OPENAI_API_KEY="a-wrong-one", **settings)
    (check,) = (one for one in json.loads(done.stdout)["checks"] if one["part"] == "voice (openai)")
    assert check["health"] == "refused"
    assert "the key was refused" in check["seen"]
    assert check["mend"].startswith("the key is wrong")
    assert "a-wrong-one" not in done.stdout + done.stderr
    dialer(home, "doctor", OPENAI_API_KEY="the-right-one", **settings)


def test_an_unreachable_database_is_said_plainly(home: Path) -> None:
    away = {"DIALER_DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/none"}
    for arguments in (["status"], ["run"], ["import", SALES, f"campaigns/{SALES}/contacts.csv"]):
        done = dialer(home, *arguments, code=4, **away)
        assert len([line for line in done.stderr.splitlines() if line.startswith("error: ")]) == 1
        assert "Traceback" not in done.stderr
        assert "secret" not in done.stderr


def test_a_benchmark_says_how_it_is_run() -> None:
    command = [sys.executable, str(ROOT / "bench" / "calls.py"), "--help"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[calls] [seconds]" in done.stdout


def test_a_closed_pipe_is_no_fault(home: Path) -> None:
    process = started(home, "plan", SALES, "--limit", "0", **CLOCK)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.wait(timeout=LIMIT_S)
