"""A person's word about a talk."""

from __future__ import annotations

import pytest

from dialer.errors import UserError
from dialer.model.disposition import Outcome
from dialer.operations import correcting
from dialer.operations.parts import Parts
from dialer.store import attempts, findings
from tests.operations.stage import armed
from tests.operations.talked import begun, talked


def test_the_outcome_of_the_attempt_the_finding_and_the_count_follow(parts: Parts) -> None:
    armed(parts)
    work = talked(parts)
    changed = correcting.correct(parts, work.attempt_id[:8], {"outcome": "callback", "timeline": "this year"}, by="me")
    assert changed.assessment.outcome is Outcome.CALLBACK
    with parts.store.read() as tx:
        assert attempts.get(tx, work.attempt_id).outcome is Outcome.CALLBACK
        assert [it.value for it in findings.corrections_of(tx, work.attempt_id)] == ["callback", "this year"]
    correcting.correct(parts, work.attempt_id, {"outcome": "callback"})
    with parts.store.read() as tx:
        assert [(it.source, it.agreed, it.changed) for it in findings.agreements(tx, work.subject.campaign.id)] == [("", 0, 2)]


def test_there_has_to_be_a_talk_and_a_value(parts: Parts) -> None:
    armed(parts)
    with pytest.raises(UserError, match="nothing to correct"):
        correcting.correct(parts, "abcdef", {})
    with pytest.raises(UserError, match="no talk with a person"):
        correcting.correct(parts, begun(parts).attempt_id, {"outcome": "callback"})
