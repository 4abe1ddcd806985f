"""Commands become messages that the service knows, field by field, and each client event has its builder."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.conversation import events as our
from dialer.model.transcript import Speaker
from dialer.voice.base import SessionSetup
from dialer.wire import openai_realtime_requests as requests
from dialer.wire.openai_realtime_requests import encode, encode_append, encode_message
from dialer.wire.openai_realtime_session import session_body
from tests.support.realtime import CLIENT, check_client

COMMANDS: list[tuple[our.VoiceCommand, dict[str, Any]]] = [
    (our.CancelResponse("resp_1"), {"type": "response.cancel", "response_id": "resp_1"}),
    (
        our.TruncateHeard("item_1", 740),
        {"type": "conversation.item.truncate", "item_id": "item_1", "content_index": 0, "audio_end_ms": 740},
    ),
    (our.CreateResponse("turn"), {"type": "response.create", "response": {"metadata": {"purpose": "turn"}}}),
    (
        our.CreateResponse("opening", "Say 你好", may_use_tools=False),
        {
            "type": "response.create",
            "response": {"metadata": {"purpose": "opening"}, "instructions": "Say 你好", "tool_choice": "none"},
        },
    ),
    (
        our.ReturnToolOutput("call_1", '{"ok":true}'),
        {
            "type": "conversation.item.create",
            "item": {"type": "function_call_output", "call_id": "call_1", "output": '{"ok":true}'},
        },
    ),
    (
        our.AddTurn(Speaker.CALLEE, "Hi."),
        {
            "type": "conversation.item.create",
            "item": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi."}]},
        },
    ),
    (
        our.AddTurn(Speaker.AGENT, "Hello."),
        {
            "type": "conversation.item.create",
            "item": {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]},
        },
    ),
    (
        our.AddNote("a note"),
        {
            "type": "conversation.item.create",
            "item": {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "a note"}]},
        },
    ),
]


@pytest.mark.parametrize(("command", "expected"), COMMANDS, ids=lambda value: type(value).__name__)
def test_each_command_becomes_a_message_that_the_service_knows(command: our.VoiceCommand, expected: dict[str, Any]) -> None:
    assert check_client(encode(command, "ev_1")) == {**expected, "event_id": "ev_1"}


@given(st.text(), st.text(), st.booleans())
def test_any_words_survive_the_way_out(purpose: str, words: str, may_use_tools: bool) -> None:
    if any("\ud800" <= sign <= "\udfff" for sign in purpose + words):
        return
    sent = check_client(encode(our.CreateResponse(purpose, words, may_use_tools), "ev_1"))["response"]
    assert (sent["metadata"]["purpose"], sent["instructions"]) == (purpose, words)


def body(message: requests.Message) -> dict[str, Any]:
    """The message as the service reads it, without its head."""
    read = check_client(encode_message(message, "ev_1"))
    return {name: value for name, value in read.items() if name not in ("type", "event_id")}


def test_each_client_event_of_a_websocket_has_its_builder() -> None:
    setup = SessionSetup("Be kind.", [], "marin", "gpt-realtime-2.1", "en")
    built = [
        requests.update_session(session_body(setup, "gpt-transcribe")),
        requests.commit_input(),
        requests.clear_input(),
        requests.said("user", "hello"),
        requests.retrieve_item("i"),
        requests.delete_item("i"),
        requests.truncate("i", 20),
        requests.create_response("turn"),
        requests.cancel("r"),
    ]
    types = {check_client(encode_message(message, "ev_1"))["type"] for message in built}
    types.add(check_client(encode_append(b""))["type"])
    # That buffer is the service's own only with WebRTC and SIP.
    assert types == set(CLIENT) - {"output_audio_buffer.clear"}


def test_what_was_said_goes_back_as_text_in_its_place() -> None:
    assert body(requests.said("assistant", "Hello.", after="root")) == {
        "previous_item_id": "root",
        "item": {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]},
    }
    assert body(requests.said("user", "Hi."))["item"]["content"] == [{"type": "input_text", "text": "Hi."}]


def test_a_response_beside_the_conversation_is_written() -> None:
    assert body(requests.create_response("summary", tool_choice="required", is_aside=True))["response"] == {
        "metadata": {"purpose": "summary"},
        "tool_choice": "required",
        "conversation": "none",
        "output_modalities": ["text"],
    }


@given(st.binary(max_size=2000))
def test_any_audio_can_be_sent(mulaw: bytes) -> None:
    assert base64.b64decode(check_client(encode_append(mulaw))["audio"]) == mulaw
