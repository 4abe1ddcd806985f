"""Worker and beat inside this process, on an in-memory broker."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from dialer import wiring
from dialer.clock import wait_real
from dialer.operations import dispatch
from dialer.operations.parts import Parts
from dialer.worker import process
from dialer.worker.embedded import embedded_worker
from tests.operations.stage import armed
from tests.operations.test_lane import few


def test_it_makes_the_calls_and_may_be_started_again(parts: Parts) -> None:
    parts = replace(parts, open_lines=partial(wiring.open_lines, parts.settings, parts.store, parts.clock))
    armed(parts)
    few(parts, 2)
    with embedded_worker(parts):
        while not dispatch.is_all_done(parts):
            wait_real(0.05)
    assert not process.is_given()
    assert dispatch.is_all_done(parts)
    with embedded_worker(parts):
        assert process.parts() is parts
