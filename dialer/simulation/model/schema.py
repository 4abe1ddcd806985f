"""Checks for what clients send: small functions that accept a value or raise ``Refusal``, the service's error."""

import binascii
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

Check = Callable[[str, Any], None]


@dataclass
class Refusal(Exception):
    """The service refuses a request. ``param`` is the path of the field; ``kind`` the error's ``type``."""

    code: str
    message: str
    param: str | None = None
    kind: str = "invalid_request_error"


_NAMES: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    dict: "an object",
    list: "an array",
    type(None): "null",
}


def _invalid_type(path: str, wanted: str, value: Any) -> Refusal:
    got = _NAMES.get(type(value), "something else")
    return Refusal("invalid_type", f"Invalid type for '{path}': expected {wanted}, but got {got} instead.", path)


def text(path: str, value: Any) -> None:
    """A string."""
    if not isinstance(value, str):
        raise _invalid_type(path, "a string", value)


def base64(path: str, value: Any) -> None:
    """Bytes as base64."""
    text(path, value)
    try:
        binascii.a2b_base64(value, strict_mode=True)
    except ValueError as error:
        raise Refusal("invalid_value", f"Invalid '{path}': expected valid base64.", path) from error


def flag(path: str, value: Any) -> None:
    """A boolean."""
    if not isinstance(value, bool):
        raise _invalid_type(path, "a boolean", value)


def anything(path: str, value: Any) -> None:
    """A value that is stored and given back."""


def number(low: float, high: float) -> Check:
    """A number within limits."""

    def check(path: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _invalid_type(path, "a number", value)
        if not low <= value <= high:
            raise Refusal("invalid_value", f"Invalid '{path}': expected between {low:g} and {high:g}.", path)

    return check


def integer(low: int, high: int) -> Check:
    """A whole number within limits."""

    def check(path: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _invalid_type(path, "an integer", value)
        if not low <= value <= high:
            raise Refusal("invalid_value", f"Invalid '{path}': expected between {low} and {high}.", path)

    return check


def one_of(*allowed: Any) -> Check:
    """One of a few strings."""

    def check(path: str, value: Any) -> None:
        if value not in allowed:
            listed = ", ".join(repr(item) for item in allowed)
            raise Refusal("invalid_value", f"Invalid value for '{path}'. Supported values are: {listed}.", path)

    return check


def nullable(inner: Check) -> Check:
    """``null``, which clears the field, or ``inner``."""

    def check(path: str, value: Any) -> None:
        if value is not None:
            inner(path, value)

    return check


def either(*choices: Check) -> Check:
    """The first choice that accepts; the last one's refusal when none does."""

    def check(path: str, value: Any) -> None:
        for choice in choices[:-1]:
            try:
                return choice(path, value)
            except Refusal:
                continue
        return choices[-1](path, value)

    return check


def array(inner: Check, most: int = 1000) -> Check:
    """A list of ``inner``."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, list):
            raise _invalid_type(path, "an array", value)
        if len(value) > most:
            raise Refusal("array_above_max_length", f"Invalid '{path}': at most {most} elements.", path)
        for place, element in enumerate(value):
            inner(f"{path}[{place}]", element)

    return check


def mapping(inner: Check, most: int) -> Check:
    """An object with free keys."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise _invalid_type(path, "an object", value)
        if len(value) > most:
            raise Refusal("object_above_max_properties", f"Invalid '{path}': at most {most} properties.", path)
        for key, element in value.items():
            inner(f"{path}.{key}", element)

    return check


def record(known: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """An object with these fields and no others."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise _invalid_type(path, "an object", value)
        prefix = f"{path}." if path else ""
        for name in required:
            if name not in value:
                param = f"{prefix}{name}"
                raise Refusal("missing_required_parameter", f"Missing required parameter: '{param}'.", param)
        for name, element in value.items():
            param = f"{prefix}{name}"
            if name not in known:
                raise Refusal("unknown_parameter", f"Unknown parameter: '{param}'.", param)
            known[name](param, element)

    return check


def tagged(choices: Mapping[str, Check], tag: str = "type") -> Check:
    """An object whose ``tag`` says which of the records it is."""

    def check(path: str, value: Any) -> None:
        record_tag(path, value)
        choices[value[tag]](path, value)

    def record_tag(path: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise _invalid_type(path, "an object", value)
        param = f"{path}.{tag}" if path else tag
        if tag not in value:
            raise Refusal("missing_required_parameter", f"Missing required parameter: '{param}'.", param)
        text(param, value[tag])
        one_of(*choices)(param, value[tag])

    return check
