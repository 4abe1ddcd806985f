"""The items of a conversation, and what clients may do with them."""

import binascii
import json
from dataclasses import dataclass
from typing import Any

from dialer.audio.framing import BYTES_PER_MS
from dialer.simulation.model.brain.view import Called, Heard, Line, Noted, Said
from dialer.simulation.model.ears import words_in
from dialer.simulation.model.outbox import Outbox
from dialer.simulation.model.schema import Check, Refusal, anything, array, base64, nullable, one_of, record, tagged, text
from dialer.simulation.model.sound import Converter, from_mulaw

_CUT_TOLERANCE_MS = 200
"""A client that counts playout in marks may miss so much of the end without meaning an interruption."""
_COMMON: dict[str, Check] = {
    "type": anything,
    "id": text,
    "object": one_of("realtime.item"),
    "status": one_of("completed", "incomplete", "in_progress"),
}


def _message(part: Check) -> Check:
    return record({**_COMMON, "role": anything, "content": array(part)}, required=("content",))


_INPUT_TEXT = record({"type": anything, "text": text}, required=("text",))
_INPUT_AUDIO = record({"type": anything, "audio": base64, "transcript": nullable(text)}, required=("audio",))
ITEM: Check = tagged(
    {
        "message": tagged(
            {
                "user": _message(tagged({"input_text": _INPUT_TEXT, "input_audio": _INPUT_AUDIO})),
                "system": _message(tagged({"input_text": _INPUT_TEXT})),
                # The service creates no assistant audio from the client's side.
                "assistant": _message(tagged({"output_text": _INPUT_TEXT})),
            },
            tag="role",
        ),
        "function_call": record({**_COMMON, "call_id": text, "name": text, "arguments": text}, required=("name", "arguments")),
        "function_call_output": record({**_COMMON, "call_id": text, "output": text}, required=("call_id", "output")),
    }
)


