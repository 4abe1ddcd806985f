from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialer.compliance import gates
from dialer.compliance.case import Case, Finding, Gate
from dialer.compliance.facts import Override
from dialer.compliance.permit import permit
from dialer.compliance.rulebook import shipped_rulebook
from dialer.model.call import CampaignStatus
from dialer.model.contact import Consent
from dialer.model.decision import Stage, Verdict
from dialer.model.phone import PhoneNumber
from tests.compliance.cases import MONDAY_NOON as NOW
from tests.compliance.cases import facts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALLOW, WAIT, HOLD, REFUSE = Verdict.ALLOW, Verdict.WAIT, Verdict.HOLD, Verdict.REFUSE


def ask(gate: Gate, stage: Stage = Stage.DIAL, now: datetime = NOW, **changes: Any) -> list[Finding]:
    return gate(Case(facts(**changes), now, stage, shipped_rulebook()))


def one(gate: Gate, stage: Stage = Stage.DIAL, now: datetime = NOW, **changes: Any) -> tuple[str, Verdict, str]:
    (finding,) = ask(gate, stage, now, **changes)
    assert finding.detail
    return finding.rule, finding.verdict, finding.code


def test_suppression() -> None:
    assert one(gates.suppression) == ("DNC-1", ALLOW, "allowed")
    assert one(gates.suppression, is_suppressed=True) == ("DNC-1", REFUSE, "blocked_dnc")
    assert one(gates.suppression, is_person_suppressed=True) == ("DNC-1", REFUSE, "blocked_dnc")


@pytest.mark.parametrize("limit", ["expires_at", "ends_at"])
def test_expiry_begins_at_the_instant(limit: str) -> None:
    assert one(gates.expiry) == ("EXPIRY-1", ALLOW, "allowed")
    assert one(gates.expiry, **{limit: NOW + timedelta(seconds=1)})[1] is ALLOW
    assert one(gates.expiry, **{limit: NOW}) == ("EXPIRY-1", REFUSE, "expired")


def test_the_last_instant_is_the_earlier_end() -> None:
    assert gates.last_instant(facts()) is None
    assert gates.last_instant(facts(ends_at=NOW)) == NOW
    assert gates.last_instant(facts(ends_at=NOW + DAY, expires_at=NOW)) == NOW


@pytest.mark.parametrize(
    ("status", "verdict", "code", "planned"),
    [
        (CampaignStatus.ARMED, ALLOW, "allowed", ALLOW),
        (CampaignStatus.PAUSED, WAIT, "paused", ALLOW),
        (CampaignStatus.DRAFT, HOLD, "not_armed", ALLOW),
        (CampaignStatus.DONE, HOLD, "not_armed", ALLOW),
        (CampaignStatus.CANCELLED, REFUSE, "cancelled", REFUSE),
    ],
)
def test_status(status: CampaignStatus, verdict: Verdict, code: str, planned: Verdict) -> None:
    assert one(gates.status, status=status) == ("STATUS-1", verdict, code)
    assert one(gates.status, Stage.SCHEDULE, status=status)[1] is planned


@pytest.mark.parametrize(
    ("kind", "consent", "attested_by", "rule", "verdict"),
    [
        ("sales", "written", "", "CONSENT-1", ALLOW),
        ("promotion", "express", "", "CONSENT-1", HOLD),
        ("sales", None, "", "CONSENT-1", HOLD),
        ("sales", None, "Dr. Who", "CONSENT-1", HOLD),
        ("reminder", "written", "", "CONSENT-2", ALLOW),
        ("reminder", "express", "", "CONSENT-2", ALLOW),
        ("reminder", "oral", "Dr. Who", "CONSENT-2", HOLD),
        ("reminder", None, "Dr. Who", "CONSENT-2", ALLOW),
        ("reminder", None, "  ", "CONSENT-2", HOLD),
    ],
)
def test_consent(kind: str, consent: str | None, attested_by: str, rule: str, verdict: Verdict) -> None:
    given = None if consent is None else Consent(consent, "web form", NOW - DAY)
    changes = {"kind": kind, "consent_attested_by": attested_by}
    assert one(gates.consent, consent=given, campaign=changes)[:2] == (rule, verdict)


