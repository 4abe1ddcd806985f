"""What callees may say at any moment."""

from __future__ import annotations

import pytest

from tests.support.brain_talk import TEXT, Talk, instructions, tools

TOLD = instructions("# Script\n- Parking is free behind the house.\n- “Too expensive”: most people pay monthly.")


def test_an_opt_out_is_recorded_before_anything_is_said() -> None:
    talk = Talk(TOLD)
    assert talk.hear("Please stop calling me.") == "Understood, we will not call you again. Goodbye."
    assert talk.deeds == [("opt_out", {"quote": "Please stop calling me."}), ("end_call", {"reason": "opt_out"})]


@pytest.mark.parametrize(
    ("words", "outcome", "said"),
    [
        ("You have the wrong number.", "wrong_number", "I am sorry for the mistake."),
        ("This is not Maria.", "wrong_person", "I am sorry for the mistake."),
        ("She is not here right now.", "gatekeeper", "I will try again another time."),
        ("Lo siento, no hablo inglés.", "language_barrier", "I only speak English."),
        ("I'm not interested.", "not_interested", "I understand."),
    ],
)
def test_what_ends_a_call_sets_its_outcome_with_the_quote(words: str, outcome: str, said: str) -> None:
    talk = Talk(TOLD)
    answer = talk.hear(words)
    assert said in answer
    assert answer.endswith("Goodbye.")
    assert talk.names() == ["set_outcome", "end_call"]
    assert (talk.outcome(), talk.deeds[0][1]["quote"]) == (outcome, words)


def test_a_callback_has_the_local_time_that_was_named() -> None:
    talk = Talk(TOLD)
    assert talk.hear("I am busy right now. Can you call me tomorrow at three?").endswith("Goodbye.")
    assert talk.deeds[0][1]["when"] == "2026-11-24T15:00"
    assert talk.outcome() == "callback"


def test_a_callback_without_a_time_asks_for_one() -> None:
    talk = Talk(TOLD)
    assert talk.hear("I am busy.").endswith("call you back?")
    assert talk.hear("On Friday at noon.").endswith("Goodbye.")
    assert talk.deeds[0] == ("request_callback", {"when": "2026-11-27T12:00", "quote": "On Friday at noon."})


def test_no_time_is_made_up() -> None:
    talk = Talk(TOLD)
    talk.hear("I am busy.")
    assert "another time" in talk.hear("I cannot say.")
    assert talk.names() == ["set_outcome", "end_call"]


def test_an_opt_out_instead_of_a_time_is_an_opt_out() -> None:
    talk = Talk(TOLD)
    talk.hear("I am busy.")
    talk.hear("Never. Take me off your list.")
    assert talk.names() == ["opt_out", "end_call"]


def test_a_refused_time_is_asked_for_once_more() -> None:
    no = {"ok": False, "error": "outside_hours"}
    talk = Talk(TOLD, request_callback=[no, no])
    assert talk.hear("Call me tonight.").endswith("When else would suit you?")
    assert talk.hear("At 11 pm.").endswith("another time. Goodbye.")
    assert talk.names() == ["request_callback", "request_callback", "set_outcome", "end_call"]


def test_without_the_tool_a_callback_is_an_outcome() -> None:
    talk = Talk(TOLD, tools(request_callback={}))
    talk.hear("Call me back tomorrow.")
    assert talk.names() == ["set_outcome", "end_call"]


def test_a_human_is_at_a_desk_or_calls_back() -> None:
    desks = {"desk": {"type": "string", "enum": ["billing", "new_sales"]}, "reason": TEXT}
    talk = Talk(TOLD, tools(transfer=desks))
    assert talk.hear("Can I talk to a person from new sales?") == "One moment please, I am connecting you."
    assert talk.deeds[0][1]["desk"] == "new_sales"
    failed = Talk(TOLD, tools(transfer=desks), transfer=[{"ok": False, "error": "busy"}])
    assert failed.hear("I want to talk to a human.").endswith("call you back?")
    assert failed.deeds[0][1]["desk"] == "billing"
    assert Talk(TOLD).hear("I want to talk to a human.").endswith("call you back?")


@pytest.mark.parametrize(
    ("words", "kind"), [("Please leave a message after the tone.", "voicemail"), ("Press one for sales.", "ivr")]
)
def test_a_machine_is_reported_and_left_to_the_client(words: str, kind: str) -> None:
    talk = Talk(TOLD)
    assert talk.hear(words) == ""
    assert talk.deeds == [("report_answer_type", {"kind": kind})]
    assert talk.go_on() == ""
    assert talk.hear("") == ""
    assert talk.hear("You have one minute to record your message.") == ""
    silent = Talk(TOLD, tools(report_answer_type={}))
    silent.hear(words)
    assert silent.names() == ["end_call"]


def test_a_screener_is_told_who_calls_and_then_a_person_may_come() -> None:
    talk = Talk(TOLD)
    assert "calling for Lakeside Clinic. I would like to speak to Maria" in talk.hear("Please state your name.")
    assert talk.hear("Please hold while I try to connect you.") == ""
    assert talk.hear("Hello?").startswith("Hello, this is Anna")
    assert [arguments.get("kind") for name, arguments in talk.deeds if name == "report_answer_type"] == ["screening", "human"]


def test_a_screener_may_refuse() -> None:
    nobody = Talk(instructions(contact="city: Boston"))
    assert "the person in charge" in nobody.hear("Please state your name.")
    assert nobody.hear("Sorry, this person is not available right now. Goodbye.").endswith("Goodbye.")
    assert nobody.deeds[-1] == ("end_call", {"reason": "screened"})


def test_questions_are_answered_from_the_script_or_not_at_all() -> None:
    assert Talk(TOLD).hear("Where can I park my car?").startswith("Parking is free behind the house. ")
    assert Talk(TOLD).hear("Is it expensive, do people pay?").startswith("Most people pay monthly. ")
    assert Talk(TOLD).hear("How old is the doctor?").startswith("I do not have that at hand")
    assert Talk("You are a helpful assistant.").hear("How old is the doctor?").startswith("I do not have that")
    chinese = instructions("# Script\n- “停车要钱吗”，回答：停车是免费的。", language="Chinese (zh)")
    assert Talk(chinese).hear("停车要钱吗？").startswith("停车是免费的。")
