"""The checks accept what is right and refuse the rest with the service's code and the path of the field."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.simulation.model import schema
from dialer.simulation.model.schema import Check, Refusal

PAIR = schema.record({"a": schema.integer(0, 9), "b": schema.nullable(schema.text)}, required=("a",))
SHAPE = schema.tagged({"dot": schema.record({"type": schema.anything}), "pair": schema.record({"type": schema.text, "x": PAIR})})


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (schema.text, "x"),
        (schema.flag, False),
        (schema.anything, object()),
        (schema.number(0, 1), 0.5),
        (schema.number(0, 1), 1),
        (schema.integer(0, 9), 9),
        (schema.one_of("a", "b"), "b"),
        (schema.nullable(schema.text), None),
        (schema.either(schema.flag, schema.text), "x"),
        (schema.either(schema.flag, schema.text), True),
        (schema.array(schema.flag, 2), [True, False]),
        (schema.mapping(schema.text, 1), {"any": "x"}),
        (PAIR, {"a": 1, "b": None}),
        (SHAPE, {"type": "pair", "x": {"a": 1}}),
    ],
)
def test_what_is_right_is_accepted(check: Check, value: Any) -> None:
    check("p", value)


@pytest.mark.parametrize(
    ("check", "value", "code", "param"),
    [
        (schema.text, 1, "invalid_type", "p"),
        (schema.flag, 0, "invalid_type", "p"),
        (schema.number(0, 1), True, "invalid_type", "p"),
        (schema.number(0, 1), 2, "invalid_value", "p"),
        (schema.integer(0, 9), 1.0, "invalid_type", "p"),
        (schema.integer(0, 9), -1, "invalid_value", "p"),
        (schema.one_of("a"), None, "invalid_value", "p"),
        (schema.nullable(schema.text), 1, "invalid_type", "p"),
        (schema.either(schema.flag, schema.text), 1, "invalid_type", "p"),
        (schema.array(schema.flag), "x", "invalid_type", "p"),
        (schema.array(schema.flag, 1), [True, True], "array_above_max_length", "p"),
        (schema.array(schema.flag), [True, 1], "invalid_type", "p[1]"),
        (schema.mapping(schema.text, 1), [], "invalid_type", "p"),
        (schema.mapping(schema.text, 1), {"a": "", "b": ""}, "object_above_max_properties", "p"),
        (schema.mapping(schema.text, 1), {"a": 1}, "invalid_type", "p.a"),
        (PAIR, "x", "invalid_type", "p"),
        (PAIR, {}, "missing_required_parameter", "p.a"),
        (PAIR, {"a": 1, "c": 1}, "unknown_parameter", "p.c"),
        (SHAPE, "dot", "invalid_type", "p"),
        (SHAPE, {}, "missing_required_parameter", "p.type"),
        (SHAPE, {"type": []}, "invalid_type", "p.type"),
        (SHAPE, {"type": "line"}, "invalid_value", "p.type"),
        (SHAPE, {"type": "pair", "x": {"a": ""}}, "invalid_type", "p.x.a"),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(check: Check, value: Any, code: str, param: str) -> None:
    with pytest.raises(Refusal) as caught:
        check("p", value)
    assert (caught.value.code, caught.value.param) == (code, param)


def test_the_outermost_object_has_no_path() -> None:
    with pytest.raises(Refusal) as caught:
        SHAPE("", {"type": "pair", "y": 1})
    assert caught.value.param == "y"
    with pytest.raises(Refusal, match="'type'"):
        SHAPE("", {})
