"""The rules bite: one violation of each kind is planted into a small tree with our settings, and each one is found.

The tree has every package of the layout and, as a control, the permitted neighbour of each violation (``datetime.now``
in ``clock``, a file of exactly 400 lines, ...): without the plants every check is content.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import checks, gates

ROOT = Path(__file__).resolve().parents[1]
HEAD = '"""A planted file."""\n\n'
# Spelled in two parts, so that this file does not break the rule that it tests.
MOCK = "unittest." + "mock"
SLEEP = "time." + "sleep"


@dataclass(frozen=True)
class Plant:
    """One violation: the file that holds it, and what the check must say about it."""

    name: str
    check: str
    path: str
    text: str
    found: str


def lines(count: int, line: str = "    total += 1\n") -> str:
    """``count`` lines."""
    return line * count


def function(length: int) -> str:
    """A function of ``length`` lines."""
    return f'def planted(total: int) -> int:\n    """Count."""\n{lines(length - 3)}    return total\n'


def branches(count: int) -> str:
    """A function with ``count`` branches."""
    body = "".join(f"    if total == {number}:\n        total += {number}\n" for number in range(count))
    return f'def planted(total: int) -> int:\n    """Count."""\n{body}    return total\n'


def class_of(methods: int = 0, attributes: int = 0, length: int = 0) -> str:
    """A class with so many methods besides, or attributes, or lines."""
    stored = "".join(f"        self.field_{number} = total\n" for number in range(attributes)) or "        print(total)\n"
    start = f'class Planted:\n    """Big."""\n\n    def start(self, total: int) -> None:\n        """Start."""\n{stored}'
    rest = "".join(f'\n    def step_{n}(self) -> None:\n        """Step."""\n' for n in range(methods - 1))
    filling = lines(max(0, length - len((start + rest).splitlines()) - 1), "    # filling\n")
    return start + rest + filling + ("    last = 1\n" if length else "")


def imports(name: str, path: str, statement: str, found: str | None = None) -> Plant:
    """A forbidden import; import-linter writes ``importer -> imported``."""
    module, imported = path.removesuffix(".py").replace("/", "."), statement.rpartition(" ")[2]
    return Plant(name, "imports", path, HEAD + statement + "\n", found or f"{module} -> {imported} ")


def bans(name: str, statement: str, code: str, folder: str = "dialer/operations") -> Plant:
    """Something that ruff knows by ``code``."""
    path = f"{folder}/planted_{re.sub(r'[^a-z]', '_', name)}.py"
    return Plant(name, "ruff", path, HEAD + statement + "\n", f"{path}:.*{code}")


def size(name: str, text: str, found: str) -> Plant:
    """Something too big."""
    path = f"dialer/reports/{re.sub(r'[^a-z]', '_', name)}.py"
    return Plant(name, "sizes", path, text, f"{path}:.*{found}")


TYPE_ONLY = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import dialer.cli"
FORBIDDEN_IN_THE_PURE_HALF = (
    "asyncio",
    "time",
    "os",
    "random",
    "logging",
    "socket",
    "threading",
    "subprocess",
    "redis",
)
PLANTS = (
    imports("upward import", "dialer/model/planted_up.py", "import dialer.store"),
    imports("upward import for types", "dialer/model/planted_type.py", TYPE_ONLY),
    imports("sideways import", "dialer/carriers/planted_side.py", "import dialer.voice"),
    imports("package without a layer", "dialer/utils/__init__.py", "", "dialer.utils"),
    *(
        imports(f"{module} in the pure half", f"dialer/call/planted_{module}.py", f"import {module}")
        for module in FORBIDDEN_IN_THE_PURE_HALF
    ),
    imports("clock in the pure half", "dialer/call/planted_clock.py", "import dialer.clock"),
    imports("celery outside the worker", "dialer/operations/planted_queue.py", "import celery"),
    imports("sqlalchemy outside the store", "dialer/operations/planted_sql.py", "import sqlalchemy"),
    imports("import cycle", "dialer/session/planted_a.py", "import dialer.session.planted_b", "planted_[ab]"),
    bans("datetime now", "import datetime\n\nprint(datetime.datetime.now(datetime.UTC))", "TID251"),
    bans("datetime now by name", "from datetime import UTC, datetime\n\nprint(datetime.now(UTC))", "TID251"),
    bans("system clock", "import time\n\nprint(time.time())", "TID251"),
    bans("monotonic clock", "from time import monotonic\n\nprint(monotonic())", "TID251"),
    bans("unseeded chance", "import random\n\nprint(random.random())", "TID251"),
    bans("environment", "import os\n\nprint(os.environ)", "TID251"),
    bans("environment by getenv", "import os\n\nprint(os.getenv('HOME'))", "TID251"),
    bans("mock", f"import {MOCK}", "TID251"),
    bans("mock in a test", f"from {MOCK} import patch", "TID251", "tests"),
    bans("thirteen branches", branches(13), "PLR0912"),
    bans("swallowed error", "try:\n    print()\nexcept Exception:\n    pass", "S110"),
    bans("blind except", "try:\n    print()\nexcept Exception:\n    print()", "BLE001"),
    bans("undocumented function", "def planted() -> None:\n    print()", "D103"),
    bans("blanket noqa", "import os  # noqa", "PGH004"),
    bans("long line", f"# {'x' * 129}", "E501"),
    bans("relative import", "from . import planted", "TID252"),
    size("file of 401 lines", lines(401, "# filling\n"), "401 lines"),
    size("function of 51 lines", function(51), "51 lines"),
    size("class of 251 lines", class_of(length=251), "251 lines"),
    size("class of 16 methods", class_of(methods=16), "16 methods"),
    size("class of 13 attributes", class_of(attributes=13), "13 attributes"),
    Plant("type error", "mypy", "dialer/leads/wrong.py", "def planted() -> int:\n    return ''\n", "leads/wrong.py:2"),
    Plant("untyped function", "mypy", "dialer/leads/bare.py", "def planted(a):\n    return a\n", "leads/bare.py:1"),
    Plant("mock", "mocks and sleeps", "tests/planted_m.py", f"from unittest import {MOCK[9:]}\n", "planted_m.py:1"),
    Plant("sleep", "mocks and sleeps", "tests/planted_s.py", f"import time\n{SLEEP}(1)\n", "planted_s.py:2"),
)

PERMITTED = {
    "dialer/clock.py": HEAD + "import datetime\nimport time\n\nprint(datetime.datetime.now(datetime.UTC), time.time())\n",
    "dialer/config.py": HEAD + "import os\n\nprint(os.environ)\n",
    "dialer/worker/app.py": HEAD + "import celery\n\nprint(celery)\n",
    "dialer/store/engine.py": HEAD + "import sqlalchemy\n\nprint(sqlalchemy)\n",
    "dialer/simulation/chance.py": HEAD + "import random\n\nprint(random.Random(1).random())\n",
    "dialer/operations/down.py": HEAD + "import dialer.store\n\nprint(dialer.store)\n",
    "dialer/reports/long.py": '"""Long."""\n' + lines(399, "# filling\n"),
    "dialer/reports/longest.py": HEAD + "\n" + function(50),
    "dialer/reports/broad.py": HEAD + "\n" + class_of(methods=15),
    "dialer/reports/rich.py": HEAD + "\n" + class_of(attributes=12),
    "dialer/reports/busy.py": HEAD + "\n" + branches(11),
    "tests/acceptance/test_real.py": f"import time\n\n{SLEEP}(0)\n",
}


def small_tree(root: Path) -> Path:
    """Our settings over a tree with every package of the layout and nothing forbidden in it."""
    shutil.copy(ROOT / "pyproject.toml", root)
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [entry["layers"] for entry in settings["tool"]["importlinter"]["contracts"] if entry["id"] == "layers"]
    names = {name.strip(" ()") for layer in layers for name in layer.split("|")}
    places = [f"dialer/{name}.py" if f"dialer/{name}.py" in PERMITTED else f"dialer/{name}/__init__.py" for name in names]
    for path, text in {**dict.fromkeys(["dialer/__init__.py", *places], HEAD.rstrip() + "\n"), **PERMITTED}.items():
        write(root / path, text)
    return root


def write(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, checks.Findings]:
    """What each check says of the small tree."""
    root = small_tree(tmp_path_factory.mktemp("clean"))
    return {name: check(root) for name, check in checks.CHECKS.items()}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, checks.Findings]:
    """What each check says when every violation is planted."""
    root = small_tree(tmp_path_factory.mktemp("planted"))
    for plant in PLANTS:
        write(root / plant.path, plant.text)
    write(root / "dialer/session/planted_b.py", HEAD + "import dialer.session.planted_a\n")
    return {name: check(root) for name, check in checks.CHECKS.items()}


@pytest.mark.parametrize("check", checks.CHECKS)
def test_without_a_violation_the_check_is_content(clean: dict[str, checks.Findings], check: str) -> None:
    assert clean[check].is_clean, f"\n{clean[check].text}"


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.check}: {plant.name}")
def test_a_planted_violation_is_found(planted: dict[str, checks.Findings], plant: Plant) -> None:
    findings = planted[plant.check]
    assert not findings.is_clean
    assert re.search(plant.found, findings.text), f"\n{findings.text}"


# --- the coverage gates ---------------------------------------------------------------------------------------------

SOURCE = HEAD + 'def planted(count: int) -> str:\n    """Say."""\n    return "one" if count == 1 else "more"\n'
BRANCHING = SOURCE.replace('return "one" if count == 1 else "more"', 'if count == 1:\n        print()\n    return ""')
TEST = "from dialer.{package}.planted import planted\n\n\ndef test_planted() -> None:\n    assert planted(1) is not None\n"


@pytest.mark.parametrize(
    ("package", "text", "is_met"),
    [("model", SOURCE, True), ("model", BRANCHING, False), ("operations", BRANCHING, False)],
    ids=["all taken", "a branch left in the pure half", "a branch left in a small shell"],
)
def test_a_run_that_misses_its_coverage_fails_and_still_ends_with_its_closing_line(
    tmp_path: Path, package: str, text: str, is_met: bool
) -> None:
    root = small_tree(tmp_path)
    shutil.rmtree(root / "dialer")
    write(root / "dialer/__init__.py", HEAD)
    for name in ("model", "operations"):
        write(root / f"dialer/{name}/__init__.py", HEAD)
        write(root / f"dialer/{name}/planted.py", text if name == package else SOURCE)
    shutil.copytree(ROOT / "tests/support", root / "tests/support", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests/conftest.py", root / "tests")
    shutil.rmtree(root / "tests/acceptance")
    for name in ("model", "operations"):
        write(root / f"tests/{name}/test_planted.py", TEST.format(package=name))
    command = [sys.executable, "-m", "pytest", "--cov", "--cov-report=", "--coverage-gates", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if is_met else 1), done.stdout
    assert done.stdout.count("TOO LOW") == (0 if is_met else 1), done.stdout
    assert "2 passed" in done.stdout.splitlines()[-1]


def test_the_gates_cover_the_whole_source_between_them() -> None:
    pure, shells = gates.GATES
    assert [gate.percent for gate in gates.GATES] == [100, 90]
    assert pure.selection[0].removeprefix("--include=") == shells.selection[1].removeprefix("--omit=")
