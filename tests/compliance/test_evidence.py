"""A decision can be made again from its own record, after the record has been through a database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.compliance.evidence import basis_of, data_versions, facts_of
from dialer.compliance.facts import NationalCopy, Override
from dialer.compliance.permit import permit
from dialer.compliance.rulebook import shipped_rulebook
from dialer.errors import UserError
from dialer.model.contact import Consent
from dialer.model.decision import Stage
from dialer.model.phone import PhoneNumber
from tests.compliance.cases import MONDAY_NOON, facts

instants = st.integers(0, 60 * 24 * 90).map(lambda minutes: datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=minutes))
changes = st.fixed_dictionaries(
    {
        "phone": st.sampled_from([PhoneNumber(it) for it in ("+12125550123", "+14155550123", "+18505550123", "+442079460958")]),
        "is_suppressed": st.booleans(),
        "is_person_suppressed": st.booleans(),
        "is_recorded": st.booleans(),
        "timezone": st.sampled_from(["", "America/Chicago", "EST"]),
        "state": st.sampled_from(["", "RI", "Texas"]),
        "postal_code": st.sampled_from(["", "02134"]),
        "consent": st.sampled_from([None, Consent("written", "form"), Consent("express", "form", MONDAY_NOON)]),
        "consent_revoked_at": st.none() | instants,
        "attempts_at": st.lists(instants, max_size=3).map(tuple),
        "last_abandoned_at": st.none() | instants,
        "spent": st.sampled_from([Decimal(0), Decimal("12.345678")]),
        "clock_skew_s": st.sampled_from([0.0, 0.125, 99.5]),
        "national": st.sampled_from([(), (NationalCopy("US", MONDAY_NOON, is_listed=True),)]),
        "is_recorded_unsaid": st.booleans(),
        "overrides": st.sampled_from([(), (Override(3, "FREQ-1", "A. Person", "a test", MONDAY_NOON + timedelta(days=99)),)]),
        "campaign": st.sampled_from([{}, {"kind": "sales"}, {"kind": "reminder", "hours": {"mon": ["10:00-12:00"]}}]),
    }
)


@given(changes, instants, st.sampled_from(Stage))
@settings(max_examples=150)
def test_the_record_alone_decides_the_same(change: dict[str, Any], now: datetime, stage: Stage) -> None:
    decision = permit(facts(**change), now, stage)
    stored = json.loads(json.dumps(decision.basis))
    again = permit(facts_of(stored), now, stage)
    assert (again.verdict, again.code, again.rules, again.zones) == (
        decision.verdict,
        decision.code,
        decision.rules,
        decision.zones,
    )
    assert again.next_allowed_at == decision.next_allowed_at


def test_the_record_names_rules_and_data_and_no_number() -> None:
    book = shipped_rulebook()
    basis = basis_of(facts(), book)
    assert basis["rules"] == {"version": book.version, "digest": book.digest}
    assert set(basis["data"]) == {"dialer", "tzdata", "phonenumbers", "holidays"}
    assert basis["data"] == data_versions()
    assert facts().phone not in json.dumps(basis)


def test_a_record_from_before_a_fact_was_asked_for_can_be_judged_again() -> None:
    basis = basis_of(facts(is_person_suppressed=True), shipped_rulebook())
    assert facts_of(basis).is_person_suppressed
    del basis["facts"]["is_person_suppressed"]
    assert not facts_of(basis).is_person_suppressed


@pytest.mark.parametrize("spoilt", [{}, {"campaign": {}}, {"facts": {}}, {"facts": []}])
def test_a_record_that_cannot_be_read_says_so(spoilt: dict[str, Any]) -> None:
    basis = basis_of(facts(), shipped_rulebook()) | spoilt if spoilt else {}
    with pytest.raises(UserError) as caught:
        facts_of(basis)
    assert caught.value.code == "bad_record"
