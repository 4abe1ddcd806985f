"""Errors of every kind, met by a command."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from dialer.cli.border import border, command
from dialer.errors import DialerError, PolicyRefusal, ProtocolViolation, StoreError, UserError


def run(error: BaseException, **environ: str) -> Result:
    """A command that fails with ``error``."""
    app = typer.Typer()

    def fail() -> None:
        """Fail."""
        raise error

    command(app, "fail", "dialer fail")(fail)
    return CliRunner().invoke(app, [], env={"DIALER_LOG_LEVEL": None, **environ})


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("no phone column", hint="--map phone=Mobile"), 2, "error: no phone column\nhint: --map phone=Mobile\n"),
        (UserError("plain"), 2, "error: plain\n"),
        (PolicyRefusal("nobody to call"), 3, "error: nobody to call\n"),
        (StoreError("away"), 4, "error: away\nhint: this may pass: try again in a moment\n"),
        (StoreError("no tables", retryable=False), 4, "error: no tables\n"),
        (ProtocolViolation("two openings"), 1, "error: two openings\nhint: DIALER_LOG_LEVEL=DEBUG shows where\n"),
        (KeyError("x"), 1, "error: a fault of dialer: KeyError: 'x'\nhint: DIALER_LOG_LEVEL=DEBUG shows where\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
        (UserError("colour\x1b[31m"), 2, "error: colour\ufffd[31m\n"),
    ],
)
def test_one_message_and_the_right_exit_code(error: BaseException, code: int, said: str, tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        done = run(error)
    assert (done.exit_code, done.stderr, done.stdout) == (code, said, "")


def test_where_it_happened_is_shown_on_request_only(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        assert "Traceback" not in run(ValueError("x")).stderr
        assert "Traceback" in run(ValueError("x"), DIALER_LOG_LEVEL="DEBUG").stderr
        (tmp_path / "dialer.toml").write_text("broken")
        assert run(ValueError("x"), DIALER_LOG_LEVEL="DEBUG").exit_code == 1


@pytest.mark.parametrize("error", [typer.Exit(7), typer.Abort(), typer.BadParameter("x"), BrokenPipeError()])
def test_what_the_command_line_itself_handles_passes(error: Exception) -> None:
    with pytest.raises(type(error)), border():
        raise error


def test_every_error_of_the_tree_has_a_code_that_says_who_must_act() -> None:
    kinds = {DialerError}
    while fresh := {sub for kind in kinds for sub in kind.__subclasses__()} - kinds:
        kinds |= fresh
    assert {kind.exit_code for kind in kinds} == {1, 2, 3, 4}
