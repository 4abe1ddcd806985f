"""The mind as a whole: fixed words, silence, damage, interruptions, endings, and any conversation at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.simulation.model.brain.mind import Brain
from dialer.simulation.model.brain.view import Called, Heard, Line, Noted, Reply, Said, View
from tests.support.brain_talk import QUOTE, SLOT, TEXT, Talk, instructions, tools

QUESTION = "# Questions to ask\n- price (money): How much do you pay?"
RECORD = {"name": {"type": "string", "enum": ["price"]}, "value": TEXT, **QUOTE}
ALL = tools(record_answer=RECORD, confirm_appointment=QUOTE, move_appointment=SLOT, transfer={"desk": TEXT})
TOLD = instructions(QUESTION)


def sales() -> Talk:
    talk = Talk(TOLD, tools(record_answer=RECORD))
    assert talk.hear("Yes.") == "How much do you pay?"
    return talk


def test_a_block_between_quotes_is_said_as_it_stands_and_changes_nothing() -> None:
    talk = sales()
    view = View(TOLD, talk.declared, tuple(talk.lines))
    asked = 'Say exactly the text between the lines.\n"""\nFirst line.\nSecond "line".\n"""'
    assert talk.brain.reply(view, asked) == Reply('First line.\nSecond "line".')
    assert talk.hear("120 dollars.").startswith("Thank you.")


def test_other_words_for_one_response_are_no_block() -> None:
    assert Brain().reply(View(TOLD), "Be brief.").text.startswith("Hello, this is Anna")


def test_the_model_introduces_itself_when_nobody_did() -> None:
    assert Talk(TOLD, opening="").go_on() == "Hello, this is Anna, an automated voice assistant calling for Lakeside Clinic."


def test_silence_is_asked_about_twice_and_then_ends_the_call() -> None:
    talk = sales()
    assert talk.go_on() == "Are you still there? How much do you pay?"
    assert talk.note("The callee says nothing.").startswith("Are you still there?")
    assert talk.go_on() == "I cannot hear you, so I will end the call. Goodbye."
    assert talk.deeds[-1] == ("end_call", {"reason": "silence"})


def test_damage_and_noise_are_asked_about() -> None:
    talk = sales()
    assert talk.hear("", is_damaged=True).startswith("Sorry, I did not catch that.")
    assert talk.hear("a\ufffd\ufffdb", is_damaged=True).startswith("Sorry, I did not catch that.")


def test_small_talk_is_answered_and_the_question_asked_again() -> None:
    talk = sales()
    assert talk.hear("Who is this?") == (
        "This is Anna, an automated voice assistant calling for Lakeside Clinic. How much do you pay?"
    )
    assert talk.hear("Hello?") == "How much do you pay?"
    assert talk.hear("Sorry, what did you say?") == "How much do you pay?"
    assert talk.hear("What is the weather like?").endswith("How much do you pay?")
    assert talk.hear("Okay, bye.") == "Thank you for your time. Goodbye."


def test_who_calls_is_said_again_to_somebody_who_spoke_over_it() -> None:
    talk = Talk(TOLD, tools(record_answer=RECORD))
    talk.cut()
    assert talk.hear("Sorry, wait, who is this?").startswith("This is Anna")


def test_one_objection_is_answered_and_the_next_is_an_answer() -> None:
    talk = sales()
    assert talk.hear("Hmm, I am not sure.") == (
        "I understand. It costs you nothing to hear more, and you decide. How much do you pay?"
    )
    assert talk.hear("Well, maybe.") == "Would you like us to follow up with you on this?"
    assert talk.hear("Hmm, what does it cost?").startswith("I do not have that at hand")
    assert talk.hear("I don't know.").startswith("I understand. Thank you")
    assert talk.outcome() == "not_interested"


def test_of_several_turns_the_last_counts_but_an_opt_out_always_does() -> None:
    talk = sales()
    talk.lines.append(Heard("Wait a second."))
    talk.hear("120 dollars.")
    assert talk.deeds[0][1]["quote"] == "120 dollars."
    talk = sales()
    talk.lines.append(Heard("Stop calling me."))
    talk.hear("Goodbye.")
    assert talk.deeds[0] == ("opt_out", {"quote": "Stop calling me."})


def test_a_hesitating_number_is_a_number() -> None:
    assert sales().hear("Maybe 120 dollars.").startswith("Thank you.")


def test_an_opt_out_counts_while_tools_run_and_after_goodbye() -> None:
    talk = sales()
    talk.lines.append(Heard("120 dollars."))
    (call,) = talk.brain.reply(View(TOLD, talk.declared, tuple(talk.lines)), None).calls
    talk.lines.append(Called(call.name, call.arguments, {"ok": True}))
    assert talk.hear("Stop calling me.").startswith("Understood")
    assert talk.names()[0] == "opt_out"
    late = sales()
    late.hear("Okay, bye.")
    assert late.hear("And take me off your list.").startswith("Understood")
    assert late.names() == ["end_call", "opt_out", "end_call"]


def test_a_refused_end_is_tried_again_and_then_left() -> None:
    no = {"ok": False, "error": "say_goodbye_first"}
    talk = Talk(TOLD, end_call=[no, no, no])
    talk.hear("Goodbye.")
    assert talk.go_on() == "Thank you for your time. Goodbye."
    assert talk.go_on() == "Thank you for your time. Goodbye."
    assert talk.go_on() == ""
    done = Talk(TOLD)
    done.hear("Goodbye.")
    assert done.go_on() == ""
    assert done.hear("Bye.") == "Thank you for your time. Goodbye."


def test_without_tools_the_model_only_talks() -> None:
    talk = Talk(TOLD)
    talk.declared = ()
    assert talk.hear("Please stop calling me.").endswith("Goodbye.")
    assert talk.hear("I'm not interested.").endswith("Goodbye.")
    assert talk.deeds == []


def test_arguments_that_are_not_declared_are_left_out() -> None:
    talk = Talk(TOLD, tools(opt_out={"why": TEXT}, end_call={"code": TEXT}))
    talk.hear("Stop calling me.")
    assert talk.deeds == [("opt_out", {}), ("end_call", {})]


def test_new_instructions_begin_a_new_agenda() -> None:
    talk = sales()
    talk.told = instructions("# Script\n- other")
    assert talk.hear("Yes.") == "Would you like to hear more from us?"


def test_an_unknown_layout_still_gets_a_polite_call() -> None:
    talk = Talk("You are a helpful assistant.", opening="Hello?")
    assert talk.hear("Yes?") == "Would you like to hear more from us?"


LINES = st.one_of(
    st.builds(
        Heard, st.text(max_size=8) | st.sampled_from(["Yes.", "No.", "Stop.", "Press one.", "Move it.", "Call me later.", "?"])
    ),
    st.builds(Said, st.text(max_size=8), st.booleans()),
    st.builds(Noted, st.text(max_size=8)),
    st.builds(Called, st.just("x"), st.just({}), st.none() | st.just({"ok": False})),
)


@given(st.lists(LINES, max_size=12), st.booleans())
def test_any_conversation_gets_replies_with_declared_tools_only(lines: list[Line], has_tools: bool) -> None:
    brain, declared = Brain(), ALL if has_tools else ()
    names = {tool["name"] for tool in declared}
    for count in range(len(lines) + 1):
        reply = brain.reply(View(TOLD, declared, tuple(lines[:count])), None)
        assert {call.name for call in reply.calls} <= names
