"""Many rows at once come to the same as one by one, and many values are one parameter, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select

from dialer.errors import StoreError
from dialer.model.call import CampaignStatus
from dialer.model.campaign import CampaignKind
from dialer.store import bulk
from dialer.store.columns import NaiveInstant
from dialer.store.engine import Store
from dialer.store.schema import campaigns, imports

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
NAMES = ("name", "kind", "status", "starts_at", "created_at", "updated_at")


def a_campaign(number: int) -> tuple[Any, ...]:
    starts_at = None if number % 2 else (NOW + timedelta(seconds=number)).astimezone(timezone(timedelta(hours=-5)))
    return (f'na\tme\\N "{number}"\n\r王\\', CampaignKind.SALES, CampaignStatus.DRAFT, starts_at, NOW, NOW)


@pytest.mark.parametrize("count", [0, 1, 3, 700])
def test_rows_come_out_as_they_went_in(store: Store, count: int) -> None:
    rows = [a_campaign(number) for number in range(count)]
    with store.write() as tx:
        bulk.put(tx, campaigns, NAMES, rows)
    with store.read() as tx:
        found = list(tx.execute(select(*(campaigns.c[name] for name in NAMES)).order_by(campaigns.c.id)))
        assert [tuple(row) for row in found] == rows
        assert all(row.starts_at is None or row.starts_at.utcoffset() == timedelta() for row in found)
        assert set(tx.execute(select(campaigns.c.status_reason)).scalars()) <= {""}


def test_documents_stay_what_they_are(store: Store) -> None:
    """JSON, also with a NUL in it escaped, keeps its order and its types."""
    texts = ("file_name", "file_hash", "encoding", "delimiter", "phone_column")
    counts = ("rows", "accepted", "updated", "duplicates", "rejected", "held", "suppressed")
    with store.write() as tx:
        bulk.put(tx, campaigns, NAMES, [a_campaign(1)])
        (campaign_id,) = tx.execute(select(campaigns.c.id)).scalars()
        fixed = ([campaign_id] + ["x"] * len(texts), {"z": 1, "a": {"é": [True, "\\n\t\x00"]}})
        rows = [[*fixed[0], *[number] * len(counts), NOW, ["b", "a", None, number], fixed[1]] for number in range(300)]
        bulk.put(tx, imports, ("campaign_id", *texts, *counts, "imported_at", "header", "by_code"), rows)
    with store.read() as tx:
        found = list(tx.execute(select(imports.c.rows, imports.c.header, imports.c.by_code).order_by(imports.c.id)))
    assert [row.rows for row in found] == list(range(300))
    assert found[7].header == ["b", "a", None, 7]
    assert list(found[7].by_code) == ["z", "a"]
    assert found[7].by_code == fixed[1]


def test_no_text_breaks_out_of_its_cell(store: Store) -> None:
    signs = [chr(code) for code in range(1, 256)] + ["\u2028", "\ufeff", "\U0001f600", "", "\\N", "\\.", "\\\\t", "a\\\nb\tc\r\n"]
    texts = signs + [f"{sign}x{sign}" for sign in signs]
    rows = [(f"{number}", CampaignKind.SALES, CampaignStatus.DRAFT, text, NOW, NOW) for number, text in enumerate(texts)]
    with store.write() as tx:
        bulk.put(tx, campaigns, ("name", "kind", "status", "status_reason", "created_at", "updated_at"), rows)
        assert list(tx.execute(select(campaigns.c.status_reason).order_by(campaigns.c.id)).scalars()) == texts


@pytest.mark.parametrize("count", [3, 300])
def test_what_does_not_fit_the_table_is_undone_with_its_transaction(store: Store, count: int) -> None:
    rows = [a_campaign(number) for number in range(count)]
    rows[-1] = rows[0]
    with pytest.raises(StoreError), store.write() as tx:
        bulk.put(tx, campaigns, NAMES, rows)
    with store.read() as tx:
        assert tx.execute(select(campaigns.c.id)).all() == []


@pytest.mark.parametrize("count", [3, 300])
def test_an_instant_without_a_zone_is_refused(store: Store, count: int) -> None:
    rows = [(*a_campaign(number)[:-1], NOW.replace(tzinfo=None)) for number in range(count)]
    with pytest.raises(NaiveInstant), store.write() as tx:
        bulk.put(tx, campaigns, NAMES, rows)


@pytest.mark.parametrize("count", [0, 1, 40_000])
def test_many_values_are_one_parameter(store: Store, count: int) -> None:
    with store.write() as tx:
        bulk.put(tx, campaigns, NAMES, [a_campaign(number) for number in range(5)])
        wanted = [f"no campaign {number}" for number in range(count)] + [a_campaign(2)[0], a_campaign(4)[0]]
        found = set(tx.execute(select(campaigns.c.id).where(bulk.one_of(tx, campaigns.c.name, wanted))).scalars())
        assert len(found) == 2
        assert set(tx.execute(select(campaigns.c.id).where(bulk.one_of(tx, campaigns.c.id, found))).scalars()) == found
        assert tx.execute(select(campaigns.c.id).where(bulk.one_of(tx, campaigns.c.id, []))).all() == []
