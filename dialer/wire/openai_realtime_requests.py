"""OpenAI Realtime (GA), client to server: voice commands -> JSON text, and a builder for each client event.

Each message but the audio carries an ``event_id``, which the service's error about it names. ``encode_append`` is hot,
fifty a second and call: it pastes base64 into a constant.

Facts: the eleven client events of the ``openai`` package's ``types/realtime``. Decisions: ``output_audio_buffer.clear`` is
for WebRTC and SIP only and is not built; ``input_audio_buffer.commit`` is for sessions without speech detection, which we
always have; an item of ours never names its own id, so that no duplicate can arise; a truncation always names content
index 0, the only one that an audio item has. Assistant audio cannot be created by a client: what was said before a lost
socket goes back as assistant text.
"""

import binascii
from collections.abc import Mapping
from typing import Any, Literal, assert_never

import msgspec

from dialer.conversation.events import (
    AddNote,
    AddTurn,
    CancelResponse,
    CreateResponse,
    ReturnToolOutput,
    TruncateHeard,
    VoiceCommand,
)
from dialer.model.transcript import Speaker

Message = dict[str, Any]
_APPEND_HEAD = b'{"type":"input_audio_buffer.append","audio":"'


def encode_append(mulaw: bytes) -> bytes:
    """The message that lets the model hear ``mulaw``, as the bytes of its text."""
    return b'%b%b"}' % (_APPEND_HEAD, binascii.b2a_base64(mulaw, newline=False))


def encode(command: VoiceCommand, event_id: str) -> str:
    """The message that performs ``command``; an error about it will name ``event_id``."""
    return encode_message(_message(command), event_id)


def encode_message(message: Message, event_id: str) -> str:
    """One of the messages below as text."""
    return msgspec.json.encode({**message, "event_id": event_id}).decode("utf-8")


def _message(command: VoiceCommand) -> Message:
    match command:
        case CancelResponse(response_id):
            return cancel(response_id)
        case TruncateHeard(item_id, heard_ms):
            return truncate(item_id, heard_ms)
        case CreateResponse(purpose, instructions, may_use_tools):
            return create_response(purpose, instructions=instructions, tool_choice=None if may_use_tools else "none")
        case ReturnToolOutput(call_id, output):
            return tool_output(call_id, output)
        case AddNote(text):
            return said("system", text)
        case AddTurn(speaker, text):
            return said("assistant" if speaker is Speaker.AGENT else "user", text)
    assert_never(command)


def update_session(session: Mapping[str, Any]) -> Message:
    """Change the session; answered with ``session.updated``."""
    return {"type": "session.update", "session": session}


def commit_input() -> Message:
    """Make a turn of what was appended; an error when that is nothing."""
    return {"type": "input_audio_buffer.commit"}


def clear_input() -> Message:
    """Forget what was appended and not committed."""
    return {"type": "input_audio_buffer.clear"}


def said(role: Literal["system", "user", "assistant"], text: str, *, after: str | None = None) -> Message:
    """A written line of one side. ``after``: the id of the item before it, ``root`` for the beginning; else at the end."""
    content = [{"type": "output_text" if role == "assistant" else "input_text", "text": text}]
    return _new_item({"type": "message", "role": role, "content": content}, after)


def tool_output(call_id: str, output: str) -> Message:
    """The result of a tool call; the model goes on only after a ``response.create``."""
    return _new_item({"type": "function_call_output", "call_id": call_id, "output": output}, None)


def retrieve_item(item_id: str) -> Message:
    """Ask for an item as the service holds it."""
    return {"type": "conversation.item.retrieve", "item_id": item_id}


def delete_item(item_id: str) -> Message:
    """Take an item out of the conversation; what follows it is no longer in the prompt cache."""
    return {"type": "conversation.item.delete", "item_id": item_id}


def truncate(item_id: str, heard_ms: int) -> Message:
    """Cut a spoken item at what was heard; the service forgets its transcript."""
    return {"type": "conversation.item.truncate", "item_id": item_id, "content_index": 0, "audio_end_ms": heard_ms}


def create_response(
    purpose: str,
    *,
    instructions: str | None = None,
    tool_choice: Literal["auto", "none", "required"] | None = None,
    is_aside: bool = False,
) -> Message:
    """Ask for a response. ``purpose`` comes back in its metadata. ``is_aside``: beside the conversation, written."""
    response: Message = {"metadata": {"purpose": purpose}}
    if instructions is not None:
        response["instructions"] = instructions
    if tool_choice is not None:
        response["tool_choice"] = tool_choice
    if is_aside:
        response |= {"conversation": "none", "output_modalities": ["text"]}
    return {"type": "response.create", "response": response}


def cancel(response_id: str) -> Message:
    """Stop a response; a harmless error when it is over already."""
    return {"type": "response.cancel", "response_id": response_id}


def _new_item(item: Message, after: str | None) -> Message:
    message: Message = {"type": "conversation.item.create", "item": item}
    return message if after is None else {**message, "previous_item_id": after}
