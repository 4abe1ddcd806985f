"""Machines: voicemail with and without a message, screeners, menus, fax; and what a talk came to."""

from __future__ import annotations

import pytest

from dialer.conversation import events as e
from dialer.model.disposition import AnsweredBy, Outcome
from tests.conversation.rig import Rig
from tests.support.builders import OPENING, a_campaign

MESSAGE = {"action": "leave_message", "message": "Hello {first_name}, please call us."}
GREETING = "You have reached Maria. Please leave a message after the tone."


def machine(*, may_leave: bool = True) -> Rig:
    rig = Rig(a_campaign(voicemail=MESSAGE), may_leave_message=may_leave)
    rig.talking()
    return rig


def test_a_greeting_phrase_hangs_up_where_nothing_is_to_be_left() -> None:
    rig = machine(may_leave=False)
    rig.speech("h1", GREETING)
    rig.feed(e.ResponseStarted("r2", {"purpose": "reply"}))
    rig.feed(e.ResponseDone("r2", "cancelled"))
    rig.wait(0.5)
    last = rig.end()
    assert (last.answered_by, last.reason, last.outcome, last.is_message_left) == (
        AnsweredBy.VOICEMAIL,
        "voicemail",
        None,
        False,
    )


def test_a_message_waits_for_the_beep_and_is_heard_to_its_end() -> None:
    rig = machine()
    rig.feed(e.SpeechStarted("h1", 2000))
    rig.feed(e.MachineReported(AnsweredBy.VOICEMAIL))
    rig.wait(1.0)
    rig.feed(e.CalleeWords("h1", GREETING), e.SpeechStopped("h1", 3000), e.SpeechCommitted("h1", None))
    assert rig.talk.wants_tones
    assert len(rig.of(e.CreateResponse)) == 1, "nobody answers a machine"
    rig.feed(e.BeepHeard())
    assert rig.said() == "Hello Maria, please call us."
    rig.feed(e.BeepHeard())
    item = rig.respond(rig.said())
    rig.wait(1.0)
    rig.heard(item)
    rig.wait(0.5)
    assert (rig.end().is_message_left, rig.end().reason) == (True, "message_left")


def test_a_beep_before_any_report_is_remembered() -> None:
    rig = machine()
    rig.speech("h1")
    rig.feed(e.ResponseStarted("r2", {"purpose": "reply"}))
    rig.feed(e.BeepHeard())
    assert rig.all[-1] == e.CancelResponse("r2")
    rig.feed(e.ResponseDone("r2", "cancelled"))
    assert rig.said() == "Hello Maria, please call us."


def test_a_report_with_its_beep_speaks_at_once() -> None:
    rig = machine()
    rig.feed(e.MachineReported(AnsweredBy.VOICEMAIL, is_beep=True))
    assert rig.said() == "Hello Maria, please call us."


def test_without_a_beep_eight_seconds_of_silence_do() -> None:
    rig = machine()
    rig.speech("h1", GREETING)
    rig.respond("")
    rig.wait(7.0)
    assert rig.said() == OPENING or len(rig.of(e.CreateResponse)) == 2
    rig.wait(1.5)
    assert rig.said() == "Hello Maria, please call us."


def test_a_machine_that_talks_for_ever_is_left() -> None:
    rig = machine()
    rig.feed(e.SpeechStarted("h1", 2000), e.CalleeWords("h0", GREETING))
    rig.wait(66.0)
    last = rig.end()
    assert (last.reason, last.is_message_left) == ("voicemail", False)


@pytest.mark.parametrize("kind", [AnsweredBy.IVR, AnsweredBy.FAX])
def test_menus_and_faxes_are_left(kind: AnsweredBy) -> None:
    rig = machine()
    rig.feed(e.MachineReported(kind), e.MachineReported(kind))
    rig.wait(0.5)
    assert (rig.end().answered_by, rig.end().outcome) == (kind, None)


def test_a_report_about_a_call_that_is_ending_changes_nothing() -> None:
    rig = machine()
    rig.feed(e.EndAsked("shutdown"))
    assert rig.feed(e.MachineReported(AnsweredBy.VOICEMAIL)) == []
    assert not rig.talk.wants_tones


def test_a_report_before_the_answer_is_only_kept() -> None:
    rig = Rig()
    assert rig.feed(e.MachineReported(AnsweredBy.HUMAN), e.MachineReported(AnsweredBy.UNKNOWN)) == []


