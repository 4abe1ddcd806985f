"""Words that say something else than the value."""

from __future__ import annotations

import pytest

from dialer.leads.contradiction import contradicts
from dialer.model.campaign import Answer

MONEY = Answer(question="How much?", type="money")
YES_NO = Answer(question="Do you own it?", type="boolean")
SIZE = Answer(question="How big?", type="enum", values=("small", "large", "very large"))
TEXT = Answer(question="What?")


@pytest.mark.parametrize(
    ("rule", "value", "quote"),
    [
        (MONEY, "6000", "About 600 dollars"),
        (MONEY, "5000", "from 4000 to 6000"),
        (MONEY, "30000", "大概3000元"),
        (YES_NO, "true", "No, we rent."),
        (YES_NO, "true", "Um, not really"),
        (YES_NO, "true", "不是，租的"),
        (YES_NO, "true", "没有"),
        (YES_NO, "false", "Yes, we do"),
        (YES_NO, "false", "是的"),
        (SIZE, "large", "It isn’t large"),
        (SIZE, "large", "small"),
        (SIZE, "large", "not a large one"),
    ],
)
def test_it_says_something_else(rule: Answer, value: str, quote: str) -> None:
    assert contradicts(rule, value, quote)


@pytest.mark.parametrize(
    ("rule", "value", "quote"),
    [
        (MONEY, "6000", "about 6,000 dollars"),
        (MONEY, "600", "six hundred"),
        (MONEY, "1200", "12 hundred"),
        (MONEY, "3500", "3 thousand 500"),
        (MONEY, "35000", "3万5千"),
        (MONEY, "5000", "4000. No wait, 5000."),
        (YES_NO, "true", "Yes"),
        (YES_NO, "true", "No problem, I do"),
        (YES_NO, "true", "No... actually yes"),
        (YES_NO, "true", "没错"),
        (YES_NO, "true", "my wife and I bought it"),
        (YES_NO, "false", "No"),
        (YES_NO, "false", "Yes, but not this one"),
        (YES_NO, "false", "we rent"),
        (SIZE, "large", "a large one, not small"),
        (SIZE, "large", "small, no, large"),
        (SIZE, "large", "not small"),
        (SIZE, "large", "huge"),
        (TEXT, "a roof", "something else"),
    ],
)
def test_it_may_well_be_so(rule: Answer, value: str, quote: str) -> None:
    assert not contradicts(rule, value, quote)
