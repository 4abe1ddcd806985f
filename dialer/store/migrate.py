"""Bringing a database up to this version's tables, and telling whether it is.

The migrations lie beside the package in a checkout and inside it in an installed wheel (``dialer/_migrations``).
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from dialer.store.engine import Store, open_store
from dialer.store.keys import ring_of

_PACKAGE = Path(__file__).resolve().parents[1]
_LOCK = 0x6469616C  # "dial": the advisory lock under which one process at a time migrates


def upgrade(url: str, *, ledger_key: str = "", key_file: Path | None = None) -> None:
    """Create or alter the tables of the database at ``url`` until they are this version's. Harmless when they are.

    One transaction: a migration that fails leaves nothing behind, and of several processes the first one works while
    the others wait and then find nothing to do. The key is as ``open_store`` takes it, which also says what is raised.
    """
    store = open_store(url, ledger_key=ledger_key, key_file=key_file)
    try:
        with store.write() as tx:  # SQLite: the write lock is taken here
            if store.dialect == "postgresql":
                tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            command.upgrade(_config(tx), "head")
            ring_of(tx).make_file()
    finally:
        store.close()


def is_current(store: Store) -> bool:
    """Whether the database has exactly this version's tables."""
    with store.read() as tx:
        return MigrationContext.configure(tx).get_current_revision() == head()


def head() -> str:
    """The newest revision that this version ships."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise FileNotFoundError(f"no migrations in {scripts()}")
    return newest


def scripts(package: Path = _PACKAGE) -> Path:
    """The folder of the migrations that belong to ``package``."""
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def _config(tx: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.attributes["connection"] = tx
    config.attributes["ring"] = None if tx is None else ring_of(tx)
    return config
