from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dialer.compliance.permit import permit, reason_text, refusal_disposition
from dialer.model.call import CampaignStatus
from dialer.model.decision import Decision, RuleVerdict, Stage, Verdict
from dialer.model.disposition import Disposition
from tests.compliance.cases import MONDAY_NOON as NOW
from tests.compliance.cases import facts


def decide(**changes: Any) -> Decision:
    return permit(facts(**changes), NOW, Stage.DIAL)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "May be called: every rule allows it."),
        ({"is_suppressed": True}, "Not called: the number is on our do-not-call list (DNC-1)."),
        ({"consent": None}, "Held: no consent on record, written consent is needed (CONSENT-1)."),
        (
            {"not_before": NOW + timedelta(hours=10)},
            "Waits until 2026-11-24 09:00 America/New_York: not before 2026-11-24 03:00 UTC (START-1).",
        ),
    ],
)
def test_one_sentence_for_people(changes: dict[str, Any], text: str) -> None:
    assert reason_text(decide(**changes)) == text


def test_without_a_zone_the_time_is_utc() -> None:
    rules = (RuleVerdict("START-1", Verdict.WAIT, "later"),)
    decision = Decision(Verdict.WAIT, "not_yet", Stage.CLAIM, NOW, rules, (), NOW)
    assert reason_text(decision) == "Waits until 2026-11-23 17:00 Etc/UTC: later (START-1)."


@pytest.mark.parametrize(
    ("changes", "disposition"),
    [
        ({"is_suppressed": True}, Disposition.BLOCKED_DNC),
        ({"consent": None}, Disposition.BLOCKED_CONSENT),
        ({"attempts_at": (NOW,)}, Disposition.BLOCKED_CAPS),
        ({"ends_at": NOW}, Disposition.EXPIRED),
        ({"status": CampaignStatus.PAUSED}, Disposition.CANCELLED),
        ({"timezone": "EST"}, Disposition.BLOCKED_HOURS),
        ({"campaign": {"regions": ["FR"]}}, Disposition.BLOCKED_CONSENT),
        ({"campaign": {"hours": {"mon": ["x"]}}}, Disposition.BLOCKED_CONSENT),
    ],
)
def test_the_disposition_of_an_attempt_that_was_stopped(changes: dict[str, Any], disposition: Disposition) -> None:
    assert refusal_disposition(decide(**changes)) is disposition


def test_an_allowed_decision_has_none() -> None:
    with pytest.raises(ValueError, match="allowed"):
        refusal_disposition(decide())
