"""Many rows at once: into a table by COPY on Postgres and by the driver's ``executemany`` on SQLite, and many values as one
parameter of a query.

Both go around what SQLAlchemy does for each row and each parameter, which is most of the cost of storing a long list. The values
are rendered as the column types say (see ``columns``); what comes out again is the same as if it had been inserted one by one.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from psycopg import sql
from sqlalchemy import JSON, ColumnElement, Connection, Table, Text, bindparam, column, func, insert, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from dialer.store.columns import Instant, NaiveInstant, Word

Render = Callable[[Any], Any]
_WORTH_IT = 200
"""Fewer rows than these are sooner sent by themselves."""


def put(tx: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert ``rows``, each with the values of the columns ``names`` in that order. No conflicts are known: a row that is there
    already undoes the statement.
    """
    if len(rows) < _WORTH_IT:
        if rows:
            tx.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    is_postgres = tx.dialect.name == "postgresql"
    renders = [_render(table.c[name].type, is_postgres) for name in names]
    rendered = ([value if render is None else render(value) for render, value in zip(renders, row, strict=True)] for row in rows)
    (_copy if is_postgres else _insert)(tx, table, names, rendered)


def one_of(tx: Connection, asked: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """The condition that a column of numbers or texts has one of ``values``, however many they are: all are one parameter."""
    listed = list(values)
    if tx.dialect.name == "postgresql":
        return asked == func.any(bindparam(None, listed, type_=ARRAY(asked.type)))
    each = func.json_each(bindparam(None, msgspec.json.encode(listed).decode(), type_=Text)).table_valued(column("value"))
    return asked.in_(select(type_coerce(each.c.value, asked.type)))


def _insert(tx: Connection, table: Table, names: Sequence[str], rows: Iterable[list[Any]]) -> None:
    driver: Any = tx.connection.dbapi_connection
    quoted = ", ".join(f'"{name}"' for name in names)
    statement = f'INSERT INTO "{table.name}" ({quoted}) VALUES ({", ".join("?" * len(names))})'  # names of our tables
    driver.executemany(statement, rows)


def _copy(tx: Connection, table: Table, names: Sequence[str], rows: Iterable[list[Any]]) -> None:
    driver: Any = tx.connection.dbapi_connection
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join("\t".join(map(_field, row)) + "\n" for row in rows))


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _field(value: Any) -> str:
    """One value in COPY's text format (https://www.postgresql.org/docs/current/sql-copy.html, "Text Format")."""
    if value is None:
        return "\\N"
    text = value if isinstance(value, str) else str(value)
    return text if text.isalnum() else text.translate(_ESCAPES)


def _render(kind: TypeEngine[Any], is_postgres: bool) -> Render | None:
    """How a value of this type is given to the driver; None: as it is."""
    if isinstance(kind, Instant):
        zone = "+00" if is_postgres else ""
        return lambda value: None if value is None else _utc(value) + zone
    if isinstance(kind, Word):
        return lambda value: None if value is None else kind.words(value).value
    return _json if isinstance(kind, JSON) else None


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


@lru_cache(maxsize=4096)
def _utc(value: datetime) -> str:
    if value.tzinfo is None:
        raise NaiveInstant(f"{value.isoformat()} has no zone; the store takes aware datetimes only")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
