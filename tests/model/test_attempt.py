"""What the model bills adds up, field by field."""

from dataclasses import fields

import pytest

from dialer.model.attempt import AttemptResult, EndCause, Ending, Retry, Usage
from dialer.model.disposition import AnsweredBy, Disposition


def test_usage_adds_every_field() -> None:
    one = Usage(*range(1, 9))
    two = Usage(*range(10, 90, 10))
    assert [getattr(one + two, field.name) for field in fields(Usage)] == [11, 22, 33, 44, 55, 66, 77, 88]
    assert one + Usage() == one


def test_a_result_claims_nothing_by_itself() -> None:
    result = AttemptResult(Disposition.BUSY)
    assert (result.outcome, result.answered_by, result.cost, result.answers) == (None, AnsweredBy.UNKNOWN, 0, {})


@pytest.mark.parametrize("cause", EndCause)
def test_every_cause_has_its_retry_class(cause: EndCause) -> None:
    usual = {
        EndCause.INVALID_NUMBER: Retry.NEVER,
        EndCause.CARRIER_FAULT: Retry.CARRIER_FAULT,
        EndCause.CONFIGURATION: Retry.CONFIGURATION_FAULT,
    }
    assert Ending(cause).retry is usual.get(cause, Retry.LATER)


def test_a_carrier_may_rule_otherwise() -> None:
    assert Ending(EndCause.REJECTED, "unwanted", 607, Retry.NEVER).retry is Retry.NEVER


@pytest.mark.parametrize(("ruled", "is_excused"), [(Retry.BACK_OFF, True), (Retry.CONFIGURATION_FAULT, True), (None, False)])
def test_a_dial_that_the_carrier_had_no_room_for_is_excused(ruled: Retry | None, *, is_excused: bool) -> None:
    refused = AttemptResult(Disposition.CARRIER_FAILED, ending=Ending(EndCause.CARRIER_FAULT, "20429", None, ruled))
    assert (refused.is_excused, refused.is_carrier_limited) == (is_excused, ruled is Retry.BACK_OFF)
    assert not AttemptResult(Disposition.CARRIER_FAILED).is_excused
