"""Connections and transactions. The one place where a database's errors become ``StoreError``.

SQLite: WAL, so that readers never wait for the writer; every write transaction begins with ``BEGIN IMMEDIATE``, because
one that reads first and then writes fails at once when another has written in between, whatever the busy timeout. The
driver's own transactions are switched off for this. Commits are synchronous: an intent to dial survives the machine.
Postgres: psycopg 3, UTC, no session that idles inside a transaction (dead queue rows would stay alive for everybody).
"""

import os
import sqlite3
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from dialer.clock import wait_real
from dialer.errors import DialerError, StoreError, UserError
from dialer.store.keys import OPTION, Ring

Tx = Connection
"""An open transaction, as ``Store.write()`` and ``Store.read()`` yield it."""

T = TypeVar("T")

_BUSY_S = 30
_ASIDE = "ASIDE"
_WAL_AGAIN_S = 0.05
_UPGRADE = "run `dialer db upgrade`"
_RETRYABLE_STATES = ("08", "40", "53", "55P03", "57")
"""SQLSTATE: connection lost, rolled back by the server, out of resources, lock not available, shutting down."""


class Store:
    """One database. Thread-safe; a transaction belongs to one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(dialer_begin="IMMEDIATE")
        self._reader = engine
        if engine.dialect.name == "postgresql":
            # One snapshot for all statements of a read: counts that are added up belong to the same instant.
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @property
    def url(self) -> str:
        """Where the database is, for people: the password is hidden."""
        return self._engine.url.render_as_string(hide_password=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end of the block, or rolled back by whatever leaves it."""
        with self._translated(), self._writer.begin() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and cannot write."""
        with self._translated(), self._reader.begin() as tx:
            yield tx

    @contextmanager
    def desk(self) -> Iterator["Desk"]:
        """One connection of its own for several transactions in turn. It is closed at the end of the block, and its temporary
        tables are gone with it, whatever happened.
        """
        with self._translated(), self._engine.connect() as connection:
            connection.detach()
            yield Desk(connection)

    def close(self) -> None:
        """Close all connections. The store can be used again: it then opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            # The driver's text quotes the values of the row: personal data that must not reach a traceback.
            raise _store_error(error, self.url) from None
        except (SQLAlchemyError, sqlite3.Error, psycopg.Error) as error:
            if isinstance(error, StatementError) and not isinstance(error, DBAPIError) and error.orig is not None:
                raise error.orig from None  # a value that no column takes: our bug, and not the database's
            raise _store_error(error, self.url) from error


