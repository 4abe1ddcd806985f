"""The database's own clock, so that a worker whose clock has gone astray dials nobody."""

from datetime import datetime

from sqlalchemy import func, select

from dialer.store.engine import Tx


def skew_s(tx: Tx, lease_now: datetime) -> float:
    """How many seconds this process's clock is ahead of the database's. SQLite lives on this machine and has its clock: 0."""
    if tx.dialect.name != "postgresql":
        return 0.0
    database_now: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return (lease_now - database_now).total_seconds()
