"""The ``openai`` package's own types as judges of Realtime messages, both directions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import BaseModel


def _classes(union: Any) -> dict[str, type[BaseModel]]:
    members = get_args(get_args(union)[0])
    return {get_args(member.model_fields["type"].annotation)[0]: member for member in members}


SERVER = _classes(RealtimeServerEvent)
CLIENT = _classes(RealtimeClientEvent)


# What the service sends in a session beside the settings; the package describes them only as settings.
_BESIDE = {f"session.{verb}.session.{name}" for verb in ("created", "updated") for name in ("id", "object")}


def check_server(event: dict[str, Any]) -> dict[str, Any]:
    """Fail unless the service could have sent this, field by field; the event itself comes back."""
    unknown = set(_unknown(SERVER[event["type"]].model_validate(event), event["type"]))
    assert unknown <= _BESIDE, "fields that a client does not know"
    return event


class Judge:
    """A witness for ``serve_model``: keeps every message of both sides, for a verdict at the end."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __call__(self, direction: str, text: str) -> None:
        self.seen.append((direction, text))

    def verdict(self, *, of_both: bool = True) -> list[dict[str, Any]]:
        """Fail unless every message is one that the package knows, field by field; all of them come back.

        ``of_both`` False: of the client's alone, where the service was told to send broken ones.
        """
        assert self.seen, "nobody has said anything"
        judged = [one for one in self.seen if of_both or one[0] == "in"]
        return [check_client(text) if direction == "in" else check_server(json.loads(text)) for direction, text in judged]


def check_client(text: str) -> dict[str, Any]:
    """Fail unless the service would understand this message, field by field; the parsed message comes back."""
    event: dict[str, Any] = json.loads(text)
    unknown = list(_unknown(CLIENT[event["type"]].model_validate(event), event["type"]))
    assert unknown == [], "fields that the service does not know"
    return event


def _unknown(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from (f"{path}.{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _unknown(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _unknown(item, f"{path}[{place}]")
