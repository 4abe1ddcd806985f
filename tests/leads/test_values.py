"""Typed values in words."""

from decimal import Decimal

from dialer.leads.values import as_decimals


def test_all_numbers_of_a_sentence_in_order():
    assert as_decimals("about $1,200 or 3万, not 12%") == [Decimal(1200), Decimal(30000), Decimal(12)]
    assert as_decimals("none, or " + "9" * 30) == []
