"""Only one verdict allows a dial."""

from datetime import UTC, datetime

import pytest

from dialer.model.decision import Decision, RuleVerdict, Stage, Verdict


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_allow_allows(verdict: Verdict) -> None:
    rule = RuleVerdict("DNC-1", verdict, "fact")
    decision = Decision(verdict, "code", Stage.DIAL, datetime(2026, 11, 23, tzinfo=UTC), (rule,))
    assert decision.is_allowed is (verdict is Verdict.ALLOW)
