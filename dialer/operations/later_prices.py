"""Prices that a carrier tells some time after a call: asked for by the lanes, and booked in the place of the list price.

A campaign that is done may have its report by then: writing it again (``dialer report``) shows the price. Until it is told, and
when it never is, the list price stands.
"""

import asyncio
from datetime import timedelta
from decimal import Decimal

from dialer.carriers.base import Carrier, TellsPrice
from dialer.dialing import prices
from dialer.errors import CarrierError
from dialer.model.ids import AttemptId
from dialer.operations.parts import Parts
from dialer.operations.start import Steps
from dialer.store import attempts, carrier_prices
from dialer.store.carrier_prices import Awaited
from dialer.telemetry import emit

FIRST = timedelta(minutes=2)
DELAYS = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""After each try that told nothing; then it is given up."""
MOST = 20


def expect(parts: Parts, carrier: Carrier, attempt_id: AttemptId) -> None:
    """An attempt has ended: its price will be asked for, where the carrier tells one and somebody answered."""
    if not isinstance(carrier, TellsPrice):
        return
    with parts.store.write() as tx:
        row = attempts.known(tx, attempt_id)
        if row is None or row.disposition is None or not row.carrier_call_id or not row.talk_s:
            return
        estimated = prices.connection(carrier.name, row.talk_s)
        ask_at = parts.clock.now() + FIRST
        carrier_prices.expect(tx, row.id, carrier.name, row.carrier_call_id, estimated, ask_at)


async def collect(parts: Parts, carrier: Carrier, steps: Steps) -> int:
    """Ask for the prices that are due and book those that are told; how many. A carrier that takes its time is left."""
    if not isinstance(carrier, TellsPrice):
        return 0
    booked = 0
    try:
        async with asyncio.timeout(parts.settings.lease_s / 4):
            for awaited in await steps(_due, parts, carrier.name):
                found = await carrier.cost(awaited.carrier_call_id)
                if found is not None:
                    booked += await steps(_book, parts, awaited.attempt_id, *found)
    except (CarrierError, TimeoutError) as error:
        emit("carrier.unpriced", carrier=carrier.name, error=str(error) or type(error).__name__)
    return booked


def _due(parts: Parts, carrier: str) -> list[Awaited]:
    with parts.store.read() as tx:
        if not carrier_prices.is_any_due(tx, carrier, parts.clock.now()):
            return []
    with parts.store.write() as tx:
        return carrier_prices.take(tx, carrier, parts.clock.now(), DELAYS, MOST)


def _book(parts: Parts, attempt_id: AttemptId, amount: Decimal, currency: str) -> bool:
    with parts.store.write() as tx:
        return carrier_prices.told(tx, attempt_id, amount, currency, parts.clock.now())
