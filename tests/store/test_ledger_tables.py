"""A number is on the list of all campaigns once, and once on that of each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import insert, text

from dialer.errors import StoreError
from dialer.store import migrate, suppression
from dialer.store.engine import Store, open_store
from dialer.store.schema import ledger_keys, suppressions
from tests.store.rows import NOW, a_phone, stocked


def test_scopes_do_not_hide_each_other(store: Store) -> None:
    with store.write() as tx:
        mine, other = stocked(tx, 1), stocked(tx, 1, "winter", first=5)
        assert suppression.add(tx, a_phone(1), "mine", "by hand", NOW, campaign_id=mine.campaign_id)
        assert not suppression.add(tx, a_phone(1), "again", "by hand", NOW, campaign_id=mine.campaign_id)
        assert suppression.suppressed(tx, [a_phone(1)]) == set()
        assert suppression.suppressed(tx, [a_phone(1)], other.campaign_id) == set()
        assert suppression.suppressed(tx, [a_phone(1)], mine.campaign_id) == {a_phone(1)}
        assert suppression.add(tx, a_phone(1), "all", "by hand", NOW, added_by="A. Person")
        assert [entry.reason for entry in suppression.entries(tx, a_phone(1))] == ["all", "mine"]
        assert suppression.remove(tx, a_phone(1))
        assert suppression.suppressed(tx, [a_phone(1)], mine.campaign_id) == {a_phone(1)}
        assert suppression.remove(tx, a_phone(1), mine.campaign_id)


def test_the_database_keeps_one_entry_and_one_key(store: Store) -> None:
    row = {"number": "a" * 32, "reason": "", "source": "", "added_at": NOW}
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(insert(suppressions), [row, row])
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(insert(ledger_keys).values(id=2, fingerprint="x"))


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_plain_numbers_of_an_older_version_become_hashes(database: str, request: pytest.FixtureRequest) -> None:
    url: str = request.getfixturevalue(f"{database}_url")
    key = "a key for tests, and for nothing else"
    store = open_store(url, ledger_key=key)
    with store.write() as tx:
        command.upgrade(migrate._config(tx), "0008")
        insertion = text(
            "INSERT INTO suppressions (phone, reason, source, quote, added_at) VALUES (:p, 'asked', 'call', 'q', :t)"
        )
        tx.execute(insertion, [{"p": a_phone(number), "t": NOW} for number in (1, 2)])
    migrate.upgrade(url, ledger_key=key)
    with store.read() as tx:
        assert suppression.suppressed(tx, [a_phone(number) for number in range(4)]) == {a_phone(1), a_phone(2)}
        entry = suppression.entry(tx, a_phone(1))
        assert entry is not None
        assert (entry.reason, entry.quote, entry.added_at) == ("asked", "q", NOW)
        assert a_phone(1) not in str(tx.execute(text("SELECT * FROM suppressions")).all())
    store.close()


def test_the_key_lies_beside_the_database(tmp_path: Path, empty_sqlite: Path) -> None:
    shutil.copy(empty_sqlite, tmp_path / "mine.db")
    store = open_store(f"sqlite:///{tmp_path / 'mine.db'}")
    with store.write() as tx:
        suppression.add(tx, a_phone(1), "asked", "call", NOW)
    store.close()
    assert (tmp_path / "mine.key").is_file()
