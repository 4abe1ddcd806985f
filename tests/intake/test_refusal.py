"""A refused row says everything that its author needs."""

from dialer.intake.refusal import Refused


def test_a_refusal_keeps_what_it_is_told() -> None:
    refused = Refused("Phone", "12", "invalid_phone", "too short", "check it")
    assert (refused.column, refused.value, refused.code) == ("Phone", "12", "invalid_phone")
    assert (refused.fix, refused.message, str(refused)) == ("check it", "too short", "too short")
