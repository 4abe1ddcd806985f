"""What is watched for in code."""

import pytest

from dialer.conversation.guards import crisis_words, first_opt_out, forbidden_promise, opt_out_phrase


@pytest.mark.parametrize(
    "text",
    [
        "Stop calling me!",
        "please don’t call me again",
        "Take me off your list please.",
        "Stop.",
        "No, stop calling me",
        "I am not interested, don't call me again",
        "put me on the do not call list",
        "I want to opt out",
        "no more calls",
        "别再打电话了",
        "不要再给我打电话",
        "请勿来电",
        "把我从名单里删掉",
        "退订",
        "no me llamen más",
        "deje de llamar",
        "Quíteme de la lista",
        "Ne m'appelez plus !",
        "Arrêtez de m'appeler",
        "Rufen Sie mich nicht mehr an",
        "Streichen Sie mich",
        "Não me ligue mais",
        "Parem de ligar, por favor",
        "もう電話しないでください",
        "リストから外してください",
    ],
)
def test_opt_outs_in_seven_languages(text: str) -> None:
    assert opt_out_phrase(text)


@pytest.mark.parametrize(
    "text",
    [
        "don't cancel it",
        "Do not take me off your list",
        "I don't want you to stop calling me",
        "don't call me before five",
        "please don't call me at work",
        "don't call me tomorrow",
        "stop by the office",
        "Stop talking so fast",
        "不要取消",
        "不是不要打电话",
        "no dejen de llamar",
        "Yes, that is fine.",
        "",
    ],
)
def test_denied_and_limited_phrases_are_none(text: str) -> None:
    assert opt_out_phrase(text) == ""


@pytest.mark.parametrize("text", ["I want to die", "I can't breathe", "我不想活了", "quiero morir"])
def test_crisis_words(text: str) -> None:
    assert crisis_words(text)


def test_daily_words_are_no_crisis() -> None:
    assert crisis_words("I would kill for that price") == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is Free of  Charge!", "free of charge"),
        ("That is guaranteed.", "guaranteed"),
        ("That is not guaranteed.", ""),
        ("I cannot call it really guaranteed. But it is guaranteed.", "guaranteed"),
        ("We don't work free of charge.", ""),
        ("An unguaranteed thing.", ""),
        ("这个保证有效。", "保证有效"),
        ("这个不保证有效。", ""),
        ("A crown costs 200 dollars.", ""),
    ],
)
def test_a_promise_that_is_forbidden_and_not_denied(text: str, found: str) -> None:
    assert forbidden_promise(text, ("free of charge", "guaranteed", "保证有效")) == found


@pytest.mark.parametrize(
    "text",
    [
        "I said stop",
        "I never want to hear from you again",
        "I revoke my consent",
        "I don't want any more calls from you",
        "I'd rather you didn't call again",
        "停止来电",
        "以后不要打给我",
        "quiero que me borren de la lista",
        "no quiero recibir más llamadas",
        "no me vuelvan a llamar",
        "je ne veux plus être appelé",
        "Plus d'appels, merci",
        "ich möchte nicht mehr angerufen werden",
        "Keine Anrufe mehr",
        "今後の連絡は不要です",
        "電話をやめてください",
        "não liguem mais",
        "não me telefone mais",
        "quero sair da lista",
    ],
)
def test_more_ways_to_say_it(text: str) -> None:
    assert opt_out_phrase(text)
    assert first_opt_out(["hello", text, "bye"]) == opt_out_phrase(text)


@pytest.mark.parametrize(
    "text",
    [
        "please don't stop calling me",
        "不是不要打电话，是现在不方便",
        "现在不要打，晚上再打",
        "no me llame por la mañana",
        "no deje de llamar",
        "ne m'appelez pas avant midi",
        "n'arrêtez pas de m'appeler",
        "Löschen Sie meine Nummer nicht",
        "Rufen Sie mich nicht vor acht an",
        "今は電話しないで、あとでかけて",
        "予約をキャンセルしないでください",
        "não me ligue de manhã",
        "não tire meu número da lista",
        "não parem de me ligar",
        "não cancele minha consulta",
    ],
)
def test_denied_and_limited_in_seven_languages(text: str) -> None:
    assert opt_out_phrase(text) == ""


def test_nobody_asked_anything() -> None:
    assert first_opt_out([]) == first_opt_out(["yes", "fine"]) == ""
