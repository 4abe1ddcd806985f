from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dialer import wiring
from dialer.cli import live, running
from dialer.cli.context import opened
from dialer.config import load_settings
from dialer.errors import CarrierError
from dialer.operations.parts import Lines
from dialer.simulation.responses import KEY, Fault, serve_responses
from tests.cli.terminal import dialer, document
from tests.operations.talked import talked


def test_a_small_campaign_runs_to_its_end_in_one_process(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales")
    done = dialer("run")
    assert f"solar-sales is done: {Path('reports/solar-sales/report.html')}" in done.stdout
    body = document("status", "solar-sales")
    assert body["status"] == "done"
    assert sum(body["buckets"].values()) == body["rows"] == 3
    assert body["dialed"] >= 2
    rings = [json.loads(line) for line in (home / "simulated-phones.jsonl").read_text().splitlines()]
    assert len({ring["attempt_id"] for ring in rings}) == body["dialed"]
    assert (home / "reports" / "solar-sales" / "report.json").is_file()


def test_without_the_ledger_key_no_lane_begins_and_the_error_is_one_sentence(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales")
    (home / "dialer.key").unlink()
    done = dialer("run", code=4)
    assert done.stderr.startswith("error: ")
    assert "DIALER_LEDGER_KEY" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_campaign_whose_run_was_killed_before_its_end_is_closed_by_the_next(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales")
    dialer("run")
    with closing(sqlite3.connect(home / "dialer.db")) as database, database:
        database.execute("UPDATE campaigns SET status = 'armed'")
    (home / "reports" / "solar-sales" / "report.json").unlink()
    assert "solar-sales is done" in dialer("run").stdout
    assert document("status", "solar-sales")["status"] == "done"
    assert (home / "reports" / "solar-sales" / "report.json").is_file()


def test_a_report_that_a_killed_run_did_not_write_is_written_by_the_next(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales")
    dialer("run")
    with closing(sqlite3.connect(home / "dialer.db")) as database, database:
        assert database.execute("SELECT report_written_at FROM campaigns").fetchone()[0] is not None
        database.execute("UPDATE campaigns SET report_written_at = NULL")
    (home / "reports" / "solar-sales" / "report.json").unlink()
    dialer("run")
    assert (home / "reports" / "solar-sales" / "report.json").is_file()


def test_a_campaign_that_stops_by_itself_ends_the_run_with_the_reason(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales", "--budget", "0.01")
    done = dialer("run", code=3)
    assert "solar-sales has stopped by itself: budget: " in done.stderr
    assert "dialer resume solar-sales" in done.stderr
    assert document("status", "solar-sales")["status"] == "paused"


def test_lines_that_cannot_be_opened_end_the_run(home: Path, few: Path) -> None:
    async def refused() -> Lines:
        raise CarrierError("the carrier refused our password", code="401", retryable=False)

    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales")
    with opened() as parts, pytest.raises(CarrierError, match="refused our password"):
        running.make_calls(replace(parts, open_lines=refused), live.Stopper("stopping"))


def test_nothing_to_do_is_said(home: Path) -> None:
    assert "Nothing is scheduled" in dialer("run").stderr


def test_a_database_without_tables_ends_with_4(home: Path) -> None:
    (home / "dialer.db").unlink()
    (home / "dialer.db").touch()
    for command in (["run"], ["worker"]):
        done = dialer(*command, code=4, DIALER_BROKER_URL="redis://127.0.0.1:1/0", DIALER_CLOCK_START="")
        assert "run `dialer db upgrade`" in done.stderr


def test_a_fleet_needs_a_broker_that_others_reach(home: Path) -> None:
    for what in ("worker", "beat"):
        done = dialer(what, code=2)
        assert f"dialer {what} needs a broker" in done.stderr
        assert "or use `dialer run`" in done.stderr


def test_talks_are_read_before_the_reports_are_written(home: Path, few: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales")
    with serve_responses() as peer:
        found = load_settings(home, {"DIALER_ANALYSIS_MODEL": "m", "DIALER_ANALYSIS_URL": peer.url, "OPENAI_API_KEY": KEY})
        parts = wiring.build(found.settings)
        talked(parts)
        peer.faults.append(Fault(503, "busy"))
        running.read_talks(parts)
        parts.store.close()
    assert "1 talks wait for the model" in capsys.readouterr().err
