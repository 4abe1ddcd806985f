"""The tables of limits are parts of the one schema."""

from __future__ import annotations

from dialer.store import limits, schema
from dialer.store.columns import metadata


def test_they_are_built_with_all_the_others() -> None:
    for table in (limits.spending, limits.starts, limits.watches, limits.slowdowns):
        assert table.metadata is metadata is schema.metadata
