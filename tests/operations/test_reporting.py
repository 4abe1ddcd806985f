"""The report at the end of a campaign."""

from __future__ import annotations

from dataclasses import replace

from dialer.clock import SystemClock
from dialer.operations import folders, reporting, scheduling, shared_time
from dialer.operations.parts import Parts
from tests.operations.stage import armed


def test_the_report_lies_in_the_campaigns_own_folder_and_may_be_written_twice(parts: Parts) -> None:
    armed(parts)
    row = folders.stored(parts, "solar-sales")
    first = reporting.write_report_of(parts, row.id)
    second = reporting.write_report_of(parts, row.id)
    assert first.files == second.files
    assert {file.parent for file in first.files} == {parts.settings.reports_dir / "solar-sales"}
    assert all(file.is_file() for file in first.files)


def test_campaigns_of_a_simulated_time_stay_in_it_for_a_process_with_a_real_clock(parts: Parts) -> None:
    armed(parts)
    shared_time.publish(parts)
    later = replace(parts, clock=SystemClock())
    with parts.store.read() as tx:
        assert reporting.campaign_now(tx, later) == reporting.campaign_now(tx, parts) == parts.clock.now()


def test_a_database_without_a_simulated_time_lives_in_the_world(parts: Parts) -> None:
    real = replace(parts, clock=SystemClock())
    before = real.clock.now()
    with parts.store.read() as tx:
        assert before <= reporting.campaign_now(tx, real) <= real.clock.now()


def test_a_schedule_writes_the_reports_of_what_runs(parts: Parts) -> None:
    armed(parts)
    armed(parts, "clinic-reminder")
    scheduling.pause(parts, "clinic-reminder")
    armed(parts, "market-promotion")
    scheduling.cancel(parts, "market-promotion")
    written = reporting.write_running(parts)
    assert {paths.page.parent.name for paths in written} == {"solar-sales", "clinic-reminder"}
