"""Transactions as they really are on each database, and the words for what goes wrong."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from dialer.errors import StoreError, UserError
from dialer.store import suppression
from dialer.store.engine import PartFailed, Store, apart, batches, open_store
from dialer.store.schema import suppressions
from tests.store.rows import NOW, a_phone


def count(tx: Connection) -> int:
    return len(list(suppression.listed(tx)))


def test_a_write_is_kept(store: Store) -> None:
    with store.write() as tx:
        suppression.add(tx, a_phone(1), "asked", "call", NOW)
    with store.read() as tx:
        assert count(tx) == 1


def test_whatever_leaves_the_block_rolls_back(store: Store) -> None:
    def work() -> None:
        with store.write() as tx:
            suppression.add(tx, a_phone(1), "asked", "call", NOW)
            raise KeyError("anything")

    with pytest.raises(KeyError):
        work()
    with store.read() as tx:
        assert count(tx) == 0


def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match=r"read-?only"), store.read() as tx:
        suppression.add(tx, a_phone(1), "asked", "call", NOW)
    with store.write() as tx:  # and the connection that it used can
        assert suppression.add(tx, a_phone(1), "asked", "call", NOW)


def test_a_read_sees_one_instant(store: Store) -> None:
    with store.read() as reader:
        assert count(reader) == 0
        with store.write() as writer:
            suppression.add(writer, a_phone(1), "asked", "call", NOW)
        assert count(reader) == 0
    with store.read() as reader:
        assert count(reader) == 1


def test_a_store_can_be_used_after_it_was_closed(store: Store) -> None:
    store.close()
    with store.read() as tx:
        assert count(tx) == 0


def test_writers_that_read_first_do_not_lose_a_write(store: Store) -> None:
    """The case that a deferred transaction fails in at once on SQLite: everybody reads, then everybody writes."""
    together = threading.Barrier(4)
    failures: list[StoreError] = []

    def work(number: int) -> None:
        together.wait()
        try:
            for step in range(10):
                with store.write() as tx:
                    count(tx)
                    suppression.add(tx, a_phone(number * 100 + step), "asked", "call", NOW)
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.read() as tx:
        assert count(tx) == 40


def test_a_write_takes_the_lock_of_sqlite_when_it_begins(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)
    with store.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    with store.read():
        other.execute("BEGIN IMMEDIATE")
    other.close()
    store.close()


def test_a_new_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(f"sqlite:///{tmp_path / 'dialer.db'}")
        with store.write() as tx:
            tx.execute(text("CREATE TABLE people (phone TEXT)"))
        found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.suffix != ".key"}
    finally:
        os.umask(before)
    store.close()
    assert found == {"dialer.db": 0o600, "dialer.db-wal": 0o600, "dialer.db-shm": 0o600}


def test_many_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    failures: list[StoreError] = []
    for number in range(10):
        together = threading.Barrier(6)

        def work(url: str = f"sqlite:///{tmp_path / f'{number}.db'}", together: threading.Barrier = together) -> None:
            together.wait()
            store = open_store(url)
            try:
                with store.write() as tx:
                    tx.execute(text("CREATE TABLE IF NOT EXISTS people (phone TEXT)"))
            except StoreError as error:
                failures.append(error)
            store.close()

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_a_database_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "dialer.db").touch(0o640)
    store = open_store(f"sqlite:///{tmp_path / 'dialer.db'}")
    with store.write() as tx:
        tx.execute(text("CREATE TABLE people (phone TEXT)"))
    store.close()
    assert (tmp_path / "dialer.db").stat().st_mode & 0o777 == 0o640


def test_a_database_in_a_folder_that_is_not_there_cannot_be_made(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'none' / 'dialer.db'}")
    with pytest.raises(StoreError, match="cannot be opened"), store.read():
        pass


def test_sqlite_is_set_up_for_several_processes(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with store.read() as tx:
        pragmas = {
            name: tx.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    store.close()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 30_000}


def test_postgres_sessions_do_not_idle_in_a_transaction(postgres_url: str) -> None:
    store = open_store(postgres_url)
    with store.read() as tx:
        assert tx.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one() == "1min"
        assert tx.execute(text("SHOW timezone")).scalar_one() == "UTC"
    store.close()


def test_what_the_url_says_about_a_session_comes_first(postgres_url: str) -> None:
    mark = "&" if "?" in postgres_url else "?"
    store = open_store(f"{postgres_url}{mark}application_name=mine&options=-c%20idle_in_transaction_session_timeout%3D5s")
    with store.read() as tx:
        assert tx.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one() == "5s"
        assert tx.execute(text("SHOW application_name")).scalar_one() == "mine"
    store.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgres_is_understood(scheme: str, postgres_url: str) -> None:
    store = open_store(scheme + postgres_url[postgres_url.index("://") :])
    with store.read() as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1
    assert store.dialect == "postgresql"
    store.close()


def test_the_url_is_shown_without_its_password() -> None:
    store = open_store("postgres://robin:secret@db.example.com:5432/dialer")
    assert "secret" not in store.url
    assert "robin" in store.url


@pytest.mark.parametrize(
    "url",
    ["", "dialer.db", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "postgresql+asyncpg://host/db", "postgresql://h:x/y"],
)
def test_an_address_that_makes_no_sense_is_the_users_error(url: str) -> None:
    with pytest.raises(UserError, match=r"sqlite:///|not supported"):
        open_store(url)


def test_missing_tables_say_what_to_do(database_url: str) -> None:
    store = open_store(database_url)
    with pytest.raises(StoreError, match="dialer db upgrade") as caught, store.read() as tx:
        count(tx)
    assert not caught.value.retryable
    store.close()


def test_a_broken_rule_names_no_number(store: Store) -> None:
    row = {"number": a_phone(7), "reason": "asked", "source": "call", "added_at": NOW}
    with pytest.raises(StoreError) as caught, store.write() as tx:
        tx.execute(insert(suppressions), [row, row])
    assert a_phone(7) not in str(caught.value)
    assert caught.value.__suppress_context__
    assert not caught.value.retryable


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("just some notes, long enough to be read as a header" * 100)
    store = open_store(f"sqlite:///{tmp_path / 'notes.db'}")
    with pytest.raises(StoreError, match="not a database") as caught, store.read():
        pass
    assert not caught.value.retryable


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/nowhere/dialer.db")
    with pytest.raises(StoreError, match="folder") as caught, store.read():
        pass
    assert not caught.value.retryable


def test_a_database_that_another_process_keeps_locked_may_be_tried_again(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with store.write() as tx:
        tx.execute(text("CREATE TABLE things (id INTEGER)"))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def work() -> None:
        with store.read() as tx:
            tx.execute(text("PRAGMA busy_timeout = 0"))
            tx.execute(text("PRAGMA query_only = OFF"))
            tx.execute(text("INSERT INTO things VALUES (1)"))

    with pytest.raises(StoreError, match="locked") as caught:
        work()
    assert caught.value.retryable
    other.close()
    store.close()


def test_a_server_that_is_not_there_may_be_tried_again() -> None:
    store = open_store("postgresql://robin:secret@127.0.0.1:9/dialer")
    with pytest.raises(StoreError, match="does not answer") as caught, store.read():
        pass
    assert caught.value.retryable
    assert "secret" not in str(caught.value)


def test_a_database_that_the_server_does_not_have(postgres_url: str) -> None:
    parts = urlsplit(postgres_url)
    store = open_store(parts._replace(path="/nowhere").geturl())
    with pytest.raises(StoreError, match="no such database") as caught, store.read():
        pass
    assert (caught.value.code, caught.value.retryable) == ("3D000", False)


def test_a_user_that_the_server_does_not_know(postgres_url: str) -> None:
    parts = urlsplit(postgres_url)
    store = open_store(parts._replace(netloc=f"nobody_here:x@{parts.netloc.rpartition('@')[2]}").geturl())
    with pytest.raises(StoreError, match="refused") as caught, store.read():
        pass
    assert (caught.value.code, caught.value.retryable) == ("28000", False)


def test_a_lost_connection_may_be_tried_again(postgres_url: str) -> None:
    store = open_store(postgres_url)

    def work() -> None:
        with store.write() as tx:
            mine = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with store.write() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
            tx.execute(text("SELECT 1"))

    with pytest.raises(StoreError) as caught:
        work()
    assert caught.value.retryable
    store.close()


def test_a_statement_that_makes_no_sense_is_not_tried_again(store: Store) -> None:
    with pytest.raises(StoreError) as caught, store.read() as tx:
        tx.execute(text("SELEKT 1"))
    assert not caught.value.retryable
    assert caught.value.__cause__ is not None


def test_an_error_of_the_toolkit_itself_is_ours_too(store: Store) -> None:
    with pytest.raises(StoreError, match="no connection was free"), store.read():
        raise PoolTimeoutError("no connection was free")


def test_batches_lose_nothing() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([])) == []


def breaking(tx: Connection, error: Exception | str) -> None:
    """A part that writes, and then fails in Python or by a statement."""
    with apart(tx):
        suppression.add(tx, a_phone(1), "asked", "call", NOW)
        if isinstance(error, Exception):
            raise error
        tx.execute(text(error))


DOUBLED = "INSERT INTO suppressions SELECT * FROM suppressions"


@pytest.mark.parametrize("error", [KeyError("+12125550101"), DOUBLED], ids=["a fault of ours", "a value of its own"])
def test_a_part_that_fails_by_its_own_data_is_undone_alone(store: Store, error: Exception | str) -> None:
    with store.write() as tx:
        suppression.add(tx, a_phone(2), "asked", "call", NOW)
        with pytest.raises(PartFailed) as raised:
            breaking(tx, error)
        assert "+1" not in str(raised.value), "the words of the error may be personal"
        with apart(tx):
            suppression.add(tx, a_phone(3), "asked", "call", NOW)
    with store.read() as tx:
        assert suppression.suppressed(tx, [a_phone(1), a_phone(2), a_phone(3)]) == {a_phone(2), a_phone(3)}


def test_a_row_that_is_not_there_concerns_its_part_alone(store: Store) -> None:
    with store.write() as tx, pytest.raises(PartFailed, match="there is none"):
        breaking(tx, StoreError("there is none", code="not_found", retryable=False))


@pytest.mark.parametrize("error", [UserError("the rules cannot be read"), StoreError("gone", code="08006"), "SELEKT 1"])
def test_what_concerns_everybody_fails_the_whole_transaction(store: Store, error: Exception | str) -> None:
    with pytest.raises((UserError, StoreError)) as raised, store.write() as tx:
        breaking(tx, error)
    assert not isinstance(raised.value, PartFailed)
    with store.read() as tx:
        assert count(tx) == 0
