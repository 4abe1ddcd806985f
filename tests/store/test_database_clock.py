"""How far a process's clock is from the database's."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from dialer.store import database_clock
from dialer.store.engine import open_store
from tests.store.rows import NOW


def test_a_clock_that_has_gone_astray_is_seen(postgres_url: str) -> None:
    store = open_store(postgres_url)
    with store.read() as tx:
        right = tx.execute(select(func.clock_timestamp())).scalar_one()
        assert abs(database_clock.skew_s(tx, right)) < 60
        assert database_clock.skew_s(tx, right + timedelta(hours=1)) > 3000
        assert database_clock.skew_s(tx, right - timedelta(hours=1)) < -3000
    store.close()


def test_sqlite_has_the_clock_of_its_machine(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with store.read() as tx:
        assert database_clock.skew_s(tx, NOW) == 0.0
    store.close()
