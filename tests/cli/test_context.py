from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from dialer.cli.context import ask_before_ringing, opened, require_database_file
from dialer.config import Settings
from dialer.errors import StoreError, UserError
from tests.cli.terminal import dialer


def test_a_command_in_the_wrong_directory_leaves_no_database_behind(bare: Path) -> None:
    done = dialer("status", code=4)
    assert "run `dialer db upgrade`" in done.stderr
    assert list(bare.iterdir()) == []


def test_what_was_opened_is_closed(home: Path) -> None:
    with opened(Settings(clock_start=None)) as parts:
        assert not parts.clock.is_simulated
    assert not list(home.glob("*-wal"))


def test_a_mistyped_variable_is_told_by_every_command_that_reads_settings(home: Path) -> None:
    done = dialer("status", "--json", DIALER_LANE_CALL="3")
    assert done.stderr == "warning: DIALER_LANE_CALL is no setting; did you mean DIALER_LANE_CALLS?\n"
    assert done.stdout == "[]\n"


def test_only_files_are_looked_for() -> None:
    require_database_file(Settings(database_url="postgresql://127.0.0.1:1/none"))
    with pytest.raises(StoreError, match="no such file"):
        require_database_file(Settings(database_url="sqlite:////nowhere/at/all.db?mode=ro"))


def test_only_real_phones_are_asked_about() -> None:
    real = Settings(carrier="twilio")
    ask_before_ringing(Settings(), "?", is_yes=False, has_terminal=False)
    ask_before_ringing(real, "?", is_yes=True, has_terminal=False)
    with pytest.raises(UserError, match="Nobody is here to ask") as raised:
        ask_before_ringing(real, "Ring?", is_yes=False, has_terminal=False)
    assert raised.value.hint == "add --yes"
    app = typer.Typer()
    app.command()(lambda: ask_before_ringing(real, "Ring?", is_yes=False, has_terminal=True))
    for typed, code in (("n\n", 1), ("y\n", 0), ("", 1)):
        done = CliRunner().invoke(app, [], input=typed)
        assert done.exit_code == code
        assert "Ring?" in done.stderr


def test_real_phones_need_the_hour_of_the_day_and_an_account(home: Path) -> None:
    told = dialer("status", code=2, DIALER_CARRIER="twilio").stderr
    assert told == "error: DIALER_CLOCK_START works only with the built-in simulated phones\n"
    (home / "dialer.toml").unlink()
    told = dialer("run", code=2, DIALER_CARRIER="twilio").stderr
    assert "'twilio' needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN" in told


def test_a_database_that_does_not_answer_ends_with_4(home: Path) -> None:
    done = dialer("status", code=4, DIALER_DATABASE_URL="postgresql://me:secret@127.0.0.1:1/none")
    assert "does not answer" in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_setting_ends_with_2(home: Path) -> None:
    assert "environment: DIALER_LANES = 0" in dialer("status", code=2, DIALER_LANES="0").stderr
