"""Running commands inside the test's process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from dialer.cli import app
from dialer.config import Settings, variable_name

EXAMPLES = Path(__file__).resolve().parents[2] / "campaigns"
_NOT_SET = {variable_name(field): None for field in Settings.model_fields}


def dialer(*arguments: object, code: int = 0, typed: str | None = None, **environ: str) -> Result:
    """Run one command; the settings are those of the working directory and ``environ``. ``code`` is the exit code wanted."""
    done = CliRunner().invoke(app, [str(it) for it in arguments], input=typed, env={**_NOT_SET, **environ}, prog_name="dialer")
    assert done.exit_code == code, f"{done.exit_code}\n{done.stdout}\n{done.stderr}\n{done.exception!r}"
    return done


def document(*arguments: object, code: int = 0, **environ: str) -> Any:
    """Run one command with ``--json``: standard output is exactly one document."""
    return json.loads(dialer(*arguments, "--json", code=code, **environ).stdout)
