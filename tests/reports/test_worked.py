"""Shares with their intervals, and counts that add up to what went in."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.disposition import Disposition, Outcome
from dialer.reports.worked import BINS_MS, Share, WorkedTally, bins, wilson
from tests.support.report_rows import a_person, an_attempt_row

EMPTY = WorkedTally([]).result({}, {})


@pytest.mark.parametrize(("count", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (15, 22, 0.4732, 0.8364)])
def test_known_intervals(count, of, low, high):
    found = wilson(count, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.value == count / of


def test_a_share_of_nothing_is_unknown():
    assert wilson(0, 0) == Share(0, 0, None, None)
    assert wilson(0, 0).value is None


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share_and_narrows_with_the_count(count, more):
    of = count + more
    found, larger = wilson(count, of), wilson(10 * count, 10 * of)
    assert 0 <= found.low <= found.value + 1e-9
    assert found.value <= found.high + 1e-9 <= 1 + 1e-9
    assert larger.high - larger.low < found.high - found.low


def test_dials_are_counted_by_attempt_version_day_and_place():
    tally = WorkedTally([Outcome.INTERESTED])
    rows = [
        an_attempt_row(2),
        an_attempt_row(3, Disposition.NO_ANSWER, number=2, script_hash="def"),
        an_attempt_row(4, outcome=Outcome.CALLBACK),
        an_attempt_row(5, Disposition.BLOCKED_HOURS, dialed_at=None, cost=Decimal(0)),
        an_attempt_row(6, Disposition.CANCELLED, dialed_at=None, ended_at=None, cost=Decimal("0.01")),
    ]
    for row in rows:
        tally.add(row)
    found = tally.result(Counter({24: 2}), Counter({9000: 1}))
    assert [(it.key, it.talked.count, it.talked.of, it.positive.count) for it in found.attempts] == [
        ("1", 2, 2, 1),
        ("2", 0, 1, 0),
    ]
    assert [(it.key, it.talked.of) for it in found.versions] == [("abc", 2), ("def", 1)]
    assert [(cell.weekday, cell.hour, cell.dials, cell.talked) for cell in found.cells] == [(1, 9, 3, 2)]
    assert found.days == (("", Decimal("0.01")), ("2026-11-24", Decimal("0.1236")))
    assert (found.first_bins[0], found.turn_bins[-1]) == (2, 1)


def test_dials_without_a_zone_are_on_no_map():
    tally = WorkedTally([])
    row = an_attempt_row(2)
    tally.add(type(row)(**{name: getattr(row, name) for name in row.__dataclass_fields__} | {"person": a_person(zone="")}))
    assert tally.result({}, {}).cells == ()


@given(st.dictionaries(st.integers(0, 20_000), st.integers(1, 9)))
def test_every_measurement_is_in_one_column(measured):
    found = bins(measured)
    assert sum(found) == sum(measured.values())
    assert found[-1] == sum(times for value, times in measured.items() if value > BINS_MS[-1])