def test_a_person_is_never_hung_up_on_by_a_late_report() -> None:
    rig = machine()
    for number in range(3):
        rig.speech(f"h{number}", f"I would like to know more, part {number}.")
        rig.heard(rig.respond(f"Of course, part {number}."))
    rig.speech("h9", "Should I leave a message?")
    rig.feed(e.MachineReported(AnsweredBy.VOICEMAIL), e.BeepHeard())
    assert not rig.talk.wants_tones
    report = ("report_answer_type", '{"kind": "voicemail"}')
    rig.respond("", tools=(report,))
    assert rig.of(e.RecordToolCall)[-1].tool_call.result == {"ok": False, "error": "a_person_has_been_talking"}
    assert not rig.talk.done


def screened() -> Rig:
    rig = machine()
    rig.speech("h1")
    rig.respond("", tools=(("report_answer_type", '{"kind": "screening"}'),))
    assert rig.said() == "This is Ava, an automated assistant of Bright Dental, calling Maria Lopez about our services."
    rig.heard(rig.respond(rig.said()))
    return rig


def test_a_screener_is_answered_in_one_sentence_and_a_person_hears_the_opening_anew() -> None:
    rig = screened()
    rig.speech("h2", "Thank you, please hold.")
    asked = len(rig.of(e.CreateResponse))
    rig.wait(5.0)
    assert len(rig.of(e.CreateResponse)) == asked
    rig.speech("h3", "Hello?")
    assert rig.said() == OPENING
    assert len(rig.of(e.AddNote)) == 1
    rig.heard(rig.respond(OPENING))
    rig.feed(e.MachineReported(AnsweredBy.SCREENING))
    rig.speech("h4", "Yes, tell me.")
    assert rig.of(e.CreateResponse)[-1] == e.CreateResponse("reply")
    rig.feed(e.CalleeWords("h5", "Please state your name."))
    assert not rig.talk.done


def test_a_screener_who_asks_again_is_told_again() -> None:
    rig = screened()
    rig.speech("h2", "Please state your name and the reason for your call.")
    assert rig.of(e.CreateResponse)[-1].purpose == "screening"
    rig.feed(e.CalleeWords("h2b", "Please state your name."))
    assert [asked.purpose for asked in rig.of(e.CreateResponse)].count("screening") == 2


def test_keys_may_be_pressed_for_a_screener_only() -> None:
    rig, person = screened(), machine()
    rig.feed(e.ToolCalled("r8", "t", "c8", "send_digits", '{"digits": "1#"}'))
    assert rig.of(e.SendDigits) == [e.SendDigits("1#")]
    person.feed(e.ToolCalled("r8", "t", "c8", "send_digits", '{"digits": "1"}'))
    assert person.of(e.SendDigits) == []


def test_the_models_word_for_a_person_opens_anew_too() -> None:
    rig = screened()
    rig.feed(e.ToolCalled("r8", "t", "c8", "report_answer_type", '{"kind": "human"}'))
    assert rig.said() == OPENING
    rig = machine()
    assert e.AddNote not in [type(command) for command in rig.feed(e.MachineReported(AnsweredBy.HUMAN))]


def test_a_screener_may_turn_out_to_be_a_voicemail() -> None:
    rig = screened()
    rig.speech("h2", GREETING)
    rig.feed(e.BeepHeard())
    assert rig.said() == "Hello Maria, please call us."


def test_a_screener_who_refuses_stays_a_screener() -> None:
    rig = screened()
    rig.speech("h2", "Sorry, this person is not available right now. Goodbye.")
    rig.feed(e.LegClosed())
    rig.wait(3.0)
    assert (rig.end().answered_by, rig.end().outcome) == (AnsweredBy.SCREENING, None)


def test_nobody_comes() -> None:
    rig = screened()
    rig.wait(43.0)
    last = rig.end()
    assert (last.answered_by, last.reason, last.outcome) == (AnsweredBy.SCREENING, "screening", None)


def test_an_outcome_without_a_word_of_the_callee_is_not_believed() -> None:
    rig = machine()
    rig.speech("h1")
    rig.heard(
        rig.respond(
            "Wonderful. Goodbye.",
            tools=(("set_outcome", '{"outcome": "interested"}'), ("end_call", "{}")),
        )
    )
    rig.wait(3.0)
    assert rig.end().outcome is Outcome.CANNOT_TELL
