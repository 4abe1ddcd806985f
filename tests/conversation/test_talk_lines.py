"""The talk and what is on the line beside a person: networks, menus, music, recordings; and what is forbidden to be said."""

from __future__ import annotations

import pytest

from dialer.conversation import events as e
from dialer.model.disposition import AnsweredBy, Outcome
from tests.conversation.rig import MS, Rig
from tests.support.builders import OPENING, a_campaign

MENU = "For sales, press one. For service, press two."
HOLD = "Your call is important to us, please stay on the line."


@pytest.mark.parametrize(
    ("tone", "reason", "kind"),
    [
        (e.Tone.NO_SUCH_NUMBER, "no_such_number", AnsweredBy.UNKNOWN),
        (e.Tone.NETWORK_FAILED, "network_failed", AnsweredBy.UNKNOWN),
        (e.Tone.BUSY, "busy_tone", AnsweredBy.UNKNOWN),
        (e.Tone.FAX, "fax", AnsweredBy.FAX),
    ],
)
def test_a_tone_where_nobody_has_spoken_ends_the_call(tone: e.Tone, reason: str, kind: AnsweredBy) -> None:
    rig = Rig()
    rig.talking()
    rig.feed(e.ToneHeard(tone))
    rig.wait(0.5)
    last = rig.end()
    assert (last.reason, last.answered_by) == (reason, kind)


@pytest.mark.parametrize("tone", [e.Tone.NO_SUCH_NUMBER, e.Tone.NETWORK_FAILED, e.Tone.FAX])
def test_a_tone_beside_a_person_means_nothing(tone: e.Tone) -> None:
    rig = Rig()
    rig.talking()
    for number in range(3):
        rig.speech(f"h{number}", f"I would like to know more, part {number}.")
        rig.heard(rig.respond(f"Of course, part {number}."))
    assert rig.feed(e.ToneHeard(tone)) == []
    assert not rig.talk.done


def test_busy_after_words_is_a_phone_that_was_put_down() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "I have no time.")
    rig.heard(rig.respond("Goodbye.", tools=(("end_call", "{}"),)))
    rig.feed(e.ToneHeard(e.Tone.BUSY))
    rig.wait(0.5)
    assert rig.end().reason == "end_call"
    other = Rig()
    other.talking()
    other.speech("h1", "I have no time.")
    other.feed(e.ToneHeard(e.Tone.BUSY))
    other.respond("")
    other.wait(0.5)
    assert (other.end().reason, other.end().answered_by) == ("callee_hung_up", AnsweredBy.HUMAN)


def test_a_line_that_rings_again_is_waited_for() -> None:
    rig = Rig()
    rig.talking()
    rig.wait(9.0)
    rig.feed(e.ToneHeard(e.Tone.RINGBACK))
    rig.wait(9.0)
    assert len(rig.of(e.CreateResponse)) == 1, "nobody has been asked whether he is there"


def test_an_announcement_of_the_network_is_no_callee() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "The number you have dialed is not in service.")
    rig.respond("")
    rig.wait(0.5)
    assert (rig.end().reason, rig.end().answered_by, rig.end().outcome) == (
        "no_such_number",
        AnsweredBy.UNKNOWN,
        Outcome.CANNOT_TELL,
    )


def test_a_menu_is_left_where_the_campaign_has_no_keys_for_it() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", MENU)
    rig.respond("")
    rig.wait(0.5)
    assert (rig.end().reason, rig.end().answered_by) == ("ivr", AnsweredBy.IVR)
    assert rig.of(e.SendDigits) == []


def test_a_menu_gets_the_campaigns_keys_and_a_person_behind_it_the_opening() -> None:
    rig = Rig(a_campaign(menu={"press": "0"}))
    rig.talking()
    rig.speech("h1", MENU)
    assert rig.of(e.SendDigits) == [e.SendDigits("0")]
    rig.respond("")
    rig.speech("h2", "One moment please.")
    rig.speech("h3", "Hello, Maria speaking.")
    assert rig.said() == OPENING
    assert not rig.talk.done


