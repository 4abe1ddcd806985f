"""A lead carries its evidence."""

from dialer.model.disposition import Outcome
from dialer.model.lead import Evidence, EvidencedAnswer, Grade, Lead, ScoreReason, Source


def test_a_lead_holds_quotes_and_reasons() -> None:
    quote = Evidence(3, "yes, I own it", 4200)
    answer = EvidencedAnswer("owns_home", "true", Source.TOOL, quote)
    lead = Lead(Outcome.INTERESTED, 80, Grade.HOT, (ScoreReason(20, "owns the home"),), (answer,), quote, "call today")
    assert lead.answers[0].evidence == quote
    assert not answer.needs_review
    assert lead.due_at is None


def test_sources_and_grades_are_in_order() -> None:
    assert [source.value for source in Source] == ["corrected", "tool", "confirmed", "model", "rule"]
    assert [grade.value for grade in Grade] == ["hot", "warm", "cold"]
