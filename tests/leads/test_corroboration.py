"""A good result needs more than one quote, or somebody who looks at it."""

from __future__ import annotations

import pytest

from dialer.leads.corroboration import is_alone
from dialer.leads.evidence import find_evidence
from dialer.model.lead import EvidencedAnswer, Source
from tests.support.results import a_transcript


@pytest.mark.parametrize(
    ("source", "value", "alone"),
    [
        (Source.TOOL, "180", False),
        (Source.CONFIRMED, "180", False),
        (Source.CORRECTED, "180", False),
        (Source.MODEL, "180", True),
        (Source.RULE, "180", True),
        (Source.TOOL, None, True),
    ],
)
def test_an_answer_that_was_given_in_the_call_stands_beside_it(source: Source, value: str | None, alone: bool) -> None:
    talk = a_transcript("> Hi.", "Sign me up")
    answer = EvidencedAnswer("bill", value, source, None)
    assert is_alone(talk, find_evidence(talk, "sign me up"), [answer]) is alone


@pytest.mark.parametrize(
    ("lines", "alone"),
    [
        (("> Do you want one?", "Yes, send me one"), False),
        (("> Do you want one?", "Send me one"), True),
        (("> Do you want one?", "Yeah, right, send me one"), True),
        (("Yes, send me one",), True),
        (("> Do you want one?", "Yes.", "Send me one"), False),
        (("> Hi.", "Yes?", "> This is Ava.", "Send me one"), True),
        (("> Hi.", "Send me one", "> By mail, is that right?", "That's right."), False),
    ],
)
def test_a_plain_yes_to_our_words_stands_beside_it(lines: tuple[str, ...], alone: bool) -> None:
    talk = a_transcript(*lines)
    assert is_alone(talk, find_evidence(talk, "send me one"), []) is alone


def test_without_a_quote_there_is_nothing() -> None:
    assert is_alone(a_transcript("> Hi.", "Yes"), None, [])
