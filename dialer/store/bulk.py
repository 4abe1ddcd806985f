"""Many rows at once into Postgres: COPY into a table of the transaction's own, from where one statement takes them over.

COPY alone knows no conflicts; a staging table that is dropped at the end of the transaction does. SQLite needs none of it: its
``executemany`` runs in the same process.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Column, Connection, MetaData, Row, Select, Table, select

from dialer.store.engine import batches, insert_into

_WORTH_COPYING = 200
"""Fewer rows than these are sooner sent by themselves than staged."""


def merge(
    tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], on_conflict: Callable[[Any], Any]
) -> Iterator[Row[Any]]:
    """Insert ``rows``, which all have the same columns, and yield what the statement returns.

    ``on_conflict`` completes the database's own INSERT: what to do with rows that are there already, and what to return.
    """
    if tx.dialect.name == "postgresql" and len(rows) >= _WORTH_COPYING:
        names = list(rows[0])
        yield from tx.execute(on_conflict(insert_into(tx, table).from_select(names, _staged(tx, table, names, rows))))
        return
    statement = on_conflict(insert_into(tx, table))
    for part in batches(rows):
        yield from tx.execute(statement, part)


def _staged(tx: Connection, table: Table, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Select[Any]:
    """Copy ``rows`` (with the columns ``names`` of ``table``) to the staging table and return the query that reads them."""
    staging = _staging(table, tuple(names))
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    temporary, origin = sql.Identifier(staging.name), sql.Identifier(table.name)
    make = "CREATE TEMP TABLE IF NOT EXISTS {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA"
    processors = [_processor(tx, table, name) for name in names]
    driver = tx.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor() as cursor:
        cursor.execute(sql.SQL(make).format(temporary, columns, origin))
        cursor.execute(sql.SQL("TRUNCATE {}").format(temporary))
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(temporary, columns)) as copy:
            for row in rows:
                copy.write_row([process(row[name]) for name, process in zip(names, processors, strict=True)])
    return select(*(staging.c[name] for name in names))


@lru_cache(maxsize=16)
def _staging(table: Table, names: tuple[str, ...]) -> Table:
    return Table(f"incoming_{table.name}", MetaData(), *(Column(name, table.c[name].type) for name in names))


def _processor(tx: Connection, table: Table, name: str) -> Any:
    """How the column's type turns a value into one for the driver."""
    process = table.c[name].type.dialect_impl(tx.dialect).bind_processor(tx.dialect)
    return process or (lambda value: value)
