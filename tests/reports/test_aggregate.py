"""Counts add up, whatever the rows are."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.model.call import Bucket
from dialer.model.disposition import Disposition, Outcome
from dialer.model.lead import Grade
from dialer.reports.aggregate import Percentiles, percentiles
from dialer.reports.data import TranscriptRow
from tests.support.report_rows import a_contact_row, a_head, a_lead, a_person, a_summary, an_attempt_row, an_import
from tests.support.results import a_campaign, a_transcript

CAMPAIGN = a_campaign()
CONTACT_BUCKETS = [bucket for bucket in Bucket if bucket not in {Bucket.REJECTED, Bucket.DUPLICATE, Bucket.UPDATED}]
A_ROW = st.builds(
    a_contact_row,
    st.just(2),
    st.sampled_from(CONTACT_BUCKETS),
    dials=st.integers(0, 3),
    has_answer=st.booleans(),
    has_talk=st.booleans(),
    disposition=st.none() | st.sampled_from(Disposition),
    outcome=st.none() | st.sampled_from(Outcome),
    lead=st.none() | st.sampled_from([a_lead(grade) for grade in Grade]),
)


@settings(max_examples=60)
@given(st.lists(A_ROW, max_size=20), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_buckets_add_up_to_the_rows_and_the_funnel_only_narrows(rows, updated, duplicates, rejected):
    head = a_head(CAMPAIGN, an_import(len(rows), updated=updated, duplicates=duplicates, rejected=rejected))
    found = a_summary(head, rows)
    assert found.adds_up
    assert sum(found.buckets.values()) == found.rows == len(rows) + updated + duplicates + rejected
    assert set(found.buckets) == set(Bucket)
    before = found.rows
    for step in found.funnel:
        assert step.of == before
        assert step.count + sum(step.lost.values()) == before
        before = step.count
    assert sum(found.leads.values()) == sum(row.lead is not None for row in rows)
    assert sum(found.not_called.values()) == sum(not row.dials for row in rows)


def test_a_row_that_is_missing_shows():
    assert not a_summary(a_head(CAMPAIGN, an_import(3)), [a_contact_row()]).adds_up


def test_the_funnel_says_where_people_were_lost():
    rows = [
        a_contact_row(2),
        a_contact_row(3, outcome=Outcome.NOT_INTERESTED),
        a_contact_row(4, Bucket.NOT_REACHED),
        a_contact_row(5, Bucket.NOT_REACHED, has_answer=True, disposition=Disposition.VOICEMAIL),
        a_contact_row(6, Bucket.HELD, reason="blocked_consent"),
        a_contact_row(7, Bucket.WAITING),
        a_contact_row(8, outcome=None),
    ]
    found = a_summary(a_head(CAMPAIGN, an_import(7, rejected=1)), rows)
    assert [(step.name, step.count) for step in found.funnel] == [
        ("loaded", 8),
        ("eligible", 6),
        ("dialled", 5),
        ("answered", 4),
        ("talked", 3),
        ("positive", 1),
    ]
    assert [dict(step.lost) for step in found.funnel] == [
        {},
        {"bucket.rejected": 1, "bucket.held": 1},
        {"bucket.waiting": 1},
        {"disposition.no_answer": 1},
        {"disposition.voicemail": 1},
        {"outcome.not_interested": 1, "outcome.cannot_tell": 1},
    ]
    assert found.not_called == {"blocked_consent": 1, "waiting": 1}
    assert found.outcomes == {Outcome.INTERESTED: 1, Outcome.NOT_INTERESTED: 1}


def test_attempts_are_counted_in_local_time_with_their_cost():
    monday_evening = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    attempts = [
        an_attempt_row(2, dialed_at=monday_evening),
        an_attempt_row(3, Disposition.NO_ANSWER, dialed_at=monday_evening, number=2),
        an_attempt_row(4, Disposition.BLOCKED_CAPS, dialed_at=None, cost=Decimal(0)),
        an_attempt_row(5, None, dialed_at=monday_evening.replace(hour=2)),
        replace(an_attempt_row(6, Disposition.BUSY, dialed_at=monday_evening), person=a_person(6, zone="")),
    ]
    head = a_head(CAMPAIGN, an_import(1))
    found = a_summary(head, [a_contact_row(lead=a_lead())], attempts)
    counts = found.attempts
    assert (counts.recorded, counts.dialled, counts.refused, counts.redials, counts.talked) == (5, 4, 1, 1, 1)
    assert (counts.first_at, counts.last_at) == (monday_evening, monday_evening.replace(hour=2))
    assert [(slot.key, slot.dials, slot.talked) for slot in found.hours if slot.dials] == [(20, 2, 1), (21, 1, 0)]
    assert [(slot.key, slot.dials) for slot in found.weekdays if slot.dials] == [(0, 3)]
    assert found.no_zone == 1
    assert found.spend.total == Decimal("0.1648")
    assert found.spend.per_dial == Decimal("0.0412")
    assert found.spend.per_lead == found.spend.per_conversation == Decimal("0.1648")
    assert found.answer_to_audio_ms == Percentiles(1, 24, 24, 24, 24)


def test_what_did_not_happen_has_no_price():
    found = a_summary(a_head(CAMPAIGN), [])
    assert (found.spend.per_dial, found.spend.per_conversation, found.spend.per_lead, found.spend.budget) == (None,) * 4
    assert found.turn_ms == Percentiles(0)
    assert found.adds_up


def test_turns_without_a_latency_are_left_out():
    spoken = a_transcript("> Hello", "yes", "> Good")
    turns = (spoken.turns[0], spoken.turns[1], replace(spoken.turns[2], latency_ms=800))
    row = TranscriptRow(an_attempt_row(), replace(spoken, turns=turns))
    assert a_summary(a_head(CAMPAIGN), [], [], [row]).turn_ms == Percentiles(1, 800, 800, 800, 800)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], Percentiles(0)),
        ([5], Percentiles(1, 5, 5, 5, 5)),
        (range(1, 101), Percentiles(100, 50, 95, 99, 100)),
        ([3, 1, 2], Percentiles(3, 2, 3, 3, 3)),
    ],
)
def test_percentiles_are_measured_values(values, expected):
    assert percentiles(Counter(values)) == expected


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=50))
def test_percentiles_are_in_order(values):
    found = percentiles(Counter(values))
    assert min(values) <= found.p50 <= found.p95 <= found.p99 <= found.highest == max(values)
    assert found.p50 in values
