"""The house keeps its rules: layers, sizes, a test for each source, documents that know each command and dependency."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import checks, gates

ROOT = Path(__file__).resolve().parents[1]
DIALER = ROOT / "dialer"
# Modules without a decision in them, which no test of their own could break. Empty is right.
TRIVIAL: frozenset[str] = frozenset()
SHIPPED = (DIALER, ROOT / "migrations")
# Loaded by others: SQLAlchemy's driver, Celery's transport, zoneinfo's data.
USED_BY_NAME = {"psycopg", "redis", "tzdata"}


def modules() -> Iterator[str]:
    """``package/module.py`` of every source that needs a test."""
    for path in sorted(DIALER.rglob("*.py")):
        if path.name not in ("__init__.py", "__main__.py"):
            yield path.relative_to(DIALER).as_posix()


def mirror(module: str) -> str:
    """``call/machine.py`` -> ``tests/call/test_machine.py``."""
    folder, _, name = module.rpartition("/")
    return "/".join(part for part in ("tests", folder, f"test_{name}") if part)


def project() -> dict[str, list[str]]:
    """The ``[project]`` table."""
    with (ROOT / "pyproject.toml").open("rb") as source:
        table: dict[str, list[str]] = tomllib.load(source)["project"]
    return table


def name_of(requirement: str) -> str:
    """``celery`` for ``celery[redis]>=5.7``."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("check", checks.CHECKS.values(), ids=list(checks.CHECKS))
def test_the_static_checks_find_nothing(check: checks.Check) -> None:
    findings = check(ROOT)
    assert findings.is_clean, f"\n{findings.text}"


def test_each_source_has_its_test() -> None:
    missing = [f"dialer/{module} has no {mirror(module)}" for module in modules() if module not in TRIVIAL]
    assert [line for line in missing if not (ROOT / line.split()[-1]).exists()] == []


def test_what_is_listed_as_trivial_exists() -> None:
    assert set(modules()) >= TRIVIAL


def test_each_package_says_what_it_is() -> None:
    packages = [path for path in DIALER.iterdir() if path.is_dir() and any(path.rglob("*.py"))]
    silent = [path.name for path in packages if not (path / "__init__.py").is_file()]
    assert silent == [], "a package without __init__.py escapes the layers"


def contract(name: str) -> dict[str, list[str]]:
    """One contract of import-linter."""
    with (ROOT / "pyproject.toml").open("rb") as source:
        contracts = tomllib.load(source)["tool"]["importlinter"]["contracts"]
    (found,) = [entry for entry in contracts if entry["id"] == name]
    table: dict[str, list[str]] = found
    return table


def test_every_layer_exists() -> None:
    names = {name.strip(" ()") for layer in contract("layers")["layers"] for name in layer.split("|")}
    assert {name for name in names if not list(DIALER.glob(f"{name}.py")) + list(DIALER.glob(f"{name}/*.py"))} == set()


def test_the_pure_half_is_the_same_everywhere() -> None:
    assert [name.removeprefix("dialer.") for name in contract("pure")["source_modules"]] == list(gates.PURE)
    assert [name for name in gates.PURE if not (DIALER / name).is_dir()] == []


def third_party_imports() -> set[str]:
    """The distributions whose modules ``dialer`` and its migrations import."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for folder in SHIPPED for path in folder.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    foreign = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"dialer", "__future__", ""}
    distributions = importlib.metadata.packages_distributions()
    return {distributions.get(module, [module])[0].lower() for module in foreign}


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    declared = {name_of(requirement) for requirement in project()["dependencies"]}
    assert third_party_imports() - declared == set()
    assert declared - third_party_imports() - USED_BY_NAME == set()


def test_the_dependency_table_of_the_readme_is_complete() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = {name_of(match) for match in re.findall(r"^\| *\[?`?([A-Za-z0-9._-]+)", readme, flags=re.MULTILINE)}
    assert {name_of(requirement) for requirement in project()["dependencies"]} - rows == set()


def test_the_lock_files_pin_every_dependency_by_hash_and_name_no_place() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        pins = {name_of(line) for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)}
        assert {name_of(requirement) for requirement in project()["dependencies"]} - pins == set()
        assert all("==" in line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line))
        assert text.count("--hash=sha256:") >= len(pins)
        assert re.search(r"://|index-url|find-links", text) is None


def commands() -> Iterator[str]:
    """Every command of the command line, ``dialer dnc add`` and the like."""
    import typer.main  # here, because the command line is not needed by the other tests of this file

    from dialer.cli import app

    def walk(command: object, words: tuple[str, ...]) -> Iterator[str]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield " ".join(words)
            return
        for name, sub in inner.items():
            if not sub.hidden:
                yield from walk(sub, (*words, name))

    yield from walk(typer.main.get_command(app), ("dialer",))


def test_each_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [command for command in commands() if not re.search(rf"{re.escape(command)}\b", readme)]
    assert missing == []


def test_the_wheel_carries_migrations_and_examples(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {
        path: f"dialer/_{path.relative_to(ROOT).as_posix()}"
        for folder in ("migrations", "campaigns")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in (".py", ".mako", ".toml", ".md", ".csv")
    }
    assert {"dialer/_migrations/env.py"} <= set(sources.values())
    assert set(sources.values()) - names == set()
    assert not [name for name in names if name.startswith("tests/")]
