"""Figures of one attempt."""

import pytest

from dialer.call.events import Answered, Finish, LegEnded, ModelFailed, Placed, Ringing
from dialer.conversation.events import AgentAudio, CalleeWords, RateLimited, ResponseDone, VoiceRefused
from dialer.model.attempt import EndCause, Ending, Usage
from dialer.model.disposition import Disposition
from dialer.session.measures import Measures
from tests.support.builders import a_talk


def test_times_and_money() -> None:
    measures = Measures()
    for at, event in (
        (10.0, Placed()),
        (10.5, Ringing()),
        (14.0, Answered()),
        (14.1, Answered()),
        (15.0, ResponseDone("r", "completed", usage=Usage(text_in=5, responses=1))),
        (16.0, CalleeWords("h", "x", 1.5)),
        (20.0, LegEnded(Ending(EndCause.FAR_HANG_UP))),
        (21.0, LegEnded(Ending(EndCause.FAR_HANG_UP))),
    ):
        measures.note(event, at)
    result = measures.result(Finish(Disposition.ANSWERED_HUMAN), a_talk(), 30.0)
    assert (result.ring_s, result.talk_s) == (4.0, 6.0)
    assert result.usage == Usage(text_in=5, responses=1, transcription_s=1.5)


def test_nothing_happened() -> None:
    result = Measures().result(Finish(Disposition.CANCELLED), a_talk(), 30.0)
    assert (result.ring_s, result.talk_s, result.answer_to_audio_ms) == (0.0, 0.0, None)


@pytest.mark.parametrize(
    ("event", "is_fatal", "should_back_off"),
    [
        (ModelFailed("http_401", is_fatal_for_campaign=True), True, False),
        (ModelFailed("http_429", should_back_off=True), False, True),
        (ModelFailed("timeout"), False, False),
        (ResponseDone("r", "failed", code="insufficient_quota"), True, False),
        (ResponseDone("r", "failed", code="rate_limit_exceeded"), False, True),
        (ResponseDone("r", "failed", code="server_error"), False, False),
        (VoiceRefused("", "insufficient_quota", ""), True, False),
        (VoiceRefused("rate_limit_exceeded", "tokens", ""), False, True),
        (VoiceRefused("response_cancel_not_active", "", ""), False, False),
    ],
)
def test_errors_of_the_service_say_what_the_campaign_must_do(event: object, is_fatal: bool, should_back_off: bool) -> None:
    measures = Measures()
    measures.note(event, 1.0)
    result = measures.result(Finish(Disposition.VOICE_FAILED), a_talk(), 2.0)
    assert (result.is_fatal_for_campaign, result.should_back_off) == (is_fatal, should_back_off)


def test_the_least_that_the_account_had_left_is_kept() -> None:
    measures = Measures()
    measures.note(RateLimited({"tokens": 900, "requests": 5}, {}), 1.0)
    measures.note(RateLimited({"tokens": 300}, {}), 2.0)
    measures.note(RateLimited({"tokens": 800}, {}), 3.0)
    assert measures.result(Finish(Disposition.NO_ANSWER), a_talk(), 4.0).rate_limits == {"tokens": 300, "requests": 5}


def test_speech_whose_account_never_came_is_estimated() -> None:
    """A phone that is busy after all ends the session in the middle of the opening."""
    measures = Measures()
    measures.note(AgentAudio("r1", "i1", bytes(8000)), 1.0)
    measures.note(ResponseDone("r1", "completed", usage=Usage(audio_out=20, responses=1)), 1.5)
    measures.note(AgentAudio("r2", "i2", bytes(4000)), 2.0)
    measures.note(AgentAudio("r2", "i2", bytes(4000)), 2.1)
    usage = measures.result(Finish(Disposition.BUSY), a_talk(), 3.0).usage
    assert usage == Usage(audio_out=40, responses=2)
