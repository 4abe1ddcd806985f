"""Languages, and what an opening asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.simulation.model.brain.intents import Intent, asks_who, intents_of, known, phrase


def test_an_unknown_language_is_treated_as_english() -> None:
    assert (known("zh"), known("en"), known("es")) == ("zh", "en", "en")
    assert Intent.YES in intents_of("Yes.", "es")
    assert phrase("who", "es", agent="Anna", company="Lakeside") == (
        "This is Anna, an automated voice assistant calling for Lakeside."
    )


def test_an_opening_may_ask_who_is_speaking() -> None:
    assert asks_who("Am I speaking with Maria Lopez?", "en")
    assert not asks_who("Is this a good time?", "en")
    assert asks_who("请问是王芳吗？", "zh")
    assert not asks_who("现在方便听半分钟吗？", "zh")


@given(st.text(), st.sampled_from(["en", "zh", "fr"]))
def test_any_words_mean_something_or_nothing(text: str, language: str) -> None:
    assert intents_of(text, language) <= set(Intent)
