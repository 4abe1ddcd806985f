"""The talk when something goes wrong, and whatever happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.conversation import events as e
from dialer.model.disposition import AnsweredBy, Outcome
from tests.conversation.rig import MS, Rig
from tests.support.builders import OPENING, a_campaign

BYE = "Thank you for your time. Goodbye."
MESSAGE = {"action": "leave_message", "message": "Hello {first_name}, please call us."}


def test_a_silent_model_is_asked_again_then_we_apologise_then_we_end() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    assert rig.wait(5.1) == [e.CreateResponse("reply")]
    rig.wait(5.1)
    assert "technical problem" in rig.said()
    rig.wait(10.2)
    assert rig.end().reason == "voice_silent"


def test_a_failed_response_is_tried_once_again() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    rig.respond("", status="failed")
    assert rig.new[-1] == e.CreateResponse("reply")
    rig.respond("", status="failed")
    assert "technical problem" in rig.said()


def test_an_empty_account_ends_the_talk() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    rig.feed(e.ResponseStarted("r9", {"purpose": "reply"}), e.ResponseDone("r9", "failed", code="insufficient_quota"))
    rig.wait(3.0)
    assert rig.end().reason == "voice_refused:insufficient_quota"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (e.VoiceRefused("", "insufficient_quota", "pay"), "voice_refused:insufficient_quota"),
        (e.VoiceRefused("invalid_api_key", "invalid_request_error", "no"), "voice_refused:invalid_api_key"),
    ],
)
def test_an_account_that_is_closed_ends_the_talk(event: e.VoiceEvent, reason: str) -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    rig.feed(event)
    rig.wait(3.0)
    assert (rig.end().reason, rig.end().outcome) == (reason, Outcome.CANNOT_TELL)


def test_a_model_lost_while_ringing_ends_at_once() -> None:
    rig = Rig()
    rig.feed(e.OpeningAsked(), e.VoiceLost("1006"))
    assert rig.end().reason == "voice_lost"


def test_a_lost_race_is_not_fatal_and_the_wish_waits() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    assert rig.feed(e.VoiceRefused("conversation_already_has_active_response", "invalid_request_error", "", "create-1")) == []
    assert rig.feed(e.ResponseDone("foreign", "completed")) == [e.CreateResponse("reply")]
    assert rig.feed(e.VoiceRefused("response_cancel_not_active", "invalid_request_error", "")) == []


@pytest.mark.parametrize(
    "event",
    [
        e.SessionCreated({}),
        e.SessionUpdated({}),
        e.ItemTruncated("i", 1),
        e.RateLimited({}, {}),
        e.LegAudio(MS),
        e.AgentAudio("nobody", "x", MS),
        e.AgentAudioDone("nobody", "x"),
        e.AgentWords("nobody", "x", "a"),
        e.AgentTranscript("nobody", "x", "a"),
        e.MarkPlayed("x"),
        e.CalleeWords("noise", "  "),
    ],
)
def test_what_concerns_nobody_changes_nothing(event: e.ConversationEvent) -> None:
    rig = Rig()
    rig.talking()
    assert rig.feed(event) == []


def test_an_operator_ends_it_politely_or_at_once() -> None:
    rig, ringing = Rig(), Rig()
    rig.talking()
    rig.feed(e.EndAsked("shutdown"), e.EndAsked("again"))
    assert rig.said() == BYE
    rig.heard(rig.respond(BYE))
    rig.wait(0.5)
    assert rig.end().reason == "shutdown"
    ringing.feed(e.EndAsked("shutdown"))
    assert ringing.end().reason == "shutdown"


def test_a_transfer_is_announced_and_ends_with_the_leg() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "A person please.")
    rig.respond("", tools=(("transfer", '{"desk": "sales", "reason": "asked"}'),))
    assert rig.said() == "One moment, I am connecting you."
    rig.heard(rig.respond(rig.said()))
    assert rig.wait(0.5) == [e.Transfer("sales")]
    rig.feed(e.LegClosed())
    assert (rig.end().outcome, rig.end().reason) == (Outcome.TRANSFERRED, "transferred")


@pytest.mark.parametrize("way", ["refused", "silent"])
def test_a_failed_transfer_is_told(way: str) -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "A person please.")
    rig.respond("", tools=(("transfer", '{"desk": "sales"}'),))
    rig.heard(rig.respond(rig.said()))
    rig.wait(0.5)
    if way == "refused":
        rig.feed(e.TransferFailed("sales"))
    else:
        rig.wait(15.1)
    assert "technical problem" in rig.said()
    rig.heard(rig.respond(rig.said()))
    rig.wait(0.5)
    assert rig.end().outcome is Outcome.CANNOT_TELL


EVENTS = st.sampled_from(
    [
        e.ResponseStarted("r1"),
        e.AgentAudio("r1", "i1", MS * 300),
        e.AgentAudio("r2", "i2", MS * 300),
        e.AgentAudioDone("r1", "i1"),
        e.AgentTranscript("r1", "i1", OPENING),
        e.AgentTranscript("r2", "i2", "Goodbye."),
        e.ResponseDone("r1", "completed"),
        e.ResponseStarted("r2", {"purpose": "reply"}),
        e.ResponseDone("r2", "failed"),
        e.ToolCalled("r2", "t", "c1", "end_call", "{}"),
        e.ToolCalled("r2", "t", "c2", "report_answer_type", '{"kind": "screening"}'),
        e.ToolCalled("r2", "t", "c3", "opt_out", "{}"),
        e.SpeechStarted("h1", 0),
        e.SpeechStopped("h1", 100),
        e.SpeechCommitted("h1", None),
        e.CalleeWords("h1", "Hello?"),
        e.CalleeWords("h1", "Please leave a message after the tone."),
        e.MarkPlayed("i1"),
        e.MarkPlayed("i2"),
        e.PlayoutCleared(100),
        e.PlayoutCleared(10_000),
        e.BeepHeard(),
        e.CallAnswered(),
        e.OpeningAsked(),
        e.MachineReported(AnsweredBy.VOICEMAIL),
        e.VoiceRefused("conversation_already_has_active_response", "", ""),
        e.DigitPressed("9"),
        e.VoiceLost(""),
        e.LegClosed(),
    ]
)


@given(st.lists(st.tuples(EVENTS, st.sampled_from([0.0, 0.3, 2.0, 9.0])), max_size=40), st.booleans())
def test_whatever_happens_it_ends_once_and_nothing_is_heard_that_was_not_sent(
    steps: list[tuple[e.ConversationEvent, float]], may_leave: bool
) -> None:
    rig = Rig(a_campaign(voicemail=MESSAGE), may_leave_message=may_leave)
    for event, seconds in steps:
        rig.feed(event)
        rig.wait(seconds)
    rig.feed(e.CallAnswered())
    rig.wait(400.0)
    rig.feed(e.LegClosed())
    rig.wait(3.0)
    rig.end()
    sent: dict[str, int] = {}
    for play in rig.of(e.Play):
        sent[play.item_id] = sent.get(play.item_id, 0) + len(play.mulaw) // 8
    assert all(cut.heard_ms <= sent.get(cut.item_id, 0) for cut in rig.of(e.TruncateHeard))
    assert len(rig.of(e.RecordOptOut)) <= 1
