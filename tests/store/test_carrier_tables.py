"""The tables of test calls and of later prices are parts of the one schema."""

from __future__ import annotations

from dialer.store import carrier_tables, schema
from dialer.store.columns import metadata


def test_they_are_built_with_all_the_others() -> None:
    for table in (carrier_tables.test_calls, carrier_tables.carrier_prices):
        assert table.metadata is metadata is schema.metadata
