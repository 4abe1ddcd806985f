"""Phrases that need no model."""

import pytest

from dialer.leads.evidence import callee_turns
from dialer.leads.patterns import find_patterns
from dialer.model.disposition import Outcome
from tests.support.results import a_transcript


def found(*lines):
    return [item.outcome for item in find_patterns(callee_turns(a_transcript(*lines)))]


@pytest.mark.parametrize(
    "text",
    [
        "Please don't call me again",
        "Don’t ever call here.",
        "Stop calling me!",
        "STOP.",
        "take me off your list",
        "Remove my number please",
        "No more calls, thanks",
        "Never contact us",
        "lose my number",
        "put me on the do-not-call list",
        "opt me out",
        "请不要再打电话给我了",
        "别再给我打电话",
        "以后别打了",
        "不要再联系我",
        "退订",
        "把我的号码删掉",
    ],
)
def test_an_opt_out_is_heard(text):
    assert found("> Hello", text)[0] is Outcome.DO_NOT_CALL


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("You have the wrong number", Outcome.WRONG_NUMBER),
        ("There is nobody here by that name", Outcome.WRONG_NUMBER),
        ("你打错了", Outcome.WRONG_NUMBER),
        ("没有这个人", Outcome.WRONG_NUMBER),
        ("I'm not him", Outcome.WRONG_PERSON),
        ("我不是本人", Outcome.WRONG_PERSON),
        ("Can you call me back tomorrow?", Outcome.CALLBACK),
        ("Don't call me now, try again later", Outcome.CALLBACK),
        ("I'm driving", Outcome.CALLBACK),
        ("我在开会", Outcome.CALLBACK),
        ("晚点再打吧", Outcome.CALLBACK),
    ],
)
def test_other_phrases(text, outcome):
    assert found(text) == [outcome]


@pytest.mark.parametrize("text", ["Yes, sounds good", "I would call it a deal", "can you stop by on Friday", "可以，没问题", ""])
def test_ordinary_words_mean_nothing(text):
    assert found(text) == []


def test_the_agents_words_do_not_count():
    assert found("> Say stop calling and we stop calling") == []


def test_the_most_binding_kind_comes_first_with_its_place():
    items = find_patterns(callee_turns(a_transcript("call me back", "> Sure", "no, stop calling, wrong number", "stop calling")))
    assert [item.outcome for item in items] == [Outcome.DO_NOT_CALL, Outcome.WRONG_NUMBER, Outcome.CALLBACK]
    assert (items[0].evidence.turn_seq, items[0].evidence.quote, items[0].evidence.at_ms) == (3, "stop calling", 4000)
