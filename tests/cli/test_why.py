from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import dialer, document

DENVER = "+13035550111"


def test_why_and_the_ledger_of_consent(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    dialer("dnc", "add", DENVER, "--reason", "by letter")
    told = dialer("why", DENVER).stdout
    assert "On the do-not-call list of all campaigns" in told
    assert document("why", DENVER)["suppressions"][0]["reason"] == "by letter"
    shown = dialer("consent", "show", DENVER).stdout
    assert "web form" in shown
    assert "303-555-0111" in shown
    added = ("consent", "add", DENVER, "--class", "express", "--source", "at the desk", "--text", "Call me.")
    assert "Recorded for 1 contact." in dialer(*added).stdout
    assert len(document("consent", "show", DENVER)["consents"]) == 2
    assert "say why" in dialer("consent", "revoke", DENVER, code=2).stderr
    assert "2 consents were taken back." in dialer("consent", "revoke", DENVER, "--reason", "by letter").stdout
    assert "taken back on" in dialer("why", DENVER).stdout


def test_a_call_that_is_not_on_record(home: Path) -> None:
    assert "no decision about call 77" in dialer("why", "#77", code=2).stderr
