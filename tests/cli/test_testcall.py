"""``dialer test-call``: one call, its words, its price; the campaign's own documents do not change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.terminal import dialer, document

OWN = "+12125550199"


@pytest.fixture
def stocked(home: Path) -> Path:
    """An example imported."""
    dialer("import", "solar-sales", "campaigns/solar-sales/contacts.csv")
    return home


def test_it_is_made_printed_listed_and_outside_of_every_report(stocked: Path) -> None:
    before = document("status", "solar-sales")
    done = dialer("test-call", "solar-sales", "--to", OWN, "--row", 2)
    assert "this is Sam, an automated assistant" in done.stdout
    assert "answered_human" in done.stdout
    assert f"dialling {OWN}" in done.stderr
    key = done.stderr.split("dialer transcript ")[1].strip()
    assert document("status", "solar-sales") == before
    [made] = document("test-call", "solar-sales", "--list")
    assert made["id"].startswith(key)
    assert float(made["cost"]) > 0
    assert OWN in dialer("test-call", "solar-sales", "--list").stdout
    assert json.loads(dialer("transcript", key, "--format", "json").stdout)["is_test"] is True
    dialer("report", "solar-sales")
    report = (stocked / "reports" / "solar-sales" / "report.json").read_text(encoding="utf-8")
    assert key not in report
    assert OWN not in report


def test_one_document_for_programs(stocked: Path) -> None:
    made = document("test-call", "solar-sales", "--to", OWN, "--row", 2)
    assert (made["is_test"], made["disposition"], made["number"]) == (True, "answered_human", 0)


def test_without_a_number_or_against_the_list_nobody_is_rung(stocked: Path) -> None:
    assert "--to" in dialer("test-call", "solar-sales", "--row", 2, code=2).stderr
    dialer("dnc", "add", OWN, "--reason", "asked")
    assert "DNC-1" in dialer("test-call", "solar-sales", "--to", OWN, "--row", 2, code=3).stderr
    assert document("test-call", "solar-sales", "--list") == []


def test_a_real_carrier_asks_first(stocked: Path) -> None:
    real = {
        "DIALER_CARRIER": "asterisk",
        "DIALER_ASTERISK_URL": "http://127.0.0.1:1",
        "DIALER_ASTERISK_USER": "u",
        "DIALER_ASTERISK_PASSWORD": "p",
    }
    (stocked / "dialer.toml").write_text("")
    told = dialer("test-call", "solar-sales", "--to", OWN, "--row", 2, code=2, **real)
    assert "Nobody is here to ask" in told.stderr
    assert OWN in told.stderr
