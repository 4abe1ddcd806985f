"""The talk as a whole: opening, barge-in, tools, endings."""

from __future__ import annotations

import json

import pytest

from dialer.conversation import events as e
from dialer.model.disposition import AnsweredBy, Outcome
from dialer.model.transcript import Speaker
from tests.conversation.rig import MS, Rig
from tests.support.builders import OPENING, a_campaign

BYE = "Thank you for your time. Goodbye."
MESSAGE = {"action": "leave_message", "message": "Hello {first_name}, please call us."}


def test_the_opening_is_made_while_ringing_and_heard_at_once_on_the_answer() -> None:
    rig = Rig()
    (asked,) = rig.feed(e.OpeningAsked())
    assert isinstance(asked, e.CreateResponse)
    assert (asked.purpose, asked.may_use_tools) == ("opening", False)
    assert asked.instructions is not None
    assert f'"""\n{OPENING}\n"""' in asked.instructions
    assert rig.feed(e.OpeningAsked()) == []
    item = rig.respond(OPENING)
    assert rig.of(e.Play) == []
    rig.now = 5.0
    assert rig.feed(e.CallAnswered()) == [e.Play(item, MS * 1000), e.Mark(item)]
    assert (rig.talk.first_audio_ms, rig.talk.had_first_audio) == (0, True)
    assert rig.feed(e.CallAnswered()) == []


def test_an_answer_before_the_opening_is_ready_plays_its_verified_beginning() -> None:
    rig = Rig()
    rig.feed(e.CallAnswered())
    rig.wait(0.5)
    response, item = rig.begin("Hello, this is", 200)
    assert rig.of(e.Play) == [e.Play(item, MS * 200)]
    assert rig.talk.first_audio_ms == 500
    rig.feed(e.AgentAudioDone(response, item))
    assert rig.all[-1] == e.Mark(item)


def test_wrong_words_are_asked_for_once_more_and_then_the_call_is_given_up() -> None:
    rig = Rig()
    rig.feed(e.OpeningAsked())
    rig.respond("Hello, buy something!")
    assert len(rig.of(e.CreateResponse)) == 2
    rig.respond("Hello, buy something else!")
    assert rig.end().reason == "opening_mismatch"
    assert rig.of(e.Play) == []
    assert rig.feed(e.CallAnswered()) == []


def test_an_opening_without_words_is_no_opening() -> None:
    rig = Rig()
    rig.feed(e.OpeningAsked())
    rig.respond("")
    rig.respond("")
    assert rig.end().reason == "opening_mismatch"


def test_the_first_hello_does_not_cancel_the_opening_and_gets_no_reply_of_its_own() -> None:
    rig = Rig()
    item = rig.answer(4000)
    rig.wait(0.3)
    assert rig.speech("h1", "Hello?")[-1:] != [e.ClearPlayout()]
    assert rig.of(e.ClearPlayout) == []
    assert len(rig.of(e.CreateResponse)) == 1
    rig.wait(3.2)
    rig.heard(item)
    rig.speech("h2", "Yes?")
    assert len(rig.of(e.CreateResponse)) == 2


def test_a_greeting_that_does_not_end_is_yielded_to() -> None:
    rig = Rig()
    rig.answer(8000)
    rig.wait(0.3)
    rig.feed(e.SpeechStarted("h1", 300))
    rig.wait(2.4)
    assert rig.of(e.ClearPlayout) == []
    assert rig.wait(0.2) == [e.ClearPlayout()]


def test_a_later_word_interrupts_and_the_model_learns_what_was_heard() -> None:
    rig = Rig()
    item = rig.answer(4000)
    rig.wait(2.0)
    assert rig.feed(e.SpeechStarted("h1", 2000)) == [e.ClearPlayout()]
    # A mark that comes between says nothing: the clear itself releases it.
    assert rig.feed(e.MarkPlayed(item)) == []
    truncated, recorded = rig.feed(e.PlayoutCleared(2000))
    assert truncated == e.TruncateHeard(item, 2000)
    assert isinstance(recorded, e.RecordTurn)
    turn = recorded.turn
    assert (turn.seq, turn.speaker, turn.is_interrupted, turn.generated) == (1, Speaker.AGENT, True, OPENING)
    assert OPENING.startswith(turn.text)
    assert 0 < len(turn.text) <= len(OPENING) / 2
    assert rig.feed(e.MarkPlayed(item)) == []


