"""Who took the call."""

import pytest

from dialer.conversation.answered_by import Votes, asks_to_wait, declines, is_no_such_number, kind_of_greeting
from dialer.model.disposition import AnsweredBy


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("You've reached the Smiths. Press 1 or leave a message after the tone.", AnsweredBy.VOICEMAIL),
        ("您拨打的电话暂时无法接听，请在提示音后留言。", AnsweredBy.VOICEMAIL),
        ("Hi, please state your name and the reason for your call.", AnsweredBy.SCREENING),
        ("For sales, press one. For service, press two.", AnsweredBy.IVR),
        ("Hello, who is this?", None),
        ("喂，你好？", None),
    ],
)
def test_greetings(text: str, kind: AnsweredBy | None) -> None:
    assert kind_of_greeting(text) is kind


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ("We're sorry, the number you have dialed is not in service.", True),
        ("The number you have reached has been disconnected.", True),
        ("您拨打的号码是空号，请核对后再拨。", True),
        ("El número que usted marcó no existe.", True),
        ("You have the wrong number.", False),
        ("He is not available.", False),
    ],
)
def test_an_announcement_of_the_network(text: str, is_wrong: bool) -> None:
    assert is_no_such_number(text) is is_wrong


def test_the_carriers_detection_counts_where_nothing_was_said() -> None:
    votes = Votes()
    assert not votes.carrier_says(AnsweredBy.VOICEMAIL, is_beep=False)
    assert votes.conclude() is AnsweredBy.VOICEMAIL
    assert votes.carrier_says(AnsweredBy.VOICEMAIL, is_beep=True)
    assert votes.carrier_says(AnsweredBy.FAX, is_beep=False)
    assert not votes.carrier_says(AnsweredBy.HUMAN, is_beep=False)
    assert votes.conclude() is AnsweredBy.UNKNOWN
    votes.turns_with_words = 1
    assert votes.conclude() is AnsweredBy.HUMAN


def test_a_screeners_patience() -> None:
    assert asks_to_wait("Thank you. Please hold while I try to connect you.")
    assert asks_to_wait("请稍等，正在为您转接。")
    assert not asks_to_wait("Hello?")


@pytest.mark.parametrize(
    "text",
    [
        "Hang on.", "Just a second, please.", "Give me a minute.", "Wait one moment.", "等一下，我看看日历。", "稍等。", "你等等",
        "Un momentito.", "Un moment, s'il vous plaît.", "Einen Augenblick bitte.", "Um minuto.", "少々お待ちください。",
    ],
)  # fmt: skip
def test_a_persons_request_to_wait(text: str) -> None:
    assert asks_to_wait(text)
    assert kind_of_greeting(text) is None


def test_a_screener_who_refuses_is_no_voicemail() -> None:
    assert declines("Sorry, this person is not available right now. Goodbye.")
    assert declines("抱歉，他现在不方便接听。")
    assert not declines("She is not available, please leave a message.")
    assert not declines("Hello?")


def test_a_machine_that_was_heard_stays_one() -> None:
    votes = Votes()
    assert votes.conclude() is AnsweredBy.UNKNOWN
    assert not votes.report(AnsweredBy.UNKNOWN)
    assert votes.report(AnsweredBy.VOICEMAIL)
    assert not votes.report(AnsweredBy.VOICEMAIL)
    assert not votes.report(AnsweredBy.HUMAN)
    assert votes.conclude() is AnsweredBy.VOICEMAIL


def test_words_or_speech_make_a_person_and_three_turns_for_good() -> None:
    votes = Votes()
    votes.has_speech = True
    assert votes.conclude() is AnsweredBy.HUMAN
    votes.turns_with_words = 3
    assert votes.is_person
    assert not votes.report(AnsweredBy.VOICEMAIL)