def test_a_menu_that_goes_on_is_left() -> None:
    rig = Rig(a_campaign(menu={"press": "0"}))
    rig.talking()
    for number in range(3):
        rig.speech(f"h{number}", MENU)
        if number == 0:
            rig.respond("")
    rig.wait(0.5)
    assert len(rig.of(e.SendDigits)) == 2
    assert rig.end().reason == "ivr"
    silent = Rig(a_campaign(menu={"press": "0"}))
    silent.talking()
    silent.speech("h1", MENU)
    silent.respond("")
    silent.wait(41.0)
    assert silent.end().reason == "ivr"


def test_one_press_in_a_persons_words_is_no_menu() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "What, I should press nine?")
    assert not rig.talk.done
    assert rig.of(e.CreateResponse)[-1].purpose == "reply"


def test_the_carriers_guess_by_timing_hangs_up_on_nobody() -> None:
    rig, silent = Rig(), Rig()
    rig.talking()
    assert rig.feed(e.MachineReported(AnsweredBy.VOICEMAIL)) == []
    rig.speech("h1", "Hello?")
    rig.heard(rig.respond("What are you looking for?"))
    rig.feed(e.LegClosed())
    assert rig.end().answered_by is AnsweredBy.HUMAN
    silent.talking()
    silent.feed(e.MachineReported(AnsweredBy.VOICEMAIL), e.LegClosed())
    assert silent.end().answered_by is AnsweredBy.VOICEMAIL, "it counts where nothing else does"


def test_a_recording_says_the_same_again_and_again() -> None:
    rig = Rig()
    rig.talking()
    for number in range(3):
        rig.speech(f"h{number}", HOLD)
        rig.heard(rig.respond("" if number == 2 else f"Hello? {number}"))
    assert rig.said() == "Thank you for your time. Goodbye."
    rig.heard(rig.respond(rig.said()))
    rig.wait(3.0)
    assert rig.end().reason == "no_progress"


def test_a_person_may_say_yes_as_often_as_he_likes() -> None:
    rig = Rig()
    rig.talking()
    for number in range(6):
        rig.speech(f"h{number}", "Yes.")
        rig.heard(rig.respond(f"And number {number}?"))
    assert not rig.talk.done


def test_music_without_a_pause_or_without_words_ends() -> None:
    endless, wordless = Rig(), Rig()
    endless.talking()
    endless.feed(e.SpeechStarted("h1", 2000))
    endless.wait(59.0)
    assert len(endless.of(e.CreateResponse)) == 1
    endless.wait(2.0)
    assert endless.said() == "Thank you for your time. Goodbye."
    wordless.talking()
    for number in range(6):
        wordless.speech(f"h{number}", "")
        wordless.heard(wordless.respond("" if number == 5 else f"Sorry? {number}"))
    assert wordless.said() == "Thank you for your time. Goodbye."
    wordless.heard(wordless.respond(wordless.said()))
    wordless.wait(1.0)
    assert (wordless.end().reason, wordless.end().answered_by) == ("no_progress", AnsweredBy.UNKNOWN)


def guards_of(rig: Rig) -> list[tuple[str, object]]:
    calls = [record.tool_call for record in rig.of(e.RecordToolCall)]
    return [(call.name, call.arguments["words"]) for call in calls if call.name.startswith("guard_")]


def test_a_forbidden_promise_is_cut_off_recorded_and_corrected() -> None:
    rig = Rig(a_campaign(guards={"forbidden": ["free of charge"]}))
    rig.talking()
    rig.speech("h1", "What does it cost?")
    response, item = rig.begin("It is all ", 200)
    rig.feed(
        e.AgentWords(response, item, "Free of charge for you."), e.AgentTranscript(response, item, "It is all free of charge.")
    )
    assert guards_of(rig) == [("guard_forbidden", "free of charge")]
    assert rig.of(e.ClearPlayout)
    rig.feed(e.ResponseDone(response, "cancelled"))
    assert rig.said().startswith("I have to correct myself")
    rig.feed(e.PlayoutCleared(2010))
    rig.heard(rig.respond(rig.said()))
    rig.wait(0.5)
    assert rig.end().reason == "forbidden_promise"


