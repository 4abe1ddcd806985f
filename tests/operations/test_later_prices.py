"""What a carrier bills is asked for after the call and booked, through the seam alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

from dialer.dialing import prices
from dialer.errors import CarrierError
from dialer.model.disposition import Disposition
from dialer.model.ids import AttemptId
from dialer.operations import later_prices, wrap_up
from dialer.operations.dispatch import Work
from dialer.operations.parts import Parts
from dialer.store import attempts, money
from tests.operations.stage import a_result, intended, steps
from tests.operations.test_attempt import Phones
from tests.support.virtual_time import run_virtual

TALK_S = 61.0


class Billing(Phones):
    """A carrier that tells prices, by the answers it is given."""

    def __init__(self, answers: list[tuple[Decimal, str] | Exception | None]) -> None:
        super().__init__()
        self._answers = answers
        self.billed: list[str] = []

    async def cost(self, carrier_call_id: str) -> tuple[Decimal, str] | None:
        """The next answer."""
        self.billed.append(carrier_call_id)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def an_end(parts: Parts, talk_s: float = TALK_S) -> Work:
    """A talk that has ended."""
    work = intended(parts)
    with parts.store.write() as tx:
        attempts.placed(tx, work.attempt_id, work.subject.fence, "CA1", parts.clock.now())
    result = a_result(Disposition.ANSWERED_HUMAN if talk_s else Disposition.NO_ANSWER, talk_s=talk_s)
    assert wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, result)
    return work


def later(parts: Parts, span: timedelta) -> None:
    """Time passes."""
    parts.clock.move_to(parts.clock.now() + span)  # type: ignore[attr-defined]  # the test's clock is simulated


def collected(parts: Parts, carrier: Billing) -> int:
    """One look around."""
    return asyncio.run(later_prices.collect(parts, carrier, steps))


def cost_of(parts: Parts, attempt_id: AttemptId) -> Decimal:
    """What is on record."""
    with parts.store.read() as tx:
        return attempts.get(tx, attempt_id).cost


def test_the_price_is_asked_for_until_it_is_told_and_booked_once(parts: Parts) -> None:
    work = an_end(parts)
    before, estimate = cost_of(parts, work.attempt_id), prices.connection("phones", TALK_S)
    carrier = Billing([None, CarrierError("away"), (Decimal("0.5"), "USD")])
    for _ in range(2):
        later_prices.expect(parts, carrier, work.attempt_id)
    assert collected(parts, carrier) == 0
    assert carrier.billed == [], "not yet"
    for delay, count in ((later_prices.FIRST, 0), (later_prices.DELAYS[0], 0), (later_prices.DELAYS[1], 1)):
        later(parts, delay)
        assert collected(parts, carrier) == count
    assert collected(parts, carrier) == 0
    assert carrier.billed == ["CA1"] * 3
    assert cost_of(parts, work.attempt_id) == before - estimate + Decimal("0.5")
    with parts.store.read() as tx:
        assert money.account(tx, work.subject.campaign.id, parts.clock.now()).total == cost_of(parts, work.attempt_id)


def test_it_is_given_up_and_the_list_price_stands(parts: Parts) -> None:
    work = an_end(parts)
    before, carrier = cost_of(parts, work.attempt_id), Billing([None] * 20)
    later_prices.expect(parts, carrier, work.attempt_id)
    for _ in range(20):
        later(parts, timedelta(days=1))
        collected(parts, carrier)
    assert len(carrier.billed) == len(later_prices.DELAYS) + 1
    assert cost_of(parts, work.attempt_id) == before


def test_nothing_is_expected_of_a_call_that_nobody_took_nor_of_a_carrier_that_tells_nothing(parts: Parts) -> None:
    work = an_end(parts, talk_s=0.0)
    carrier = Billing([])
    later_prices.expect(parts, carrier, work.attempt_id)
    later_prices.expect(parts, carrier, AttemptId("nobody"))
    later_prices.expect(parts, Phones(), work.attempt_id)
    later(parts, timedelta(days=1))
    assert collected(parts, carrier) == 0
    assert asyncio.run(later_prices.collect(parts, Phones(), steps)) == 0


def test_a_carrier_that_takes_its_time_is_left(parts: Parts) -> None:
    class Slow(Billing):
        """Never answers."""

        async def cost(self, carrier_call_id: str) -> tuple[Decimal, str] | None:
            """Hang."""
            await asyncio.sleep(1e6)
            return None

    work, carrier = an_end(parts), Slow([])
    later_prices.expect(parts, carrier, work.attempt_id)
    later(parts, timedelta(days=1))
    assert run_virtual(later_prices.collect(parts, carrier, steps)) == 0
