"""A store with this version's tables, once on SQLite and once on Postgres.

Migrating a database anew for each test would take most of the time: SQLite gets a copy of a migrated file, Postgres has one
migrated database whose tables are emptied.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from dialer.store import migrate
from dialer.store.engine import Store, open_store
from dialer.store.schema import metadata
from tests.support.servers import Server
from tests.support.services import fresh_database

KEY = "a key for tests, and for nothing else"


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Server) -> Iterator[str]:
    """A migrated database that the tests use one after another."""
    with fresh_database(postgres_server) as url:
        migrate.upgrade(url)
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store."""
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("tmp_path") / "dialer.db"
        shutil.copy(request.getfixturevalue("empty_sqlite"), path)
        opened = open_store(f"sqlite:///{path}")
    else:
        opened = open_store(request.getfixturevalue("migrated_postgres"), ledger_key=KEY)
        with opened.write() as tx:
            names = ", ".join(table.name for table in metadata.sorted_tables)
            tx.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    yield opened
    opened.close()
