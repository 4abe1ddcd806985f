from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema

from tests.cli.terminal import dialer, document


def test_a_fit_campaign(home: Path) -> None:
    assert dialer("campaign", "check", "campaigns/solar-sales").stdout.endswith("solar-sales is fit to call.\n")
    assert document("campaign", "check", "solar-sales")["is_fit"] is True


def test_errors_are_listed_and_end_with_2(home: Path) -> None:
    path = home / "campaigns" / "solar-sales" / "campaign.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("{company}", "{compny}"), encoding="utf-8")
    assert "unknown placeholder {compny}" in dialer("campaign", "check", "solar-sales", code=2).stdout
    body = document("campaign", "check", "solar-sales", code=2)
    assert body["is_fit"] is False
    assert {"level": "error", "file": "campaign.toml", "key": "opening.text"}.items() <= body["findings"][0].items()


def test_broken_toml(home: Path) -> None:
    (home / "campaigns" / "solar-sales" / "campaign.toml").write_text("name = [")
    assert "this is not TOML" in dialer("campaign", "check", "solar-sales", code=2).stdout


def test_a_missing_folder(home: Path) -> None:
    assert "no campaign folder 'nothing'" in dialer("campaign", "check", "nothing", code=2).stderr


def test_the_list_and_one_of_it(home: Path, few: Path) -> None:
    assert "No campaign is stored yet" in dialer("campaign", "list").stderr
    assert document("campaign", "list") == []
    dialer("import", "solar-sales", few)
    assert "solar-sales" in dialer("campaign", "list").stdout
    (listed,) = document("campaign", "list")
    assert (listed["campaign"], listed["rows"]) == ("solar-sales", 3)
    shown = dialer("campaign", "show", "solar-sales").stdout
    assert "not scheduled" in shown
    assert "rejected" in shown
    assert document("campaign", "show", "campaigns/solar-sales")["settings"]["kind"] == "sales"


def test_a_campaign_that_is_not_stored(home: Path) -> None:
    done = dialer("campaign", "show", "solar-sales", code=2)
    assert "has not been imported yet" in done.stderr
    assert "hint: dialer import" in done.stderr


def test_a_new_campaign_is_fit_at_once(home: Path) -> None:
    made = dialer("campaign", "new", "spring-offer", "--kind", "promotion")
    assert "campaigns/spring-offer/campaign.toml" in made.stdout
    assert "is fit to call" in dialer("campaign", "check", "spring-offer").stdout
    assert "is there already" in dialer("campaign", "new", "spring-offer", code=2).stderr
    dialer("campaign", "new", "x", "--kind", "spam", code=2)
    body = document("import", "spring-offer", "campaigns/spring-offer/contacts.csv")
    assert (body["accepted"], body["rejected"]) == (1, 0)


def test_a_preview_for_people_and_for_programs(home: Path) -> None:
    shown = dialer("campaign", "preview", "clinic-reminder", "--contact", "2").stdout
    for part in (
        "James Walker",
        "--- Opening ---",
        "--- Voicemail ---",
        "--- Instructions ---",
        "an estimate",
        "verify_identity",
    ):
        assert part in shown
    assert "1965" not in shown
    body = document("campaign", "preview", "clinic-reminder")
    assert body["row"] == 2
    assert body["estimated_tokens"] > 500
    assert "there is no contact 9999" in dialer("campaign", "preview", "clinic-reminder", "--contact", "9999", code=2).stderr


def test_the_schema_is_one_document(home: Path) -> None:
    body = json.loads(dialer("campaign", "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(body)
    settings = tomllib.loads((home / "campaigns" / "solar-sales" / "campaign.toml").read_text(encoding="utf-8"))
    jsonschema.validate(settings, body)


def test_what_changed_since_the_import(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    assert "no version before" in dialer("campaign", "diff", "solar-sales", code=2).stderr
    for file, before, after in (
        ("campaign.toml", 'agent_name = "Sam"', 'agent_name = "Kim"'),
        ("script.md", "relaxed and honest", "honest"),
    ):
        path = home / "campaigns" / "solar-sales" / file
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    shown = dialer("campaign", "diff", "solar-sales").stdout
    assert "agent_name" in shown
    assert "+You call people" not in shown
    body = document("campaign", "diff", "solar-sales")
    assert body["keys"] == [{"key": "agent_name", "before": "Sam", "after": "Kim"}]
    assert body["script"]
    dialer("import", "solar-sales", few)
    same = document("campaign", "diff", "solar-sales")["after"].split()[0]
    assert "No difference" in dialer("campaign", "diff", "solar-sales", same, same).stdout
