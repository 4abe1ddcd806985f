"""One new session for a lost one: told what was heard, once; else the clip, else the end."""

from __future__ import annotations

import pytest

from dialer.conversation import events as e
from dialer.conversation.resume import NOTE, RESUME_S
from dialer.model.disposition import AnsweredBy, Outcome
from dialer.model.transcript import Speaker
from tests.conversation.rig import MS, Rig
from tests.support.builders import OPENING, a_campaign, a_reminder

APOLOGY = e.ClipReady("apology", "I am sorry, I am having a technical problem. Goodbye.", 16_000)
LOST = e.VoiceLost("1006")
EXPIRED = e.VoiceRefused("session_expired", "invalid_request_error", "60 minutes")


@pytest.mark.parametrize("lost", [LOST, EXPIRED])
def test_a_new_session_is_told_what_was_heard_and_goes_on(lost: e.VoiceEvent) -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "A crown.")
    rig.respond("", tools=(("record_answer", '{"name": "need", "value": "a crown", "quote": "A crown."}'),))
    rig.speech("h2")
    assert rig.feed(lost) == [e.ReopenVoice()]
    assert rig.feed(LOST) == [], "the old socket's own end"
    assert rig.feed(e.CalleeWords("h2", "What does it cost?"))
    rig.wait(0.5)
    first, second, third, note, go_on = rig.feed(e.VoiceReopened())
    assert (first, second) == (e.AddTurn(Speaker.AGENT, OPENING), e.AddTurn(Speaker.CALLEE, "A crown."))
    assert third == e.AddTurn(Speaker.CALLEE, "What does it cost?")
    assert note == e.AddNote(NOTE + ' Recorded so far: {"answers": {"need": "a crown"}}')
    assert go_on == e.CreateResponse("resume")
    rig.heard(rig.respond("From 200 dollars."))
    assert rig.feed(e.VoiceReopened()) == []
    assert rig.feed(e.ReopenFailed("late")) == []
    rig.feed(LOST)
    assert len(rig.of(e.ReopenVoice)) == 1
    rig.wait(3.0)
    assert (rig.end().reason, rig.end().answered_by, rig.end().outcome) == ("voice_lost", AnsweredBy.HUMAN, Outcome.CANNOT_TELL)


def test_a_new_session_counts_the_callees_audio_from_its_own_beginning() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    rig.feed(LOST)
    rig.wait(1.0)
    rig.feed(e.VoiceReopened())
    reopened_ms = round(rig.now * 1000)
    rig.heard(rig.respond("So?"))
    rig.wait(3.0)
    rig.feed(
        e.SpeechStarted("n1", 2800), e.SpeechStopped("n1", 2900), e.SpeechCommitted("n1", None), e.CalleeWords("n1", "Well.")
    )
    turn = rig.of(e.RecordTurn)[-1].turn
    assert (turn.start_ms, turn.end_ms) == (reopened_ms + 2800, reopened_ms + 2900)


def test_what_the_old_session_had_sent_is_heard_and_never_truncated() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Tell me.")
    _, item = rig.begin("A long story about crowns.", 3000)
    assert rig.feed(LOST) == [e.Mark(item), e.ReopenVoice()]
    rig.wait(1.0)
    commands = rig.feed(e.VoiceReopened())
    assert e.AddTurn(Speaker.AGENT, "A long story about crowns.") in commands
    rig.feed(e.SpeechStarted("n1", 100))
    assert rig.feed(e.PlayoutCleared(3200))
    assert rig.of(e.TruncateHeard) == [], "the new session has no such item"


def test_an_opening_that_was_not_whole_is_given_anew() -> None:
    rig = Rig(a_campaign(voice={"prewarm": "answer"}))
    rig.feed(e.CallAnswered())
    rig.feed(
        e.ResponseStarted("r1", {"purpose": "opening"}),
        e.AgentWords("r1", "i1", OPENING[:20]),
        e.AgentAudio("r1", "i1", MS * 500),
    )
    rig.feed(LOST)
    rig.feed(e.VoiceReopened())
    assert rig.said() == OPENING
    assert not rig.talk.done


def test_a_verified_callee_stays_verified() -> None:
    rig = Rig(a_reminder())
    rig.talking()
    rig.speech("h1", "The twelfth of March 1984, 1984-03-12.")
    rig.respond(
        "",
        tools=(
            ("verify_identity", '{"answer": "1984-03-12"}'),
            ("confirm_appointment", '{"quote": "yes"}'),
        ),
    )
    rig.feed(LOST)
    rig.feed(e.VoiceReopened())
    note = rig.of(e.AddNote)[-1].text
    assert '"identity_verified": true' in note
    assert "Dr. Lee" in note
    assert '"outcome": "appointment_confirmed"' in note
    assert "1984" not in note


