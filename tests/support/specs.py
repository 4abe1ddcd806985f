"""Where carriers' published specifications lie, when somebody put them beside the checkout. They are never part of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("DIALER_SPECS_DIR", str(Path(__file__).resolve().parents[3] / "shared" / "specs")))
TWILIO = FOLDER / "twilio_api_v2010.json"
"""github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json."""


def required(path: Path) -> Path:
    """The file, or a skip that the summary lists by name."""
    if not path.exists():
        pytest.skip(f"{path.name} is not in {FOLDER} (set DIALER_SPECS_DIR)")
    return path
