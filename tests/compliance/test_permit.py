from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.compliance.case import Case, Finding, window_of
from dialer.compliance.number import read_number
from dialer.compliance.permit import AT_A_TEST, GATES, NOT_AT_IMPORT, permit
from dialer.compliance.rulebook import shipped_rulebook
from dialer.compliance.zones import load_zone, number_zones
from dialer.model.call import CampaignStatus
from dialer.model.decision import Decision, Stage, Verdict
from dialer.model.phone import PhoneNumber
from tests.compliance.cases import MONDAY_NOON as NOW
from tests.compliance.cases import facts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def decide(stage: Stage = Stage.DIAL, now: datetime = NOW, **changes: Any) -> Decision:
    return permit(facts(**changes), now, stage)


def test_all_rules_are_shown_when_all_allow() -> None:
    decision = decide()
    assert decision.is_allowed
    assert (decision.code, decision.next_allowed_at, decision.decided_at) == ("allowed", None, NOW)
    assert decision.zones == ("America/New_York",)
    assert [rule.rule for rule in decision.rules] == [
        *("DNC-1", "EXPIRY-1", "STATUS-1", "CONSENT-1", "CONSENT-3", "CONSENT-4", "DNC-2", "NUM-1", "NUM-2", "HOURS-3", "ID-3"),
        *("REC-1", "CLOCK-1", "BUDGET-1", "FREQ-1", "FREQ-2", "START-1", "HOURS-0"),
    ]
    assert all(rule.detail for rule in decision.rules)


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.TEST}))
def test_every_stage_asks_suppression_consent_and_zone(stage: Stage) -> None:
    assert decide(stage, is_suppressed=True).code == "blocked_dnc"
    assert decide(stage, consent=None).code == "blocked_consent"
    assert decide(stage, timezone="EST").code == "no_zone"


def test_the_gravest_verdict_names_the_code() -> None:
    bad: dict[str, Any] = {"attempts_at": (NOW,), "consent": None, "is_suppressed": True}
    assert (decide(**bad).verdict, decide(**bad).code) == (Verdict.REFUSE, "blocked_dnc")
    del bad["is_suppressed"]
    assert (decide(**bad).verdict, decide(**bad).code) == (Verdict.HOLD, "blocked_consent")
    del bad["consent"]
    assert (decide(**bad).verdict, decide(**bad).code) == (Verdict.WAIT, "blocked_caps")


def test_importing_judges_nothing_that_passes_by_itself() -> None:
    night = datetime(2026, 11, 22, 4, tzinfo=UTC)
    changes: dict[str, Any] = {
        "attempts_at": (night,),
        "last_talk_at": night,
        "starts_at": night + DAY,
        "status": CampaignStatus.PAUSED,
        "clock_skew_s": 99.0,
        "caller_id": "",
    }
    decision = decide(Stage.IMPORT, night, **changes)
    assert decision.is_allowed
    assert {rule.rule for rule in decision.rules} >= {"DNC-1", "CONSENT-1", "NUM-1", "NUM-2", "HOURS-3"}
    assert not {rule.rule for rule in decision.rules} & NOT_AT_IMPORT


def test_a_test_call_asks_what_protects_anybody_and_not_what_protects_the_contacts() -> None:
    night = datetime(2026, 11, 22, 4, tzinfo=UTC)
    own: dict[str, Any] = {"consent": None, "attempts_at": (night,), "status": CampaignStatus.DRAFT, "timezone": "EST"}
    decision = decide(Stage.TEST, night, **own)
    assert decision.is_allowed
    assert {rule.rule for rule in decision.rules} == AT_A_TEST
    assert decide(Stage.TEST, is_suppressed=True).code == "blocked_dnc"
    assert decide(Stage.TEST, phone=PhoneNumber("+19002345678")).code == "blocked_number_type"
    assert decide(Stage.TEST, caller_id="+12125550999").code == "caller_id_not_allowed"
    assert decide(Stage.TEST, is_recorded_unsaid=True).code == "no_recording_notice"


def test_a_plan_is_a_forecast() -> None:
    decision = decide(Stage.SCHEDULE, NOW + 8 * HOUR, status=CampaignStatus.DRAFT, clock_skew_s=99.0, caller_id="")
    assert (decision.verdict, decision.code) == (Verdict.WAIT, "blocked_hours")
    assert decision.next_allowed_at == NOW + 21 * HOUR
    assert decide(Stage.CLAIM, status=CampaignStatus.DRAFT).code == "not_armed"


