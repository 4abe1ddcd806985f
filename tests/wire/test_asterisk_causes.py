"""Each row of the table of endings, as Asterisk 22.10.1 was measured to tell them, and what we make of it."""

from __future__ import annotations

import pytest

from dialer.model.attempt import EndCause, Ending, Retry
from dialer.wire.asterisk_causes import SILENT_TRUNK, History, ending, lost


def told(*statuses: str, **known: object) -> History:
    history = History(**known)  # type: ignore[arg-type]  # the fields of History
    for status in statuses:
        history.tell(status)
    return history


# SIP answer, cause, text, SIP code as told, statuses of the dial in order, what it means, may it be dialled again
ROWS = [
    ("486", 17, "User busy", 486, ("", "RINGING", "BUSY"), EndCause.BUSY, Retry.LATER),
    ("600", 17, "User busy", 600, ("", "BUSY"), EndCause.BUSY, Retry.LATER),
    ("603", 21, "Call Rejected", 603, ("", "RINGING", "NOANSWER"), EndCause.REJECTED, Retry.LATER),
    ("403", 21, "Call Rejected", 403, ("", "NOANSWER"), EndCause.REJECTED, Retry.LATER),
    ("404", 1, "Unallocated (unassigned) number", 404, ("", "NOANSWER"), EndCause.INVALID_NUMBER, Retry.NEVER),
    ("484", 28, "Invalid number format", 484, ("", "NOANSWER"), EndCause.INVALID_NUMBER, Retry.NEVER),
    ("410", 22, "Number changed", 410, ("", "NOANSWER"), EndCause.INVALID_NUMBER, Retry.NEVER),
    ("480", 19, "User alerting, no answer", 480, ("", "NOANSWER"), EndCause.NO_ANSWER, Retry.LATER),
    ("408", 18, "No user responding", 408, ("", "NOANSWER"), EndCause.NO_ANSWER, Retry.LATER),
    ("ring time-out", 19, "User alerting, no answer", 480, ("", "RINGING"), EndCause.NO_ANSWER, Retry.LATER),
    ("early media", 19, "User alerting, no answer", 480, ("", "PROGRESS"), EndCause.NO_ANSWER, Retry.LATER),
    ("no trunk", 19, "User alerting, no answer", 480, ("",), EndCause.CARRIER_FAULT, Retry.CARRIER_FAULT),
    ("488", 58, "Bearer capability not available", 488, ("", "NOANSWER"), EndCause.CONFIGURATION, Retry.CONFIGURATION_FAULT),
    ("500", 38, "Network out of order", 500, ("", "NOANSWER"), EndCause.CARRIER_FAULT, Retry.CARRIER_FAULT),
    ("503", 34, "Circuit/channel congestion", 503, ("", "CONGESTION"), EndCause.CARRIER_FAULT, Retry.CARRIER_FAULT),
    ("504", 102, "Recover on timer expiry", 504, ("", "NOANSWER"), EndCause.CARRIER_FAULT, Retry.CARRIER_FAULT),
    ("607", 127, "Interworking, unspecified", 607, ("", "NOANSWER"), EndCause.REJECTED, Retry.NEVER),
]


@pytest.mark.parametrize(
    ("cause", "text", "code", "statuses", "means", "retry"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_each_answer_of_the_far_side_has_its_meaning(
    cause: int, text: str, code: int, statuses: tuple[str, ...], means: EndCause, retry: Retry
) -> None:
    end = ending(cause, text, code, told(*statuses))
    assert (end.cause, end.retry, end.sip_code) == (means, retry, code)
    assert end.hangup_cause.startswith(f"{text} ({cause})")


def test_a_dial_that_rings_for_ever_and_is_ended_by_us_was_not_answered() -> None:
    assert ending(16, "Normal Clearing", None, told("", "RINGING", is_overdue=True)).cause is EndCause.NO_ANSWER


def test_a_silent_trunk_is_no_unanswered_phone_and_says_so() -> None:
    assert SILENT_TRUNK in ending(19, "User alerting, no answer", 480, told("")).hangup_cause
    assert ending(19, "User alerting, no answer", None, History()).cause is EndCause.CARRIER_FAULT
    assert ending(19, "User alerting, no answer", None, told("", "RINGING", "")).cause is EndCause.NO_ANSWER


def test_silence_proves_nothing_when_events_were_lost() -> None:
    end = ending(19, "User alerting, no answer", 480, told("", has_gap=True))
    assert (end.cause, end.retry) == (EndCause.NO_ANSWER, Retry.LATER), "it may have rung: not again at once"


def test_a_dial_that_we_cancelled_was_cancelled_by_us() -> None:
    end = ending(16, "Normal Clearing", None, told("", "RINGING", "NOANSWER", was_ended_by_us=True))
    assert end == Ending(EndCause.NEAR_HANG_UP, "Normal Clearing (16)")


@pytest.mark.parametrize(
    ("cause", "known", "means"),
    [
        (16, {"was_asked_to_end": True}, EndCause.FAR_HANG_UP),
        (16, {"was_asked_to_end": True, "is_past_limit": True}, EndCause.FAR_HANG_UP),
        (16, {"is_past_limit": True}, EndCause.TIME_LIMIT),
        (0, {}, EndCause.TIME_LIMIT),
        (16, {}, EndCause.FAR_HANG_UP),
        (16, {"is_overdue": True}, EndCause.TIME_LIMIT),
        (16, {"was_ended_by_us": True}, EndCause.NEAR_HANG_UP),
        (16, {"was_ended_by_us": True, "fault": "the media connection was lost"}, EndCause.CARRIER_FAULT),
    ],
)
def test_how_an_answered_call_ends(cause: int, known: dict[str, bool], means: EndCause) -> None:
    assert ending(cause, "", None, told("", "ANSWER", was_answered=True, **known)).cause is means


@pytest.mark.parametrize(
    ("cause", "code", "means"),
    [
        (21, 401, EndCause.CONFIGURATION),
        (21, 407, EndCause.CONFIGURATION),
        (127, 505, EndCause.CARRIER_FAULT),
        (127, 699, EndCause.REJECTED),
        (127, 491, EndCause.CARRIER_FAULT),
        (26, None, EndCause.NO_ANSWER),
        (20, None, EndCause.CARRIER_FAULT),
        (20, 430, EndCause.NO_ANSWER),
        (44, None, EndCause.CARRIER_FAULT),
        (16, None, EndCause.FAR_HANG_UP),
        (0, None, EndCause.NO_ANSWER),
        (66, None, EndCause.CONFIGURATION),
    ],
)
def test_answers_that_were_not_measured_go_by_their_meaning(cause: int, code: int | None, means: EndCause) -> None:
    assert ending(cause, "", code, told("", "NOANSWER")).cause is means


@pytest.mark.parametrize(
    ("known", "means"),
    [
        ({"was_ended_by_us": True}, EndCause.NEAR_HANG_UP),
        ({"was_answered": True}, EndCause.FAR_HANG_UP),
        ({"was_answered": True, "is_past_limit": True}, EndCause.TIME_LIMIT),
        ({}, EndCause.NO_ANSWER),
        ({"fault": "the media connection was lost"}, EndCause.CARRIER_FAULT),
    ],
)
def test_an_end_that_nobody_told_us_of_is_never_dialled_again_at_once(known: dict[str, bool], means: EndCause) -> None:
    end = lost(told("", **known))
    assert end.cause is means
    assert end.hangup_cause


def test_a_late_beginning_does_not_undo_what_was_told() -> None:
    history = told("RINGING", "")
    assert history.status == "RINGING"
    assert not history.is_silent