def test_an_interruption_while_generating_cancels_and_drops_late_audio() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "Yes?")
    response, item = rig.begin("Let me tell you a long story", 500)
    rig.wait(0.2)
    assert rig.feed(e.SpeechStarted("h2", 3000)) == [e.ClearPlayout(), e.CancelResponse(response)]
    assert rig.feed(e.AgentAudio(response, item, MS), e.AgentAudio(response, "other", MS)) == []
    assert e.TruncateHeard(item, 200) in rig.feed(e.PlayoutCleared(2200))
    rig.feed(e.SpeechStopped("h2", 3300), e.SpeechCommitted("h2", "h1"))
    assert len(rig.of(e.CreateResponse)) == 2, "one at a time"
    assert rig.feed(e.ResponseDone(response, "cancelled")) == [
        e.TruncateHeard("other", 0),
        e.CreateResponse("reply"),
    ], "what was never heard must not count as said"


def test_tool_results_go_back_after_the_response_and_the_model_goes_on() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "A crown.")
    rig.respond("", tools=(("record_answer", '{"name": "need", "value": "a crown", "quote": "A crown."}'),))
    kinds = [type(command) for command in rig.new]
    assert kinds == [e.RecordToolCall, e.ReturnToolOutput, e.CreateResponse]
    (record,) = rig.of(e.RecordToolCall)
    assert (record.tool_call.name, record.tool_call.after_seq, record.tool_call.result["ok"]) == ("record_answer", 2, True)
    assert rig.talk.toolbox.answers == {"need": "a crown"}


def test_a_goodbye_is_drained_to_its_mark_and_a_tail() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "No, thank you.")
    outcome = ("set_outcome", '{"outcome": "not_interested", "reason": "said no", "quote": "No, thank you."}')
    item = rig.respond("All right, goodbye.", tools=(outcome, ("end_call", '{"reason": "done"}')))
    assert rig.wait(1.0) == []
    rig.heard(item)
    assert rig.wait(0.39) == []
    rig.wait(0.02)
    last = rig.end()
    assert (last.reason, last.outcome, last.answered_by) == ("end_call", Outcome.NOT_INTERESTED, AnsweredBy.HUMAN)
    assert rig.talk.toolbox.summary == "said no"


def test_an_end_without_a_goodbye_gets_ours() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "No.")
    rig.respond("", tools=(("end_call", "{}"),))
    assert rig.said() == BYE
    item = rig.respond(BYE)
    rig.wait(1.0)
    rig.heard(item)
    rig.wait(0.5)
    assert rig.end().outcome is Outcome.CANNOT_TELL


def test_a_callee_who_speaks_in_the_tail_is_heard_once_more_but_only_once() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "No.")
    rig.heard(rig.respond("Goodbye.", tools=(("end_call", "{}"),)))
    rig.wait(0.2)
    rig.speech("h2", "Wait, one thing.")
    assert not rig.talk.done
    item = rig.respond("Yes? Goodbye.", tools=(("end_call", "{}"),))
    rig.wait(1.0)
    rig.heard(item)
    rig.wait(0.2)
    rig.feed(e.SpeechStarted("h3", 9000))
    rig.wait(0.5)
    assert not rig.talk.done, "words that were said over our goodbye are waited for, not long"
    rig.wait(2.5)
    assert rig.end().reason == "end_call"


def test_words_said_over_our_last_goodbye_are_still_heard() -> None:
    rig = Rig()
    rig.talking()
    rig.feed(e.EndAsked("shutdown"))
    item = rig.respond(BYE, 1000)
    rig.speech("h1")
    rig.heard(item)
    rig.wait(1.0)
    assert not rig.talk.done
    rig.feed(e.CalleeWords("h1", "Fine, bye."))
    rig.wait(0.1)
    assert rig.end().reason == "shutdown"
    assert rig.of(e.RecordTurn)[-1].turn.text == "Fine, bye."


def test_an_end_that_is_talked_over_is_called_off() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "No.")
    rig.respond("Goodbye.", tools=(("end_call", "{}"),), status="cancelled")
    assert rig.wait(2.0) == []


def test_a_goodbye_without_the_tool_ends_by_an_idle_timer() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1", "No.")
    rig.heard(rig.respond("All right. Have a great day!"))
    rig.wait(2.9)
    assert not rig.talk.done
    rig.wait(1.0)
    assert rig.end().reason == "goodbye"


def test_silence_is_asked_about_once() -> None:
    rig = Rig()
    rig.talking()
    assert rig.wait(9.9) == []
    rig.wait(0.2)
    assert rig.said() == "Are you still there?"
    rig.heard(rig.respond("Are you still there?"))
    rig.wait(10.1)
    assert rig.said() == BYE
    rig.heard(rig.respond(BYE))
    rig.wait(0.5)
    last = rig.end()
    assert (last.reason, last.outcome, last.answered_by) == ("silence", Outcome.CANNOT_TELL, AnsweredBy.UNKNOWN)


