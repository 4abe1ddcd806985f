"""The fixed words in the seven languages: what they must say, and that a reminder does not sell."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.compliance.opening import AI, OPT_OUT, PURPOSE, RECORDING, SELLING, Flaw, flaws, is_recorded_unsaid
from dialer.compliance.rulebook import shipped_rulebook
from tests.compliance.cases import a_campaign

BOOK = shipped_rulebook()
WHOLE = {
    "en": (
        "Hello, this is Ava, an automated assistant of {company}.",
        "You asked us about a new roof.",
        "Say stop to opt out. May I?",
    ),
    "zh": ("您好，我是{company}的智能语音助手。", "我们为您的屋顶提供报价，现通知您。", "不愿接听请按9。可以吗？"),
    "es": (
        "Hola, soy Ava, asistente virtual de {company}.",
        "Le llamo sobre su tejado.",
        "Si no desea más llamadas, pulse 9. ¿Sí?",
    ),
    "fr": ("Bonjour, je suis Ava, assistante virtuelle de {company}.", "C'est au sujet de votre toit.", "Tapez 9. D'accord ?"),
    "de": (
        "Guten Tag, hier ist Ava, die automatische Assistentin von {company}.",
        "Es geht um Ihr Dach.",
        "Drücken Sie die 9. Ja?",
    ),
    "ja": ("こんにちは、{company}の自動音声です。", "屋根の件です。", "停止をご希望の方は9を押してください。よろしいですか？"),
    "pt": ("Olá, sou Ava, assistente virtual da {company}.", "É sobre o seu telhado.", "Digite 9 e não ligamos mais. Pode ser?"),
}


def found(text: str, *, is_recorded: bool = False, **changes: Any) -> list[tuple[str, str]]:
    campaign = a_campaign(opening={"text": text}, **changes)
    return [(flaw.key, flaw.rule) for flaw in flaws(campaign, BOOK, is_recorded=is_recorded)]


@pytest.mark.parametrize("language", WHOLE)
def test_a_whole_opening_in_each_language(language: str) -> None:
    assert found(" ".join(WHOLE[language]), language=language) == []


@pytest.mark.parametrize("language", WHOLE)
@pytest.mark.parametrize(("part", "rule"), [(1, "ID-1"), (2, "OPT-3")])
def test_what_is_left_out_is_refused_in_each_language(language: str, part: int, rule: str) -> None:
    rest = " ".join(text for index, text in enumerate(WHOLE[language]) if index != part)
    assert ("opening.text", rule) in found(rest, language=language)


@pytest.mark.parametrize("language", WHOLE)
def test_who_calls_and_what_it_is(language: str) -> None:
    text = " ".join(WHOLE[language][1:])
    assert set(found(text, language=language)) >= {("opening.text", "ID-1"), ("opening.text", "ID-2")}


def test_the_company_may_be_written_out() -> None:
    assert found("AI call of bright roofs about your roof. Say stop.") == []


def test_the_words_must_be_in_the_language_that_is_spoken() -> None:
    assert ("opening.text", "ID-2") in found(" ".join(WHOLE["en"]), language="de")
    assert found(" ".join(WHOLE["fr"]), language="sv") == [], "a language that we do not know may use any of ours"
    assert found(" ".join(WHOLE["pt"]), language="pt-BR") == []


def test_a_reminder_needs_a_way_out_as_well() -> None:
    text = "An automated call of {company} to remind you of your visit."
    assert found(text, kind="reminder") == [("opening.text", "OPT-3")]


def test_a_recording_is_announced() -> None:
    text = " ".join(WHOLE["en"])
    assert found(text, is_recorded=True) == [("opening.text", "REC-1")]
    assert found(f"This call is recorded. {text}", is_recorded=True) == []
    unsaid = [is_recorded_unsaid(a_campaign(opening={"text": said}), BOOK) for said in (text, f"This call is recorded. {text}")]
    assert unsaid == [True, False]


@pytest.mark.parametrize(
    ("message", "kind", "rules"),
    [
        ("This is {company}, please call {callback_number}.", "reminder", []),
        ("This is {company}, please call {callback_number}.", "promotion", ["VM-1"]),
        ("This is {company}, please call 1-888-555-0123 or {callback_number}.", "promotion", []),
        ("Please call +12125550100.", "reminder", ["VM-2"]),
        ("This is {company}.", "reminder", ["VM-2"]),
        ("", "reminder", []),
    ],
)
def test_messages_on_machines(message: str, kind: str, rules: list[str]) -> None:
    voicemail = {"action": "leave_message", "message": message}
    assert [rule for _, rule in found(" ".join(WHOLE["en"]), kind=kind, voicemail=voicemail)] == rules
    assert found(" ".join(WHOLE["en"]), kind=kind, voicemail=voicemail | {"action": "hang_up"}) == []


@pytest.mark.parametrize(
    "script",
    [
        "Come on time. We have a special offer for you.",
        "优惠很多",
        "Tenemos un descuento para usted.",
        "Nous avons une promotion.",
        "Wir haben Rabatt für Sie.",
        "今なら割引があります。",
        "Temos um desconto.",
    ],
)
def test_a_reminder_that_sells_is_refused(script: str) -> None:
    text = " ".join(WHOLE["en"])
    campaign = a_campaign(kind="reminder", opening={"text": text}, script=script)
    (flaw,) = flaws(campaign, BOOK)
    assert flaw == Flaw("", flaw.message, "KIND-1")
    assert "make it kind promotion" in flaw.message
    assert found(text, kind="sales", script=script) == []


@pytest.mark.parametrize("script", ["Never speak of discounts.", "Kein Rabatt.", "Ne parlez pas de remises.", "不要提优惠"])
def test_what_is_forbidden_is_not_selling(script: str) -> None:
    assert found(" ".join(WHOLE["en"]), kind="reminder", script=script) == []


def test_offers_hide_in_questions_too() -> None:
    answers = {"want": {"question": "Do you want our coupon?"}}
    assert found(" ".join(WHOLE["en"]), kind="reminder", answers=answers) == [("answers.want.question", "KIND-1")]


def test_every_language_has_every_word() -> None:
    assert {frozenset(words) for words in (AI, OPT_OUT, PURPOSE, RECORDING, SELLING)} == {frozenset(WHOLE)}
