"""Arming, pausing and cancelling."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from dialer.errors import PolicyRefusal, UserError
from dialer.model.call import Bucket, CallState, CampaignStatus
from dialer.operations import folders, scheduling
from dialer.operations.parts import Parts
from dialer.store import queue
from dialer.store.schema import calls
from tests.operations.stage import armed


def test_scheduling_says_what_waits_and_what_is_held(parts: Parts) -> None:
    armed(parts)
    again = scheduling.schedule(parts, "solar-sales", None, parts.clock.now() + timedelta(days=3))
    assert again.waiting > 15
    assert again.held >= 1
    assert again.starts_at == parts.clock.now()


def test_an_end_before_the_start_is_refused(parts: Parts) -> None:
    armed(parts)
    with pytest.raises(UserError, match="not after the start"):
        scheduling.schedule(parts, "solar-sales", None, parts.clock.now() - timedelta(hours=1))


def test_limits_given_when_scheduling_are_a_version_of_their_own(parts: Parts) -> None:
    armed(parts)
    before = folders.stored(parts, "solar-sales")
    scheduling.schedule(parts, "solar-sales", None, None, scheduling.NewLimits(3, 0.5, Decimal("12.50")))
    after = folders.stored(parts, "solar-sales")
    assert (after.campaign.pacing.concurrency, after.campaign.pacing.cps) == (3, 0.5)
    assert after.campaign.budget.total == Decimal("12.50")
    assert after.version_id != before.version_id
    assert after.campaign.opening == before.campaign.opening
    scheduling.schedule(parts, "solar-sales", None, None)
    assert folders.stored(parts, "solar-sales").version_id == after.version_id


def test_a_limit_out_of_bounds_changes_nothing(parts: Parts) -> None:
    armed(parts)
    before = folders.stored(parts, "solar-sales")
    with pytest.raises(UserError, match=r"pacing\.cps: .* budget\.total"):
        scheduling.schedule(parts, "solar-sales", None, None, scheduling.NewLimits(cps=0, budget=Decimal(-1)))
    assert folders.stored(parts, "solar-sales") == before


def test_nobody_to_call_is_refused(parts: Parts) -> None:
    armed(parts)
    with parts.store.write() as tx:
        tx.execute(update(calls).values(state=CallState.HELD, bucket=Bucket.HELD))
    with pytest.raises(PolicyRefusal, match=r"nobody to call \(\d+ held\)"):
        scheduling.schedule(parts, "solar-sales", None, None)


def test_cancelling_empties_the_queue_for_good(parts: Parts) -> None:
    armed(parts)
    cancelled = scheduling.cancel(parts, "solar-sales", is_now=True)
    row = folders.stored(parts, "solar-sales")
    with parts.store.read() as tx:
        counts = queue.counts(tx, row.id)
        assert not tx.execute(select(calls).where(calls.c.state != CallState.DONE)).all()
    assert cancelled == sum(counts.values())
    assert row.status is CampaignStatus.CANCELLED
    assert scheduling.ended_now(parts) == {row.id}
    for verb in (scheduling.pause, scheduling.resume, scheduling.cancel):
        with pytest.raises(UserError, match="it is cancelled"):
            verb(parts, "solar-sales")
    with pytest.raises(PolicyRefusal, match="was cancelled"):
        scheduling.schedule(parts, "solar-sales", None, None)


def test_unknown_and_not_imported_campaigns_are_told_apart(parts: Parts) -> None:
    with pytest.raises(UserError, match="no campaign 'nothing'"):
        scheduling.pause(parts, "nothing")
    with pytest.raises(UserError, match="has not been imported yet"):
        scheduling.pause(parts, "solar-sales")
