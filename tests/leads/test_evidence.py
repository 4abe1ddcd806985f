"""A quote counts only where the callee said it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.leads.evidence import callee_turns, find_evidence, quoted_in, words
from tests.support.results import a_transcript


@pytest.mark.parametrize(
    ("said", "quote", "as_it_stands"),
    [
        ("Yes, I DON'T mind.", "i don't mind", "I DON'T mind"),
        ("Yes, I don’t mind.", "I don't  mind!", "I don’t mind"),
        ("about 10,000 dollars", "10000 dollars", "10,000 dollars"),
        ("it is 3.5 tons", "3.5 tons", "3.5 tons"),
        ("嗯，周四下午可以，谢谢。", "周四 下午可以", "周四下午可以"),
        ("ＡＢＣ ok", "abc OK", "ＡＢＣ ok"),
        ("我要10个", "10个", "10个"),
        ("Straße 5", "strasse 5", "Straße 5"),
        ("café au lait", "CAFÉ", "café"),
        ("well: (maybe) next week", "maybe next", "maybe) next"),
    ],
)
def test_finds_the_words_whatever_their_dress(said, quote, as_it_stands):
    evidence = find_evidence(a_transcript("> Hello", said), quote)
    assert evidence is not None
    assert (evidence.turn_seq, evidence.quote, evidence.at_ms) == (2, as_it_stands, 2000)


@pytest.mark.parametrize(
    ("said", "quote"),
    [
        ("I know", "no"),
        ("it is 3.5 tons", "35 tons"),
        ("yes", ""),
        ("yes", "..."),
        ("I want five", "I want six"),
        ("不要", "要不"),
        ("", "yes"),
    ],
)
def test_does_not_find_what_was_not_said(said, quote):
    assert find_evidence(a_transcript(said), quote) is None


def test_the_agents_words_are_no_evidence():
    assert find_evidence(a_transcript("> You want ten units"), "ten units") is None


def test_prefers_the_newest_turn_before_the_tool_call_then_later_ones():
    transcript = a_transcript("yes", "> so?", "yes", "> really?", "yes please")
    assert find_evidence(transcript, "yes", after_seq=4).turn_seq == 3
    assert find_evidence(transcript, "yes").turn_seq == 5
    assert find_evidence(transcript, "please", after_seq=4).turn_seq == 5


def test_a_quote_may_span_a_pause_but_not_the_agent():
    paused = a_transcript("> Hi", "Yes, hello?", "I am busy.", "Call me tomorrow", "> Sure", "at three")
    found = find_evidence(paused, "hello I am busy call me")
    assert (found.turn_seq, found.quote, found.at_ms) == (2, "hello? I am busy. Call me", 2000)
    assert find_evidence(paused, "I am busy", after_seq=1).turn_seq == 3
    assert find_evidence(paused, "tomorrow at three") is None


def test_callee_turns_are_in_order():
    transcript = a_transcript("one", "> two", "three")
    shuffled = type(transcript)(transcript.turns[::-1])
    assert [turn.text for turn in callee_turns(shuffled)] == ["one", "three"]


@given(st.text(max_size=40), st.text(max_size=40))
def test_each_text_is_its_own_evidence_and_the_quote_is_a_piece_of_the_turn(said, quote):
    transcript = a_transcript("+" + said)
    whole = find_evidence(transcript, said)
    assert (whole is not None) == bool(words(said))
    found = find_evidence(transcript, quote)
    if found is not None:
        assert found.quote in "+" + said
        assert [word.text for word in words(found.quote)] == [word.text for word in words(quote)]


def test_a_quote_has_to_stand_in_the_turn_that_is_named():
    talk = a_transcript("> Do you want it?", "well I", "do want it", "> Good", "yes")
    assert quoted_in(talk, "do want it", 3).turn_seq == 3
    assert quoted_in(talk, "I do want", 2).quote == "I do want"
    assert quoted_in(talk, "do want it", 2) is not None
    assert quoted_in(talk, "want it", 1) is None
    assert quoted_in(talk, "yes", 3) is None
    assert quoted_in(talk, " ... ", 2) is None
