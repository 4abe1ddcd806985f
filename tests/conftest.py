"""What every test may ask for (servers, databases), in which order tests run, and what the summary says at the end."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import gates
from tests.support.servers import Server, Unavailable
from tests.support.services import Services, described, fresh_database, fresh_redis, open_postgres, open_redis

ROOT = Path(__file__).resolve().parents[1]
SERVICES = pytest.StashKey[Services]()
STOOD_ON = pytest.StashKey[list[str]]()
"""What the processes that ran the tests say of their servers."""
VERDICTS = pytest.StashKey[list[gates.Verdict]]()

TOGETHER = {"test_chaos.py", "test_checks.py", "test_words.py"}
"""Files whose tests look at one costly run of the whole."""

# Deadlines measure the machine, not the code. The default is quick; `thorough` is for a night, `exhaustive` for a file:
# DIALER_HYPOTHESIS_PROFILE=exhaustive pytest tests/scenarios/test_two_cores.py runs 100,000 sequences.
settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("default"), max_examples=2000)
settings.register_profile("exhaustive", settings.get_profile("default"), max_examples=100_000)
settings.load_profile(os.environ.get("DIALER_HYPOTHESIS_PROFILE", "default"))


# --- servers ----------------------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """One set of servers for each process that runs tests."""
    config.stash[SERVICES] = Services()
    config.stash[STOOD_ON] = []


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    """Keep what a test process said of its servers when it ended."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    config.stash[STOOD_ON] += getattr(node, "workeroutput", {}).get("services", [])


def pytest_unconfigure(config: pytest.Config) -> None:
    """The servers end with the run, after Ctrl-C too."""
    config.stash[SERVICES].stop()


def _server(request: pytest.FixtureRequest, name: str) -> Server:
    """The server called ``name``, or a skip that the summary lists by name."""
    try:
        return request.config.stash[SERVICES].get(name, open_postgres if name == "postgres" else open_redis)
    except Unavailable as error:
        if os.environ.get("DIALER_REQUIRE_SERVICES") == "1":
            pytest.fail(f"DIALER_REQUIRE_SERVICES=1 and no {name}: {error}", pytrace=False)
        pytest.skip(f"no {name}: {error}")


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Server:
    """A running Postgres; its ``url`` names the maintenance database, so tests want ``postgres_url`` instead."""
    return _server(request, "postgres")


@pytest.fixture(scope="session")
def redis_server(request: pytest.FixtureRequest) -> Server:
    """A running Redis; tests want ``redis_url`` instead."""
    return _server(request, "redis")


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """``postgresql://...`` of a database that is new, empty, and gone after the test."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def redis_url(redis_server: Server) -> Iterator[str]:
    """``redis://...`` of an empty Redis database that no other test uses at the same time."""
    with fresh_redis(redis_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """``sqlite:///...`` of a file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'dialer.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The conformance tests' database: each test runs once on SQLite and once on Postgres, on an empty one."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


# --- order, summary, coverage gates -----------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--coverage-gates`` is part of ``make test``; a run of a few tests goes without."""
    parser.addoption("--coverage-gates", action="store_true", help="fail the run when coverage misses its gates")


@pytest.hookimpl(tryfirst=True)  # the groups must be there when xdist looks for them
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cheap tests first: those with real processes run last.

    When several processes share the tests, one file's tests that share an expensive set-up stay together.
    """
    acceptance = ROOT / "tests" / "acceptance"
    for item in items:
        if item.path.is_relative_to(acceptance):
            item.add_marker(pytest.mark.acceptance)
        if item.path.name in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: item.path.is_relative_to(acceptance))


def pytest_collection_finish() -> None:
    """Thousands of tests are kept to the end: no use to look through them for garbage again and again."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Measure the gates once pytest-cov has saved its data; a gate that is missed fails a run that was green."""
    if hasattr(session.config, "workeroutput"):  # one process of several: the first one measures when all have ended
        session.config.workeroutput["services"] = session.config.stash[SERVICES].parts()
        return
    is_whole = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    if not is_whole or not session.config.getoption("--coverage-gates"):
        return
    verdicts = [gates.check(gate, ROOT) for gate in gates.GATES]
    session.config.stash[VERDICTS] = verdicts
    if not all(verdict.is_met for verdict in verdicts):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the run stood on, and name every test that did not run, with its reason."""
    write = terminalreporter.write_line
    terminalreporter.section("what this run stood on")
    write(described([*config.stash[STOOD_ON], *config.stash[SERVICES].parts()]))
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple)]
    write(f"did not run here: {len(skipped)}")
    for report in skipped:
        write(f"  {report.nodeid}: {str(report.longrepr[2]).removeprefix('Skipped: ')}")
    for verdict in config.stash.get(VERDICTS, []):
        write(verdict.describe(), red=not verdict.is_met)
