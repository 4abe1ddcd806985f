"""What a look at a campaign folder finds."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.config import Settings
from dialer.errors import UserError
from dialer.model.realtime import shipped_realtime
from dialer.operations import checking, folders
from dialer.operations.parts import Parts

EXAMPLES = Path(__file__).resolve().parents[2] / "campaigns"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A campaigns directory with one example in it."""
    shutil.copytree(EXAMPLES / "solar-sales", tmp_path / "campaigns" / "solar-sales")
    return Settings(campaigns_dir=tmp_path / "campaigns")


def change(settings: Settings, file: str, before: str, after: str) -> None:
    """Change the example's file."""
    path = settings.campaigns_dir / "solar-sales" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))
def test_the_examples_are_fit(example: str) -> None:
    checked = checking.check(Settings(campaigns_dir=EXAMPLES), example)
    assert checked.is_fit
    assert checked.as_json()["is_fit"] is True
    checking.required_fit(folders.read_folder(EXAMPLES / example).campaign)


def test_an_unknown_placeholder_is_an_error_with_its_key(settings: Settings) -> None:
    change(settings, "campaign.toml", "{company}", "{compny}")
    checked = checking.check(settings, "solar-sales")
    assert not checked.is_fit
    assert any("unknown placeholder {compny}" in it.message for it in checked.findings)
    with pytest.raises(UserError, match=r"opening\.text: unknown placeholder \{compny\}"):
        checking.required_fit(folders.required_folder(settings, "solar-sales").campaign)


def test_broken_toml_is_a_finding_with_its_line(settings: Settings) -> None:
    change(settings, "campaign.toml", "[opening]", "[opening")
    (finding, *_) = checking.check(settings, "solar-sales").findings
    assert finding.level == "error"
    assert "this is not TOML" in finding.message


def test_every_wrong_key_is_a_finding(settings: Settings) -> None:
    change(settings, "campaign.toml", 'kind = "sales"', 'kind = "spam"\ncolour = "red"')
    said = [it.said for it in checking.check(settings, "solar-sales").findings]
    assert any(it.startswith("campaign.toml:3: kind: 'spam'") for it in said)
    assert "campaign.toml:4: colour: unknown key" in said


def test_findings_of_all_files_come_together_each_with_its_line(settings: Settings) -> None:
    change(settings, "campaign.toml", 'kind = "sales"', 'kind = "spam"')
    change(settings, "script.md", "## Facts", "Say {nothing}.\n\n## Facts")
    change(settings, "contacts.csv", ";Priority", ";Shoe size")
    checked = checking.check(settings, "solar-sales")
    said = [it.said for it in checked.findings]
    assert any(it.startswith("campaign.toml:3: kind: ") for it in said)
    assert any(it.startswith("script.md:13: unknown placeholder {nothing}") for it in said)
    assert "contacts.csv:1: Shoe size: the column is not used: it is in no [variables]" in said
    assert not any(": :" in it for it in said)
    assert checked.as_json()["findings"][0]["line"] is not None
    with pytest.raises(UserError) as refused:
        checking.required_fit(folders.read_folder(EXAMPLES / "solar-sales").campaign.model_copy(update={"script": "{nothing}"}))
    assert "script.md:1: unknown placeholder" in str(refused.value)


def test_a_contact_file_that_cannot_be_read_is_a_finding(settings: Settings) -> None:
    (settings.campaigns_dir / "solar-sales" / "contacts.csv").write_text("")
    checked = checking.check(settings, "solar-sales")
    assert not checked.is_fit
    assert checked.findings[0].said == "contacts.csv: empty_file: the file is empty"
    (settings.campaigns_dir / "solar-sales" / "contacts.csv").chmod(0)
    if not os.access(settings.campaigns_dir / "solar-sales" / "contacts.csv", os.R_OK):  # root may read everything
        assert "unreadable_file" in checking.check(settings, "solar-sales").findings[0].said


def test_a_folder_without_contacts_is_checked_by_itself(settings: Settings) -> None:
    (settings.campaigns_dir / "solar-sales" / "contacts.csv").unlink()
    assert checking.check(settings, "solar-sales").is_fit


def test_a_folder_without_script_is_no_campaign(settings: Settings) -> None:
    (settings.campaigns_dir / "solar-sales" / "script.md").unlink()
    with pytest.raises(UserError, match=r"script\.md: the file is missing"):
        checking.check(settings, "solar-sales")


def test_a_model_that_was_switched_off_by_today_is_an_error(settings: Settings) -> None:
    row = next(row for row in shipped_realtime().models if row.shutdown_on is not None)
    path = settings.campaigns_dir / "solar-sales" / "campaign.toml"
    path.write_text(path.read_text("utf-8").replace("[voice]\n", f'[voice]\nmodel = "{row.names[0]}"\n'), "utf-8")
    last = row.shutdown_on
    assert last is not None
    before = checking.check(settings, "solar-sales", last - timedelta(days=1))
    after = checking.check(settings, "solar-sales", last)
    assert (before.is_fit, after.is_fit) == (True, False)
    campaign = folders.required_folder(settings, "solar-sales").campaign
    checking.required_fit(campaign, last - timedelta(days=1))
    with pytest.raises(UserError, match="switched off"):
        checking.required_fit(campaign, last)


def test_no_folder_is_said(settings: Settings) -> None:
    with pytest.raises(UserError, match="no campaign folder 'nothing'"):
        checking.check(settings, "nothing")


def test_words_that_the_law_wants_are_found_with_their_line_and_rule(tmp_path: Path, parts: Parts) -> None:
    folder = tmp_path / "campaigns" / "solar-sales"
    shutil.copytree(parts.settings.campaigns_dir / "solar-sales", folder)
    path = folder / "campaign.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("an automated assistant", "an assistant").replace("Say stop or press 9", "Be glad"), encoding="utf-8"
    )
    found = checking.check(parts.settings, str(folder))
    assert not found.is_fit
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row.startswith("text = "))
    said = [finding.said for finding in found.findings]
    assert f"campaign.toml:{line}: opening.text: does not say that the voice is automated (ID-2)" in said
    campaign = folders.read_folder(folder).campaign
    assert [finding.key for finding in checking.faults(campaign)] == ["opening.text"]
