"""What was said to be recognised stands in no result; everything else is left as it was said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.leads.assess import assess
from dialer.leads.masking import MASK, secrets_of, without_secrets
from dialer.model.disposition import Outcome
from dialer.model.lead import Analysis
from dialer.model.transcript import Transcript
from tests.support.results import a_campaign, a_result, a_tool_call, a_transcript

QUESTION = "What is your date of birth?"
CHECKED = a_campaign(identity={"variable": "born", "question": QUESTION}, variables={"born": {"type": "date", "required": True}})
PLAIN = a_campaign()


def shown(*lines: str, calls=(), campaign=CHECKED) -> Transcript:  # type: ignore[no-untyped-def]
    return without_secrets(campaign, a_transcript(*lines, calls=tuple(calls)))


def test_without_a_check_nothing_is_masked() -> None:
    words = a_transcript("> How much is it?", "April 12, 1979")
    assert without_secrets(PLAIN, words) is words


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("April 12, 1979.", f"{MASK}."),
        ("Um, it is the 12th of April 1979", f"Um, it is the {MASK}"),
        ("4/12/1979", MASK),
        ("1979-04-12, and I will be there", f"{MASK}, and I will be there"),
        ("April twelfth, nineteen seventy nine", MASK),
        ("oh four one two", MASK),
        ("1979年4月12日", MASK),
        ("一九七九年四月十二日。", f"{MASK}。"),
        ("my code is AB12C", f"my code is {MASK}"),
        ("There is no one by that name here", "There is no one by that name here"),
        ("Why do you ask? Stop calling me.", "Why do you ask? Stop calling me."),
        ("好，等一下", "好，等一下"),
    ],
)
def test_the_answer_to_the_question_is_masked_and_the_rest_is_not(said: str, left: str) -> None:
    turns = shown(f"> Before I go on. {QUESTION}", said, "> Thank you. See you at 9.", "At 9, yes.").turns
    assert [turn.text for turn in turns] == [f"> Before I go on. {QUESTION}"[2:], left, "Thank you. See you at 9.", "At 9, yes."]
    assert turns[1].generated == left


def test_the_answer_is_masked_wherever_it_is_said_again() -> None:
    call = a_tool_call("verify_identity", 2, answer="It is April 12, 1979")
    claim = a_tool_call("set_outcome", 4, outcome="cannot_tell", quote="born april 12, 1979", count=3)
    found = shown(
        "> Who are you?", "It is April 12, 1979", "> April 12, 1979, right?", "Yes", calls=[call, claim], campaign=PLAIN
    )
    assert [turn.text for turn in found.turns] == ["Who are you?", f"It is {MASK}", f"{MASK}, right?", "Yes"]
    assert [dict(item.arguments) for item in found.tool_calls] == [
        {"answer": MASK},
        {"outcome": "cannot_tell", "quote": f"born {MASK}", "count": 3},
    ]


def test_a_secret_word_is_masked_in_the_answer_alone() -> None:
    call = a_tool_call("verify_identity", 2, answer="Smith")
    found = shown(f"> {QUESTION}", "smith, of course", "> Goodbye, Mr. Smith.", calls=[call])
    assert [turn.text for turn in found.turns][1:] == [f"{MASK}, of course", "Goodbye, Mr. Smith."]


def test_short_numbers_stay_elsewhere() -> None:
    call = a_tool_call("verify_identity", 2, answer="12")
    found = shown(f"> {QUESTION}", "12", "> At 12 or at 120?", calls=[call])
    assert [turn.text for turn in found.turns][1:] == [MASK, "At 12 or at 120?"]


def test_words_between_the_answer_and_the_check_do_not_hide_it() -> None:
    call = a_tool_call("verify_identity", 3, answer="")
    found = shown("> Who are you?", "1979", "> One moment.", calls=[call], campaign=PLAIN)
    assert [turn.text for turn in found.turns] == ["Who are you?", MASK, "One moment."]


def test_a_check_before_any_word_of_ours_masks_what_was_said() -> None:
    call = a_tool_call("verify_identity", 2, answer="1979")
    assert [turn.text for turn in shown("Hi", "1979", calls=[call], campaign=PLAIN).turns] == ["Hi", MASK]


def test_no_result_quotes_the_answer_and_an_opt_out_in_the_same_breath_stands() -> None:
    failed = a_tool_call("set_outcome", 2, outcome="cannot_tell", reason="check failed", quote="Um, it is February 28, 1945")
    check = a_tool_call("verify_identity", 2, answer="February 28, 1945")
    found = assess(CHECKED, a_result(), a_transcript(f"> {QUESTION}", "Um, it is February 28, 1945", calls=(check, failed)))
    assert (found.outcome, found.quote, found.is_human_reached) == (Outcome.CANNOT_TELL, None, True)
    stop = assess(CHECKED, a_result(), a_transcript(f"> {QUESTION}", "It is 1979 and stop calling me"))
    assert (stop.outcome, stop.quote.quote if stop.quote else "") == (Outcome.DO_NOT_CALL, "stop calling")


@given(
    st.dates(), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y", "%d %B %Y", "%m/%d/%Y"]), st.text("abcx ?!", max_size=12)
)
def test_no_date_is_left_in_any_form(day, form, around) -> None:  # type: ignore[no-untyped-def]
    said = f"{around} {day.strftime(form)} {around}"
    call = a_tool_call("verify_identity", 2, answer=said)
    found = shown(f"> {QUESTION}", said, f"> {said}", calls=[call])
    assert not any(sign.isdigit() for turn in found.turns for sign in turn.text)


@pytest.mark.parametrize(
    ("summary", "left"),
    [
        ("Born 1979-04-12, confirmed the visit.", f"Born {MASK}, confirmed the visit."),
        ("DOB April 12, 1979.", f"DOB {MASK}."),
        ("It is the 12th of April 1979", f"It is the {MASK}"),
        ("Moved to 3 December at 14:30 for 180 dollars.", "Moved to 3 December at 14:30 for 180 dollars."),
        ("", ""),
    ],
)
def test_a_summary_tells_no_secret_in_any_form(summary: str, left: str) -> None:
    talk = a_transcript(f"> {QUESTION}", "It is the 12th of April 1979, I think")
    assert secrets_of(CHECKED, talk).hidden(summary) == left
    assert assess(CHECKED, a_result(summary=summary), talk).summary == left
    assert assess(CHECKED, a_result(), talk, analysis=Analysis(summary=summary)).summary == left


def test_a_short_code_is_not_looked_for_in_a_summary() -> None:
    talk = a_transcript(f"> {QUESTION}", "12", "> Thank you.")
    assert secrets_of(CHECKED, talk).hidden("Wants 12 panels.") == "Wants 12 panels."


def test_the_answer_to_a_check_is_masked_where_no_turn_stands() -> None:
    call = a_tool_call("verify_identity", 1, answer="Smith")
    assert [dict(item.arguments) for item in without_secrets(PLAIN, Transcript((), (call,))).tool_calls] == [{"answer": MASK}]
