"""English words mean what they mean."""

from __future__ import annotations

import string

import pytest

from dialer.simulation.model.brain import chinese, english
from dialer.simulation.model.brain.intents import Intent, intents_of


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Please stop calling me, take me off your list.", "opt_out"),
        ("Don’t call me again.", "opt_out"),
        ("Stop!", "opt_out"),
        ("I cannot come to the phone right now, please leave a message after the tone.", "voicemail"),
        ("Hi, please state your name and the reason for your call.", "screener"),
        ("Please hold while I try to connect you.", "on_hold"),
        ("Press one for sales.", "ivr"),
        ("You have the wrong number, there is no one by that name here.", "wrong_number"),
        ("This is not Maria.", "wrong_person"),
        ("She is not here right now.", "gatekeeper"),
        ("Could we move it to another day?", "move"),
        ("I need to cancel the appointment.", "cancel"),
        ("I am busy right now. Can you call me tomorrow at three?", "later"),
        ("Can I talk to a real person?", "human"),
        ("Sorry, wait, who is this?", "who"),
        ("Hmm, I am not sure. Is it expensive?", "hesitate"),
        ("I'm not interested.", "not_interested"),
        ("Sorry, what did you say?", "repeat"),
        ("Okay, bye.", "goodbye"),
        ("Lo siento, no hablo inglés.", "foreign"),
        ("No, I do not think so.", "no"),
        ("Yes, that still works for me.", "yes"),
        ("How much is it?", "question"),
        ("Hello?", "hello"),
    ],
)
def test_a_sentence_has_its_intent(text: str, intent: str) -> None:
    assert Intent(intent) in intents_of(text, "en")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Don't call me before five.", "opt_out"),
        ("I do not know.", "yes"),
        ("Not okay.", "yes"),
        ("Sure, why not.", "no"),
        ("I am looking for a better price.", "yes"),
        ("I am not looking for anything.", "wrong_person"),
        ("We are busy people", "opt_out"),
    ],
)
def test_a_sentence_has_not_another_intent(text: str, intent: str) -> None:
    assert Intent(intent) not in intents_of(text, "en")


def test_both_languages_have_the_same_entries_and_placeholders() -> None:
    assert english.PATTERNS.keys() == chinese.PATTERNS.keys()
    assert english.PHRASES.keys() == chinese.PHRASES.keys()
    for key, sentence in english.PHRASES.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (sentence, chinese.PHRASES[key])]
        assert names[0] == names[1], key
