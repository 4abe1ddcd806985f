"""A value counts as affirmed only when it was heard and the next words were a plain yes."""

from dataclasses import replace

import pytest

from dialer.leads.read_back import affirmed, is_plain_yes
from dialer.model.campaign import Answer
from tests.support.results import a_transcript

MONEY = Answer(question="How much?", type="money")
TEXT = Answer(question="What?", type="text")


def test_a_number_that_was_read_back_and_affirmed():
    talk = a_transcript(
        "> How much?", "about one eighty", "> So 180 dollars a month?", "Yes, that's right.", "> Good. 200?", "yes"
    )
    found = affirmed(talk, MONEY, "180")
    assert (found.turn_seq, found.quote, found.at_ms) == (4, "Yes, that's right.", 6000)
    assert affirmed(talk, MONEY, "200").turn_seq == 6
    assert affirmed(talk, MONEY, "190") is None
    assert affirmed(talk, MONEY, "no number") is None


def test_words_that_were_read_back():
    talk = a_transcript("> You need a new roof, correct?", "correct")
    assert affirmed(talk, TEXT, "a NEW roof").quote == "correct"
    assert affirmed(talk, TEXT, "an old roof") is None
    assert affirmed(talk, TEXT, "...") is None


def test_what_was_not_heard_was_not_read_back():
    talk = a_transcript("> So 180", "yes")
    cut = replace(talk, turns=(replace(talk.turns[0], text="So", generated="So 180"), talk.turns[1]))
    assert affirmed(cut, MONEY, "180") is None
    assert affirmed(a_transcript("So 180", "yes"), MONEY, "180") is None
    assert affirmed(a_transcript("> So 180?", "> I mean"), MONEY, "180") is None


def test_a_yes_cannot_be_read_back():
    assert affirmed(a_transcript("> true?", "yes"), Answer(question="Own it?", type="boolean"), "true") is None


@pytest.mark.parametrize("words", ["Yes.", "yeah, sure", "um, correct", "That’s right", "对的", "没错", "好"])
def test_plain_yes(words):
    assert is_plain_yes(words)


@pytest.mark.parametrize("words", ["", "no", "yes, but later", "yes, no, 200", "I don't know", "不对", "right, isn't it 200?"])
def test_not_a_plain_yes(words):
    assert not is_plain_yes(words)