def test_a_forbidden_promise_can_be_recorded_only() -> None:
    rig = Rig(a_campaign(guards={"forbidden": ["free of charge"], "then": "record"}))
    rig.talking()
    rig.speech("h1", "What does it cost?")
    rig.heard(rig.respond("It is free of charge."))
    rig.speech("h2", "Really?")
    rig.heard(rig.respond("No, it is not free of charge."))
    assert guards_of(rig) == [("guard_forbidden", "free of charge")]
    assert not rig.talk.done


def test_hits_of_the_callees_side_stand_in_the_transcript_without_the_secret() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "It is 4111 1111 1111 1111.")
    item = rig.respond("Your card 4111 1111 1111 1111, is that right?")
    rig.heard(item)
    assert rig.of(e.EndLog)[-1] == e.EndLog(item)
    rig.speech("h2", "I want to kill myself.")
    assert guards_of(rig) == [("guard_card", ""), ("guard_crisis", "kill myself")]
    rig.respond("")
    assert "emergency" in rig.said()
    assert not any("4111" in record.turn.text + record.turn.generated for record in rig.of(e.RecordTurn))


def test_a_clip_opens_the_call_and_the_model_learns_what_was_heard_of_it() -> None:
    rig = Rig(a_campaign(voice={"prewarm": "clip"}))
    rig.feed(e.ClipReady("opening", OPENING, 40_000))
    (play, mark) = rig.feed(e.CallAnswered())
    assert isinstance(play, e.PlayClip)
    assert mark == e.Mark(play.item_id)
    assert rig.talk.first_audio_ms == 0
    rig.wait(2.5)
    rig.feed(e.SpeechStarted("h1", 2500))
    added, record = rig.feed(e.PlayoutCleared(2500))
    assert isinstance(added, e.AddTurn)
    assert isinstance(record, e.RecordTurn)
    assert OPENING.startswith(added.text)
    assert 0 < len(added.text) < len(OPENING)
    assert rig.of(e.TruncateHeard) == []
    assert rig.of(e.CreateResponse) == []


def test_a_clip_that_the_campaign_does_not_want_is_left() -> None:
    rig = Rig()
    rig.feed(e.ClipReady("opening", OPENING, 40_000))
    rig.feed(e.CallAnswered())
    assert rig.said() == OPENING


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (e.VoiceRefused("rate_limit_exceeded", "tokens", "", "create-reply-7"), "voice_limited"),
        (e.VoiceRefused("server_error", "server_error", "", "create-reply-7"), "voice_silent"),
    ],
)
def test_a_refused_request_is_tried_once_more_and_then_we_end(error: e.VoiceRefused, reason: str) -> None:
    rig = Rig()
    rig.feed(e.ClipReady("apology", "Sorry.", 8000))
    rig.talking()
    rig.speech("h1", "Yes.")
    rig.feed(error)
    rig.wait(2.0)
    assert rig.of(e.CreateResponse)[1:] == [e.CreateResponse("reply")] * 2
    rig.feed(error)
    (clip,) = rig.of(e.PlayClip)
    rig.heard(clip.item_id)
    rig.wait(0.5)
    assert rig.end().reason == reason


def test_errors_that_concern_no_request_of_ours_change_nothing() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    assert rig.feed(e.VoiceRefused("server_error", "server_error", "", "output-3")) == []
    assert rig.feed(e.VoiceRefused("item_create_duplicate_item_id", "", "", "create-reply-1")) == []


def test_a_session_that_expires_inside_a_response_is_resumed() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    response, _ = rig.begin("")
    assert rig.feed(e.ResponseDone(response, "failed", code="session_expired")) == [e.ReopenVoice()]


def test_a_race_that_is_always_lost_ends_in_an_apology() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    for _ in range(6):
        rig.feed(e.VoiceRefused("conversation_already_has_active_response", "", "", "create-reply-1"))
        rig.wait(0.5)
    assert "technical problem" in rig.said()


