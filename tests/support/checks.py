"""The static checks as functions over a folder: ``make lint``, the tests and the planted violations run the same ones.

``python -m tests.support.checks`` runs them all over the current folder and exits 1 when one finds something.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support import budgets

SCRIPTS = Path(sysconfig.get_path("scripts"))


@dataclass(frozen=True)
class Findings:
    """What a check said; ``is_clean`` when there was nothing to say."""

    is_clean: bool
    text: str


def ruff(root: Path) -> Findings:
    """Style, likely bugs, complexity and banned names."""
    return run(root, "ruff", "check", "--no-cache", "--output-format=concise", ".")


def mypy(root: Path) -> Findings:
    """Types, strict, in ``dialer/``."""
    return run(root, "mypy")


def imports(root: Path) -> Findings:
    """Who may import whom."""
    return run(root, "lint-imports", "--no-logo", "--no-cache", "--config", "pyproject.toml")


def sizes(root: Path) -> Findings:
    """The size budgets."""
    found = budgets.violations(root)
    return Findings(not found, "\n".join(found) or "every file, function and class keeps its size")


def mocks_and_sleeps(root: Path) -> Findings:
    """No mock anywhere; no real sleep in a test that does not run real processes."""
    found = []
    for path in budgets.files(root):
        name = path.relative_to(root).as_posix()
        may_sleep = not name.startswith("tests/") or name.startswith(("tests/acceptance/", "tests/support/"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), name)):
            if isinstance(node, ast.Import | ast.ImportFrom) and is_mock(node):
                found.append(f"{name}:{node.lineno}: a mock; pass a stand-in through the seam")
            elif isinstance(node, ast.ImportFrom | ast.Attribute) and is_sleep(node) and not may_sleep:
                found.append(f"{name}:{node.lineno}: a real sleep; use virtual time")
    return Findings(not found, "\n".join(found) or "no mocks, no sleeps")


def is_mock(node: ast.Import | ast.ImportFrom) -> bool:
    """An import of ``unittest.mock`` or ``mock`` in any spelling."""
    if isinstance(node, ast.ImportFrom):
        names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    else:
        names = [alias.name for alias in node.names]
    return any(name == "mock" or name.startswith(("unittest.mock", "mock.")) for name in names)


def is_sleep(node: ast.ImportFrom | ast.Attribute) -> bool:
    """``time.sleep`` used or imported."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "time" and any(alias.name == "sleep" for alias in node.names)
    return node.attr == "sleep" and isinstance(node.value, ast.Name) and node.value.id == "time"


Check = Callable[[Path], Findings]

CHECKS: dict[str, Check] = {
    "ruff": ruff,
    "mypy": mypy,
    "imports": imports,
    "sizes": sizes,
    "mocks and sleeps": mocks_and_sleeps,
}


def run(root: Path, tool: str, *arguments: str) -> Findings:
    """Run a tool of this virtual environment in ``root``."""
    command = [str(SCRIPTS / tool), *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return Findings(done.returncode == 0, (done.stdout + done.stderr).strip())


def main() -> int:
    """Run every check, print what each one found."""
    is_clean = True
    for name, check in CHECKS.items():
        findings = check(Path.cwd())
        is_clean = is_clean and findings.is_clean
        print(f"{name}: {'ok' if findings.is_clean else 'FAILED'}")
        if not findings.is_clean:
            print(findings.text)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
