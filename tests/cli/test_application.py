from __future__ import annotations

import importlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from dialer.cli import app
from dialer.cli.application import main
from tests.cli.terminal import dialer


def walk(found: object, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command with its words."""
    inner = getattr(found, "commands", None)
    if inner is None:
        yield words, found
        return
    for name, sub in inner.items():
        yield from walk(sub, (*words, name))


COMMANDS = dict(walk(typer.main.get_command(app)))
CONTRACT = """demo, init, doctor, db upgrade, campaign check, campaign list, campaign show, import, plan, schedule, pause, resume,
cancel, run, worker, beat, status, watch, report, contact show, transcript, simulate model"""


def test_the_commands_of_the_contract_are_there() -> None:
    assert {" ".join(words) for words in COMMANDS} >= {name.strip() for name in CONTRACT.replace("\n", " ").split(",")}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_has_help_with_an_example(words: tuple[str, ...]) -> None:
    text = dialer(*words, "--help").stdout
    assert "Example:" in text
    assert " ".join(("dialer", *words)) in " ".join(text.split())
    assert getattr(COMMANDS[words], "help", "")


@pytest.mark.parametrize("arguments", [["nothing"], ["import"], ["status", "--colour"], ["simulate", "model", "--port", "many"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    done = dialer(*arguments, code=2)
    assert done.stdout == ""
    assert "dialer" in done.stderr


def project() -> Any:
    """The ``[project]`` table."""
    with (Path(__file__).resolve().parents[2] / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


def test_the_version_is_that_of_the_project() -> None:
    assert dialer("--version").stdout == f"dialer {project()['version']}\n"


def test_the_console_entry_is_the_one_of_the_project() -> None:
    module, _, name = project()["scripts"]["dialer"].partition(":")
    assert getattr(importlib.import_module(module), name) is main
