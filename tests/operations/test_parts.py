"""What the use cases are handed is what they get."""

from __future__ import annotations

import asyncio
from dataclasses import FrozenInstanceError

import pytest

from dialer.operations.parts import Parts


def test_parts_are_fixed_once_made(parts: Parts) -> None:
    with pytest.raises(FrozenInstanceError):
        parts.settings = parts.settings  # type: ignore[misc]  # that it is refused is the point


def test_lines_are_opened_by_who_needs_them(parts: Parts) -> None:
    with pytest.raises(AssertionError, match="dials nothing"):
        asyncio.run(parts.open_lines())  # type: ignore[arg-type]  # an async function
