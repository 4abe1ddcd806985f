from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dialer.compliance.closed_days import closed_days
from dialer.compliance.hours import Window, next_open
from dialer.compliance.permit import permit
from dialer.errors import UserError
from dialer.model.decision import Stage, Verdict
from dialer.model.phone import PhoneNumber
from tests.compliance.cases import facts

THANKSGIVING = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


def test_the_holidays_of_a_country_and_of_a_state() -> None:
    assert date(2026, 11, 26) in closed_days("US", "", 2026)
    assert date(2026, 11, 27) not in closed_days("US", "", 2026)
    assert date(2026, 11, 27) in closed_days("US", "TX", 2026)
    assert {date(2025, 12, 25), date(2027, 1, 1)} <= closed_days("US", "", 2026), "the years beside it"
    assert date(2026, 7, 3) in closed_days("US", "", 2026), "observed on the Friday"


@pytest.mark.parametrize(("region", "state"), [("XX", ""), ("US", "XX")])
def test_holidays_that_nobody_knows_are_an_error(region: str, state: str) -> None:
    with pytest.raises(UserError, match="not known") as caught:
        closed_days(region, state, 2026)
    assert caught.value.code == "no_holidays"


def test_marketing_rests_on_a_holiday_and_a_reminder_does_not() -> None:
    decision = permit(facts(), THANKSGIVING, Stage.DIAL)
    assert (decision.verdict, decision.code) == (Verdict.WAIT, "blocked_hours")
    assert decision.next_allowed_at == datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
    assert permit(facts(campaign={"kind": "reminder"}), THANKSGIVING, Stage.DIAL).is_allowed


def test_a_country_without_known_holidays_is_held() -> None:
    case = facts(phone=PhoneNumber("+12125550123"), country="XX")
    decision = permit(case, THANKSGIVING, Stage.DIAL)
    assert (decision.verdict, decision.code) == (Verdict.HOLD, "gate_failed")


def test_a_fortnight_of_closed_days_has_no_opening() -> None:
    shut = frozenset(date(2026, 11, 20) + timedelta(days=ahead) for ahead in range(22))
    always = Window((((0, 86_400),),) * 7)
    assert next_open(always, ("America/New_York",), THANKSGIVING) == THANKSGIVING
    assert next_open(Window(always.days, closed=shut), ("America/New_York",), THANKSGIVING) is None
