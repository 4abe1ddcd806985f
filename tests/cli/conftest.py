"""A workspace to run commands in: migrated database, simulated Monday, the examples."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.store import migrate
from tests.cli.terminal import EXAMPLES


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("cli") / "dialer.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Path]:
    """An empty working directory."""
    with contextlib.chdir(tmp_path):
        yield tmp_path


@pytest.fixture
def home(bare: Path, migrated: Path) -> Path:
    """A working directory with settings, examples and an empty database."""
    shutil.copy(migrated, bare / "dialer.db")
    shutil.copytree(EXAMPLES, bare / "campaigns", ignore=shutil.ignore_patterns("rejects.csv"))
    (bare / "dialer.toml").write_text("clock_start = 2026-11-23T18:00:00Z\n")
    return bare


@pytest.fixture
def few(home: Path) -> Path:
    """A contact file of two good rows and a bad one for solar-sales."""
    lines = (EXAMPLES / "solar-sales" / "contacts.csv").read_text(encoding="utf-8-sig").splitlines()
    path = home / "few.csv"
    cells = lines[3].split(";")
    cells[lines[0].split(";").index("Mobile Phone")] = "12"
    path.write_text("\n".join([*lines[:3], ";".join(cells), ""]), encoding="utf-8")
    return path