def test_consent_from_the_future_is_no_consent() -> None:
    assert one(gates.consent, consent=Consent("written", "form", NOW + DAY))[1] is ALLOW
    assert one(gates.consent, consent=Consent("written", "form", NOW + DAY + HOUR))[1:] == (HOLD, "blocked_consent")


def test_marketing_needs_to_know_when_consent_was_given() -> None:
    undated = Consent("written", "web form")
    (found,) = ask(gates.consent, consent=undated)
    assert (found.verdict, found.code, found.detail) == (HOLD, "blocked_consent", "the written consent on record has no date")
    (found,) = ask(gates.consent, consent=undated, campaign={"kind": "reminder"})
    assert (found.verdict, found.detail) == (ALLOW, "written consent is on record, undated")


@pytest.mark.parametrize(
    ("contact", "place"),
    [
        ({"state": "CA"}, "US-CA"),
        ({"postal_code": "90210"}, "US-CA"),
        ({"phone": PhoneNumber("+14155550123")}, "US-CA"),
        ({"phone": PhoneNumber("+18005550123")}, "US-CA"),
        ({"country": "DE"}, "DE"),
        ({"state": "TX"}, ""),
    ],
)
def test_nobody_is_recorded_on_a_notice_where_the_law_wants_a_yes(contact: dict[str, Any], place: str) -> None:
    (found,) = ask(gates.recording, is_recorded=True, **contact)
    assert (found.code, place in found.detail) == ("recording_needs_yes" if place else "allowed", True)
    assert one(gates.recording, **contact) == ("REC-1", ALLOW, "allowed"), "without a recording there is nothing to ask"
    answered = (Override(1, "REC-2", "A. Person", "the form asks for it", NOW + DAY),)
    assert permit(facts(is_recorded=True, state="PA"), NOW, Stage.DIAL).code == "recording_needs_yes"
    assert permit(facts(is_recorded=True, overrides=answered, state="PA"), NOW, Stage.DIAL).is_allowed


def test_who_is_recorded_is_told() -> None:
    assert one(gates.recording) == ("REC-1", ALLOW, "allowed")
    assert one(gates.recording, is_recorded_unsaid=True) == ("REC-1", HOLD, "no_recording_notice")
    assert one(gates.recording, is_recorded=True) == ("REC-1", ALLOW, "allowed"), "a notice will do in New York"
    anyway = (Override(1, "REC-1", "A. Person", "a test", NOW + DAY),)
    assert permit(facts(is_recorded_unsaid=True, overrides=anyway), NOW, Stage.DIAL).code == "no_recording_notice"


def test_region() -> None:
    assert one(gates.region) == ("NUM-2", ALLOW, "allowed")
    for phone in ("+18765550123", "+442079460958", "+15555550123", "nonsense"):
        assert one(gates.region, phone=phone) == ("NUM-2", HOLD, "region_not_allowed")
    assert one(gates.region, phone="+442079460958", campaign={"regions": ["US", "GB"]})[1] is ALLOW


def test_a_place_may_bar_this_kind_of_call() -> None:
    number, barred = ask(gates.region, state="CA")
    assert number.verdict is ALLOW
    assert (barred.rule, barred.verdict, barred.code) == ("REG-2", HOLD, "barred_here")
    assert one(gates.region, state="CA", campaign={"kind": "reminder"})[1] is ALLOW


def test_caller_id() -> None:
    assert one(gates.caller_id) == ("ID-3", ALLOW, "allowed")
    for stage in Stage:
        assert one(gates.caller_id, stage, caller_id="+12125550199")[1:] == (HOLD, "caller_id_not_allowed")
    chosen_later = {stage for stage in Stage if one(gates.caller_id, stage, caller_id="")[1] == ALLOW}
    assert chosen_later == {Stage.IMPORT, Stage.SCHEDULE}