@pytest.mark.parametrize("way", ["failed", "late", "again"])
@pytest.mark.parametrize("has_clip", [True, False])
def test_without_a_new_session_the_clip_says_goodbye_else_nothing_does(way: str, has_clip: bool) -> None:
    rig = Rig()
    if has_clip:
        rig.feed(APOLOGY)
    rig.talking()
    rig.speech("h1", "Yes.")
    rig.feed(LOST)
    if way == "failed":
        rig.feed(e.ReopenFailed("timeout"))
    elif way == "late":
        rig.wait(RESUME_S + 0.01)
        rig.feed(e.ReopenFailed("late"))
    else:
        rig.feed(e.VoiceReopened(), LOST)
    assert rig.of(e.PlayClip) == ([e.PlayClip("apology", rig.of(e.PlayClip)[0].item_id)] if has_clip else [])
    rig.wait(1.9)
    if has_clip:
        assert not rig.talk.done, "it is heard to its end"
        rig.heard(rig.of(e.PlayClip)[0].item_id)
        rig.wait(0.5)
        assert rig.of(e.RecordTurn)[-1].turn.text == APOLOGY.text
    else:
        rig.wait(2.0)
    assert (rig.end().reason, rig.end().answered_by) == ("voice_lost", AnsweredBy.HUMAN)


def test_an_end_that_was_coming_while_the_model_is_away_is_said_by_the_new_session() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    rig.feed(LOST, e.DigitPressed("9"))
    assert not rig.talk.done
    rig.feed(e.VoiceReopened())
    assert rig.said().startswith("I understand. We will not call")
    assert e.CreateResponse("resume") not in rig.all


def test_a_talk_that_is_ending_is_not_resumed() -> None:
    rig = Rig()
    rig.feed(APOLOGY)
    rig.talking()
    rig.feed(e.EndAsked("shutdown"), LOST)
    assert rig.of(e.ReopenVoice) == []
    assert len(rig.of(e.PlayClip)) == 1, "the goodbye that is owed"
    rig.heard(rig.of(e.PlayClip)[0].item_id)
    rig.wait(0.5)
    assert rig.end().reason == "shutdown"


def test_a_goodbye_that_is_sounding_already_needs_no_clip() -> None:
    rig = Rig()
    rig.feed(APOLOGY)
    rig.talking()
    rig.feed(e.EndAsked("shutdown"))
    item = rig.respond(rig.said(), 1500)
    rig.feed(LOST)
    assert rig.of(e.PlayClip) == []
    rig.heard(item)
    rig.wait(0.5)
    assert rig.end().reason == "shutdown"


def test_a_session_that_goes_after_the_leg_ends_the_books_at_once() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1")
    rig.feed(e.LegClosed(), LOST)
    assert (rig.end().reason, rig.end().answered_by) == ("callee_hung_up", AnsweredBy.HUMAN)


def test_what_was_dropped_before_the_loss_is_not_told_as_said() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Tell me.")
    rig.begin("A long story about crowns.", 3000)
    rig.feed(e.SpeechStarted("h2", 3000), e.PlayoutCleared(2000), LOST)
    commands = rig.feed(e.VoiceReopened())
    assert not any(isinstance(command, e.AddTurn) and "story" in command.text for command in commands)


def test_a_machine_that_shows_itself_meanwhile_is_left_without_the_model() -> None:
    rig = Rig()
    rig.talking()
    rig.feed(LOST, e.BeepHeard(), e.VoiceReopened())
    rig.wait(10.0)
    assert (rig.end().answered_by, rig.end().reason) == (AnsweredBy.VOICEMAIL, "voicemail")


def test_an_opening_of_which_nothing_was_heard_is_given_anew_by_the_new_session() -> None:
    rig = Rig(a_campaign(voice={"prewarm": "answer"}))
    rig.feed(e.CallAnswered())
    rig.feed(e.ResponseStarted("r1", {"purpose": "opening"}), e.AgentAudio("r1", "i1", MS * 500))
    rig.feed(LOST, e.VoiceReopened())
    assert rig.of(e.Play) == rig.of(e.TruncateHeard) == []
    assert rig.said() == OPENING
