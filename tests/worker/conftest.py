"""The same database and clock as the use cases have."""

from tests.operations.conftest import empty_database, parts

__all__ = ["empty_database", "parts"]