@pytest.mark.parametrize(
    ("skew_s", "verdict"), [(0, ALLOW), (30, ALLOW), (-30, ALLOW), (30.1, HOLD), (-31, HOLD), (float("nan"), HOLD)]
)
def test_clock(skew_s: float, verdict: Verdict) -> None:
    assert one(gates.clock, clock_skew_s=skew_s) == ("CLOCK-1", verdict, "allowed" if verdict is ALLOW else "clock")


@pytest.mark.parametrize(
    ("budget", "verdict"),
    [
        ({}, ALLOW),
        ({"total": "10", "per_day": "4", "per_call": "1"}, ALLOW),
        ({"total": "9.99"}, HOLD),
        ({"per_call": "0.99"}, HOLD),
        ({"per_day": "3.99"}, WAIT),
    ],
)
def test_budget(budget: dict[str, str], verdict: Verdict) -> None:
    money = {"spent": Decimal(9), "spent_today": Decimal(3), "reserve": Decimal(1)}
    (found,) = ask(gates.budget, campaign={"budget": budget}, **money)
    assert (found.rule, found.verdict) == ("BUDGET-1", verdict)
    assert found.not_before == (datetime(2026, 11, 24, tzinfo=UTC) if verdict is WAIT else None)


@pytest.mark.parametrize(
    ("ago_h", "free_in_h"),
    [
        ((), None),
        ((24,), None),
        ((23,), 1),
        ((1,), 23),
        ((160, 100, 30), 8),
        ((168, 100, 30), None),
        ((600, 500, 400, 300), 120),
        ((720, 500, 400, 300), None),
        ((-1,), 25),
    ],
)
def test_frequency(ago_h: tuple[int, ...], free_in_h: int | None) -> None:
    found = ask(gates.frequency, attempts_at=tuple(NOW - ago * HOUR for ago in ago_h))
    free = max((item.not_before for item in found if item.not_before), default=None)
    assert free == (None if free_in_h is None else NOW + free_in_h * HOUR)
    assert {item.verdict for item in found} == {ALLOW if free is None else WAIT}
    assert {item.rule for item in found} <= {"FREQ-1", "FREQ-4"}


def test_who_widens_the_daily_cap_has_not_widened_the_gap() -> None:
    widened = (Override(1, "FREQ-1", "A. Person", "a test", NOW + DAY),)
    hours = {ago: permit(facts(attempts_at=(NOW - ago * HOUR,), overrides=widened), NOW, Stage.DIAL) for ago in (3, 5)}
    assert (hours[3].verdict, hours[3].next_allowed_at, hours[5].verdict) == (WAIT, NOW + HOUR, ALLOW)
    both = (*widened, Override(2, "FREQ-4", "A. Person", "a test", NOW + DAY))
    assert permit(facts(attempts_at=(NOW - HOUR,), overrides=both), NOW, Stage.DIAL).is_allowed


def test_a_campaign_can_narrow_the_daily_cap_and_never_widen_it() -> None:
    book = shipped_rulebook()
    wider = book.model_copy(
        update={"caps": tuple(rule.model_copy(update={"attempts": 3}) for rule in book.caps if rule.period == DAY)}
    )
    two = (NOW - 6 * HOUR, NOW - 5 * HOUR)

    def verdict(attempts_per_day: int, shipped: bool) -> Verdict:
        asked = facts(attempts_at=two, campaign={"limits": {"attempts_per_day": attempts_per_day}})
        return gates.frequency(Case(asked, NOW, Stage.DIAL, book if shipped else wider))[0].verdict

    assert (verdict(2, False), verdict(3, False), verdict(3, True)) == (WAIT, ALLOW, WAIT)


def test_a_callback_that_the_contact_asked_for_is_no_matter_of_frequency() -> None:
    often = tuple(NOW - ago * HOUR for ago in (1, 2, 3, 4, 5))
    assert one(gates.frequency, attempts_at=often, is_callback=True)[1] is ALLOW