@pytest.mark.parametrize(
    ("changes", "code", "next_allowed_at"),
    [
        ({"attempts_at": (NOW,)}, "blocked_caps", NOW + DAY),
        ({"attempts_at": (NOW - 12 * HOUR,)}, "blocked_caps", NOW + 21 * HOUR),
        ({"last_talk_at": NOW - 2 * DAY}, "blocked_caps", NOW + 5 * DAY),
        ({"last_talk_at": NOW - DAY}, "blocked_caps", NOW + 7 * DAY - 3 * HOUR),
        ({"not_before": NOW + 9 * HOUR}, "not_yet", NOW + 21 * HOUR),
        ({"not_before": NOW + 9 * HOUR, "attempts_at": (NOW + HOUR,)}, "blocked_caps", NOW + 25 * HOUR),
        ({"status": CampaignStatus.PAUSED}, "paused", NOW + timedelta(minutes=1)),
    ],
)
def test_a_wait_says_when_every_waiting_rule_passes(changes: dict[str, Any], code: str, next_allowed_at: datetime) -> None:
    decision = decide(**changes)
    assert (decision.verdict, decision.code, decision.next_allowed_at) == (Verdict.WAIT, code, next_allowed_at)


def test_a_callback_asked_for_is_allowed_within_the_hours() -> None:
    talk: dict[str, Any] = {"attempts_at": (NOW - HOUR,), "last_talk_at": NOW - HOUR, "is_callback": True}
    assert decide(**talk).is_allowed
    assert decide(now=NOW + 8 * HOUR, **talk).code == "blocked_hours"


@pytest.mark.parametrize("limit", ["expires_at", "ends_at"])
def test_a_wait_that_cannot_be_kept_is_expired_at_once(limit: str) -> None:
    kept = decide(now=NOW + 8 * HOUR, **{limit: NOW + 21 * HOUR + timedelta(minutes=1)})
    assert kept.verdict is Verdict.WAIT
    late = decide(now=NOW + 8 * HOUR, **{limit: NOW + 21 * HOUR})
    assert (late.verdict, late.code, late.next_allowed_at) == (Verdict.REFUSE, "expired", None)
    assert late.rules[-1].rule == "EXPIRY-1"


def test_a_window_that_closes_for_good_while_waiting_is_a_hold() -> None:
    # Phoenix and Denver have the same time in winter and are an hour apart in summer.
    night = {"hours": {"mon": ["10:00-12:00"]}}
    summer = datetime(2026, 6, 1, tzinfo=UTC)
    decision = decide(
        now=datetime(2026, 1, 5, 17, tzinfo=UTC),
        not_before=summer,
        phone=PhoneNumber("+16025550123"),
        timezone="America/Denver",
        campaign=night | {"limits": {"call_s": 60}},
    )
    assert (decision.verdict, decision.code) == (Verdict.WAIT, "not_yet")
    apart = decide(
        now=datetime(2026, 1, 5, 17, 30, tzinfo=UTC),
        not_before=summer,
        phone=PhoneNumber("+16025550123"),
        timezone="America/Denver",
        campaign={"hours": {"mon": ["10:00-11:00"]}},
    )
    assert (apart.verdict, apart.code, apart.next_allowed_at) == (Verdict.HOLD, "no_common_window", None)


@pytest.mark.parametrize("rule", list(GATES))
def test_a_gate_that_fails_is_a_hold_and_says_nothing_private(rule: str) -> None:
    def broken(case: Case) -> list[Finding]:
        raise RuntimeError(case.facts.phone)

    decision = permit(facts(), NOW, Stage.DIAL, gates_to_ask=GATES | {rule: broken})
    assert (decision.verdict, decision.code) == (Verdict.HOLD, "gate_failed")
    (failed,) = [item for item in decision.rules if item.verdict is Verdict.HOLD]
    assert (failed.rule, "RuntimeError" in failed.detail) == (rule, True)
    assert facts().phone not in str(decision)


def test_a_failing_gate_does_not_soften_a_refusal() -> None:
    def broken(_: Case) -> list[Finding]:
        raise KeyError

    decision = permit(facts(is_suppressed=True), NOW, Stage.DIAL, gates_to_ask=GATES | {"HOURS": broken})
    assert decision.code == "blocked_dnc"


def test_hours_that_cannot_be_read_hold() -> None:
    assert decide(campaign={"hours": {"mon": ["9-5"]}}).code == "gate_failed"


def test_other_rules_can_be_given() -> None:
    strict = shipped_rulebook().model_copy(update={"clock_skew_s": 0.5})
    assert permit(facts(clock_skew_s=1.0), NOW, Stage.DIAL, strict).code == "clock"


