"""What a worker process holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dialer.errors import StoreError
from dialer.operations.parts import Parts
from dialer.worker import process
from dialer.worker.process import DrainFlag


def test_the_flag_has_three_degrees() -> None:
    flag = DrainFlag()
    assert (flag.is_set(), flag.is_urgent()) == (False, False)
    flag.set()
    assert (flag.is_set(), flag.is_urgent()) == (True, False)
    flag.set()
    assert (flag.is_set(), flag.is_urgent()) == (True, True)
    flag.set()
    assert flag.is_urgent()
    flag.clear()
    assert not flag.is_set()
    flag.hurry()
    assert (flag.is_set(), flag.is_urgent()) == (True, True)


def test_the_flag_reaches_a_child_that_was_forked_before() -> None:
    flag = DrainFlag()
    ready, answer = os.pipe()
    go, start = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(go, 1)
        os.write(answer, b"yes" if flag.is_set() else b"no")
        os._exit(0)
    flag.set()
    os.write(start, b"x")
    assert os.read(ready, 3) == b"yes"
    os.waitpid(child, 0)


def test_parts_that_were_given_are_used(parts: Parts) -> None:
    process.use(parts)
    try:
        assert process.is_given()
        assert process.parts() is parts
    finally:
        process.forget()
    assert not process.is_given()


def test_parts_are_made_once_from_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The working directory and the environment are what a worker process is given.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIALER_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    process.forget()
    made = process.parts()
    try:
        assert process.parts() is made
        assert made.settings.database_url.endswith("empty.db")
        with pytest.raises(StoreError, match="dialer db upgrade"):
            process.require_ready()
    finally:
        made.store.close()
        process.forget()


def test_a_lane_that_ended_for_good_is_told_to_whoever_gave_the_objects(parts: Parts) -> None:
    process.failed(StoreError("of a fleet's worker", retryable=False))
    process.raise_failure()
    process.use(parts)
    try:
        process.failed(StoreError("passes", retryable=True))
        process.raise_failure()
        process.failed(StoreError("stays", retryable=False))
        process.failed(StoreError("follows from it", retryable=False))
        with pytest.raises(StoreError, match="stays"):
            process.raise_failure()
        process.use(parts)
        process.raise_failure()
    finally:
        process.forget()
