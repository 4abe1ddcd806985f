"""The size budgets: what is too big to be one idea is found here. Branches are counted by ruff (PLR0912, C901).

A file has at most 400 lines; a function 50 lines, from ``def`` to its end with its docstring; a class 250 lines,
15 methods and 12 attributes. Attributes are what a class assigns on ``self``, or declares for it, over its whole body.
Records (frozen dataclasses, pydantic models, msgspec structs, named tuples, typed dicts, enums, protocols) are lists of
facts: their fields are not counted, what they assign on ``self`` still is.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 50
CLASS_LINES = 250
CLASS_METHODS = 15
CLASS_ATTRIBUTES = 12

FOLDERS = ("dialer", "migrations", "tests", "bench")
RECORDS = {"BaseModel", "BaseSettings", "Enum", "IntEnum", "NamedTuple", "Protocol", "StrEnum", "Struct", "TypedDict"}
# A migration is a frozen list of statements, read once from top to bottom.
LISTS_OF_STATEMENTS = "migrations/versions"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def violations(root: Path) -> list[str]:
    """Every budget that is overrun below ``root``, as ``path:line: what``."""
    sources = {path: path.read_text(encoding="utf-8") for path in files(root)}
    trees = {path: ast.parse(text, str(path)) for path, text in sources.items()}
    records = names_of_records(trees.values())
    found = []
    for path, tree in trees.items():
        name = path.relative_to(root).as_posix()
        lines = len(sources[path].splitlines())
        if lines > FILE_LINES:
            found.append(f"{name}:1: file of {lines} lines, at most {FILE_LINES}")
        for node in ast.walk(tree):
            if isinstance(node, Function) and not name.startswith(LISTS_OF_STATEMENTS):
                found += over(name, node, "lines", length(node), FUNCTION_LINES)
            elif isinstance(node, ast.ClassDef):
                found += class_violations(name, node, records)
    return found


def files(root: Path) -> Iterator[Path]:
    """The Python files that the budgets bind."""
    for folder in FOLDERS:
        yield from sorted((root / folder).rglob("*.py"))


def class_violations(name: str, node: ast.ClassDef, records: set[str]) -> Iterator[str]:
    """The budgets of one class."""
    methods = {item.name for item in node.body if isinstance(item, Function)}
    yield from over(name, node, "lines", length(node), CLASS_LINES)
    yield from over(name, node, "methods", len(methods), CLASS_METHODS)
    yield from over(name, node, "attributes", len(attributes(node, node.name in records)), CLASS_ATTRIBUTES)


def over(name: str, node: Function | ast.ClassDef, what: str, count: int, limit: int) -> Iterator[str]:
    """One line when ``count`` is above ``limit``."""
    if count > limit:
        yield f"{name}:{node.lineno}: {node.name} has {count} {what}, at most {limit}"


def length(node: Function | ast.ClassDef) -> int:
    """Lines from ``def`` or ``class`` to the end, decorators not counted."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def attributes(node: ast.ClassDef, is_record: bool) -> set[str]:
    """The names that instances carry."""
    found = (
        set()
        if is_record
        else {
            item.target.id
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and "ClassVar" not in ast.dump(item)
        }
    )
    for item in ast.walk(node):
        if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store) and last_name(item.value) == "self":
            found.add(item.attr)
    return found


def names_of_records(trees: Iterable[ast.Module]) -> set[str]:
    """The classes that are records, by their decorator or by a base, over any number of steps."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    records = {node.name for node in classes if is_frozen_dataclass(node)}
    bases = {node.name: {last_name(base) for base in node.bases} for node in classes}
    while True:
        found = {name for name, above in bases.items() if above & (RECORDS | records)} - records
        if not found:
            return records
        records |= found


def is_frozen_dataclass(node: ast.ClassDef) -> bool:
    """``@dataclass(..., frozen=True)``."""
    calls = [item for item in node.decorator_list if isinstance(item, ast.Call) and last_name(item.func) == "dataclass"]
    words = [word for call in calls for word in call.keywords]
    return any(word.arg == "frozen" and isinstance(word.value, ast.Constant) and word.value.value for word in words)


def last_name(node: ast.expr) -> str:
    """``Model`` for ``Model``, ``pydantic.Model`` and ``Model[T]``."""
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


if __name__ == "__main__":
    overrun = violations(Path.cwd())
    print("\n".join(overrun) or "budgets: every file, function and class keeps its size")
    sys.exit(1 if overrun else 0)
