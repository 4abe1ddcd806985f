"""Every row of the outcome tables."""

from __future__ import annotations

import pytest

from dialer.model.attempt import EndCause, Retry
from dialer.wire import twilio_errors

NEVER, LATER, FAULT, CONFIG = Retry.NEVER, Retry.LATER, Retry.CARRIER_FAULT, Retry.CONFIGURATION_FAULT
LIMIT = Retry.BACK_OFF


@pytest.mark.parametrize(
    ("code", "cause", "retry"),
    [
        (21211, EndCause.INVALID_NUMBER, NEVER),
        (21217, EndCause.INVALID_NUMBER, NEVER),
        (13224, EndCause.INVALID_NUMBER, LATER),
        (21214, EndCause.INVALID_NUMBER, NEVER),
        (21215, EndCause.CONFIGURATION, CONFIG),
        (13227, EndCause.CONFIGURATION, CONFIG),
        (21216, EndCause.CONFIGURATION, NEVER),
        (21210, EndCause.CONFIGURATION, CONFIG),
        (21212, EndCause.CONFIGURATION, CONFIG),
        (13214, EndCause.CONFIGURATION, CONFIG),
        (21219, EndCause.CONFIGURATION, CONFIG),
        (573005, EndCause.CONFIGURATION, CONFIG),
        (10004, EndCause.CARRIER_FAULT, LIMIT),
        (86008, EndCause.CARRIER_FAULT, LIMIT),
        (20429, EndCause.CARRIER_FAULT, LIMIT),
        (20003, EndCause.CONFIGURATION, CONFIG),
        (34002, EndCause.BUSY, LATER),
    ],
)
def test_each_code_of_the_table(code: int, cause: EndCause, retry: Retry) -> None:
    ending = twilio_errors.refusal(400, code, "Twilio's own words")
    assert (ending.cause, ending.retry) == (cause, retry)
    assert ending.hangup_cause.startswith(str(code))
    failed = twilio_errors.ending("failed", code=code)
    assert (failed.cause, failed.retry) == (cause, retry)
    assert str(code) in failed.hangup_cause


@pytest.mark.parametrize(
    ("status", "cause", "retry"),
    [
        (401, EndCause.CONFIGURATION, CONFIG),
        (403, EndCause.CONFIGURATION, CONFIG),
        (429, EndCause.CARRIER_FAULT, LIMIT),
        (503, EndCause.CARRIER_FAULT, FAULT),
        (400, EndCause.CONFIGURATION, FAULT),
    ],
)
def test_an_unknown_code_goes_by_its_http_class(status: int, cause: EndCause, retry: Retry) -> None:
    for code in (0, 99999):
        ending = twilio_errors.refusal(status, code, "new")
        assert (ending.cause, ending.retry) == (cause, retry)
        assert ending.hangup_cause == f"{code or status} new"


def test_the_sms_opt_out_is_no_word_on_calls() -> None:
    assert 21610 not in twilio_errors.CODES


@pytest.mark.parametrize(
    ("status", "sip", "cause", "retry"),
    [
        ("busy", 486, EndCause.BUSY, LATER),
        ("busy", 600, EndCause.BUSY, LATER),
        ("busy", None, EndCause.BUSY, LATER),
        ("busy", 603, EndCause.REJECTED, LATER),
        ("failed", 403, EndCause.REJECTED, LATER),
        ("failed", 607, EndCause.REJECTED, NEVER),
        ("failed", 404, EndCause.INVALID_NUMBER, NEVER),
        ("failed", 410, EndCause.INVALID_NUMBER, NEVER),
        ("failed", 484, EndCause.INVALID_NUMBER, NEVER),
        ("failed", 604, EndCause.INVALID_NUMBER, NEVER),
        ("no-answer", 408, EndCause.NO_ANSWER, LATER),
        ("no-answer", 480, EndCause.NO_ANSWER, LATER),
        ("no-answer", 487, EndCause.NO_ANSWER, LATER),
        ("no-answer", None, EndCause.NO_ANSWER, LATER),
        ("canceled", 487, EndCause.NEAR_HANG_UP, LATER),
        ("failed", 488, EndCause.CONFIGURATION, CONFIG),
        ("failed", 500, EndCause.CARRIER_FAULT, FAULT),
        ("failed", 503, EndCause.CARRIER_FAULT, FAULT),
        ("failed", 504, EndCause.CARRIER_FAULT, FAULT),
        ("failed", None, EndCause.CARRIER_FAULT, FAULT),
    ],
)
def test_each_way_in_which_a_dial_fails(status: str, sip: int | None, cause: EndCause, retry: Retry) -> None:
    ending = twilio_errors.ending(status, sip_code=sip)
    assert (ending.cause, ending.retry, ending.sip_code) == (cause, retry, sip)
    assert ending.hangup_cause.startswith(status)


def test_a_call_that_was_answered_ends_by_us_by_its_limit_or_by_the_callee() -> None:
    assert twilio_errors.completed(is_ours=True, talk_s=3, call_s=60).cause is EndCause.NEAR_HANG_UP
    assert twilio_errors.completed(is_ours=False, talk_s=60, call_s=60, sip_code=200).cause is EndCause.TIME_LIMIT
    assert twilio_errors.completed(is_ours=False, talk_s=59, call_s=60).cause is EndCause.FAR_HANG_UP


def test_the_faults_of_our_own_end_of_a_stream_are_named() -> None:
    assert set(twilio_errors.STREAM_FAULTS) == {31910, 31920, 31921, 31922, 31924, 31931}
    assert {20404, 21220} == twilio_errors.OVER
