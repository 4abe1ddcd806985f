"""A folder to start from, what one contact will hear, and what has changed since."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.config import Settings
from dialer.errors import UserError
from dialer.model.campaign import CampaignKind
from dialer.operations import authoring, checking, folders
from dialer.operations.parts import Parts
from dialer.store import campaigns
from tests.support.builders import MONDAY

EXAMPLES = Path(__file__).resolve().parents[2] / "campaigns"


@pytest.mark.parametrize("kind", CampaignKind)
def test_a_new_folder_is_fit_and_can_be_looked_at(tmp_path: Path, kind: CampaignKind) -> None:
    settings = Settings(campaigns_dir=tmp_path)
    paths = authoring.new(tmp_path, "spring", kind)
    assert sorted(path.name for path in paths) == ["campaign.toml", "contacts.csv", "script.md"]
    assert checking.check(settings, "spring").findings == ()
    shown = authoring.preview(settings, "spring", 1, MONDAY)
    assert "Maria" in shown.opening
    assert "{" not in shown.opening


def test_a_new_folder_overwrites_nothing(tmp_path: Path) -> None:
    authoring.new(tmp_path, "spring", CampaignKind.SALES)
    for name, code in (("spring", "name_taken"), ("Spring Offer", "bad_name"), ("../x", "bad_name")):
        with pytest.raises(UserError) as refused:
            authoring.new(tmp_path, name, CampaignKind.SALES)
        assert refused.value.code == code
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError) as refused:
        authoring.new(tmp_path / "file", "spring", CampaignKind.SALES)
    assert refused.value.code == "unwritable"


def test_a_preview_is_what_the_model_would_get() -> None:
    shown = authoring.preview(Settings(campaigns_dir=EXAMPLES), "clinic-reminder", 2, MONDAY)
    assert shown.contact.row == 3
    assert shown.zone == "America/Chicago"
    assert "James Walker" in shown.opening
    assert "first_name: James" in shown.instructions
    assert "1965-11-03" not in str(shown.as_json())
    assert {"verify_identity", "opt_out", "end_call"} <= {tool["name"] for tool in shown.tools}
    assert len(shown.instructions) / 5 < shown.tokens < len(shown.instructions) + len(str(shown.tools))
    assert 0 < float(shown.expected_cost) < float(shown.worst_cost)


def test_a_preview_of_what_cannot_be_shown(tmp_path: Path) -> None:
    settings = Settings(campaigns_dir=EXAMPLES)
    bad = tmp_path / "bad.csv"
    for text, number, code in (
        ("phone,first_name\n123,Ann\n", 1, "blocked_number_type"),
        ("phone,first_name\n", 1, "no_contact"),
        ('phone,"first_name\n', 1, "unclosed_quote"),
    ):
        bad.write_text(text)
        with pytest.raises(UserError, match=r"bad\.csv: ") as refused:
            authoring.preview(settings, "solar-sales", number, MONDAY, bad)
        assert refused.value.code == code
    with pytest.raises(UserError, match="No such file"):
        authoring.preview(settings, "solar-sales", 1, MONDAY, tmp_path / "none.csv")


def test_a_number_without_zone_is_shown_in_utc(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("phone,first_name,city,country,consent\n+12125550123,Ann,Bonn,US,written\n")
    shown = authoring.preview(Settings(campaigns_dir=EXAMPLES), "solar-sales", 1, MONDAY, file)
    assert shown.zone == "America/New_York"


@pytest.fixture
def authored(parts: Parts, tmp_path: Path) -> Parts:
    """The sales example, stored once, with its folder in a place that may be changed."""
    shutil.copytree(EXAMPLES / "solar-sales", tmp_path / "authored" / "solar-sales")
    authored = replace(parts, settings=parts.settings.model_copy(update={"campaigns_dir": tmp_path / "authored"}))
    store(authored)
    return authored


def store(parts: Parts) -> None:
    with parts.store.write() as tx:
        folder = folders.required_folder(parts.settings, "solar-sales")
        campaigns.save_version(tx, folder.campaign, parts.clock.now())


def change(parts: Parts, file: str, before: str, after: str) -> None:
    path = parts.settings.campaigns_dir / "solar-sales" / file
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


def test_a_folder_against_the_version_in_force(authored: Parts) -> None:
    with pytest.raises(UserError, match="no version before"):
        authoring.difference(authored, "solar-sales")
    change(authored, "campaign.toml", 'agent_name = "Sam"', 'agent_name = "Kim"')
    change(authored, "script.md", "You are relaxed and honest", "You are honest and relaxed")
    found = authoring.difference(authored, "solar-sales")
    assert [(it.key, it.before, it.after) for it in found.keys] == [("agent_name", "Sam", "Kim")]
    assert len([line for line in found.lines if line.startswith("+")]) == 1
    assert found.after.startswith("folder ")
    assert found.as_json()["keys"] == [{"key": "agent_name", "before": "Sam", "after": "Kim"}]


def test_two_stored_versions_by_their_hashes(authored: Parts) -> None:
    change(authored, "campaign.toml", 'agent_name = "Sam"', 'agent_name = "Kim"')
    store(authored)
    with authored.store.read() as tx:
        row = campaigns.find(tx, "solar-sales")
        assert row is not None
        old, new = campaigns.versions(tx, row.id)
    found = authoring.difference(authored, "solar-sales")
    assert (found.before.split()[0], found.after.split()[0]) == (old.hash[:12], new.hash[:12])
    back = authoring.difference(authored, "solar-sales", new.hash[:8], old.hash[:8])
    assert [(it.key, it.before, it.after) for it in back.keys] == [("agent_name", "Kim", "Sam")]
    against_folder = authoring.difference(authored, "solar-sales", old.hash[:8])
    assert against_folder.after.startswith("folder ")
    for wrong in ("zz", ""):
        with pytest.raises(UserError, match="version"):
            authoring.difference(authored, "solar-sales", old.hash[:8], wrong or "-")
