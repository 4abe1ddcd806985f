"""What no process may break, the database refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from dialer.errors import StoreError
from dialer.model.call import AttemptState, CallState
from dialer.store.engine import Store
from dialer.store.schema import attempts, calls, consents, simulated_time
from tests.store.rows import NOW, begun, claim, stocked


def row_of(store: Store, attempt_id: str) -> dict[str, Any]:
    with store.read() as tx:
        found: Mapping[Any, Any] = tx.execute(select(attempts).where(attempts.c.id == attempt_id)).mappings().one()
        return dict(found)


def test_a_call_has_one_open_attempt(store: Store) -> None:
    with store.write() as tx:
        _, new = begun(tx, stocked(tx, 1))
    second = row_of(store, new.attempt_id) | {"id": "f" * 32, "phone": "+12125550199"}
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(insert(attempts).values(second))


@pytest.mark.parametrize("state", [state for state in AttemptState if state.is_open])
def test_a_number_has_one_open_attempt_over_all_campaigns(store: Store, state: AttemptState) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        stocked(tx, 1, "winter", first=1)
        _, new = begun(tx, stock)
        other_call, other_campaign = tx.execute(
            select(calls.c.id, calls.c.campaign_id).where(calls.c.campaign_id != stock.campaign_id)
        ).one()
        tx.execute(update(attempts).values(state=state))
    second = row_of(store, new.attempt_id) | {"id": "f" * 32, "call_id": other_call, "campaign_id": other_campaign}
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(insert(attempts).values(second))
    with store.write() as tx:
        tx.execute(update(attempts).values(state=AttemptState.ENDED, disposition="busy", ended_at=NOW))
        tx.execute(insert(attempts).values(second))


def test_a_finished_call_has_a_bucket(store: Store) -> None:
    with store.write() as tx:
        stocked(tx, 1)
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(update(calls).values(state=CallState.DONE))


def test_an_ended_attempt_has_a_disposition(store: Store) -> None:
    with store.write() as tx:
        begun(tx, stocked(tx, 1))
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(update(attempts).values(state=AttemptState.ENDED))


def test_rows_point_at_rows_that_exist(store: Store) -> None:
    nobody = {"contact_id": 77, "phone": "+12125550100", "kind": "written", "source": "form", "recorded_at": NOW}
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(insert(consents).values(nobody))


def test_simulated_time_is_one_row(store: Store) -> None:
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(insert(simulated_time).values(id=2, now_at=NOW))


def test_a_contact_has_one_call(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        claim(tx, stock)
        row = dict(tx.execute(select(calls)).mappings().one())
    del row["id"]
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(insert(calls).values(row))
