"""What the beat does: give back, expire, finish."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from dialer.model.call import AttemptState, Bucket, CallState, CampaignStatus
from dialer.model.disposition import Disposition
from dialer.operations import folders, reporting, scheduling, upkeep
from dialer.operations.parts import Parts
from dialer.store import event_logs, queue, starts
from dialer.store.schema import attempts, calls
from tests.operations.stage import armed, claimed, intended, where


def test_the_claims_of_a_dead_worker_go_back(parts: Parts) -> None:
    armed(parts)
    work = claimed(parts, 2)
    with parts.store.write() as tx:
        over = parts.clock.lease_now() - timedelta(1)
        tx.execute(update(calls).where(calls.c.state == CallState.CLAIMED).values(lease_until=over))
    assert upkeep.tidy(parts) == []
    with parts.store.read() as tx:
        ids = [found.subject.call_id for found in work]
        states = tx.execute(select(calls.c.state).where(calls.c.id.in_(ids))).scalars().all()
    assert set(states) == {CallState.QUEUED}


def test_a_call_past_its_own_limit_expires(parts: Parts) -> None:
    armed(parts)
    with parts.store.write() as tx:
        tx.execute(update(calls).values(expires_at=parts.clock.now()))
    (finished,) = upkeep.tidy(parts)
    with parts.store.read() as tx:
        rows = tx.execute(select(calls.c.bucket, calls.c.disposition)).all()
    assert set(rows) == {(Bucket.BLOCKED, Disposition.EXPIRED)}
    assert folders.stored(parts, "solar-sales").id == finished


def test_a_campaign_is_done_once_when_nothing_waits_or_its_end_has_come(parts: Parts) -> None:
    armed(parts)
    assert upkeep.tidy(parts) == []
    claimed(parts, 1)
    with parts.store.write() as tx:
        tx.execute(update(calls).where(calls.c.state == CallState.QUEUED).values(state=CallState.DONE, bucket=Bucket.NOT_REACHED))
    assert upkeep.tidy(parts) == [], "a live call keeps its campaign open"
    with parts.store.write() as tx:
        tx.execute(update(calls).values(state=CallState.DONE, bucket=Bucket.REACHED, owner=None, lease_until=None))
    assert len(upkeep.tidy(parts)) == 1
    row = folders.stored(parts, "solar-sales")
    assert row.status is CampaignStatus.DONE
    assert upkeep.tidy(parts) == []
    assert upkeep.unreported(parts) == [row.id]
    reporting.write_report_of(parts, row.id)
    assert upkeep.unreported(parts) == []


@pytest.mark.parametrize("disposition", [None, Disposition.NO_ANSWER])
def test_a_call_in_progress_without_an_attempt_is_left_to_a_person(parts: Parts, disposition: Disposition | None) -> None:
    """No worker does that; were it ever so, the call must not be in progress for ever, nor be dialled again."""
    work = intended(parts)
    over = parts.clock.lease_now() - timedelta(seconds=1)
    with parts.store.write() as tx:
        if disposition is None:
            tx.execute(delete(attempts))
        else:
            ended = {"state": AttemptState.ENDED, "disposition": disposition, "ended_at": parts.clock.now()}
            tx.execute(update(attempts).values(**ended))
    upkeep.tidy(parts)
    assert where(parts, work) == (CallState.ACTIVE, None), "somebody holds it"
    with parts.store.write() as tx:
        tx.execute(update(calls).where(calls.c.id == work.subject.call_id).values(lease_until=over))
    upkeep.tidy(parts)
    assert where(parts, work) == (CallState.DONE, Bucket.UNSETTLED)
    with parts.store.read() as tx:
        found = tx.execute(select(calls.c.disposition).where(calls.c.id == work.subject.call_id)).scalar_one()
    assert found is (disposition or Disposition.UNKNOWN)


def test_what_went_back_to_the_queue_of_a_cancelled_campaign_is_cancelled_too(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    scheduling.cancel(parts, "solar-sales")
    with parts.store.write() as tx:
        queue.release(tx, work.subject.call_id, work.subject.fence, parts.clock.now())
    upkeep.tidy(parts)
    with parts.store.read() as tx:
        row = tx.execute(select(calls.c.state, calls.c.bucket).where(calls.c.id == work.subject.call_id)).one()
    assert tuple(row) == (CallState.DONE, Bucket.CANCELLED)


def test_at_the_end_of_a_campaign_what_waits_is_held_with_the_reason_and_goes_on_when_it_is_given_more_time(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    now = parts.clock.now()
    with parts.store.read() as tx:
        before = queue.counts(tx, work.subject.campaign.id)
    scheduling.schedule(parts, "solar-sales", None, now + timedelta(hours=1))
    parts.clock.move_to(now + timedelta(hours=1))  # type: ignore[attr-defined]  # the test's clock is simulated
    assert upkeep.tidy(parts) == [], "a call is in progress"
    with parts.store.write() as tx:
        queue.release(tx, work.subject.call_id, work.subject.fence, parts.clock.now())
    assert len(upkeep.tidy(parts)) == 1
    row = folders.stored(parts, "solar-sales")
    waiting = before[Bucket.WAITING] + 1
    assert (row.status, row.status_reason) == (CampaignStatus.DONE, f"its end has come, {waiting} calls were not made")
    with parts.store.read() as tx:
        counts = queue.counts(tx, row.id)
        codes = set(tx.execute(select(calls.c.hold_code).where(calls.c.bucket == Bucket.HELD)).scalars())
    assert {Bucket.WAITING, Bucket.LIVE}.isdisjoint(counts)
    assert sum(counts.values()) == sum(before.values())
    assert "campaign_ended" in codes
    again = scheduling.schedule(parts, "solar-sales", None, parts.clock.now() + timedelta(hours=1))
    assert again.waiting == waiting
    assert len(claimed(parts, 3)) == 3


def test_a_call_can_be_replayed_for_thirty_days(parts: Parts) -> None:
    work = intended(parts)
    with parts.store.write() as tx:
        event_logs.save(tx, event_logs.EventLogRow(work.attempt_id, 1, is_cut=False, body=b"log"))
        tx.execute(update(attempts).values(ended_at=parts.clock.now() - timedelta(days=29)))
    upkeep.tidy(parts)
    with parts.store.write() as tx:
        assert event_logs.find(tx, work.attempt_id) is not None
        tx.execute(update(attempts).values(ended_at=parts.clock.now() - timedelta(days=31)))
        starts.take(tx, ["numbers judged"], parts.clock.now() - timedelta(hours=2), {})
    upkeep.tidy(parts)
    with parts.store.read() as tx:
        assert event_logs.find(tx, work.attempt_id) is None
