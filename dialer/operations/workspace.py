"""A new working directory: every setting explained, a place for secrets, one example campaign. Nothing is overwritten."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from dialer.config import DOTENV_FILE, TOML_FILE, Settings, is_secret, may_come_from_file, variable_name
from dialer.errors import UserError

_PACKAGE = Path(__file__).resolve().parents[1]
EXAMPLE = "clinic-reminder"
"""The campaign that a new workspace begins with."""

_IGNORED = """# Personal data, settings with keys, and what a run leaves behind
.env
dialer.toml
*.db
*.key
*.db-shm
*.db-wal
reports/
rejects.csv
simulated-phones.jsonl
"""


@dataclass(frozen=True, slots=True)
class Laid:
    """One file of a new workspace: where, and whether it was there before (and was left as it is)."""

    path: Path
    was_there: bool


def examples(package: Path = _PACKAGE) -> Path:
    """Where the example campaigns are: inside an installed package, beside it in a checkout."""
    installed = package / "_campaigns"
    return installed if installed.is_dir() else package.parent / "campaigns"


def init(directory: Path) -> list[Laid]:
    """Lay out a workspace in ``directory``. Raises ``UserError`` when it cannot be written."""
    example = examples() / EXAMPLE
    texts = {
        directory / TOML_FILE: settings_file(),
        directory / ".env.example": secrets_file(),
        directory / ".gitignore": _IGNORED,
    }
    try:
        laid = [_write(path, text) for path, text in texts.items()]
        target = directory / "campaigns" / EXAMPLE
        laid += [_copy(source, target / source.name) for source in sorted(example.iterdir())]
    except OSError as error:
        raise UserError(f"{error.filename or directory}: {error.strerror}", code="unwritable") from error
    return laid


def settings_file() -> str:
    """``dialer.toml`` with every setting that is not a secret, commented out at its default, with its description."""
    lines = [
        "# Settings of dialer. What is commented out has the value shown. The environment and .env go before this file:",
        "# DIALER_DATABASE_URL=... there is database_url = ... here. Secrets belong into .env, never into this file.",
    ]
    for field, info in Settings.model_fields.items():
        if is_secret(field):
            continue
        lines += ["", f"# {info.description}{_choices(info.annotation)}", f"# {field} = {_example(field, info.default)}"]
    return "\n".join(lines) + "\n"


def secrets_file() -> str:
    """``.env.example``: every secret, empty, with its description."""
    lines = [
        f"# Copy to {DOTENV_FILE} and fill in what you use.",
        "# Each can also be given as NAME_FILE: the path of a file that holds it.",
    ]
    for field, info in Settings.model_fields.items():
        if may_come_from_file(field):
            lines += ["", f"# {info.description}", f"# {variable_name(field)}="]
    return "\n".join(lines) + "\n"


def _choices(annotation: Any) -> str:
    values = getattr(annotation, "__args__", ())
    words = [value for value in values if isinstance(value, str)]
    return f" One of: {', '.join(words)}." if words else ""


def _example(field: str, default: object) -> str:
    if default is None:
        return "2026-11-23T15:00:00Z" if field == "clock_start" else '""'
    return _toml(default)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value}"
    if isinstance(value, tuple):
        return json.dumps(list(value))
    return json.dumps(str(value.get_secret_value() if isinstance(value, SecretStr) else value))


def _write(path: Path, text: str) -> Laid:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return Laid(path, was_there=True)
    return Laid(path, was_there=False)


def _copy(source: Path, target: Path) -> Laid:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        return Laid(target, was_there=True)
    shutil.copyfile(source, target)
    return Laid(target, was_there=False)
