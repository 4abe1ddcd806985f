"""A new workspace is complete, is read back as the defaults, and overwrites nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialer.config import Settings, load_settings, variable_name
from dialer.errors import UserError
from dialer.operations import checking, workspace


def test_everything_is_laid_out_once(tmp_path: Path) -> None:
    first = workspace.init(tmp_path / "new")
    assert not any(item.was_there for item in first)
    names = {item.path.relative_to(tmp_path / "new").as_posix() for item in first}
    example = f"campaigns/{workspace.EXAMPLE}"
    assert names >= {"dialer.toml", ".env.example", ".gitignore", f"{example}/campaign.toml", f"{example}/script.md"}
    again = workspace.init(tmp_path / "new")
    assert all(item.was_there for item in again)
    assert {item.path for item in again} == {item.path for item in first}


def test_what_was_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "dialer.toml").write_text("lanes = 3\n")
    workspace.init(tmp_path)
    assert (tmp_path / "dialer.toml").read_text() == "lanes = 3\n"


def test_the_example_is_fit_to_call(tmp_path: Path) -> None:
    workspace.init(tmp_path)
    assert checking.check(Settings(), str(tmp_path / "campaigns" / workspace.EXAMPLE)).is_fit


def test_the_new_settings_are_the_defaults_also_when_every_line_counts(tmp_path: Path) -> None:
    workspace.init(tmp_path)
    assert load_settings(tmp_path, {}).settings == Settings()
    path = tmp_path / "dialer.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE), encoding="utf-8")
    loaded = load_settings(tmp_path, {})
    assert loaded.settings.model_copy(update={"clock_start": None}) == Settings()
    secrets = {name for name in Settings.model_fields if name not in loaded.sources}
    assert secrets == {
        "openai_api_key",
        "azure_openai_api_key",
        "twilio_auth_token",
        "twilio_old_auth_token",
        "asterisk_password",
        "webhook_secret",
        "ledger_key",
    }


def test_every_setting_is_explained_in_one_of_the_files() -> None:
    both = workspace.settings_file() + workspace.secrets_file()
    for field, info in Settings.model_fields.items():
        assert info.description
        assert info.description in both
        assert f"# {field} = " in both or f"# {variable_name(field)}=" in both
    assert "One of: simulated, openai, azure." in both


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        workspace.init(tmp_path / "file")


def test_an_installed_package_brings_its_examples(tmp_path: Path) -> None:
    assert (workspace.examples() / workspace.EXAMPLE / "campaign.toml").is_file()
    (tmp_path / "dialer" / "_campaigns").mkdir(parents=True)
    assert workspace.examples(tmp_path / "dialer") == tmp_path / "dialer" / "_campaigns"
