"""``celery -A dialer.worker ...`` works as Celery users expect."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.acceptance.world import LONG_S, PATIENCE_S, World, world
from tests.support.servers import free_port

pytestmark = pytest.mark.timeout(PATIENCE_S)


def celery(scene: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A short Celery command."""
    command = [sys.executable, "-m", "celery", "-A", "dialer.worker", *arguments]
    return subprocess.run(
        command, cwd=scene.home, env=scene.environment, capture_output=True, text=True, timeout=LONG_S, check=False
    )


def flower(scene: World) -> str:
    """Start Flower; its address. Somebody else may take the free port first: then it gets another one."""
    for _ in range(5):
        port = free_port()
        process = scene.start("celery", "-A", "dialer.worker", "flower", "--address=127.0.0.1", f"--port={port}")
        address = f"http://127.0.0.1:{port}"
        scene.until(lambda at=address, it=process: body(f"{at}/healthcheck") == "OK" or it.poll() is not None, "Flower")
        if process.poll() is None:
            return address
    raise AssertionError(scene.said())


def test_worker_beat_inspect_and_flower(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    with world(tmp_path, postgres_url, redis_url) as scene:
        scene.arm("clinic-reminder", most=12)
        scene.worker("plain", "-P", "prefork", "-c", "2")
        scene.beat()
        scene.until(scene.lane_pids, "a lane")
        asked = ("--json", "--timeout", "60", "--destination", "plain@test")
        answer = celery(scene, "inspect", "ping", *asked)
        assert json.loads(answer.stdout) == {"plain@test": {"ok": "pong"}}, answer
        queues = json.loads(celery(scene, "inspect", "active_queues", *asked).stdout)
        assert {found["name"] for found in queues["plain@test"]} == {"lanes", "control", "reports"}
        address = flower(scene)
        scene.until(lambda: "plain@test" in body(f"{address}/workers"), "the worker in Flower")
        scene.until(scene.is_done, "the campaign's end")
        scene.check_books()
        assert not list(tmp_path.glob("celerybeat*")), "beat keeps nothing on disk"


def body(url: str) -> str:
    """What a page says; nothing while it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_a_worker_on_an_old_database_says_so_and_does_not_start(tmp_path: Path, redis_url: str) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'dialer.db'}", redis_url) as scene:
        process = scene.start("celery", "-A", "dialer.worker", "worker", DIALER_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}")
        assert process.wait(LONG_S) == 4
        assert "run `dialer db upgrade`" in scene.said()
        assert "Traceback" not in scene.said()
