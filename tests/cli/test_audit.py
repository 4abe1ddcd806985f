from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.cli.terminal import dialer, document


def test_the_records_are_whole_until_somebody_edits_them(home: Path) -> None:
    dialer("import", "solar-sales", "campaigns/solar-sales/contacts.csv")
    dialer("dnc", "add", "+13035550111", "--reason", "by letter")
    (home / "heads.json").write_text(dialer("audit", "heads").stdout)
    told = dialer("audit", "verify", "--heads", "heads.json").stdout
    assert "ok     acts: 1 records" in told
    assert "Decisions made again from their records" in told
    assert document("audit", "verify")["is_whole"]
    assert "verify.py" in dialer("audit", "export", "solar-sales", "--dir", "evidence").stdout
    assert json.loads((home / "evidence" / "manifest.json").read_text())["campaign"] == "solar-sales"
    assert "is there already" in dialer("audit", "export", "solar-sales", "--dir", "evidence", code=2).stderr
    with sqlite3.connect(home / "dialer.db") as database:
        database.execute("DROP TRIGGER acts_stay")
        database.execute("UPDATE acts SET reason = 'never said'")
        database.execute("UPDATE chains SET name = 'campaign:9' WHERE name = 'campaign:1:import'")
    refused = dialer("audit", "verify", code=3)
    assert "WRONG  acts" in refused.stdout
    assert "record 1 was changed" in refused.stdout
    assert "WRONG  campaign:1:import: records are there, and their chain has no head" in refused.stdout
    assert "the records are not whole" in refused.stderr


def test_records_from_before_the_chains_are_told(home: Path) -> None:
    dialer("import", "solar-sales", "campaigns/solar-sales/contacts.csv")
    with sqlite3.connect(home / "dialer.db") as database:
        database.execute("DROP TRIGGER decisions_stay")
        database.execute("UPDATE decisions SET chain = NULL, seq = NULL")
        database.execute("DELETE FROM chains")
    assert "are from before there were chains" in dialer("audit", "verify").stdout


def test_rules_and_who_widens_them(home: Path) -> None:
    assert "HOURS-2-US-TX" in dialer("rules", "show").stdout
    assert len(document("rules", "show")) > 60
    by = ("--by", "A. Person", "--reason", "a test", "--yes")
    assert "Override 1: FREQ-1 is widened until 2026-11-25" in dialer("rules", "override", "FREQ-1", "--days", "2", *by).stdout
    until = ("--until", "2026-11-30T00:00Z")
    assert "Override 2" in dialer("rules", "override", "FREQ-2", *until, *by).stdout
    assert "say when it ends" in dialer("rules", "override", "FREQ-1", *by, code=2).stderr
    assert "cannot be widened" in dialer("rules", "override", "DNC-1", "--days", "2", *by, code=3).stderr
    dialer("rules", "override", "FREQ-1", "--days", "2", *by[:-1], code=1, typed="n\n")
    assert "Override 1 of FREQ-1 has ended." in dialer("rules", "revoke", "1", "--reason", "done", "--by", "B. Person").stdout
    assert "revoked by B. Person" in dialer("rules", "overrides").stdout
    assert [row["rule"] for row in document("rules", "overrides")] == ["FREQ-1", "FREQ-2"]
