"""Client events: which there are, which fields they have, and how they are read."""

import json
from typing import Any

import msgspec

from dialer.model.realtime import shipped_realtime
from dialer.simulation.model.conversation import ITEM
from dialer.simulation.model.schema import Check, Refusal, anything, base64, integer, nullable, record, tagged, text
from dialer.simulation.model.settings import RESPONSE

_MOST_AUDIO = shipped_realtime().limits.append_bytes
_ID: dict[str, Check] = {"type": anything, "event_id": nullable(text)}
_ITEM_ID = record({**_ID, "item_id": text}, required=("item_id",))
_BARE = record(_ID)
EVENT: Check = tagged(
    {
        "session.update": record({**_ID, "session": anything}, required=("session",)),
        "input_audio_buffer.append": record({**_ID, "audio": base64}, required=("audio",)),
        "input_audio_buffer.commit": _BARE,
        "input_audio_buffer.clear": _BARE,
        "conversation.item.create": record({**_ID, "item": ITEM, "previous_item_id": nullable(text)}, required=("item",)),
        "conversation.item.retrieve": _ITEM_ID,
        "conversation.item.delete": _ITEM_ID,
        "conversation.item.truncate": record(
            {**_ID, "item_id": text, "content_index": integer(0, 10**6), "audio_end_ms": integer(0, 10**9)},
            required=("item_id", "content_index", "audio_end_ms"),
        ),
        "response.create": record({**_ID, "response": nullable(RESPONSE)}),
        "response.cancel": record({**_ID, "response_id": nullable(text)}),
    }
)


class _Append(msgspec.Struct, forbid_unknown_fields=True, tag="input_audio_buffer.append"):
    audio: bytes
    event_id: str | None = None


_APPENDS = msgspec.json.Decoder(_Append)


def audio_of(message: str | bytes) -> bytes | None:
    """The audio of a well-formed append, quickly; ``None`` for anything else."""
    try:
        audio = _APPENDS.decode(message).audio
    except (msgspec.DecodeError, UnicodeError):
        return None
    return audio if len(audio) <= _MOST_AUDIO else None


def event_of(message: str | bytes) -> dict[str, Any]:
    """The JSON object of a message; raises ``Refusal`` when it is none."""
    try:
        event = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise Refusal("invalid_json", "The message is not valid JSON.") from error
    if not isinstance(event, dict):
        raise Refusal("invalid_json", "The message is not a JSON object.")
    return event


def check(event: dict[str, Any]) -> None:
    """Raise ``Refusal`` for an unknown event, a missing or unknown field, or a wrong value."""
    EVENT("", event)
    if event["type"] == "input_audio_buffer.append":
        raise Refusal("string_above_max_length", f"Invalid 'audio': at most {_MOST_AUDIO} bytes.", "audio")