@pytest.mark.parametrize(
    ("talk_d", "refusal_d", "is_callback", "free_in_d"),
    [
        (None, None, False, None),
        (6, None, False, 1),
        (7, None, False, None),
        (6, None, True, None),
        (6, 6, False, 54),
        (None, 59, False, 1),
        (70, 60, False, None),
        (None, 59, True, 1),
        (59, 59, True, 1),
        (2, 59, True, None),
        (59, 2, True, 58),
    ],
)
def test_quiet(talk_d: int | None, refusal_d: int | None, is_callback: bool, free_in_d: int | None) -> None:
    changes = {
        "last_talk_at": None if talk_d is None else NOW - talk_d * DAY,
        "last_refusal_at": None if refusal_d is None else NOW - refusal_d * DAY,
        "is_callback": is_callback,
    }
    found = ask(gates.quiet, **changes)
    free = max((item.not_before for item in found if item.not_before), default=None)
    assert free == (None if free_in_d is None else NOW + free_in_d * DAY)
    assert {(item.rule, item.verdict) for item in found} == {("FREQ-2", ALLOW if free is None else WAIT)}
    assert one(gates.quiet, campaign={"kind": "reminder"}, **changes)[1] is ALLOW


def test_start() -> None:
    assert one(gates.start, starts_at=NOW, not_before=NOW - DAY) == ("START-1", ALLOW, "allowed")
    (found,) = ask(gates.start, starts_at=NOW + HOUR, not_before=NOW + DAY)
    assert (found.verdict, found.code, found.not_before) == (WAIT, "not_yet", NOW + DAY)


def test_zones() -> None:
    (found,) = ask(gates.zones, timezone="America/Chicago")
    assert (found.verdict, found.zones) == (ALLOW, ("America/Chicago", "America/New_York"))
    assert one(gates.zones, timezone="EST") == ("HOURS-3", HOLD, "no_zone")
    assert one(gates.zones, phone="+18005550123") == ("HOURS-3", HOLD, "no_common_window")
    assert one(gates.zones, phone="+881612345678") == ("HOURS-3", HOLD, "no_zone")


def test_short_hours_of_the_campaigns_own_are_no_reason_to_hold() -> None:
    half_an_hour = {"hours": {"mon": ["10:00-10:30"]}}
    assert one(gates.zones, campaign=half_an_hour)[1] is ALLOW
    assert one(gates.zones, campaign=half_an_hour, timezone="America/Chicago")[2] == "no_common_window"
    assert one(gates.zones, campaign={"hours": {"sun": ["10:00-12:00"]}})[2] == "no_common_window"


def test_hours() -> None:
    assert one(gates.hours) == ("HOURS-0", ALLOW, "allowed")
    (found,) = ask(gates.hours, now=NOW + 8 * HOUR)
    assert (found.verdict, found.code, found.not_before) == (WAIT, "blocked_hours", NOW + 21 * HOUR)
    sunday = NOW - DAY
    assert one(gates.hours, now=sunday)[1] is WAIT
    assert one(gates.hours, now=sunday, campaign={"kind": "reminder"}) == ("HOURS-1", ALLOW, "allowed")
    assert one(gates.hours, timezone="EST")[1:] == (HOLD, "no_common_window")


def test_the_guard_is_the_call_limit_up_to_five_minutes() -> None:
    closing = NOW + 8 * HOUR
    for call_s, guard_s in ((60, 60), (300, 300), (1800, 300)):
        limits = {"limits": {"call_s": call_s}}
        assert one(gates.hours, now=closing - timedelta(seconds=guard_s + 1), campaign=limits)[1] is ALLOW
        assert one(gates.hours, now=closing - timedelta(seconds=guard_s), campaign=limits)[1] is WAIT


def test_a_place_narrows_the_hours() -> None:
    evening = NOW + timedelta(hours=6, minutes=30)
    assert one(gates.hours, now=evening)[1] is ALLOW
    assert one(gates.hours, now=evening, state="RI")[1] is WAIT


def test_words() -> None:
    assert gates.minute(NOW) == "2026-11-23 17:00 UTC"
    assert [gates.words_of(period) for period in (4 * HOUR, DAY, 7 * DAY)] == ["4 hours", "24 hours", "7 days"]


def test_the_kind_of_number_is_judged_again() -> None:
    assert one(gates.number) == ("NUM-1", ALLOW, "allowed")
    assert one(gates.number, phone="+19005550123") == ("NUM-1", HOLD, "blocked_number_type")
