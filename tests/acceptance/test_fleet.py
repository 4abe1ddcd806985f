"""A fleet (two workers and a beat on Postgres and Redis) makes the same calls as one embedded process on SQLite."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.acceptance.world import PATIENCE_S, world

pytestmark = pytest.mark.timeout(PATIENCE_S)
NAMES = ("solar-sales", "market-promotion")
PEOPLE = 16
"""Rows of each list."""


def test_the_same_seed_gives_the_same_campaign_on_a_fleet(
    tmp_path: Path, sqlite_url: str, postgres_url: str, redis_url: str
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "fleet").mkdir()
    with world(tmp_path / "one", sqlite_url) as one:
        one.arm(*NAMES, most=PEOPLE)
        one.run_to_end()
        one.check_books()
        expected, results = one.figures(), one.results()
    with world(tmp_path / "fleet", postgres_url, redis_url) as fleet:
        workers, beat = [fleet.worker("first"), fleet.worker("second")], fleet.beat()
        fleet.until(lambda: len(fleet.lane_pids()) == 2, "a lane on each node")
        fleet.arm(*NAMES, most=PEOPLE)
        fleet.until(fleet.is_done, "the end of both campaigns")
        fleet.until(lambda: all((fleet.settings.reports_dir / name / "report.html").exists() for name in NAMES), "the reports")
        for process in (*workers, beat):
            process.send_signal(signal.SIGTERM)
        for process in (*workers, beat):
            fleet.ends_well(process)
        fleet.check_books()
        assert fleet.results() == results
        assert fleet.figures() == expected
        said = fleet.said()
    assert "Traceback" not in said
    assert len(expected["dispositions"]) >= 4  # type: ignore[arg-type]  # a counter
