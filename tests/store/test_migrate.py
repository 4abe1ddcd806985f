"""The migrations build what the schema says, on both databases, however often and by however many at once."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from dialer.errors import StoreError
from dialer.store import migrate
from dialer.store.engine import open_store
from dialer.store.schema import metadata


def test_the_migrations_build_the_schema(database_url: str) -> None:
    migrate.upgrade(database_url)
    store = open_store(database_url)
    with store.read() as tx:
        options = {"compare_type": True, "compare_server_default": False}
        assert compare_metadata(MigrationContext.configure(tx, opts=options), metadata) == []
    store.close()


def test_partial_indexes_have_the_predicates_of_the_schema(database_url: str) -> None:
    """Alembic compares names and columns only; the predicates are what keeps a phone from ringing twice."""
    migrate.upgrade(database_url)
    store = open_store(database_url)
    with store.read() as tx:
        if store.dialect == "sqlite":
            rows = tx.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
        else:
            rows = tx.execute(text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"))
        found = dict(iter(rows))
    for table in metadata.tables.values():
        for index in table.indexes:
            where = index.dialect_options["sqlite"]["where"]
            assert ("WHERE" in found[index.name]) == (where is not None), index.name
            assert ("UNIQUE" in found[index.name]) == bool(index.unique), index.name
            if where is not None:
                column = str(where).split()[0]
                assert column in found[index.name].partition("WHERE")[2], index.name
            assert str(where) == str(index.dialect_options["postgresql"]["where"])
    store.close()


def test_a_new_database_is_not_current_until_it_is_upgraded(database_url: str) -> None:
    store = open_store(database_url)
    assert not migrate.is_current(store)
    migrate.upgrade(database_url)
    assert migrate.is_current(store)
    migrate.upgrade(database_url)
    assert migrate.is_current(store)
    store.close()


def test_many_may_upgrade_at_once(database_url: str) -> None:
    failures: list[BaseException] = []
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        try:
            migrate.upgrade(database_url)
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = open_store(database_url)
    assert failures == []
    assert migrate.is_current(store)
    store.close()


def test_all_migrations_can_be_undone(database_url: str) -> None:
    migrate.upgrade(database_url)
    store = open_store(database_url)
    with store.write() as tx:
        command.downgrade(migrate._config(tx), "base")
        assert set(inspect(tx).get_table_names()) == {"alembic_version"}
    store.close()


def test_postgres_cleans_the_busy_tables_early(postgres_url: str) -> None:
    migrate.upgrade(postgres_url)
    store = open_store(postgres_url)
    with store.read() as tx:
        rows = tx.execute(text("SELECT relname, reloptions FROM pg_class WHERE relname IN ('calls', 'attempts')"))
        options = dict(iter(rows))
    store.close()
    for table in ("calls", "attempts"):
        assert "autovacuum_vacuum_scale_factor=0" in options[table]


def test_migrations_are_found_in_a_checkout_and_in_a_wheel(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout" / "dialer"
    checkout.mkdir(parents=True)
    assert migrate.scripts(checkout) == tmp_path / "checkout" / "migrations"
    installed = tmp_path / "site-packages" / "dialer"
    shutil.copytree(migrate.scripts(), installed / "_migrations")
    assert migrate.scripts(installed) == installed / "_migrations"
    assert (migrate.scripts() / "env.py").is_file()


def test_there_is_one_newest_revision() -> None:
    newest = max(path.name for path in (migrate.scripts() / "versions").glob("*.py"))
    assert migrate.head() == newest.partition("_")[0]


def test_a_database_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder"):
        migrate.upgrade(f"sqlite:///{tmp_path}/nowhere/dialer.db")
