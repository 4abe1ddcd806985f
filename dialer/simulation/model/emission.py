"""What a response sends: its items with their parts and deltas, in the service's order.

Order inside a response: output_item.added, conversation.item.added, content_part.added, transcript and audio deltas in
turn, output_audio.done, output_audio_transcript.done, content_part.done, conversation.item.done, output_item.done.
"""

import binascii
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dialer.audio.framing import BYTES_PER_MS
from dialer.simulation.model.brain.view import Call
from dialer.simulation.model.conversation import Conversation, Item
from dialer.simulation.model.meter import Meter, text_tokens
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.outbox import Outbox
from dialer.simulation.model.sound import from_mulaw


@dataclass(frozen=True, slots=True)
class Order:
    """What one response is to be: the session's settings with the request's own on top, and the faults that hit it."""

    settings: Mapping[str, Any]
    metadata: Mapping[str, str] | None = None
    is_default: bool = True
    """It belongs to the conversation; a response outside of it (``conversation: none``) may run beside."""
    faults: Collection[str] = ()

    @property
    def prompt(self) -> str:
        """What is billed before the conversation."""
        tools = self.settings["tools"]
        return str(self.settings["instructions"]) + (str(tools) if tools else "")

    @property
    def is_audio(self) -> bool:
        """The model speaks, else it writes."""
        return list(self.settings["output_modalities"]) == ["audio"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a response works with."""

    outbox: Outbox
    conversation: Conversation
    meter: Meter
    options: ModelOptions


class Emission:
    """The output of one response."""

    def __init__(self, order: Order, around: Surroundings, response_id: str) -> None:
        self.order = order
        self.text = 0
        """Text tokens made so far."""
        self.audio_ms = 0
        self.open_message: Item | None = None
        """The message that is being spoken or written."""
        self._around = around
        self._id = response_id
        self._items: list[Item] = []

    def begin_message(self) -> Item:
        """Open a message."""
        item = self._open({"type": "message", "role": "assistant", "content": []})
        part = {"type": "audio", "transcript": ""} if self.order.is_audio else {"type": "text", "text": ""}
        self._around.outbox.emit("response.content_part.added", **self._at(item), content_index=0, part=part)
        self.open_message = item
        return item

    def speak(self, item: Item, words: str, mulaw: bytes) -> None:
        """Add a piece of speech to a message."""
        kind = self.order.settings["audio"]["output"]["format"]["type"]
        item.words += words
        item.mulaw += mulaw
        self.audio_ms += len(mulaw) // BYTES_PER_MS
        self._delta("output_audio_transcript", item, words)
        self.sound(item, from_mulaw(mulaw, kind))

    def sound(self, item: Item, audio: bytes) -> None:
        """Send audio of an item."""
        self._delta("output_audio", item, binascii.b2a_base64(audio, newline=False).decode())

    def write(self, item: Item, words: str) -> None:
        """Add a piece of text to a message."""
        item.words += words
        self._delta("output_text", item, words)

    def end_message(self, item: Item, status: str) -> None:
        """Close a message."""
        emit = self._around.outbox.emit
        where = {**self._at(item), "content_index": 0}
        if self.order.is_audio:
            emit("response.output_audio.done", **where)
            emit("response.output_audio_transcript.done", **where, transcript=item.words)
            part, content = ("audio", "transcript"), "output_audio"
        else:
            emit("response.output_text.done", **where, text=item.words)
            part, content = ("text", "text"), "output_text"
        emit("response.content_part.done", **where, part={"type": part[0], part[1]: item.words})
        # A message that the client has cut already keeps no transcript.
        item.data["content"] = [{"type": content} if item.heard_ms is not None else {"type": content, part[1]: item.words}]
        self.text += text_tokens(item.words)
        self.open_message = None
        self._close(item, status)

    def call(self, call: Call, call_id: str = "") -> str:
        """Call a tool; returns the ``call_id``, a new one unless it is given."""
        outbox = self._around.outbox
        arguments = json.dumps(dict(call.arguments), ensure_ascii=False)
        if "tool_arguments_broken" in self.order.faults:
            arguments = arguments[: len(arguments) // 2]
        call_id = call_id or outbox.new_id("call")
        item = self._open({"type": "function_call", "call_id": call_id, "name": call.name, "arguments": ""})
        where = {**self._at(item), "call_id": call_id}
        outbox.emit("response.function_call_arguments.delta", **where, delta=arguments)
        outbox.emit("response.function_call_arguments.done", **where, name=call.name, arguments=arguments)
        item.data["arguments"] = arguments
        self.text += text_tokens(arguments)
        self._close(item, "completed")
        return call_id

    def response(self, status: str, details: Any, usage: Any) -> dict[str, Any]:
        """The response object."""
        settings = self.order.settings
        output = settings["audio"]["output"]
        return {
            "object": "realtime.response",
            "id": self._id,
            "status": status,
            "status_details": details,
            "output": [item.wire() for item in self._items],
            "conversation_id": "conv_default" if self.order.is_default else None,
            "output_modalities": list(settings["output_modalities"]),
            "max_output_tokens": settings["max_output_tokens"],
            "audio": {"output": {"format": output["format"], "voice": output["voice"]}},
            "usage": usage,
            "metadata": self.order.metadata,
        }

    def last_message(self) -> Item | None:
        """The newest message, open or closed."""
        return next((item for item in reversed(self._items) if item.data["type"] == "message"), None)

    def _open(self, data: dict[str, Any]) -> Item:
        around = self._around
        item = Item({"id": around.outbox.new_id("item"), "object": "realtime.item", "status": "in_progress", **data})
        place = len(self._items)
        self._items.append(item)
        around.outbox.emit("response.output_item.added", response_id=self._id, output_index=place, item=item.wire())
        if self.order.is_default:
            around.conversation.add(item, is_done=False)
        return item

    def _close(self, item: Item, status: str) -> None:
        item.data["status"] = status
        conversation, emit = self._around.conversation, self._around.outbox.emit
        if self.order.is_default and item in conversation.items:
            previous = conversation.previous_id(item)
            emit("conversation.item.done", previous_item_id=previous, item=item.wire())
        place = self._items.index(item)
        emit("response.output_item.done", response_id=self._id, output_index=place, item=item.wire())

    def _delta(self, kind: str, item: Item, delta: str) -> None:
        self._around.outbox.emit(f"response.{kind}.delta", **self._at(item), content_index=0, delta=delta)

    def _at(self, item: Item) -> dict[str, Any]:
        return {"response_id": self._id, "item_id": item.id, "output_index": self._items.index(item)}
