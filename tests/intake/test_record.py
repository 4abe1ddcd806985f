"""A record is a value."""

from dialer.intake.record import Record


def test_a_record_is_a_value() -> None:
    assert Record(2, ("a",)) == Record(2, ("a",), ())
