"""Figures become places in a drawing."""

from decimal import Decimal

from dialer.reports.charts import HEIGHT, LEVELS, WIDTH, columns, latency_columns, squares, whiskers
from dialer.reports.worked import BINS_MS, Cell, Tried, wilson


def test_the_highest_column_fills_the_drawing():
    found = columns([("a", 10, "10"), ("b", Decimal("2.5"), "")], parts=[5, 0])
    assert [(it.x, it.y, it.height, it.part) for it in found] == [(0, 0.0, HEIGHT, 50.0), (24, 75.0, 25.0, 0.0)]
    assert columns([("a", 0, "0")])[0].height == 0
    assert columns([]) == []


def test_latency_columns_end_with_the_last_measurement():
    counts = [0] * (len(BINS_MS) + 1)
    assert latency_columns(counts) == []
    counts[1] = 3
    assert [(it.label, it.count) for it in latency_columns(counts)] == [("≤0.25", "0"), ("≤0.5", "3")]
    counts[-1] = 1
    assert latency_columns(counts)[-1].label == ">5"


def test_shades_of_the_map():
    found = squares([Cell(0, 9, 40, 0), Cell(1, 9, 40, 1), Cell(2, 10, 4, 4)])
    assert [(it.level, it.is_small) for it in found] == [(0, False), (1, False), (LEVELS, True)]
    assert (found[2].x, found[2].y) == (220, 44)


def test_whiskers_are_within_the_drawing():
    rows = [Tried("1", wilson(1, 2), wilson(0, 1)), Tried("2", wilson(0, 0), wilson(0, 0))]
    (found,) = whiskers(rows)
    assert (found.key, found.y, found.at) == ("1", 0, WIDTH / 2)
    assert 0 <= found.low < found.at < found.high <= WIDTH
