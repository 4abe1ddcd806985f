"""The key of the ledger: one for all, outside the database, and nothing works with a missing or another one."""

from __future__ import annotations

import contextlib
import shutil
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from dialer.errors import StoreError
from dialer.store import keys, migrate, suppression
from dialer.store.engine import Store, open_store
from dialer.store.schema import ledger_keys, suppressions
from tests.store.rows import NOW, a_phone

ONE, OTHER = "one key, long enough to be a secret", "another key, long enough to be one too"


@pytest.fixture
def database(tmp_path: Path, empty_sqlite: Path) -> str:
    """A migrated database without a key so far."""
    shutil.copy(empty_sqlite, tmp_path / "dialer.db")
    return f"sqlite:///{tmp_path / 'dialer.db'}"


def listed(store: Store) -> None:
    with store.write() as tx:
        suppression.add(tx, a_phone(1), "asked", "call", NOW)


def is_refused(store: Store, part: str) -> None:
    with pytest.raises(StoreError, match=part) as caught, store.read() as tx:
        suppression.suppressed(tx, [a_phone(1)])
    assert (caught.value.code, caught.value.retryable, caught.value.exit_code) == ("ledger_key", False, 4)
    store.close()


def test_the_first_writer_makes_a_file_that_only_its_owner_reads(database: str, tmp_path: Path) -> None:
    store = open_store(database)
    listed(store)
    store.close()
    path = tmp_path / "dialer.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = open_store(database)
    with again.read() as tx:
        assert suppression.suppressed(tx, [a_phone(1), a_phone(2)]) == {a_phone(1)}
    again.close()
    assert list(tmp_path.glob(".dialer.key*")) == []


def test_a_lost_key_is_not_made_anew(database: str, tmp_path: Path) -> None:
    store = open_store(database)
    listed(store)
    store.close()
    (tmp_path / "dialer.key").unlink()
    is_refused(open_store(database), "No such file.*DIALER_LEDGER_KEY")


@pytest.mark.parametrize("text", ["short", "", "é" * 40])
def test_a_file_that_is_no_key(database: str, tmp_path: Path, text: str) -> None:
    store = open_store(database)
    listed(store)
    store.close()
    (tmp_path / "dialer.key").write_text(text, encoding="utf-8")
    is_refused(open_store(database), "dialer.key")


def test_another_key_reads_nothing_and_writes_nothing(database: str) -> None:
    first = open_store(database, ledger_key=ONE)
    listed(first)
    is_refused(open_store(database, ledger_key=OTHER), "the ledger key is another one")
    other = open_store(database, ledger_key=OTHER)
    with pytest.raises(StoreError, match="another one"):
        listed(other)
    other.close()
    with first.read() as tx:
        assert len(list(suppression.listed(tx))) == 1
    first.close()


def test_without_any_key_nothing_is_read(migrated_postgres: str) -> None:
    is_refused(open_store(migrated_postgres), "there is no ledger key")


def test_two_first_writers_agree_on_one_key(database: str, tmp_path: Path) -> None:
    together = threading.Barrier(4)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        store = open_store(database)
        together.wait()
        try:
            with store.write() as tx:
                suppression.add(tx, a_phone(number), "asked", "call", NOW)
        except StoreError as error:
            failures.append(error)
        store.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = open_store(database)
    with store.read() as tx:
        assert failures == []
        assert len(suppression.suppressed(tx, [a_phone(number) for number in range(4)])) == 4
    store.close()
    assert len((tmp_path / "dialer.key").read_text().strip()) == 64


def test_a_rolled_back_first_use_leaves_the_key_open(database: str) -> None:
    class Undone(Exception):
        pass

    store = open_store(database, ledger_key=ONE)
    with contextlib.suppress(Undone), store.write() as tx:
        suppression.add(tx, a_phone(1), "asked", "call", NOW)
        raise Undone
    store.close()
    other = open_store(database, ledger_key=OTHER)
    listed(other)
    with other.read() as tx:
        assert tx.execute(select(ledger_keys.c.fingerprint)).scalar_one() == keys.fingerprint(OTHER.encode())
    other.close()


def test_the_table_alone_reveals_no_number(store: Store) -> None:
    listed(store)
    with store.read() as tx:
        row = tx.execute(select(suppressions)).mappings().one()
        assert not any(a_phone(1)[1:] in str(value) for value in row.values())
        assert row["number"] == keys.number_of(tx, a_phone(1)) != keys.hashed(OTHER.encode(), a_phone(1))
    assert len({keys.derived(b"k", b"number"), keys.derived(b"k", b"chain")}) == 2


def test_a_key_file_can_be_made_ahead(tmp_path: Path) -> None:
    file = tmp_path / "fleet.key"
    keys.Ring("", file).make_file()
    text = file.read_text()
    keys.Ring("", file).make_file()
    assert file.read_text() == text
    keys.Ring(ONE, tmp_path / "not.key").make_file()
    assert not (tmp_path / "not.key").exists()


def test_the_upgrade_makes_the_file(tmp_path: Path) -> None:
    migrate.upgrade(f"sqlite:///{tmp_path / 'new.db'}")
    assert (tmp_path / "new.key").is_file()
