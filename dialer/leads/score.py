"""The lead score: points by the campaign's weights, each with its reason, and the grade that they make."""

from collections.abc import Iterable

from dialer.leads.values import decimal_of
from dialer.model.campaign import LeadRules, LeadWeight
from dialer.model.disposition import Outcome
from dialer.model.lead import EvidencedAnswer, Grade, ScoreReason

LOWEST, HIGHEST = 0, 100


def score(rules: LeadRules, outcome: Outcome, answers: Iterable[EvidencedAnswer]) -> tuple[int, tuple[ScoreReason, ...]]:
    """Return the score from 0 to 100 and its reasons; the points of the reasons always add up to the score."""
    values = {answer.name: answer.value for answer in answers if answer.value is not None}
    reasons = [ScoreReason(weight.points, weight.reason) for weight in rules.weights if _holds(weight, outcome, values)]
    total = sum(reason.points for reason in reasons)
    bounded = min(max(total, LOWEST), HIGHEST)
    if bounded != total:
        reasons.append(ScoreReason(bounded - total, f"limited to {bounded}"))
    return bounded, tuple(reasons)


def grade(rules: LeadRules, points: int) -> Grade:
    """Return the grade of a score."""
    if points >= rules.hot:
        return Grade.HOT
    return Grade.WARM if points >= rules.warm else Grade.COLD


def _holds(weight: LeadWeight, outcome: Outcome, values: dict[str, str]) -> bool:
    """True when every condition of ``weight`` is met; a weight on an answer needs a value with evidence."""
    if weight.outcome is not None and weight.outcome is not outcome:
        return False
    if weight.answer is None:
        return True
    value = values.get(weight.answer)
    if value is None:
        return False
    if weight.equals is not None and value.casefold() != weight.equals.casefold():
        return False
    if weight.at_least is None:
        return True
    number = decimal_of(value)
    return number is not None and number >= weight.at_least
