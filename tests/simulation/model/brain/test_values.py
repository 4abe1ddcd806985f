"""Answers as values of the type that was asked for."""

from __future__ import annotations

from datetime import date

import pytest

from dialer.simulation.model.brain.layout import Question
from dialer.simulation.model.brain.values import option_of, value_of

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", " Something simple. ", "Something simple."),
        ("text", "  ", None),
        ("integer", "About 12.", "12"),
        ("integer", "many", None),
        ("number", "1.5 or so", "1.5"),
        ("money", "Around 2k dollars", "2000"),
        ("boolean", "Yes, sure.", "true"),
        ("boolean", "No, thank you.", "false"),
        ("boolean", "Yes and no.", None),
        ("boolean", "Hmm, I am not sure.", None),
        ("date", "In about two weeks.", "2026-12-07"),
        ("date", "December 3", "2026-12-03"),
        ("date", "soon", None),
        ("enum", "The medium one.", "medium"),
        ("enum", "Extra large, I think.", "extra_large"),
        ("enum", "None of them.", None),
    ],
)
def test_the_words_become_a_value(kind: str, text: str, value: str | None) -> None:
    question = Question("q", kind, "?", ("small", "medium", "large", "extra_large"))
    assert value_of(question, text, "en", TODAY) == value


def test_without_a_clock_there_is_no_date() -> None:
    assert value_of(Question("q", "date", "?"), "tomorrow", "en", None) is None


def test_the_first_named_option_wins_and_the_longer_of_two_at_one_place() -> None:
    assert option_of("weekend or weekday", ("weekday", "weekend")) == "weekend"
    assert option_of("平日吧", ("平日", "周末")) == "平日"
    assert option_of("large family", ("large", "large family")) == "large family"
