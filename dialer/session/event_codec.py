"""What goes into the two cores and comes out of them, as JSON and back.

Audio is kept as its number of bytes, which is all that the cores look at, and comes back as silence of that length. Fields that
have their default are left out, so a log stays readable when an event or a command gets a new field with a default. Reading is
total: a type or a shape that this version does not have becomes ``Unknown``. Commands are never read back, only compared as text.

Writing is hot: a talk has an event and a command for each piece of the model's speech. So values are made plain by hand and
written by msgspec, a sixth of what ``json`` takes; what msgspec refuses (half of a character, a giant number) ``json`` writes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType
from typing import Any, get_args

import msgspec

from dialer.call import events as call
from dialer.conversation import events as talk
from dialer.model.campaign import Campaign

SILENCE = b"\xff"
MAX_AUDIO = 10_000_000
"""Bytes of one piece of audio; a log that speaks of more is damaged."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """A timer fired in the named core, ``call`` or ``talk``; ``due``: when that core had asked for it."""

    core: str
    due: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event that this version does not have, or has in another shape, because of ``reason``."""

    name: str
    reason: str


Happened = call.CallEvent | talk.ConversationEvent | Ticked
_SCALARS = (str, int, float, NoneType)
_AS_IT_IS, _SORTED = msgspec.json.Encoder(), msgspec.json.Encoder(order="sorted")
CALL_EVENTS = get_args(call.CallEvent)
_TYPES: dict[str, type] = {kind.__name__: kind for kind in (*CALL_EVENTS, *get_args(talk.ConversationEvent), Ticked)}


def dumps(value: object, *, is_sorted: bool = False) -> str:
    """``value`` as one line of JSON. Raises ``TypeError``, ``ValueError`` or ``RecursionError`` for what has no such form."""
    plain = _plain(value)
    try:
        return (_SORTED if is_sorted else _AS_IT_IS).encode(plain).decode()
    except (UnicodeError, OverflowError):
        return json.dumps(plain, sort_keys=is_sorted, separators=(",", ":"))


def named(value: object) -> tuple[str, object]:
    """An event or a command as its name and its fields."""
    return type(value).__name__, value


def commands_text(commands: Iterable[object]) -> str:
    """Commands as JSON: a list of names with fields, keys sorted. Equal text is what replay calls equal commands."""
    return dumps([named(command) for command in commands], is_sorted=True)


def event_of(name: str, values: Mapping[str, Any]) -> Happened | Unknown:
    """The event of that name; audio is silent."""
    kind = _TYPES.get(name)
    if kind is None:
        return Unknown(name, "this version has no such event")
    try:
        event: Happened = msgspec.convert({key: _value(kind, key, value) for key, value in values.items()}, kind)
    except msgspec.ValidationError as error:
        return Unknown(name, str(error))
    return event


def _value(kind: type, key: str, value: object) -> object:
    is_audio = any(field.name == key and field.type is bytes for field in fields(kind))
    return SILENCE * value if is_audio and isinstance(value, int) and value <= MAX_AUDIO else value


def _plain(value: object) -> object:
    """``value`` of nothing but what JSON has a form for."""
    if isinstance(value, _SCALARS):
        return value
    kind: Any = type(value)
    if (shape := _shape(kind)) is not None:
        filled = {}
        for name, default in shape:
            given = getattr(value, name)
            if given != default:
                filled[name] = len(given) if type(given) is bytes else _plain(given)
        return filled
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Campaign):
        return value.version_hash()
    raise TypeError(f"{kind.__name__} has no form in a log")


@cache
def _shape(kind: type) -> tuple[tuple[str, object], ...] | None:
    """The fields of a dataclass with their defaults (``MISSING``, which equals nothing else, where there is none)."""
    if not is_dataclass(kind):
        return None
    return tuple(
        (field.name, field.default if field.default_factory is MISSING else field.default_factory()) for field in fields(kind)
    )