def test_a_response_that_brings_nothing_more_is_given_up_and_asked_for_again() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes.")
    response, item = rig.begin("Well, let me", 300)
    rig.wait(9.9)
    assert len(rig.of(e.CreateResponse)) == 2
    assert e.CancelResponse(response) in rig.wait(0.2)
    assert rig.of(e.CreateResponse)[-1] == e.CreateResponse("reply")
    assert len(rig.of(e.CreateResponse)) == 3
    assert rig.feed(e.AgentAudio(response, "other", MS)) == []
    assert item


@pytest.mark.parametrize("status", ["failed", "incomplete"])
def test_an_opening_that_breaks_off_while_it_rings_is_made_anew_and_heard_once(status: str) -> None:
    rig = Rig()
    rig.feed(e.OpeningAsked())
    response, item = rig.begin(OPENING[:30], 600)
    rig.feed(e.ResponseDone(response, status))
    assert e.TruncateHeard(item, 0) in rig.all
    whole = rig.respond(OPENING, 2000)
    rig.feed(e.CallAnswered())
    assert {play.item_id for play in rig.of(e.Play)} == {whole}


def test_an_opening_that_is_whole_is_heard_once_whatever_comes_after_it() -> None:
    rig = Rig()
    rig.feed(e.OpeningAsked())
    response, item = rig.begin(OPENING, 2000)
    rig.feed(e.AgentAudioDone(response, item), e.AgentTranscript(response, item, OPENING), e.ResponseDone(response, "failed"))
    rig.feed(e.AgentAudio(response, item, MS), e.AgentTranscript(response, item, "Something else."))
    rig.feed(e.CallAnswered())
    assert len(rig.of(e.CreateResponse)) == 1
    assert sum(len(play.mulaw) for play in rig.of(e.Play)) == 16_000


def test_two_dropped_items_of_one_response_are_both_told_as_unheard() -> None:
    rig = Rig()
    rig.feed(e.OpeningAsked())
    response, item = rig.begin("Something else entirely.", 300)
    rig.feed(e.AgentAudio(response, "second", MS * 100))
    rig.feed(e.AgentTranscript(response, item, "Something else entirely."))
    rig.feed(e.ResponseDone(response, "cancelled"))
    assert rig.of(e.TruncateHeard) == [e.TruncateHeard(item, 0), e.TruncateHeard("second", 0)]
    assert rig.said() == OPENING


def test_a_menu_named_by_the_model_is_answered_with_keys_only_where_the_campaign_has_some() -> None:
    rig, other = Rig(), Rig(a_campaign(menu={"press": "0"}))
    report = ("report_answer_type", '{"kind": "ivr"}')
    press = ("send_digits", '{"digits": "2"}')
    for each in (rig, other):
        each.talking()
        each.speech("h1", "Welcome to the hospital.")
        each.respond("", tools=(report, press))
    assert [record.tool_call.result["ok"] for record in rig.of(e.RecordToolCall)] == [True, False]
    assert other.of(e.SendDigits) == [e.SendDigits("0"), e.SendDigits("2")]


def test_a_hand_over_that_fails_after_the_leg_has_gone_is_no_news() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "A person please.")
    rig.respond("", tools=(("transfer", '{"desk": "sales", "reason": "asked"}'),))
    rig.heard(rig.respond(rig.said()))
    rig.wait(0.5)
    rig.feed(e.SpeechStarted("h9", 5000), e.LegClosed())
    assert rig.feed(e.TransferFailed("sales")) == []
    rig.wait(3.0)
    assert rig.end().outcome is Outcome.TRANSFERRED


def test_a_person_named_in_the_talk_is_no_news_and_a_machine_at_the_end_neither() -> None:
    rig = Rig()
    rig.talking()
    assert rig.feed(e.MachineReported(AnsweredBy.HUMAN)) == []
    rig.speech("h1", "Hello?")
    report = ("report_answer_type", '{"kind": "human"}')
    rig.respond("", tools=(report,))
    assert rig.of(e.RecordToolCall)[-1].tool_call.result == {"ok": True}
    rig.feed(e.EndAsked("shutdown"))
    rig.feed(e.BeepHeard())
    assert not rig.talk.done
