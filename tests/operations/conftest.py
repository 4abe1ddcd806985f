"""Use cases on a real database: migrated once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.clock import SimulatedClock
from dialer.config import Settings
from dialer.operations.parts import Lines, Parts
from dialer.store import migrate
from dialer.store.engine import open_store

START = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    path = tmp_path_factory.mktemp("operations") / "empty.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


async def no_lines() -> Lines:
    """A test that dials says so and brings its own lines."""
    raise AssertionError("this test dials nothing")


@pytest.fixture
def parts(tmp_path: Path, empty_database: Path) -> Iterator[Parts]:
    """Settings, a simulated clock at Monday 2026-11-23, 13:00 in New York and 10:00 in Seattle, and an empty database."""
    database = tmp_path / "dialer.db"
    shutil.copy(empty_database, database)
    settings = Settings(
        database_url=f"sqlite:///{database}",
        clock_start=START,
        simulation_journal=tmp_path / "phones.jsonl",
        reports_dir=tmp_path / "reports",
        campaigns_dir=Path(__file__).resolve().parents[2] / "campaigns",
    )
    store = open_store(settings.database_url)
    yield Parts(settings, SimulatedClock(START), store, no_lines)
    store.close()
