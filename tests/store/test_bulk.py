"""Many rows at once come to the same as one by one, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dialer.errors import StoreError
from dialer.model.call import CampaignStatus
from dialer.model.campaign import CampaignKind
from dialer.store import bulk
from dialer.store.engine import Store
from dialer.store.schema import campaigns, event_logs, imports

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


def a_campaign(number: int) -> dict[str, Any]:
    return {
        "name": f'na\tme\\N "{number}"\n王',
        "kind": CampaignKind.SALES,
        "status": CampaignStatus.DRAFT,
        "starts_at": None if number % 2 else NOW + timedelta(seconds=number),
        "created_at": NOW,
        "updated_at": NOW,
    }


def renewed(new: Any) -> Any:
    statement = new.on_conflict_do_update(index_elements=["name"], set_={"updated_at": new.excluded.updated_at})
    return statement.returning(campaigns.c.id, campaigns.c.name)


@pytest.mark.parametrize("count", [1, 3, 700])
def test_rows_go_in_and_again_only_change(store: Store, count: int) -> None:
    rows = [a_campaign(number) for number in range(count)]
    with store.write() as tx:
        first = {row.name: row.id for row in bulk.merge(tx, campaigns, rows, renewed)}
        assert set(first) == {row["name"] for row in rows}
        later = [row | {"updated_at": NOW + timedelta(days=1)} for row in rows]
        assert {row.name: row.id for row in bulk.merge(tx, campaigns, later, renewed)} == first
    with store.read() as tx:
        for row in tx.execute(select(campaigns).order_by(campaigns.c.id)):
            number = int(row.name.split('"')[1])
            assert (row.kind, row.status) == (CampaignKind.SALES, CampaignStatus.DRAFT)
            assert row.starts_at == a_campaign(number)["starts_at"]
            assert row.updated_at == NOW + timedelta(days=1)
            assert row.status_reason == ""


def test_documents_stay_what_they_are(store: Store) -> None:
    """JSON, also with a NUL in it escaped, keeps its order and its types."""
    names = ("file_name", "file_hash", "encoding", "delimiter", "phone_column")
    counts = ("rows", "accepted", "updated", "duplicates", "rejected", "held", "suppressed")
    with store.write() as tx:
        ((campaign_id, _),) = bulk.merge(tx, campaigns, [a_campaign(1)], renewed)
        rows = [
            {"campaign_id": campaign_id, **dict.fromkeys(names, "x"), **dict.fromkeys(counts, number), "imported_at": NOW}
            | {"header": ["b", "a", None, number], "by_code": {"z": 1, "a": {"é": [True, "\\n\t"]}}}
            for number in range(300)
        ]
        assert len(list(bulk.merge(tx, imports, rows, lambda new: new.returning(imports.c.id)))) == 300
    with store.read() as tx:
        found = list(tx.execute(select(imports.c.rows, imports.c.header, imports.c.by_code).order_by(imports.c.id)))
    assert [row.rows for row in found] == list(range(300))
    assert found[7].header == ["b", "a", None, 7]
    assert found[7].by_code == {"z": 1, "a": {"é": [True, "\\n\t"]}}


def test_nothing_is_nothing(store: Store) -> None:
    with store.write() as tx:
        assert list(bulk.merge(tx, event_logs, [], lambda new: new.returning(event_logs.c.attempt_id))) == []


def test_what_does_not_fit_the_table_is_undone_with_its_transaction(store: Store) -> None:
    rows = [a_campaign(number) for number in range(300)]
    rows[299] = rows[0]
    with pytest.raises(StoreError), store.write() as tx:
        list(bulk.merge(tx, campaigns, rows, lambda new: new.returning(campaigns.c.id)))
    with store.read() as tx:
        assert tx.execute(select(campaigns.c.id)).all() == []