def test_a_talk_has_a_polite_end_before_its_limit() -> None:
    rig = Rig(a_campaign(limits={"call_s": 40, "silence_s": 60}))
    rig.talking()
    rig.wait(24.0)
    assert rig.said() == BYE
    rig.heard(rig.respond(BYE))
    rig.wait(0.5)
    assert rig.end().reason == "max_length"


def test_the_same_sentence_three_times_is_no_progress() -> None:
    rig = Rig()
    rig.talking()
    for number in range(3):
        rig.speech(f"h{number}", "What?")
        item = rig.respond("What is your budget?")
        if number < 2:
            rig.heard(item)
    assert rig.said() == BYE
    assert e.ClearPlayout() in rig.all


@pytest.mark.parametrize("layer", ["phrase", "tool", "keypad", "outcome"])
def test_an_opt_out_is_committed_before_anything_else(layer: str) -> None:
    rig = Rig()
    rig.talking()
    if layer == "phrase":
        rig.speech("h1")
        rig.feed(e.CalleeWords("h1", "Stop calling me."))
        first = rig.new[0]
    elif layer == "keypad":
        assert rig.feed(e.DigitPressed("5")) == []
        first = rig.feed(e.DigitPressed("9"))[0]
    else:
        name, arguments = (
            ("opt_out", {"quote": "never again"})
            if layer == "tool"
            else ("set_outcome", {"outcome": "do_not_call", "reason": "", "quote": "never again"})
        )
        rig.speech("h1", "Hm.")
        response, item = rig.begin("Okay", 500)
        first = rig.feed(e.ToolCalled(response, item, "c1", name, json.dumps(arguments)))[0]
        rig.feed(e.ResponseDone(response, "cancelled"))
    assert isinstance(first, e.RecordOptOut)
    if layer == "phrase":
        rig.respond("Sorry", 100)
    assert rig.said().startswith("I understand. We will not call")
    rig.feed(e.PlayoutCleared(2000))
    item = rig.respond(rig.said())
    rig.feed(e.SpeechStarted("h9", 5000), e.DigitPressed("9"))
    rig.wait(1.0)
    rig.heard(item)
    rig.wait(3.0)
    assert rig.end().outcome is Outcome.DO_NOT_CALL
    assert len(rig.of(e.RecordOptOut)) == 1


def test_the_last_words_before_the_click_still_count() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1")
    rig.feed(e.LegClosed())
    assert not rig.talk.done
    rig.feed(e.LegClosed(), e.SpeechCommitted("h1", None))
    rig.feed(e.CalleeWords("h1", "Take me off your list!"))
    last = rig.end()
    assert (last.outcome, last.reason) == (Outcome.DO_NOT_CALL, "callee_hung_up")
    assert isinstance(rig.new[0], e.RecordOptOut)


def test_words_that_never_come_are_not_waited_for_longer_than_a_moment() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1")
    rig.feed(e.LegClosed())
    rig.wait(2.6)
    assert rig.end().outcome is Outcome.HUNG_UP_EARLY


def test_words_that_failed_are_speech_all_the_same() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1")
    rig.feed(e.CalleeWordsFailed("h1", "noise"), e.LegClosed(heard_ms=2000))
    assert rig.end().outcome is Outcome.HUNG_UP_EARLY


def test_a_hang_up_before_any_word_is_nobodys_decision() -> None:
    rig = Rig()
    item = rig.answer(4000)
    rig.wait(1.0)
    rig.feed(e.LegClosed("gone", heard_ms=900))
    last = rig.end()
    assert (last.outcome, last.answered_by, last.reason) == (Outcome.CANNOT_TELL, AnsweredBy.UNKNOWN, "callee_hung_up")
    (record,) = rig.of(e.RecordTurn)
    assert record.turn.item_id == item
    assert OPENING.startswith(record.turn.text)
    assert e.ClearPlayout() not in rig.all


def test_a_crisis_ends_the_script() -> None:
    rig = Rig()
    rig.talking()
    rig.speech("h1")
    rig.respond("Great! So", 300)
    rig.feed(e.CalleeWords("h1", "I want to die."))
    assert "emergency" in rig.said()
    rig.feed(e.PlayoutCleared(2100))
    rig.heard(rig.respond(rig.said()))
    rig.wait(0.5)
    assert rig.end().reason == "crisis"
