"""Points have reasons that add up."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.leads.score import grade, score
from dialer.model.campaign import LeadRules, LeadWeight
from dialer.model.disposition import Outcome
from dialer.model.lead import EvidencedAnswer, Grade, ScoreReason, Source
from tests.support.results import a_campaign


def answer(name, value):
    return EvidencedAnswer(name, value, Source.TOOL, None)


RULES = a_campaign().lead


def test_each_condition_that_holds_gives_its_points():
    points, reasons = score(
        RULES, Outcome.INTERESTED, [answer("need", "roof"), answer("budget", "5000"), answer("size", "Large")]
    )
    assert points == 100
    assert [reason.points for reason in reasons] == [50, 10, 30, 10]


def test_conditions_that_do_not_hold_give_none():
    answers = [answer("need", None), answer("budget", "4999.99"), answer("size", "small")]
    assert score(RULES, Outcome.CALLBACK, answers) == (0, ())
    assert score(RULES, Outcome.CALLBACK, [answer("budget", "a lot")]) == (0, ())


def test_the_score_stays_in_bounds_and_says_so():
    rules = LeadRules(weights=(LeadWeight(points=80, reason="a"), LeadWeight(points=60, reason="b")))
    assert score(rules, Outcome.SALE, ()) == (
        100,
        (ScoreReason(80, "a"), ScoreReason(60, "b"), ScoreReason(-40, "limited to 100")),
    )


def test_grades():
    assert [grade(RULES, points) for points in (100, 70, 69, 40, 39, 0)] == [
        Grade.HOT, Grade.HOT, Grade.WARM, Grade.WARM, Grade.COLD, Grade.COLD,
    ]  # fmt: skip


@given(st.lists(st.integers(-100, 100), max_size=6))
def test_reasons_always_add_up(points):
    rules = LeadRules(weights=tuple(LeadWeight(points=number, reason="r") for number in points))
    total, reasons = score(rules, Outcome.SALE, ())
    assert 0 <= total <= 100
    assert sum(reason.points for reason in reasons) == total