@dataclass
class Item:
    """One item. ``data`` is its form on the wire; ``words`` are what was spoken, heard or written in it."""

    data: dict[str, Any]
    words: str = ""
    is_damaged: bool = False
    mulaw: bytes = b""
    heard_ms: int | None = None
    """Where the client has cut it."""

    @property
    def audio_ms(self) -> int:
        """How long it sounds, the part that was cut off included."""
        return len(self.mulaw) // BYTES_PER_MS

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.data["id"])

    @property
    def is_spoken(self) -> bool:
        """The model's own audio."""
        return self.data.get("role") == "assistant" and self.audio_ms > 0

    def wire(self) -> dict[str, Any]:
        """A copy to send."""
        copy = dict(self.data)
        if "content" in copy:
            copy["content"] = [dict(part) for part in copy["content"]]
        return copy

    def said(self) -> Said:
        """The model's words as far as they were heard."""
        if self.heard_ms is None or self.heard_ms >= self.audio_ms - _CUT_TOLERANCE_MS:
            return Said(self.words)
        return Said(self.words[: len(self.words) * self.heard_ms // self.audio_ms], is_cut=True)


class Conversation:
    """The items in order."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.items: list[Item] = []
        self.formats = {"user": "audio/pcm", "assistant": "audio/pcm"}
        """The audio format of each side."""

    def add(self, item: Item, *, after: str | None = None, is_done: bool = True) -> None:
        """Put an item at the end, or behind ``after`` (``root``: at the beginning), and say so."""
        place = len(self.items) if after is None else 0 if after == "root" else self._place(after, "create") + 1
        previous = self.items[place - 1].id if place else None
        self.items.insert(place, item)
        self._outbox.emit("conversation.item.added", previous_item_id=previous, item=item.wire())
        if is_done:
            self._outbox.emit("conversation.item.done", previous_item_id=previous, item=item.wire())

    def last_id(self) -> str | None:
        """The item at the end."""
        return self.items[-1].id if self.items else None

    def previous_id(self, item: Item) -> str | None:
        """The item before this one."""
        place = self.items.index(item)
        return self.items[place - 1].id if place else None

    def lines(self) -> tuple[Line, ...]:
        """The conversation as the brain sees it."""
        outputs = {item.data["call_id"]: item.data["output"] for item in self.items if "output" in item.data}
        return tuple(line for item in self.items if (line := _line(item, outputs)) is not None)

    def create(self, event: dict[str, Any]) -> None:
        """``conversation.item.create``."""
        asked = event["item"]
        known = {item.id for item in self.items}
        after = event.get("previous_item_id")
        if asked.get("id") in known:
            message = f"Error adding item: an item with id '{asked['id']}' already exists in the conversation."
            raise Refusal("item_create_duplicate_item_id", message, "item.id")
        data = {"object": "realtime.item", "status": "completed", **asked}
        data.setdefault("id", self._outbox.new_id("item"))
        if data["type"] == "function_call":
            data.setdefault("call_id", self._outbox.new_id("call"))
        item = Item(data, " ".join(part["text"] for part in data.get("content", ()) if "text" in part))
        self._take_in_audio(item)
        self.add(item, after=after)

    def _take_in_audio(self, item: Item) -> None:
        """Hear the spoken parts of an item that a client has made; what comes back of it has no audio in it."""
        parts = item.data.get("content", ())
        for place, part in enumerate(parts):
            if part["type"] == "input_audio":
                item.mulaw += Converter(self.formats["user"]).to_mulaw(binascii.a2b_base64(part["audio"]))
                parts[place] = {"type": "input_audio", "transcript": part.get("transcript")}
        if item.mulaw:
            words, item.is_damaged = words_in(item.mulaw)
            item.words = f"{item.words} {words}".strip()

    def retrieve(self, event: dict[str, Any]) -> None:
        """``conversation.item.retrieve``: the item with its audio, as far as it was not cut."""
        item = self.items[self._place(event["item_id"], "retrieve")]
        wire = item.wire()
        if item.mulaw:
            kept = item.mulaw if item.heard_ms is None else item.mulaw[: item.heard_ms * BYTES_PER_MS]
            audio = from_mulaw(kept, self.formats[wire["role"]])
            wire["content"][0]["audio"] = binascii.b2a_base64(audio, newline=False).decode()
        self._outbox.emit("conversation.item.retrieved", item=wire)

    def delete(self, event: dict[str, Any]) -> None:
        """``conversation.item.delete``."""
        del self.items[self._place(event["item_id"], "delete")]
        self._outbox.emit("conversation.item.deleted", item_id=event["item_id"])

    def truncate(self, event: dict[str, Any]) -> None:
        """``conversation.item.truncate``: what was not heard is forgotten, the transcript with it."""
        item = self.items[self._place(event["item_id"], "truncate")]
        end_ms = event["audio_end_ms"]
        if not item.is_spoken or event["content_index"] != 0:
            message = "Only model output audio messages can be truncated."
            raise Refusal("invalid_value", message, "item_id" if not item.is_spoken else "content_index")
        if end_ms > (item.audio_ms if item.heard_ms is None else item.heard_ms):
            message = f"Audio content of {item.audio_ms}ms is already shorter than {end_ms}ms"
            raise Refusal("invalid_value", message, "audio_end_ms")
        item.heard_ms = end_ms
        for part in item.data["content"]:
            part.pop("transcript", None)
        self._outbox.emit("conversation.item.truncated", item_id=item.id, content_index=0, audio_end_ms=end_ms)

    def _place(self, item_id: str, deed: str) -> int:
        for place, item in enumerate(self.items):
            if item.id == item_id:
                return place
        message = f"Error in item {deed}: the item with id '{item_id}' does not exist."
        param = "previous_item_id" if deed == "create" else "item_id"
        raise Refusal(f"item_{deed}_invalid_item_id", message, param)


def _line(item: Item, outputs: dict[str, str]) -> Line | None:
    data = item.data
    if data["type"] == "function_call":
        output = outputs.get(data["call_id"])
        return Called(data["name"], _object(data["arguments"]), None if output is None else _object(output))
    if data["type"] == "function_call_output":
        return None
    if data["role"] == "assistant":
        return item.said()
    return Heard(item.words, item.is_damaged) if data["role"] == "user" else Noted(item.words)


def _object(text_: str) -> dict[str, Any]:
    """The JSON object in a text; another text is a result in words."""
    try:
        value = json.loads(text_)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"text": text_}
