"""The tables of findings are parts of the one schema."""

from __future__ import annotations

from dialer.store import findings_schema, schema
from dialer.store.columns import metadata


def test_they_are_built_with_all_the_others() -> None:
    for table in (findings_schema.findings, findings_schema.analyses, findings_schema.corrections):
        assert table.metadata is metadata is schema.metadata
