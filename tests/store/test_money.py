"""Sums are kept exactly, by the day of the dial; what is open is reserved."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from dialer.store import attempts, money
from dialer.store.engine import Store
from dialer.store.money import Account
from tests.store.rows import NOW, a_dial, a_result, claim, minutes, stocked

NOTHING = Decimal(0)


def test_what_is_reserved_becomes_what_it_cost(store: Store) -> None:
    with store.write() as tx:
        stock, other = stocked(tx, 3), stocked(tx, 1, "winter", first=9)
        assert money.account(tx, stock.campaign_id, NOW) == Account(NOTHING, NOTHING, NOTHING)
        for days, cost in enumerate(("0.1", "0.2", "0.000001")):
            (claimed,) = claim(tx, stock)
            new = a_dial(claimed, stock, reserved=Decimal("0.5"))
            attempts.begin(tx, new, NOW + timedelta(days=days))
            assert money.account(tx, stock.campaign_id, NOW).reserved == Decimal("0.5")
            result = a_result(cost=Decimal(cost))
            assert attempts.end(tx, new.attempt_id, new.fence, result, NOW + timedelta(days=9))
            assert not attempts.end(tx, new.attempt_id, new.fence, result, NOW), "settled once"
        assert money.account(tx, stock.campaign_id, NOW + minutes(1)) == Account(Decimal("0.300001"), Decimal("0.1"), NOTHING)
        assert money.account(tx, stock.campaign_id, NOW + timedelta(days=1)).today == Decimal("0.2")
        assert money.account(tx, other.campaign_id, NOW).total == NOTHING


def test_a_day_is_one_of_utc(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        midnight = NOW.replace(hour=0, minute=0) + timedelta(days=1)
        money.settle(tx, stock.campaign_id, midnight - minutes(1), Decimal(1))
        money.settle(tx, stock.campaign_id, midnight, Decimal(2))
        money.settle(tx, stock.campaign_id, midnight, Decimal(4))
        assert money.account(tx, stock.campaign_id, midnight) == Account(Decimal(7), Decimal(6), NOTHING)
