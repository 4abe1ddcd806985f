"""Our own sentences."""

import pytest

from dialer.conversation.fixed import SENTENCES, is_goodbye, screening_answer, sentences
from dialer.model.campaign import CampaignKind


@pytest.mark.parametrize("language", SENTENCES)
def test_each_language_ends_with_a_goodbye_that_is_known_as_one(language: str) -> None:
    spoken = sentences(language)
    for text in (spoken.goodbye, spoken.opt_out, spoken.crisis, spoken.apology):
        assert is_goodbye(text, language)
    assert not is_goodbye(spoken.still_there, language)


def test_an_unknown_language_has_english_sentences() -> None:
    assert sentences("tlh") is sentences("en-GB")


@pytest.mark.parametrize("language", SENTENCES)
def test_a_screener_is_told_who_for_whom_and_why(language: str) -> None:
    text = screening_answer(language, kind=CampaignKind.REMINDER, agent_name="Ava", company="Bright", name="Maria")
    assert all(word in text for word in ("Ava", "Bright", "Maria"))
    nameless = screening_answer(language, kind=CampaignKind.SALES, agent_name="Ava", company="Bright", name="")
    assert "{" not in nameless
