from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.cli.scheduling import parse_instant
from dialer.errors import UserError
from tests.cli.terminal import dialer, document


def test_the_plan_for_people(home: Path) -> None:
    dialer("import", "clinic-reminder", "campaigns/clinic-reminder/contacts.csv")
    text = dialer("plan", "clinic-reminder", "--limit", "3").stdout
    assert "and 17 more (--limit 0 shows all)" in text
    assert "Expected cost $" in text
    assert "blocked_consent" in text
    assert "more (--limit" not in dialer("plan", "clinic-reminder", "--limit", "0").stdout
    assert len(document("plan", "clinic-reminder")["calls"]) == 20


def test_a_campaign_goes_through_its_states(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    armed = document("schedule", "solar-sales", "--end", "2026-11-27T20:00-05:00")
    assert armed == {
        "campaign": "solar-sales",
        "starts_at": "2026-11-23T18:00:00+00:00",
        "ends_at": "2026-11-27T20:00:00-05:00",
        "waiting": 2,
        "held": 0,
    }
    assert "solar-sales is armed" in dialer("schedule", "solar-sales").stdout
    assert "solar-sales is paused, reason: lunch." in dialer("pause", "solar-sales", "--reason", "lunch").stdout
    assert document("status", "solar-sales")["status"] == "paused"
    assert document("resume", "solar-sales") == {"campaign": "solar-sales", "status": "armed"}
    assert document("cancel", "solar-sales", "--now")["cancelled_calls"] == 2
    assert "it is cancelled" in dialer("resume", "solar-sales", code=2).stderr
    assert "was cancelled" in dialer("schedule", "solar-sales", code=3).stderr


def test_nobody_to_call_is_refused_by_policy(home: Path, few: Path) -> None:
    few.write_text(few.read_text().replace(";written;", ";;"))
    dialer("import", "solar-sales", few)
    assert "nobody to call" in dialer("schedule", "solar-sales", code=3).stderr


def test_an_instant_needs_a_zone() -> None:
    assert parse_instant("--start", "") is None
    assert parse_instant("--start", "2026-11-23T15:00Z") == datetime(2026, 11, 23, 15, tzinfo=UTC)
    for wrong in ("2026-11-23T15:00", "tomorrow"):
        with pytest.raises(UserError, match=f"--start {wrong}"):
            parse_instant("--start", wrong)


def test_a_wrong_instant_changes_nothing(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales", "--start", "soon", code=2)
    dialer("schedule", "solar-sales", "--end", "2020-01-01T00:00Z", code=2)
    assert document("status", "solar-sales")["status"] == "draft"
