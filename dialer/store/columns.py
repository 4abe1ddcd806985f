"""Column types that mean the same on SQLite and Postgres: instants, amounts of money, words of a closed list."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import JSON, BigInteger, ColumnElement, DateTime, Dialect, Integer, MetaData, Text, TypeDecorator, literal_column
from sqlalchemy.exc import DontWrapMixin

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
"""All tables of the database."""

RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""A counted primary key. SQLite counts up only for ``INTEGER``, which has 64 bits there."""

Json = JSON(none_as_null=True)
"""``json``, not ``jsonb``, on Postgres: the order of keys is the order of the file's columns. None is NULL."""

_MICRO = 1_000_000
W = TypeVar("W", bound=StrEnum)


class NaiveInstant(DontWrapMixin, ValueError):
    """An instant without a zone was about to be stored: nobody could say later when it was."""


class Instant(TypeDecorator[datetime]):
    """An aware datetime: UTC in the database and when it comes back. A naive one is refused with ``NaiveInstant``."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database: as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveInstant(f"{value.isoformat()} has no zone; the store takes aware datetimes only")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Out of it: SQLite keeps no zone, Postgres answers in the session's."""
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An amount in the campaign's currency, kept as whole millionths so that sums are exact on SQLite too."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Into the database: in millionths, half a millionth rounded to the even neighbour."""
        return None if value is None else int((value * _MICRO).to_integral_value())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        """Out of it; a sum comes as a Decimal on Postgres and as an int on SQLite."""
        return None if value is None else Decimal(int(value)) / _MICRO


class Word(TypeDecorator[W], Generic[W]):
    """A word of a closed list, stored as its text and read back as the member."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[W]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: W | str | None, dialect: Dialect) -> str | None:
        """Into the database: only words of the list."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> W | None:
        """Out of it: the member."""
        return None if value is None else self.words(value)


def spelled(word: StrEnum) -> ColumnElement[Any]:
    """The word as a literal in the statement's text.

    Both databases use a partial index only when they see its predicate while planning, so a state in a condition is
    spelled out and not bound. Members are our own constants without quotes: nothing foreign gets into a statement.
    """
    return literal_column(f"'{word.value}'")
