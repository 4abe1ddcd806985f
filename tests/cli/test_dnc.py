"""The do-not-call list on the command line: plain words, one JSON document, exit codes 3 and 4 where they belong."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.terminal import dialer, document

DENVER = "+13035550111"


def test_from_adding_to_taking_off(home: Path) -> None:
    assert (
        "is on the list now (all campaigns)" in dialer("dnc", "add", DENVER, "--reason", "by letter", "--by", "A. Person").stdout
    )
    assert "was on the list already" in dialer("dnc", "add", DENVER, "--reason", "again").stdout
    assert document("dnc", "add", "+13035550112", "--reason", "x")["added"] == 1
    told = dialer("dnc", "check", DENVER).stdout
    assert f"{DENVER} is on a list that binds all campaigns." in told
    assert "dnc.add by A. Person: by letter" in told
    assert document("dnc", "check", DENVER)["is_listed"]
    assert "Nobody is here to ask" in dialer("dnc", "remove", DENVER, "--reason", "x", code=2).stderr
    assert "off the list" in dialer("dnc", "remove", DENVER, "--reason", "a mistake", "--yes").stdout
    assert "is not on the list" in dialer("dnc", "remove", DENVER, "--reason", "x", "--yes", code=2).stderr
    assert "is not on a list" in dialer("dnc", "check", DENVER).stdout


def test_a_reason_is_needed(home: Path) -> None:
    for arguments in (("add", DENVER), ("remove", DENVER, "--yes"), ("import", "x.csv")):
        assert "say why" in dialer("dnc", *arguments, code=2).stderr


def test_lists_in_and_out(home: Path) -> None:
    (home / "list.csv").write_text("phone\n3035550111\nnonsense\n")
    told = dialer("dnc", "import", "list.csv", "--reason", "the old list")
    assert "1 numbers are new on the list" in told.stdout
    assert "1 lines are no numbers and were left out (lines 3)" in told.stderr
    assert document("dnc", "import", "list.csv", "--reason", "again")["known"] == 1
    assert "out.csv: 1 entries." in dialer("dnc", "export", "out.csv").stdout
    assert "File exists" in dialer("dnc", "export", "out.csv", code=2).stderr
    assert dialer("dnc", "export").stdout == (home / "out.csv").read_text()


def test_a_national_list(home: Path) -> None:
    (home / "us.txt").write_text("3035550111\n")
    assert "--as-of" in dialer("dnc", "import", "us.txt", "--national", "us", code=2).stderr
    assert document("dnc", "import", "us.txt", "--national", "us", "--as-of", "2026-11-20")["added"] == 1
    assert "list of US of 2026-11-20: on it" in dialer("dnc", "check", DENVER).stdout


def test_the_list_of_one_campaign(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    dialer("dnc", "add", DENVER, "--campaign", "solar-sales", "--reason", "not this offer")
    assert "campaign solar-sales, since" in dialer("dnc", "check", DENVER).stdout


def test_a_list_that_cannot_be_read_stops_everything(home: Path, few: Path) -> None:
    """The store of the list is away: no import, no schedule and no call, with the reason, and exit code 4."""
    dialer("dnc", "add", DENVER, "--reason", "by letter")
    (home / "dialer.key").rename(home / "elsewhere.key")
    for arguments in (("import", "solar-sales", str(few)), ("dnc", "check", DENVER), ("why", DENVER), ("audit", "verify")):
        assert "DIALER_LEDGER_KEY" in dialer(*arguments, code=4).stderr
    other = {"DIALER_LEDGER_KEY": "another key, long enough to be one too"}
    assert "the ledger key is another one" in dialer("import", "solar-sales", few, code=4, **other).stderr
    assert not (home / "simulated-phones.jsonl").exists()
    (home / "elsewhere.key").rename(home / "dialer.key")
    done = json.loads(dialer("import", "solar-sales", few, "--json").stdout)
    assert done["suppressed"] == 1, "an import later says suppressed"
