"""Counts that add up to the file, and what is going on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from dialer.clock import SystemClock
from dialer.errors import UserError
from dialer.model.call import AttemptState, Bucket, CampaignStatus
from dialer.model.disposition import Disposition
from dialer.model.transcript import Speaker
from dialer.operations import scheduling, status
from dialer.operations.parts import Parts
from dialer.store import simulated_time
from tests.operations.conftest import no_lines
from tests.operations.stage import armed
from tests.operations.talked import begun, talked, unanswered


def test_buckets_add_up_to_the_rows_of_the_file(parts: Parts) -> None:
    armed(parts)
    talked(parts)
    unanswered(parts)
    begun(parts)
    found = status.standing(parts, "solar-sales")
    assert sum(found.buckets.values()) == found.rows == 30
    assert {found.buckets[Bucket.REACHED], found.buckets[Bucket.NOT_REACHED], found.buckets[Bucket.LIVE]} == {1}
    assert found.buckets[Bucket.REJECTED] + found.buckets[Bucket.DUPLICATE] > 1
    assert 0 not in found.buckets.values()


def test_the_figures_of_a_campaign(parts: Parts) -> None:
    armed(parts)
    talked(parts)
    unanswered(parts)
    body = status.standing(parts, "solar-sales").as_json()
    assert (body["attempts"], body["dialed"], body["talks"], body["spent"]) == (2, 2, 1, "0.0421")
    assert body["dispositions"] == {"answered_human": 1, "no_answer": 1}
    assert (body["status"], body["kind"], body["ends_at"]) == ("armed", "sales", None)
    assert body["next_due_at"] <= parts.clock.now().isoformat()


def test_a_snapshot_shows_who_is_on_the_phone_masked(parts: Parts) -> None:
    armed(parts)
    work = begun(parts)
    snapshot = status.snapshot(parts)
    (live,) = snapshot.live
    assert (live.state, live.speaker) == (AttemptState.LIVE, Speaker.AGENT)
    assert (live.words, live.campaign) == ("Hello, this is", "solar-sales")
    assert work.phone[5:-4] not in live.number
    assert live.seconds == 0
    assert (snapshot.per_minute, snapshot.lanes, snapshot.is_done) == (1, 0, False)


def test_a_snapshot_of_one_campaign_leaves_the_others_out(parts: Parts) -> None:
    armed(parts)
    armed(parts, "clinic-reminder")
    begun(parts)
    snapshot = status.snapshot(parts, "clinic-reminder")
    assert [item.name for item in snapshot.standings] == ["clinic-reminder"]
    assert {item.campaign for item in snapshot.live} <= {"clinic-reminder"}
    with pytest.raises(UserError, match="no campaign"):
        status.snapshot(parts, "nothing")


def test_done_is_when_nothing_waits_and_nobody_talks(parts: Parts) -> None:
    assert status.snapshot(parts).is_done
    armed(parts)
    assert not status.snapshot(parts).is_done
    scheduling.pause(parts, "solar-sales")
    assert not status.snapshot(parts).is_done
    scheduling.cancel(parts, "solar-sales")
    assert status.snapshot(parts).is_done
    (found,) = status.standings(parts)
    assert (found.status, found.buckets[Bucket.CANCELLED] > 0) == (CampaignStatus.CANCELLED, True)


def test_simulated_time_is_what_the_lanes_have_published(parts: Parts) -> None:
    later = parts.clock.now() + timedelta(hours=5)
    with parts.store.write() as tx:
        assert status.now_of(tx, parts) == parts.clock.now()
        simulated_time.publish(tx, later)
    with parts.store.read() as tx:
        assert status.now_of(tx, parts) == later
        real = Parts(parts.settings, SystemClock(), parts.store, no_lines)
        assert status.now_of(tx, real) != later


def test_nothing_spent_is_nothing(parts: Parts) -> None:
    armed(parts)
    assert status.snapshot(parts).spent == Decimal(0)
    assert status.standing(parts, "solar-sales").dispositions == {}
    assert Disposition.NO_ANSWER not in status.standing(parts, "solar-sales").dispositions
