"""Events have fixed fields and carry nobody's number."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer import telemetry


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    """Leave the logger as it was."""
    logger = logging.getLogger("dialer")
    before = (list(logger.handlers), logger.level, logger.propagate)
    yield
    logger.handlers[:], logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


def emitted(event: str, level: str = "INFO", **fields: object) -> list[dict[str, object]]:
    """The JSON lines that one event leaves on standard error."""
    stream = io.StringIO()
    with redirect_stderr(stream):
        telemetry.log_to_stderr(level)
        telemetry.emit(event, **fields)
    return [json.loads(line) for line in stream.getvalue().split("\n") if line]


def test_an_event_is_one_json_line() -> None:
    (row,) = emitted("lane.draining", lane="node:0", live=3)
    assert (row["event"], row["lane"], row["live"], row["level"]) == ("lane.draining", "node:0", 3, "INFO")


def test_the_level_filters_and_failures_are_warnings() -> None:
    assert emitted("lane.started", "WARNING", lane="node:0") == []
    (row,) = emitted("attempt.failed", "WARNING", attempt_id="a", error="KeyError")
    assert row["level"] == "WARNING"


@given(digits=st.text("0123456789", min_size=7, max_size=15), around=st.text(st.characters(exclude_categories=["Nd", "Cs"])))
def test_no_number_survives_in_any_field(digits: str, around: str) -> None:
    (row,) = emitted("attempt.failed", attempt_id=f"{around}+{digits}", error=f"no route to +{digits}{around}")
    assert f"+{digits}" not in json.dumps(row, ensure_ascii=False)


@pytest.mark.parametrize(("event", "field"), [("lane.exploded", "lane"), ("lane.started", "phone")])
def test_what_is_not_in_the_table_is_our_bug(event: str, field: str) -> None:
    with pytest.raises(KeyError):
        telemetry.emit(event, **{field: "x"})


def test_the_table_in_the_docstring_is_the_table() -> None:
    described = {}
    for line in (telemetry.__doc__ or "").splitlines():
        name, *rest = line.split("  ")
        if "." in name and " " not in name:
            described[name] = frozenset(rest and [part.strip() for part in line[len(name) :].strip().split("  ")[0].split(",")])
    assert described == telemetry.EVENTS


def test_a_traceback_is_reduced_to_the_type() -> None:
    stream = io.StringIO()
    with redirect_stderr(stream):
        telemetry.log_to_stderr("INFO")
        try:
            raise ValueError("secret of +12125550100")
        except ValueError:
            logging.getLogger("dialer").exception("foreign text")
    row = json.loads(stream.getvalue())
    assert row["error"] == "ValueError"
    assert "secret" not in stream.getvalue()
