"""Many calls under a small budget, in whatever order they are claimed, dialled and ended: it is never exceeded."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from dialer.call.events import Permitted
from dialer.dialing import prices
from dialer.model.attempt import Usage
from dialer.model.call import Bucket, CampaignStatus
from dialer.model.disposition import Disposition
from dialer.operations import dispatch, folders, scheduling, status, wrap_up
from dialer.operations.attempt import DatabaseJournal
from dialer.operations.dispatch import Pace, Work
from dialer.operations.parts import Parts
from dialer.operations.scheduling import NewLimits
from dialer.store import money, queue
from dialer.store.schema import calls
from tests.operations.stage import a_result, armed, claimed, steps


def later(parts: Parts, span: timedelta) -> None:
    """Let campaign time pass."""
    parts.clock.move_to(parts.clock.now() + span)  # type: ignore[attr-defined]  # the test's clock is simulated


def dialled(parts: Parts, work: Work) -> bool:
    """Ask for the permit until the pace gives it."""
    journal = DatabaseJournal(parts, work, Pace(1), steps, "phones")
    while isinstance(answer := journal._permit(), timedelta):
        later(parts, answer)
    return isinstance(answer, Permitted)


def ended(parts: Parts, work: Work, tokens: int, disposition: Disposition = Disposition.NO_ANSWER) -> None:
    """End the attempt with a bill."""
    result = a_result(disposition, usage=Usage(audio_out=tokens))
    assert wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, result)


def worst_tokens(parts: Parts, worst: Decimal) -> int:
    """The tokens that cost a whole reservation."""
    per_million = prices.cost(Usage(audio_out=1_000_000), parts.settings.voice_model, 0, "simulated")
    return int(worst / per_million * 1_000_000)


def account(parts: Parts) -> money.Account:
    """The campaign's money."""
    with parts.store.read() as tx:
        return money.account(tx, folders.stored(parts, "solar-sales").id, parts.clock.now())


@pytest.mark.parametrize("seed", range(4))
def test_no_order_of_events_exceeds_the_budget_and_more_money_goes_on(parts: Parts, seed: int) -> None:
    chance = random.Random(seed)
    armed(parts)
    worst = dispatch.gates.reserve_of(parts, folders.stored(parts, "solar-sales"))
    limit = worst * 2 + worst / 3
    scheduling.schedule(parts, "solar-sales", None, None, NewLimits(budget=limit, cps=50.0))
    most, given_more, live = worst_tokens(parts, worst), 0, []
    for _ in range(90):
        found = dispatch.claim(parts, "lane", chance.randint(1, 4), Pace(1))
        live += [work for work in found if dialled(parts, work)]
        while live and chance.random() < 0.6:
            ended(parts, live.pop(chance.randrange(len(live))), chance.randint(0, most))
        now = account(parts)
        assert now.total + now.reserved <= limit
        row = folders.stored(parts, "solar-sales")
        if row.status is CampaignStatus.PAUSED:
            assert row.status_reason.startswith("budget: ")
            assert now.total + worst > limit, "it stops only when nothing more fits"
            limit += worst
            given_more += 1
            scheduling.schedule(parts, "solar-sales", None, None, NewLimits(budget=limit))
        later(parts, timedelta(seconds=31))
    assert given_more > 0


def test_at_its_budget_a_campaign_pauses_and_its_calls_wait(parts: Parts) -> None:
    armed(parts)
    row = folders.stored(parts, "solar-sales")
    worst = dispatch.gates.reserve_of(parts, row)
    scheduling.schedule(parts, "solar-sales", None, None, NewLimits(budget=worst))
    before = status.standing(parts, "solar-sales").buckets
    (work,) = claimed(parts, 4)
    assert dialled(parts, work)
    assert claimed(parts, 4) == []
    assert folders.stored(parts, "solar-sales").status is CampaignStatus.ARMED, "the open call may leave something"
    ended(parts, work, worst_tokens(parts, worst) // 2)
    assert claimed(parts, 4) == []
    shown = status.standing(parts, "solar-sales")
    assert (shown.status, shown.reason[:8]) == (CampaignStatus.PAUSED, "budget: ")
    assert shown.buckets == before, "nobody is held or lost for it"
    assert dispatch.is_all_done(parts)
    scheduling.schedule(parts, "solar-sales", None, None, NewLimits(budget=worst * 9))
    assert len(claimed(parts, 2)) == 2


def test_a_call_that_may_cost_too_much_stops_the_campaign_at_once(parts: Parts) -> None:
    armed(parts)
    row = folders.stored(parts, "solar-sales")
    tight = row.campaign.model_copy(update={"budget": row.campaign.budget.model_copy(update={"per_call": Decimal("0.0001")})})
    with parts.store.write() as tx:
        dispatch.campaigns.save_version(tx, tight, parts.clock.now())
    assert claimed(parts, 1) == []
    assert "budget per call" in folders.stored(parts, "solar-sales").status_reason


def test_a_budget_of_the_day_comes_back_at_midnight(parts: Parts) -> None:
    armed(parts)
    row = folders.stored(parts, "solar-sales")
    worst = dispatch.gates.reserve_of(parts, row)
    daily = row.campaign.model_copy(update={"budget": row.campaign.budget.model_copy(update={"total": None, "per_day": worst})})
    with parts.store.write() as tx:
        dispatch.campaigns.save_version(tx, daily, parts.clock.now())
        money.settle(tx, row.id, parts.clock.now(), worst / 2)
    assert claimed(parts, 3) == []
    shown = status.standing(parts, "solar-sales")
    assert shown.status is CampaignStatus.ARMED
    assert shown.reason.startswith("budget: the budget (per_day)")
    midnight = parts.clock.now().replace(hour=0) + timedelta(days=1)
    assert shown.slowed_until == midnight
    later(parts, timedelta(hours=24))
    assert len(claimed(parts, 3)) == 1


def test_calls_that_were_held_for_money_are_queued_when_there_is_more(parts: Parts) -> None:
    armed(parts)
    row = folders.stored(parts, "solar-sales")
    with parts.store.write() as tx:
        held = {"state": "held", "bucket": "held", "hold_code": "blocked_budget"}
        tx.execute(calls.update().where(calls.c.campaign_id == row.id, calls.c.state == "queued").values(held))
    scheduling.schedule(parts, "solar-sales", None, None, NewLimits(budget=Decimal(500)))
    with parts.store.read() as tx:
        assert queue.counts(tx, row.id)[Bucket.WAITING] > 0
    assert claimed(parts, 1) != []
