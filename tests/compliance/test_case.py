"""Where the callee may be by everything that tells a place, and what an override changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dialer.compliance.case import Case, narrower_of, number_of, regions_of, states_of, window_of, zones_of
from dialer.compliance.facts import NationalCopy, Override
from dialer.compliance.permit import permit
from dialer.compliance.rulebook import shipped_rulebook
from dialer.compliance.zones import CONTINENTAL
from dialer.model.contact import Consent
from dialer.model.decision import Decision, Stage, Verdict
from dialer.model.phone import PhoneNumber
from tests.compliance.cases import MONDAY_NOON as NOW
from tests.compliance.cases import facts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUNDAY = datetime(2026, 11, 29, 17, 0, tzinfo=UTC)
STRICT = {"dnc": {"national": "required"}}


def a_case(now: datetime = NOW, **changes: Any) -> Case:
    return Case(facts(**changes), now, Stage.DIAL, shipped_rulebook())


def widened(rule: str, until: datetime = NOW + 30 * DAY) -> dict[str, Any]:
    return {"overrides": (Override(1, rule, "A. Person", "a test", until),)}


def decide(now: datetime = NOW, **changes: Any) -> Decision:
    return permit(facts(**changes), now, Stage.DIAL)


def test_zones_of_all_sources_for_marketing() -> None:
    found = zones_of(a_case(state="TX", postal_code="98101"))
    assert found.names == ("America/Chicago", "America/Denver", "America/Los_Angeles", "America/New_York")
    assert [source.source for source in found.sources] == ["postal", "state", "number"]


def test_a_sales_number_that_comes_alone_must_fit_the_whole_mainland() -> None:
    sales: dict[str, Any] = {"campaign": {"kind": "sales"}}
    assert set(zones_of(a_case(**sales)).names) == set(CONTINENTAL)
    for known in ({"state": "NY"}, {"postal_code": "10001"}, {"timezone": "America/New_York"}):
        assert zones_of(a_case(**sales, **known)).names == ("America/New_York",)
    assert zones_of(a_case(**sales, **widened("HOURS-3-US"))).names == ("America/New_York",)
    assert zones_of(a_case(phone=PhoneNumber("+442079460958"), campaign={"kind": "sales", "regions": ["GB"]})).names == (
        "Europe/London",
    )
    assert zones_of(a_case(campaign={"kind": "reminder"})).names == ("America/New_York",)


def test_the_country_is_the_last_resort() -> None:
    nothing = {"phone": PhoneNumber("+80012345678")}
    assert zones_of(a_case(**nothing)).names == ()
    assert zones_of(a_case(**nothing, country="at")).names == ("Europe/Vienna",)


def test_jurisdictions_are_sets() -> None:
    case = facts(phone=PhoneNumber("+18505550123"), state="Rhode Island", postal_code="10001", country="fr")
    assert regions_of(case) == ("US", "FR")
    assert set(states_of(case)) == {"FL", "NY", "RI"}
    assert states_of(facts(state="nowhere")) == ("NY",)
    assert number_of(case).region == "US"


def test_the_area_code_presumes_the_state() -> None:
    assert decide(phone=PhoneNumber("+14155550123")).code == "barred_here", "California, by its area code"
    rows = [row.id for row in narrower_of(a_case(phone=PhoneNumber("+14015550123")))]
    assert rows == ["HOURS-2-US-RI"]


def test_texas_wants_a_registration() -> None:
    texan = {"phone": PhoneNumber("+15125550123")}
    assert decide(**texan).code == "not_registered"
    assert decide(**texan, campaign={"registrations": {"US-TX": " "}}).code == "not_registered"
    assert decide(**texan, campaign={"registrations": {"US-TX": "2026-1"}}).is_allowed
    assert decide(**texan, **widened("REG-1-US-TX")).is_allowed


def test_india_allows_its_own_series() -> None:
    indian: dict[str, Any] = {
        "phone": PhoneNumber("+919876543210"),
        "campaign": {"regions": ["IN"], "caller_ids": ["+911401234567"]},
    }
    noon = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    assert decide(noon, **indian, caller_id="").code == "barred_here"
    assert decide(noon, **indian, caller_id="+911401234567").code != "barred_here"


@pytest.mark.parametrize(
    ("national", "code"),
    [
        ((), "no_national_list"),
        ((NationalCopy("CA", NOW, is_listed=False),), "no_national_list"),
        ((NationalCopy("US", NOW - 32 * DAY, is_listed=False),), "old_national_list"),
        ((NationalCopy("US", NOW - 30 * DAY, is_listed=True),), "on_national_list"),
        ((NationalCopy("US", NOW - 30 * DAY, is_listed=False),), "allowed"),
    ],
)
def test_national_lists(national: tuple[NationalCopy, ...], code: str) -> None:
    assert decide(national=national, campaign=STRICT).code == code
    assert decide(national=national).is_allowed, "waived by written consent"
    lifted = decide(national=national, campaign=STRICT, **widened("DNC-2"))
    assert lifted.is_allowed == (code != "on_national_list"), "nobody lifts the callee's own wish"
    assert decide(national=national, campaign={"kind": "reminder", **STRICT}).is_allowed, "a reminder is not bound"


def test_consent_that_was_taken_back() -> None:
    given = Consent("written", "form", NOW - 9 * DAY)
    assert decide(consent=given, consent_revoked_at=NOW - DAY).code == "blocked_consent"
    assert decide(consent=given, consent_revoked_at=NOW - 10 * DAY).is_allowed, "given anew since"
    assert decide(consent=Consent("written", "form"), consent_revoked_at=NOW - DAY).code == "blocked_consent"
    assert decide(consent=given, consent_revoked_at=NOW - DAY, **widened("CONSENT-1")).code == "blocked_consent"
    attested = {"kind": "reminder", "consent_attested_by": "A. Person"}
    assert decide(consent=None, consent_revoked_at=NOW - DAY, campaign=attested).code == "blocked_consent"


def test_consent_grows_old_from_its_last_use() -> None:
    old = Consent("written", "form", NOW - 800 * DAY)
    assert decide(consent=old).code == "old_consent"
    assert decide(consent=old, consent_used_at=NOW - 100 * DAY).is_allowed
    assert decide(consent=old, campaign={"kind": "reminder"}).is_allowed
    assert decide(consent=old, **widened("CONSENT-4")).is_allowed


@pytest.mark.parametrize(("status", "is_held"), [("yes", True), (" YES ", True), ("no", False), ("no_data", False), ("", False)])
def test_a_number_that_was_given_to_somebody_else(status: str, is_held: bool) -> None:
    assert (decide(rnd_status=status).code == "reassigned") == is_held


def test_three_days_of_quiet_after_an_abandoned_call() -> None:
    decision = decide(last_abandoned_at=NOW - DAY)
    assert (decision.verdict, decision.code) == (Verdict.WAIT, "blocked_caps")
    assert decide(last_abandoned_at=NOW - 3 * DAY).is_allowed


def test_an_override_opens_the_outer_window_and_no_more() -> None:
    early = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)  # 8:30 in New York
    assert decide(early).code == "blocked_hours"
    decision = decide(early, **widened("HOURS-0"))
    assert decision.is_allowed
    assert any("widened by A. Person" in rule.detail for rule in decision.rules)
    assert decide(early - HOUR, **widened("HOURS-0")).code == "blocked_hours", "half past seven"
    assert decide(early, state="RI", **widened("HOURS-0")).code == "blocked_hours", "the state's own hours hold"
    assert decide(SUNDAY, **widened("HOURS-0")).is_allowed
    assert decide(SUNDAY, **widened("HOURS-0", SUNDAY)).code == "blocked_hours", "it has ended"


def test_an_override_of_a_states_hours_and_of_holidays() -> None:
    evening = NOW + timedelta(hours=6, minutes=30)
    assert decide(evening, state="RI").code == "blocked_hours"
    assert decide(evening, state="RI", **widened("HOURS-2-US-RI")).is_allowed
    thanksgiving = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
    assert decide(thanksgiving, **widened("HOURS-5")).is_allowed


@pytest.mark.parametrize("rule", ["DNC-1", "CONSENT-1", "NUM-1", "CLOCK-1", "ID-3", "HOURS-3", "HOURS-9"])
def test_what_nobody_widens(rule: str) -> None:
    assert rule not in shipped_rulebook().may_be_overridden()
    assert a_case(**widened(rule)).override(rule) is None


def test_state_holidays_narrow_where_the_state_says_so() -> None:
    friday = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
    closed = window_of(a_case(friday, state="AL")).closed - window_of(a_case(friday)).closed
    assert closed
    assert {day.year for day in closed} <= {2025, 2026, 2027}
