"""How a command's CAMPAIGN is found."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.config import Settings
from dialer.errors import UserError
from dialer.operations import folders
from dialer.operations.parts import Parts
from tests.operations.stage import armed

CAMPAIGNS = Path(__file__).resolve().parents[2] / "campaigns"


def test_by_name_and_by_path(parts: Parts) -> None:
    by_name = folders.required_folder(parts.settings, "solar-sales")
    by_path = folders.required_folder(Settings(campaigns_dir=Path("/nowhere")), str(CAMPAIGNS / "solar-sales"))
    assert by_name.campaign == by_path.campaign
    assert by_name.contacts_path.name == "contacts.csv"
    by_file = folders.required_folder(parts.settings, str(CAMPAIGNS / "solar-sales" / "campaign.toml"))
    assert by_file == by_path


def test_a_stored_campaign_by_name_or_by_its_folder(parts: Parts) -> None:
    armed(parts)
    assert folders.stored(parts, "solar-sales") == folders.stored(parts, str(CAMPAIGNS / "solar-sales"))


def test_a_copy_whose_original_has_another_name_now_is_the_campaign(parts: Parts, tmp_path: Path) -> None:
    armed(parts)
    first, second = tmp_path / "first", tmp_path / "second"
    for path in (first, second):
        shutil.copytree(CAMPAIGNS / "solar-sales", path)
    folders.remember(parts, "solar-sales", first)
    with pytest.raises(UserError, match="calls itself"):
        folders.to_import(parts, str(second))
    assert folders.to_import(parts, str(first))[1] == first
    assert folders.to_import(parts, str(second), is_same=True)[1] == second
    text = (first / "campaign.toml").read_text("utf-8")
    (first / "campaign.toml").write_text("broken = ", "utf-8")
    with pytest.raises(UserError, match="calls itself"):
        folders.to_import(parts, str(second))
    (first / "campaign.toml").write_text(text.replace('"solar-sales"', '"solar-spring"'), "utf-8")
    assert folders.to_import(parts, str(second))[1] == second
    assert folders.to_import(parts, str(first))[0].name == "solar-spring"


def test_what_has_no_folder_is_imported_into_as_it_is_stored(parts: Parts) -> None:
    armed(parts)
    bare = replace(parts, settings=parts.settings.model_copy(update={"campaigns_dir": Path("/nowhere")}))
    campaign, path = folders.to_import(bare, "solar-sales")
    assert (campaign.name, path) == ("solar-sales", None)


def test_nothing_of_that_name(parts: Parts) -> None:
    with pytest.raises(UserError) as missing:
        folders.required_folder(parts.settings, "nothing")
    assert missing.value.code == "no_campaign"
    with pytest.raises(UserError, match="no campaign"):
        folders.stored(parts, "nothing")


@pytest.mark.parametrize(
    ("toml", "script", "code"),
    [(b"name = 'x'", None, "missing_file"), (b"\xff\xfe\xff", b"Talk.", "unreadable_encoding")],
)
def test_files_that_cannot_be_read(tmp_path: Path, toml: bytes, script: bytes | None, code: str) -> None:
    (tmp_path / "campaign.toml").write_bytes(toml)
    if script is not None:
        (tmp_path / "script.md").write_bytes(script)
    with pytest.raises(UserError) as refused:
        folders.read_folder(tmp_path)
    assert refused.value.code == code


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "campaign.toml").mkdir()
    with pytest.raises(UserError) as refused:
        folders.read_folder(tmp_path)
    assert refused.value.code == "unreadable_file"
