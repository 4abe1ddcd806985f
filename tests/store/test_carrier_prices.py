"""A price is asked for a bounded number of times and booked once, in the place of the estimate."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import Connection

from dialer.model.ids import AttemptId
from dialer.store import attempts, carrier_prices, money
from dialer.store.carrier_prices import Awaited
from dialer.store.engine import Store
from tests.store.rows import NOW, Stock, a_dial, a_result, claim, minutes, stocked

DELAYS = (minutes(5), minutes(60))


def an_ended_call(tx: Connection) -> tuple[Stock, AttemptId]:
    """One that cost 0.10, 0.03 of it by the list price of the carrier; its price is expected in two minutes."""
    stock = stocked(tx, 1)
    (claimed,) = claim(tx, stock)
    new = a_dial(claimed, stock)
    attempts.begin(tx, new, NOW)
    attempts.end(tx, new.attempt_id, new.fence, a_result(cost=Decimal("0.10")), NOW)
    for estimate in ("0.03", "0.99"):  # the second time changes nothing
        carrier_prices.expect(tx, new.attempt_id, "twilio", "CA1", Decimal(estimate), NOW + minutes(2))
    return stock, new.attempt_id


def test_the_price_takes_the_place_of_the_estimate_once(store: Store) -> None:
    with store.write() as tx:
        stock, attempt_id = an_ended_call(tx)
        assert carrier_prices.told(tx, attempt_id, Decimal("0.014"), "USD", NOW + minutes(9))
        assert not carrier_prices.told(tx, attempt_id, Decimal("0.5"), "USD", NOW + minutes(9))
        assert attempts.get(tx, attempt_id).cost == Decimal("0.084")
        assert money.account(tx, stock.campaign_id, NOW).today == Decimal("0.084")
        assert not carrier_prices.is_any_due(tx, "twilio", NOW + timedelta(days=9))
        assert not carrier_prices.told(tx, AttemptId("nobody"), Decimal(1), "USD", NOW)


def test_an_amount_in_another_currency_changes_no_cost(store: Store) -> None:
    with store.write() as tx:
        _, attempt_id = an_ended_call(tx)
        assert carrier_prices.told(tx, attempt_id, Decimal("0.02"), "EUR", NOW)
        assert attempts.get(tx, attempt_id).cost == Decimal("0.10")


def test_it_is_asked_for_when_due_each_time_later_and_then_no_more(store: Store) -> None:
    with store.write() as tx:
        _, attempt_id = an_ended_call(tx)
        mine = [Awaited(attempt_id, "CA1")]
        assert carrier_prices.take(tx, "twilio", NOW + minutes(1), DELAYS, 9) == []
        assert carrier_prices.take(tx, "other", NOW + minutes(9), DELAYS, 9) == []
        assert not carrier_prices.is_any_due(tx, "other", NOW + minutes(9))
        asked_at = []
        for minute in range(200):
            if carrier_prices.is_any_due(tx, "twilio", NOW + minutes(minute)):
                assert carrier_prices.take(tx, "twilio", NOW + minutes(minute), DELAYS, 9) == mine
                asked_at.append(minute)
        assert asked_at == [2, 7, 67]
        assert carrier_prices.told(tx, attempt_id, Decimal("0.03"), "USD", NOW), "one that is told late is booked all the same"
