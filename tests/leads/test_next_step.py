"""What to do next and when."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.leads.next_step import due_at, next_step
from dialer.model.disposition import Outcome
from dialer.model.lead import Grade

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_the_outcome_decides_else_the_grade():
    assert next_step("en", Outcome.CALLBACK, Grade.HOT).startswith("Call back")
    assert next_step("en-US", Outcome.INTERESTED, Grade.HOT).startswith("Call within the hour")
    assert next_step("zh-CN", Outcome.INTERESTED, Grade.WARM) == "一个工作日内致电"
    assert next_step("fr", Outcome.INTERESTED, Grade.COLD).startswith("Send information")


def test_the_slot_is_named():
    assert next_step("en", Outcome.APPOINTMENT_BOOKED, Grade.HOT, "2026-12-03T14:30").endswith("(2026-12-03 14:30)")


@pytest.mark.parametrize(("level", "delay"), [(Grade.HOT, 1), (Grade.WARM, 24), (Grade.COLD, 168)])
def test_due_by_grade(level, delay):
    assert due_at(level, None, NOW) == NOW + timedelta(hours=delay)


def test_a_promised_time_wins_and_nothing_is_invented():
    assert due_at(Grade.HOT, NOW, NOW + timedelta(days=9)) == NOW
    assert due_at(Grade.HOT, None, None) is None
