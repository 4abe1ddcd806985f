"""The seam: both receivers fit it, and no try outlives its lease."""

from __future__ import annotations

from datetime import UTC, datetime

from dialer.hooks.base import LIMIT_S, Hook
from dialer.hooks.command import CommandHook
from dialer.hooks.http import HttpHook
from dialer.operations.delivery import LEASE


def test_both_shells_are_hooks() -> None:
    hooks: list[Hook] = [CommandHook(("true",)), HttpHook("http://localhost", b"", lambda: datetime(2026, 1, 1, tzinfo=UTC))]
    assert hooks


def test_a_try_ends_long_before_its_lease() -> None:
    assert LEASE.total_seconds() >= LIMIT_S * 3
