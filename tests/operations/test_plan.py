"""The dry run agrees with the gates, and changes nothing."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, func, select

from dialer.errors import UserError
from dialer.model.disposition import Disposition
from dialer.operations import folders, plan, scheduling
from dialer.operations.parts import Parts
from dialer.store.schema import attempts, decisions
from tests.operations.stage import armed
from tests.operations.talked import talked


def test_everybody_is_either_called_or_not(parts: Parts) -> None:
    armed(parts, "clinic-reminder")
    found = plan.plan(parts, "clinic-reminder")
    assert len(found.calls) + len(found.never) == 22
    assert sum(count for _, count in found.by_day) == len([it for it in found.calls if it.starts_at])
    assert found.by_code.keys() == {"blocked_consent", "expired"}
    assert all(it.reason.endswith(").") for it in found.never)


def test_nobody_is_planned_outside_the_legal_hours(parts: Parts) -> None:
    for name in ("clinic-reminder", "solar-sales"):
        armed(parts, name)
        for item in plan.plan(parts, name).calls:
            told = item.as_json()
            assert told["earliest_local"] == item.earliest_at.astimezone(ZoneInfo(item.zone)).strftime("%a %Y-%m-%d %H:%M")
            assert item.starts_at is not None
            assert item.starts_at >= item.earliest_at
            assert 8 <= item.starts_at.astimezone(ZoneInfo(item.zone)).hour < 21


def test_who_must_wait_is_told_why(parts: Parts) -> None:
    armed(parts, "clinic-reminder")
    later = [it for it in plan.plan(parts, "clinic-reminder").calls if it.earliest_at > parts.clock.now()]
    assert later
    assert all(it.why_later.startswith("Waits") for it in later)


def test_money_is_first_attempts_times_their_price(parts: Parts) -> None:
    armed(parts)
    found = plan.plan(parts, "solar-sales")
    assert found.cost == sum(it.cost for it in found.calls)
    assert found.worst_cost > found.cost > 0


def test_redials_are_told_as_the_longest_that_it_can_take(parts: Parts) -> None:
    armed(parts)
    found = plan.plan(parts, "solar-sales")
    assert found.finish_at is not None
    assert found.latest_finish_at is not None
    attempts_each = folders.required_folder(parts.settings, "solar-sales").campaign.redial[Disposition.NO_ANSWER].attempts
    assert found.most_dials == attempts_each * len(found.calls), "every contact has one number"
    assert found.latest_finish_at - found.finish_at >= timedelta(days=attempts_each - 2), "the caps allow one dial a day"
    assert found.as_json()["latest_finish_at"] == found.latest_finish_at.isoformat()
    end = parts.clock.now() + timedelta(hours=1)
    scheduling.schedule(parts, "solar-sales", None, end)
    short = plan.plan(parts, "solar-sales")
    assert short.most_dials < found.most_dials
    assert short.latest_finish_at is None or short.latest_finish_at < end + timedelta(hours=1)


def test_a_long_list_is_asked_about_in_few_statements(parts: Parts) -> None:
    """Asking for each contact by itself took minutes for twenty thousand."""
    armed(parts)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        found = plan.plan(parts, "solar-sales")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(found.calls) > 20
    assert len(statements) < 25


def test_what_is_done_is_not_planned_again(parts: Parts) -> None:
    armed(parts)
    before = plan.plan(parts, "solar-sales")
    talked(parts)
    after = plan.plan(parts, "solar-sales")
    assert (len(after.calls), after.done) == (len(before.calls) - 1, before.done + 1)


def test_the_clock_moves_the_plan(parts: Parts) -> None:
    armed(parts)
    parts.clock.move_to(parts.clock.now() + timedelta(hours=12))  # type: ignore[attr-defined]  # the fixture's clock is simulated
    found = plan.plan(parts, "solar-sales")
    assert found.first_at is not None
    assert found.first_at > parts.clock.now() + timedelta(hours=3)


def test_nothing_is_stored_or_dialled(parts: Parts) -> None:
    armed(parts)
    with parts.store.read() as tx:
        before = tx.execute(select(func.count()).select_from(decisions)).scalar_one()
    plan.plan(parts, "solar-sales")
    with parts.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(decisions)).scalar_one() == before
        assert tx.execute(select(func.count()).select_from(attempts)).scalar_one() == 0


def test_the_document_is_whole_and_masked(parts: Parts) -> None:
    armed(parts)
    body = plan.plan(parts, "solar-sales").as_json()
    assert {"campaign", "at", "calls", "never", "done", "by_day", "by_code", "finish_at", "expected_cost"} <= body.keys()
    assert all("•" in line["number"] for line in [*body["calls"], *body["never"]])
    assert body["calls"][0]["starts_local"].startswith("Mon 2026-11-23")


def test_a_campaign_that_is_not_stored_has_no_plan(parts: Parts) -> None:
    with pytest.raises(UserError, match="has not been imported"):
        plan.plan(parts, "solar-sales")
