"""The tests' own servers: each source that this machine has really starts, is empty, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from tests.support import servers, services

ROOT = Path(__file__).parents[1]
START_AND_FORGET = """
from tests.support import servers, services as s
server = servers.first_that_starts(s.{kind}_binaries(), s.run_{kind}, "nothing")
print(server.process.pid, server.directory)
"""


def is_gone(pid: int) -> bool:
    """No such process, or one that only waits to be collected."""
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


@pytest.mark.parametrize("binaries", list(services.postgres_binaries()), ids=lambda found: found.label)
def test_every_postgres_of_this_machine_starts_and_stops(binaries: servers.Binaries) -> None:
    server = services.run_postgres(binaries)
    try:
        with services.fresh_database(server) as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone() == (0,)
        assert binaries.label in server.description
        directory = server.directory
    finally:
        server.stop()
    assert directory is not None
    assert not directory.exists()
    assert services.postgres_version(server.url) == ""


@pytest.mark.parametrize("binaries", list(services.redis_binaries()), ids=lambda found: found.label)
def test_every_redis_of_this_machine_starts_and_stops(binaries: servers.Binaries) -> None:
    server = services.run_redis(binaries)
    try:
        with services.fresh_redis(server) as first, services.fresh_redis(server) as second:
            redis.Redis.from_url(first).set("word", "kept")
            assert redis.Redis.from_url(second).dbsize() == 0
        assert redis.Redis.from_url(first).dbsize() == 0
    finally:
        server.stop()
    assert services.redis_version(server.url) == ""


@pytest.mark.parametrize("kind", ["postgres", "redis"])
def test_a_server_ends_with_the_process_that_started_it(kind: str) -> None:
    script = START_AND_FORGET.format(kind=kind)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    pid, directory = done.stdout.split()
    assert is_gone(int(pid))
    assert not Path(directory).exists()


def test_a_candidate_that_fails_is_followed_by_the_next_and_its_reason_is_kept(tmp_path: Path) -> None:
    broken = [servers.Binaries(tmp_path / "a", "first"), servers.Binaries(tmp_path / "b", "second")]
    with pytest.raises(servers.Unavailable, match=r"first: .*second: "):
        servers.first_that_starts(iter(broken), services.run_redis, "nothing")
    with pytest.raises(servers.Unavailable, match="nothing"):
        servers.first_that_starts(iter([]), services.run_redis, "nothing")


def test_a_run_without_servers_says_so_and_asks_once() -> None:
    asked: list[str] = []

    def refuse() -> servers.Server:
        asked.append("postgres")
        raise servers.Unavailable("no binaries")

    found = services.Services()
    for _ in range(2):
        with pytest.raises(servers.Unavailable):
            found.get("postgres", refuse)
    assert asked == ["postgres"]
    assert found.describe() == "services: postgres NOT AVAILABLE (no binaries)"


@pytest.mark.parametrize(("is_required", "closing"), [(False, "1 skipped"), (True, "1 error")])
def test_a_test_without_its_server_is_named_with_the_reason(tmp_path: Path, is_required: bool, closing: str) -> None:
    shutil.copytree(ROOT / "tests/support", tmp_path / "tests/support", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests/conftest.py", tmp_path / "tests")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests/test_rows.py").write_text("def test_rows(postgres_url: str) -> None:\n    pass\n", encoding="utf-8")
    environment = {
        **os.environ,  # noqa: TID251  # the child needs PATH and the like
        "DIALER_TEST_POSTGRES_URL": "postgresql://dialer@127.0.0.1:1/none",
        "DIALER_REQUIRE_SERVICES": "1" if is_required else "",
    }
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    reason = "the server of DIALER_TEST_POSTGRES_URL does not answer"
    assert done.returncode == (1 if is_required else 0)
    assert closing in done.stdout.splitlines()[-1]
    assert f"services: postgres NOT AVAILABLE ({reason})" in done.stdout
    assert (f"  tests/test_rows.py::test_rows: no postgres: {reason}" in done.stdout) is not is_required
