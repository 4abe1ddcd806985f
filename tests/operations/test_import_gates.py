"""Sharing answers between contacts changes none of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.compliance.permit import Facts, permit
from dialer.model.call import CampaignStatus
from dialer.model.contact import Consent
from dialer.model.decision import Stage
from dialer.model.phone import PhoneNumber
from dialer.operations.import_gates import ImportGates
from tests.support.builders import MONDAY, a_campaign

CAMPAIGN = a_campaign(regions=["US", "CA", "GB"])
PHONES = st.one_of(
    st.builds("+1{}{}{:04}".format, st.sampled_from([212, 808, 416, 900]), st.sampled_from([555, 976]), st.integers(0, 9999)),
    st.builds("+447400{:06}".format, st.integers(0, 999_999)),
)
FACTS = st.builds(
    lambda phone, suppressed, zone, state, consent, expires: Facts(
        campaign=CAMPAIGN,
        phone=PhoneNumber(phone),
        is_suppressed=suppressed,
        status=CampaignStatus.DRAFT,
        timezone=zone,
        state=state,
        consent=consent,
        expires_at=expires,
    ),
    PHONES,
    st.booleans(),
    st.sampled_from(["", "America/New_York", "Pacific/Honolulu"]),
    st.sampled_from(["", "NY", "FL"]),
    st.sampled_from([None, Consent("written", "form", datetime(2026, 1, 2, tzinfo=UTC)), Consent("express", "desk")]),
    st.sampled_from([None, MONDAY - timedelta(days=1), MONDAY + timedelta(days=9)]),
)


@given(st.lists(FACTS, min_size=1, max_size=8))
def test_a_shared_answer_is_what_the_gates_say_of_each(several: list[Facts]) -> None:
    gates = ImportGates(MONDAY)
    for facts in [*several, *several]:
        shared, own = gates.decide(facts), permit(facts, MONDAY, Stage.IMPORT)
        assert (shared.verdict, shared.code, shared.rules, shared.zones) == (own.verdict, own.code, own.rules, own.zones)
        assert shared.basis == own.basis or own.is_allowed


def test_what_is_remembered_is_bounded() -> None:
    gates = ImportGates(MONDAY, most=3)
    for exchange in range(300, 310):
        for state in ("", "NY"):
            phone = PhoneNumber(f"+1212{exchange}0123")
            facts = Facts(campaign=CAMPAIGN, phone=phone, is_suppressed=False, status=CampaignStatus.DRAFT, state=state)
            assert gates.decide(facts).code == permit(facts, MONDAY, Stage.IMPORT).code
    assert gates.remembered <= 6