class Desk:
    """A place to prepare much before it is stored at once, so that nobody waits for the preparation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def prepare(self) -> Iterator[Connection]:
        """A transaction that reads, and writes temporary tables alone: it takes no lock that others would wait for."""
        self._connection.execution_options(dialer_begin=_ASIDE)
        with self._connection.begin():
            yield self._connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """As ``Store.write``, on this connection."""
        self._connection.execution_options(dialer_begin="IMMEDIATE")
        with self._connection.begin():
            yield self._connection


def open_store(url: str, *, pool_size: int = 5, ledger_key: str = "", key_file: Path | None = None) -> Store:
    """Prepare the database at ``url``: ``sqlite:///file``, ``postgresql://...`` or ``postgres://...``.

    Connects on first use. Raises ``UserError`` when the address makes no sense. ``pool_size`` connections are kept;
    a few more are made when needed. ``ledger_key`` goes before ``key_file``; without either, SQLite has its key beside the
    database (``dialer.db``: ``dialer.key``).
    """
    parsed = _normalised(url)
    if key_file is None and parsed.get_backend_name() == "sqlite":
        key_file = Path(parsed.database or "").with_suffix(".key")
    ring = Ring(ledger_key, key_file, parsed.render_as_string(hide_password=True))
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, pool_size=pool_size, connect_args={"timeout": _BUSY_S})
        event.listen(engine, "do_connect", _make_private)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return Store(engine.execution_options(**{OPTION: ring}))
    arguments: dict[str, Any] = {"application_name": "dialer", "connect_timeout": 10}
    if "options" not in parsed.query:
        arguments["options"] = "-c timezone=UTC -c idle_in_transaction_session_timeout=60s"
    arguments = {name: value for name, value in arguments.items() if name not in parsed.query}
    engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True, pool_size=pool_size, connect_args=arguments)
    return Store(engine.execution_options(**{OPTION: ring}))


class PartFailed(StoreError):
    """One part of a transaction could not be done, and its own rows are to blame: it alone was undone."""


@contextmanager
def apart(tx: Connection) -> Iterator[None]:
    """A part of a transaction that must not take the rest with it, such as one call of a batch.

    Raises ``PartFailed`` for what concerns this part alone: a row that is not there, a value that cannot be read or stored, a
    fault of ours while judging it. What would fail for everybody (the database, a key, a file of rules) passes as it is.
    """
    try:
        with tx.begin_nested():
            yield
    except DialerError as error:
        if getattr(error, "code", "") != "not_found":
            raise
        raise PartFailed(str(error), code="not_found", retryable=False) from error
    except Exception as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise
        # The text of the error may quote the row, which is personal data: only its kind and its place in our code are told.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
        raise PartFailed(kind, code="part_failed", retryable=False) from None


def insert_into(tx: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT of the transaction's database, for ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


def batches(items: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """``items`` in lists of at most ``size``: as many rows as one statement takes on either database."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _normalised(url: str) -> URL:
    """Our URL as SQLAlchemy wants it, with the driver that we ship."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UserError(
            "the database URL cannot be read; it looks like sqlite:///dialer.db or postgresql://user:password@host/name",
            code="database_url",
        ) from None
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise UserError(
            f"the database {parsed.drivername!r} is not supported; use sqlite:///dialer.db or postgresql://...",
            code="database_url",
        )
    if parsed.database in (None, "", ":memory:"):
        raise UserError("an SQLite database needs a file: sqlite:///dialer.db", code="database_url")
    return parsed.set(drivername="sqlite+pysqlite")


def _make_private(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> None:
    """A new database is for its owner alone: it holds personal data. Its ``-wal`` and ``-shm`` take the mode of the file
    (SQLite's os_unix.c, ``findCreateFileMode``).

    It is linked into its place and never opened here: closing a file drops the locks that this process has on it (fcntl(2)).
    """
    path = Path(arguments[0])
    if options.get("uri") or path.exists():
        return
    with suppress(OSError):  # somebody was faster, or there is no such folder, which SQLite will say itself
        handle, empty = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        try:
            os.link(empty, path)
        finally:
            os.unlink(empty)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Once for each new connection."""
    connection.isolation_level = None  # no BEGIN by the driver: ``_begin_sqlite`` says which one
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Of two who switch a new database at the same moment one is told at once that it is locked, whatever the busy timeout."""
    tries = round(_BUSY_S / _WAL_AGAIN_S)
    for left in reversed(range(tries)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not left or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # the low byte is the primary code
                raise
        wait_real(_WAL_AGAIN_S)


def _begin_sqlite(connection: Connection) -> None:
    """Begin as the block asked: writers take the write lock at once, readers cannot write. Temporary tables lie in a file of
    their own, whose lock is nobody else's.
    """
    kind = connection.get_execution_options().get("dialer_begin", "DEFERRED")
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if kind == 'DEFERRED' else 'OFF'}")
    connection.exec_driver_sql(f"BEGIN {'DEFERRED' if kind == _ASIDE else kind}")


def _store_error(error: Exception, url: str) -> StoreError:
    """Our error for theirs, without statements, parameters or values in it."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, psycopg.Error):
        return _postgres_error(cause, url)
    if isinstance(cause, sqlite3.Error):
        return _sqlite_error(cause, url)
    return StoreError(f"{url}: {str(error).splitlines()[0]}", code=getattr(error, "code", None) or "", retryable=True)


def _postgres_error(error: psycopg.Error, url: str) -> StoreError:
    code = error.sqlstate or ""
    if code in ("42P01", "42703"):
        return StoreError(f"{url}: the tables are missing or old; {_UPGRADE}", code=code, retryable=False)
    said = error.diag.message_primary or str(error).strip().partition("\n")[0]
    if not code and isinstance(error, psycopg.OperationalError):
        # While connecting, libpq knows no SQLSTATE: its words have to do.
        if "authentication failed" in said or "no password supplied" in said or 'role "' in said:
            return StoreError(f"{url}: the user or password was refused ({said})", code="28000", retryable=False)
        if 'database "' in said and "does not exist" in said:
            return StoreError(f"{url}: there is no such database ({said})", code="3D000", retryable=False)
        return StoreError(f"{url} does not answer ({said})", code="08000", retryable=True)
    return StoreError(f"{url}: {said}", code=code, retryable=code.startswith(_RETRYABLE_STATES))


def _sqlite_error(error: sqlite3.Error, url: str) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    said = str(error)
    if "no such table" in said or "no such column" in said or "has no column" in said:
        return StoreError(f"{url}: the tables are missing or old; {_UPGRADE}", code=name, retryable=False)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(f"{url}: another process keeps the database locked", code=name, retryable=True)
    if name.startswith("SQLITE_CANTOPEN"):
        message = f"{url}: the file cannot be opened; is its folder there and writable?"
        return StoreError(message, code=name, retryable=False)
    return StoreError(f"{url}: {said}", code=name, retryable=False)
