"""The README is true: its commands run, its tables are complete, its pictures and proofs exist."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from dialer.call.machine import diagram
from dialer.cli import app
from dialer.config import Settings, shown, variable_name
from tests.acceptance.shell import LIMIT_S, ROOT, environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
NOT_RUN = "# not run by the tests: "
BLOCKS = re.findall(r"^```console\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def lines(block: str) -> list[str]:
    """The commands of a block."""
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def test_every_line_of_a_block_is_a_command_or_says_why_it_is_not_run() -> None:
    for block in BLOCKS:
        first, *others = block.splitlines()
        assert first.startswith(("$ ", NOT_RUN)), first
        assert all(line.startswith("$ ") for line in others), block


def test_other_fenced_blocks_hold_no_commands() -> None:
    others = re.findall(r"^```(?!console)\w*\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    assert not [block for block in others if re.search(r"^(\$ )?dialer [a-z]+ ", block, flags=re.MULTILINE)]


@pytest.fixture
def command() -> Iterator[str]:
    """How a shell runs `dialer`: each time a process of its own, of a program that has been imported already."""
    with tempfile.TemporaryDirectory(prefix="dialer-") as folder:  # the address of a socket must be short
        ready = (sys.executable, str(ROOT / "tests" / "support" / "ready_cli.py"), f"{folder}/socket")
        server = subprocess.Popen(ready, env=environment(), stdin=subprocess.DEVNULL)
        try:
            end = time.monotonic() + LIMIT_S
            while not Path(folder, "socket").exists():
                assert server.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            yield shlex.join((sys.executable, "-S", "-E", *ready[1:]))
        finally:
            server.kill()
            server.wait()


@pytest.mark.timeout(1200)
def test_the_commands_run_one_after_another(tmp_path: Path, command: str) -> None:
    run = [line for block in BLOCKS if not block.startswith(NOT_RUN) for line in lines(block)]
    assert len(run) > 20
    script = ["set -euo pipefail", f'dialer() {{ {command} "$@"; }}']
    for line in run:
        script += [f"echo {shlex.quote('=== ' + line)} >&2", line]
    shell = ["bash", "-c", "\n".join(script)]
    done = subprocess.run(shell, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=1100, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert done.stderr.count("=== ") == len(run)
    assert len(list(tmp_path.glob("dialer-demo/reports/*/report.html"))) == 3
    assert (tmp_path / "my-calls" / "reports" / "clinic-reminder" / "report.html").is_file()


def mentioned() -> Iterator[list[str]]:
    """Every command of the blocks, those that are not run too, and of the table of commands."""
    for block in BLOCKS:
        for line in lines(block):
            for part in re.split(r"&&|;", line.partition(" #")[0]):
                words = shlex.split(part)
                if "dialer" in words[:1]:
                    yield words[1:]
    for cell in re.findall(r"^\| `dialer ([^`]+)` \|", README, flags=re.MULTILINE):
        yield re.sub(r"\[|\]", " ", cell).split()


@pytest.mark.parametrize("words", list(mentioned()), ids=" ".join)
def test_every_command_that_is_mentioned_exists_with_its_options(words: list[str]) -> None:
    found = typer.main.get_command(app)
    rest = list(words)
    while hasattr(found, "commands"):
        found = found.commands[rest.pop(0)]
    known = {name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in rest if word.startswith("--")} - known == set()


def test_the_table_of_settings_is_complete_and_right() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", README, flags=re.MULTILINE)
    wanted = []
    for field, info in Settings.model_fields.items():
        default = shown(field, info.default)
        wanted.append((variable_name(field), f"`{default}`" if default else "", info.description))
    assert rows == wanted


def test_the_diagram_is_that_of_the_table() -> None:
    assert f"```mermaid\n{diagram().rstrip()}\n```" in README


def test_pictures_and_proofs_exist() -> None:
    named = set(re.findall(r"\]\(([^)#]+)\)", README)) | set(re.findall(r"`((?:tests|bench|dialer)/[\w/]+\.py)`", README))
    assert len(named) > 15
    assert {name for name in named if not (ROOT / name).is_file()} == set()


PROMISES = [line for line in README.splitlines() if re.match(r"\| \*\*.+\*\*.* \| .* \|$", line)]
PROOFS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", README)))


def test_each_promise_names_a_test_that_proves_it() -> None:
    assert len(PROMISES) == 10
    assert [line for line in PROMISES if not re.search(r"`tests/[\w/]+\.py::test_\w+`", line)] == []


@pytest.mark.parametrize(("file", "name"), PROOFS)
def test_a_test_that_is_named_as_a_proof_exists(file: str, name: str) -> None:
    found = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in found.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_pictures_ask_no_other_server_for_anything() -> None:
    picture = (ROOT / "bench" / "pictures" / "watch.svg").read_text(encoding="utf-8")
    assert not re.search(r"""(?:url\(|href=)["']?https?://""", picture)
