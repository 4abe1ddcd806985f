"""The directory of the demo; the demo itself is run by tests/acceptance."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from dialer.cli.demo import MARKER, START, command_line, fresh_directory, lay_out, tell
from dialer.config import load_settings
from dialer.errors import UserError
from tests.cli.terminal import dialer


def test_an_earlier_demo_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    home = fresh_directory(tmp_path / "demo", is_kept=False)
    (home / "old").touch()
    assert [path.name for path in fresh_directory(tmp_path / "demo", is_kept=False).iterdir()] == [MARKER]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(UserError, match="is not empty"):
        fresh_directory(tmp_path / "mine", is_kept=False)
    assert "is not empty" in dialer("demo", "--dir", tmp_path / "mine", code=2).stderr
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_the_hints_work_where_the_reader_stands(tmp_path: Path) -> None:
    script = tmp_path / "some bin" / "dialer"
    script.parent.mkdir()
    script.touch(0o755)
    assert command_line(str(script), "/nowhere") == f"'{script}'"
    assert command_line(str(script), str(script.parent)) == "dialer"
    other = tmp_path / "dialer"
    other.touch(0o755)
    assert command_line(str(script), str(tmp_path)) == f"'{script}'", "another one is found first"
    assert command_line("/site-packages/dialer/__main__.py", str(tmp_path)) == f"{sys.executable} -m dialer"


def test_an_earlier_demo_is_kept_on_request(tmp_path: Path) -> None:
    first = fresh_directory(tmp_path / "demo", is_kept=True)
    second = fresh_directory(tmp_path / "demo", is_kept=True)
    third = fresh_directory(tmp_path / "demo", is_kept=True)
    assert [first.name, second.name, third.name] == ["demo", "demo-2", "demo-3"]


def test_the_story_is_told_to_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = lay_out(tmp_path)
    for name in ("clinic-reminder", "market-promotion"):
        shutil.rmtree(settings.campaigns_dir / name)
    contacts = settings.campaigns_dir / "solar-sales" / "contacts.csv"
    contacts.write_text("\n".join(contacts.read_text(encoding="utf-8-sig").splitlines()[:4]) + "\n", encoding="utf-8")
    tell(settings, tmp_path)
    said = capsys.readouterr().out
    assert [line[:2] for line in said.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3.", "4.", "5.", "6."]
    assert str(tmp_path / "reports" / "solar-sales" / "report.html") in said
    report = json.loads((tmp_path / "reports" / "solar-sales" / "report.json").read_text(encoding="utf-8"))
    assert report


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file"):
        fresh_directory(tmp_path / "file" / "demo", is_kept=False)


def test_every_command_works_in_the_demo_afterwards(tmp_path: Path) -> None:
    settings = lay_out(tmp_path)
    assert settings.clock_start == START
    found = load_settings(tmp_path, {}).settings
    for name in ("campaigns_dir", "reports_dir", "simulation_journal"):
        assert tmp_path / getattr(found, name) == getattr(settings, name)
    assert settings.database_url == f"sqlite:///{tmp_path / found.database_url.removeprefix('sqlite:///')}"
    assert (found.broker_url, found.carrier, found.voice, found.clock_start) == ("memory://", "simulated", "simulated", START)
    assert len(list((tmp_path / "campaigns").glob("*/campaign.toml"))) == 3