def may_ring_by_the_wall_clock(instant: datetime, zones: set[str], kind: str, call_s: int, region: str) -> bool:
    """The base rules, written as a person would check them on the clocks of all zones."""
    for name in zones:
        wall = instant.astimezone(load_zone(name))
        saturday, sunday = wall.weekday() == 5, wall.weekday() == 6
        if kind == "reminder":
            begin, end = (10, 18) if sunday else (9, 20)
        elif sunday or wall.date() in country_holidays(region, years=wall.year):
            return False
        else:
            begin, end = (10, 17) if saturday else (9, 20)
        opens = wall.replace(hour=begin, minute=0, second=0, microsecond=0, fold=0)
        closes = wall.replace(hour=end, minute=0, second=0, microsecond=0, fold=0)
        if not opens <= wall < closes - timedelta(seconds=min(call_s, 300)):
            return False
    return True


instants = st.integers(0, 500 * 86_400).map(lambda second: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(seconds=second))
phones = st.sampled_from(
    ["+12125550123", "+18505550123", "+12085550123", "+19075550123", "+442079460958", "+61412345678", "+61255501234"]
)
timezones = st.sampled_from(["", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "Asia/Kolkata"])


@given(instants, phones, timezones, st.sampled_from(["promotion", "reminder"]), st.sampled_from([60, 240, 900]))
@settings(max_examples=100)
def test_never_outside_the_window_in_any_candidate_zone(
    instant: datetime, phone: str, timezone: str, kind: str, call_s: int
) -> None:
    changes = {"kind": kind, "regions": ["US", "GB", "AU"], "limits": {"call_s": call_s}}
    case = facts(phone=PhoneNumber(phone), timezone=timezone, campaign=changes)
    zones = set(number_zones(case.phone)) if kind == "promotion" or not timezone else set()
    zones |= {timezone} if timezone else set()
    decision = permit(case, instant, Stage.DIAL)
    may = may_ring_by_the_wall_clock(instant, zones, kind, call_s, read_number(case.phone).region)
    assert not decision.is_allowed or may
    if decision.verdict is not Verdict.HOLD:
        assert decision.is_allowed == may
    if decision.next_allowed_at is not None:
        then = decision.next_allowed_at
        assert permit(case, then, Stage.DIAL).is_allowed
        assert permit(case, then - timedelta(microseconds=1), Stage.DIAL).verdict is Verdict.WAIT


hours_ago = st.integers(-2, 900).map(lambda hours: NOW - timedelta(hours=hours))


@given(
    st.lists(hours_ago, max_size=6).map(tuple),
    st.none() | hours_ago,
    st.none() | hours_ago,
    st.none() | st.integers(0, 200).map(lambda hours: NOW + timedelta(hours=hours)),
    st.booleans(),
)
@settings(max_examples=100)
def test_the_instant_of_a_wait_is_allowed_and_no_earlier_one_is(
    attempts_at: tuple[datetime, ...],
    last_talk_at: datetime | None,
    last_refusal_at: datetime | None,
    not_before: datetime | None,
    is_callback: bool,
) -> None:
    case = facts(
        attempts_at=attempts_at,
        last_talk_at=last_talk_at,
        last_refusal_at=last_refusal_at,
        not_before=not_before,
        is_callback=is_callback,
    )
    decision = permit(case, NOW, Stage.DIAL)
    assert decision.is_allowed == (decision.next_allowed_at is None)
    if decision.next_allowed_at is not None:
        assert permit(case, decision.next_allowed_at, Stage.DIAL).is_allowed
        before = decision.next_allowed_at
        for minutes in (1, 61, 60 * 9, 60 * 24, 60 * 24 * 3):
            earlier = before - timedelta(minutes=minutes)
            assert earlier < NOW or not permit(case, earlier, Stage.DIAL).is_allowed


def test_the_forecast_uses_the_same_window_as_the_gate() -> None:
    # A rule of one state narrows both.
    decision = decide(now=NOW + timedelta(hours=6, minutes=30), state="RI")
    assert decision.next_allowed_at == NOW + 21 * HOUR
    assert window_of(Case(facts(state="RI"), NOW, Stage.DIAL, shipped_rulebook())).days[0] == ((32_400, 64_800),)


def test_an_allowed_dial_says_until_when_it_may_begin_to_ring() -> None:
    closes = decide().start_until
    assert closes is not None
    assert decide(now=closes - timedelta(seconds=1)).is_allowed
    assert decide(now=closes).code == "blocked_hours"
    assert decide(ends_at=NOW + HOUR).start_until == NOW + HOUR
    assert decide(expires_at=NOW + 2 * HOUR, ends_at=NOW + 30 * DAY).start_until == NOW + 2 * HOUR
    assert decide(is_suppressed=True).start_until is None
    assert decide(Stage.CLAIM).start_until is None
