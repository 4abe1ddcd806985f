from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.errors import PolicyRefusal, UserError
from dialer.operations import rules, why
from dialer.operations.parts import Parts
from dialer.store import acts, attempts
from tests.operations.stage import armed, claimed

DAY = timedelta(days=1)


def test_every_rule_is_shown_with_its_source_and_age(parts: Parts) -> None:
    rows = rules.shown(parts.clock.now())
    by_id = {row.id: row for row in rows}
    assert {"HOURS-0", "FREQ-1", "DNC-2", "NUM-1", "OPT-3", "REG-1-US-TX", "KIND-1", "REC-1", "VM-1"} <= set(by_id)
    assert by_id["FREQ-2"].may_be_overridden
    assert not by_id["NUM-1"].may_be_overridden
    assert by_id["HOURS-0"].as_json()["kinds"] == ["promotion", "sales"]
    assert "period=72 hours" in by_id["FREQ-3"].what or "period=3 days" in by_id["FREQ-3"].what
    assert not any(row.is_old for row in rows)
    assert all(row.is_old for row in rules.shown(parts.clock.now() + 91 * DAY))


def test_an_override_is_named_in_the_decisions_that_rest_on_it(parts: Parts) -> None:
    armed(parts)
    until = parts.clock.now() + 2 * DAY
    made = rules.override(parts, "HOURS-0", "solar-sales", "A. Person", "the line was cut", until)
    (work, *_) = claimed(parts, 1)
    told = why.why(parts, work.phone)
    details = [rule.detail for rule in told.decisions[-1][0].decision.rules]
    assert any(f"(override {made.id})" in detail and "A. Person" in detail for detail in details)
    ((row, name),) = rules.listed(parts)
    assert (row.override, name) == (made, "solar-sales")
    rules.revoke(parts, made.id, "B. Person", "mended")
    with pytest.raises(UserError, match="no override"):
        rules.revoke(parts, made.id, "B. Person", "again")
    with parts.store.read() as tx:
        assert [act.act for act in acts.listed(tx)] == ["override.revoke", "override.add"]
        assert attempts.open_attempts(tx) == []


def test_an_override_for_all_campaigns(parts: Parts) -> None:
    rules.override(parts, "FREQ-1", "", "A. Person", "a test", parts.clock.now() + DAY)
    ((row, name),) = rules.listed(parts)
    assert (row.campaign_id, name) == (None, "")


@pytest.mark.parametrize("rule", ["DNC-1", "NUM-1", "CONSENT-1", "CLOCK-1", "HOURS-3", "HOURS-9"])
def test_some_rules_nobody_widens(parts: Parts, rule: str) -> None:
    with pytest.raises(PolicyRefusal, match="cannot be widened"):
        rules.override(parts, rule, "", "A. Person", "a test", parts.clock.now() + DAY)


@pytest.mark.parametrize(
    ("rule", "by", "reason", "days", "part"),
    [
        ("FREQ-77", "A. Person", "x", 1, "no rule"),
        ("FREQ-1", "A. Person", " ", 1, "needs a name and a reason"),
        ("FREQ-1", "", "x", 1, "needs a name and a reason"),
        ("FREQ-1", "A. Person", "x", 0, "within 90 days"),
        ("FREQ-1", "A. Person", "x", 91, "within 90 days"),
    ],
)
def test_an_override_needs_all_of_it(parts: Parts, rule: str, by: str, reason: str, days: int, part: str) -> None:
    with pytest.raises(UserError, match=part):
        rules.override(parts, rule, "", by, reason, parts.clock.now() + days * DAY)
