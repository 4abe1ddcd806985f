"""Instants, money and words are the same after a stay in either database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select
from sqlalchemy.dialects import sqlite

from dialer.model.call import CallState
from dialer.store.columns import Instant, Json, Money, NaiveInstant, Word, spelled
from dialer.store.engine import Store

things = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Instant),
    Column("cost", Money),
    Column("state", Word(CallState)),
    Column("cells", Json),
)


@pytest.fixture
def kept(store: Store) -> Iterator[Store]:
    with store.write() as tx:
        things.create(tx)
    yield store
    with store.write() as tx:
        things.drop(tx)


def test_an_instant_comes_back_as_the_same_instant_in_utc(kept: Store) -> None:
    there = datetime(2026, 11, 1, 1, 30, 5, 123456, tzinfo=timezone(timedelta(hours=-5, minutes=-30)))
    with kept.write() as tx:
        tx.execute(insert(things), [{"at": there}, {"at": None}])
        first, second = tx.execute(select(things.c.at).order_by(things.c.id)).scalars()
    assert (first, first.tzinfo, second) == (there, UTC, None)


def test_instants_compare_whatever_zone_they_came_in(kept: Store) -> None:
    early = datetime(2026, 11, 23, 23, 0, tzinfo=timezone(timedelta(hours=8)))
    late = datetime(2026, 11, 23, 11, 0, tzinfo=timezone(timedelta(hours=-5)))
    with kept.write() as tx:
        tx.execute(insert(things), [{"at": late}, {"at": early}])
        assert list(tx.execute(select(things.c.at).order_by(things.c.at)).scalars()) == [early, late]
        assert tx.execute(select(func.min(things.c.at)).where(things.c.at < late)).scalar_one() == early


def test_a_naive_instant_is_refused(kept: Store) -> None:
    naive = datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(NaiveInstant, match="no zone"), kept.write() as tx:
        tx.execute(insert(things).values(at=naive))


def test_sums_of_money_are_exact(kept: Store) -> None:
    with kept.write() as tx:
        tx.execute(insert(things), [{"cost": Decimal("0.1")}] * 3 + [{"cost": Decimal("0.000001")}, {"cost": None}])
        assert tx.execute(select(func.sum(things.c.cost))).scalar_one() == Decimal("0.300001")
        assert tx.execute(select(func.sum(things.c.cost)).where(things.c.id > 100)).scalar_one() is None


@given(st.decimals(min_value=0, max_value=10**6, places=6))
def test_money_keeps_six_places(amount: Decimal) -> None:
    dialect = sqlite.dialect()
    stored = Money().process_bind_param(amount, dialect)
    assert Money().process_result_value(stored, dialect) == amount


def test_a_word_comes_back_as_its_member(kept: Store) -> None:
    with kept.write() as tx:
        tx.execute(insert(things), [{"state": CallState.HELD}, {"state": "queued"}, {"state": None}])
        found = list(tx.execute(select(things.c.state).order_by(things.c.id)).scalars())
        assert found == [CallState.HELD, CallState.QUEUED, None]
        assert found[0] is CallState.HELD
        held = select(func.count()).select_from(things).where(things.c.state == spelled(CallState.HELD))
        assert tx.execute(held).scalar_one() == 1


def test_a_word_that_is_not_in_the_list_is_refused(kept: Store) -> None:
    with pytest.raises(ValueError, match="asleep"), kept.write() as tx:
        tx.execute(insert(things).values(state="asleep"))


def test_json_keeps_the_order_of_the_file(kept: Store) -> None:
    cells = {"zeta": "1", "alpha": "2", "电话": "3"}
    with kept.write() as tx:
        tx.execute(insert(things), [{"cells": cells}, {"cells": None}])
        first, second = tx.execute(select(things.c.cells).order_by(things.c.id)).scalars()
    assert list(first.items()) == list(cells.items())
    assert second is None
