"""Answers are typed, and stand only with the callee's own words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.leads.answers import confirmed, read_answers, text_of
from dialer.leads.values import as_decimal, decimal_of, normalise
from dialer.model.campaign import Answer
from dialer.model.lead import Analysis, Claim, Correction, Evidence, EvidencedAnswer, Source
from tests.support.results import a_campaign, a_tool_call, a_transcript


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "  a   new roof ", "a new roof"),
        ("text", "   ", None),
        ("integer", "1,200", "1200"),
        ("integer", "2.5", None),
        ("integer", "about", None),
        ("integer", "3 or 4", None),
        ("number", "2.50", "2.5"),
        ("number", "-3", "-3"),
        ("number", "1" * 30, None),
        ("money", "$5,000", "5000"),
        ("money", "5k", "5000"),
        ("money", "2 million", "2000000"),
        ("money", "5 kings", "5"),
        ("money", "3万元", "30000"),
        ("money", "５０００", "5000"),
        ("date", "2026-12-03T10:00", "2026-12-03"),
        ("date", "soon", None),
        ("boolean", "Yes.", "true"),
        ("boolean", "没有", "false"),
        ("boolean", "perhaps", None),
        ("enum", "LARGE", "large"),
        ("enum", "huge", None),
    ],
)
def test_values_become_the_canonical_text_of_their_type(kind, value, expected):
    rule = Answer(question="?", type=kind, values=("small", "large"))
    assert normalise(rule, value) == expected


def test_an_answer_carries_its_evidence():
    transcript = a_transcript(
        "> What is your budget?",
        "Around five thousand, so 5,000.",
        calls=(a_tool_call("record_answer", 2, name="budget", value="5000", quote="so 5000"),),
    )
    assert read_answers(a_campaign(), transcript) == (
        EvidencedAnswer("budget", "5000", Source.TOOL, Evidence(2, "so 5,000", 2000)),
    )


def test_the_last_confirmed_call_counts_in_the_order_of_the_campaign():
    transcript = a_transcript(
        "small, no large, and a roof",
        calls=(
            a_tool_call("record_answer", name="size", value="small", quote="small"),
            a_tool_call("record_answer", name="size", value="large", quote="no large"),
            a_tool_call("record_answer", name="size", value="small", quote="small", ok=False),
            a_tool_call("record_answer", name="need", value="roof", quote="a roof"),
            a_tool_call("record_answer", name="unheard_of", value="x", quote="a roof"),
        ),
    )
    assert [(answer.name, answer.value) for answer in read_answers(a_campaign(), transcript)] == [
        ("need", "roof"),
        ("size", "large"),
    ]


@pytest.mark.parametrize(("value", "quote"), [("5000", "nobody said this"), ("lots", "a lot")])
def test_without_proof_or_type_the_value_is_none_and_a_person_looks(value, quote):
    call = a_tool_call("record_answer", name="budget", value=value, quote=quote)
    answer = read_answers(a_campaign(), a_transcript("a lot", calls=(call,)))[0]
    assert answer.value is None
    assert answer.needs_review


def test_arguments_are_read_as_text():
    assert text_of({"a": None, "b": 5}, "a") == ""
    assert text_of({"a": None, "b": 5}, "b") == "5"
    assert confirmed(a_transcript(), "x") == []


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**9))
def test_numbers_survive_the_way_through(number):
    assert as_decimal(f"${number:,}") == number


def test_only_numbers_compare_as_numbers():
    assert decimal_of("12.5") == Decimal("12.5")
    assert decimal_of("many") is None
    assert decimal_of("NaN") is None


OWNS = {
    "owns": {"question": "Do you own it?", "type": "boolean"},
    "size": {"question": "How big?", "type": "enum", "values": ["small", "large"]},
}
ASKED = a_campaign(
    answers=OWNS | {"budget": {"question": "What is your budget?", "type": "money"}, "need": {"question": "What?"}}
)


def one(transcript, name, analysis=None, corrections=(), campaign=ASKED):
    return {answer.name: answer for answer in read_answers(campaign, transcript, analysis, corrections)}.get(name)


def test_a_value_without_a_quote_counts_when_it_was_read_back_and_affirmed():
    call = a_tool_call("record_answer", 2, name="budget", value="180", quote="never said")
    found = one(a_transcript("> Budget?", "hm", "> So 180 then?", "yes", calls=(call,)), "budget")
    assert (found.value, found.source, found.evidence.turn_seq, found.needs_review) == ("180", Source.CONFIRMED, 4, False)


def test_a_models_value_needs_its_quote_in_that_turn():
    talk = a_transcript("> Tell me.", "we have 6000 for it")
    right = Analysis(answers={"budget": Claim("6000", "6000 for it", 2)})
    assert (one(talk, "budget", right).value, one(talk, "budget", right).source) == ("6000", Source.MODEL)
    for wrong in (Claim("6000", "6000 for it", 1), Claim("6000", "7000", 2)):
        found = one(talk, "budget", Analysis(answers={"budget": wrong}))
        assert (found.value, found.source, found.needs_review) == (None, Source.MODEL, True)


def test_a_tool_call_is_trusted_more_than_a_model():
    call = a_tool_call("record_answer", 2, name="budget", value="6000", quote="6000")
    found = one(
        a_transcript("> Budget?", "6000, not 7000", calls=(call,)),
        "budget",
        Analysis(answers={"budget": Claim("7000", "7000", 2)}),
    )
    assert (found.value, found.source) == ("6000", Source.TOOL)


@pytest.mark.parametrize(
    ("question", "words", "name", "value"),
    [
        ("Good. Do you own it?", "Yes.", "owns", "true"),
        ("Do you own it?", "No", "owns", "false"),
        ("How big?", "a large one I think", "size", "large"),
        ("What is your budget?", "about 500", "budget", "500"),
    ],
)
def test_a_plain_answer_to_the_campaigns_own_question_is_a_rule_and_is_shown(question, words, name, value):
    found = one(a_transcript(f"> {question}", words), name)
    assert (found.value, found.source, found.needs_review) == (value, Source.RULE, True)


@pytest.mark.parametrize(
    ("question", "words", "name"),
    [
        ("Do you own it?", "well, sort of", "owns"),
        ("Do you own it? And is it large?", "yes", "owns"),
        ("How big?", "not large", "size"),
        ("How big?", "small or large", "size"),
        ("What is your budget?", "5 to 10", "budget"),
        ("What?", "a roof", "need"),
    ],
)
def test_what_is_not_plain_stays_empty(question, words, name):
    assert one(a_transcript(f"> {question}", words), name) is None


def test_a_person_wins_over_everybody_and_may_say_that_nothing_is_known():
    call = a_tool_call("record_answer", 2, name="budget", value="6000", quote="6000")
    talk = a_transcript("> Budget?", "6000, no, 7000", calls=(call,))
    found = one(talk, "budget", None, [Correction("budget", "7000")])
    assert (found.value, found.source, found.evidence.quote, found.needs_review) == ("7000", Source.CORRECTED, "7000", False)
    emptied = one(talk, "budget", None, [Correction("budget", "")])
    assert (emptied.value, emptied.evidence, emptied.needs_review) == (None, None, False)
