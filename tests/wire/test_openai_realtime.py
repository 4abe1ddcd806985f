"""Server messages become events, each GA type has a meaning or a reason, and nothing that comes in can raise."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.conversation import events as our
from dialer.model.attempt import Usage
from dialer.wire.openai_realtime import UNUSED, Ignored, Malformed, decode
from dialer.wire.openai_realtime_requests import encode_append
from dialer.wire.openai_realtime_session import differences
from tests.support.realtime import SERVER, check_client, check_server

SAMPLES = Path(__file__).parents[1] / "samples" / "realtime"
R, ITEM = {"response_id": "resp_1"}, {"item_id": "item_1"}
WHERE: dict[str, Any] = {**R, **ITEM, "output_index": 0, "content_index": 0}
CALL = {"type": "function_call", "id": "item_1", "call_id": "call_1", "name": "end_call", "arguments": "{}"}
USAGE = {
    "total_tokens": 137,
    "input_tokens": 110,
    "output_tokens": 27,
    "input_token_details": {
        "text_tokens": 100,
        "audio_tokens": 10,
        "cached_tokens": 66,
        "cached_tokens_details": {"text_tokens": 60, "audio_tokens": 6},
    },
    "output_token_details": {"text_tokens": 7, "audio_tokens": 20},
}
RESPONSE = {"id": "resp_1", "metadata": {"purpose": "turn"}}


def message(type_: str, **fields: Any) -> dict[str, Any]:
    return {"type": type_, "event_id": "event_1", **fields}


EXAMPLES = [
    (message("session.created", session={"type": "realtime"}), our.SessionCreated({"type": "realtime"})),
    (message("session.updated", session={"type": "realtime"}), our.SessionUpdated({"type": "realtime"})),
    (message("response.created", response=RESPONSE), our.ResponseStarted("resp_1", {"purpose": "turn"})),
    (message("response.created", response={"id": "resp_1"}), our.ResponseStarted("resp_1")),
    (message("response.output_audio.delta", **WHERE, delta="f38A"), our.AgentAudio("resp_1", "item_1", b"\x7f\x7f\x00")),
    (message("response.output_audio.done", **WHERE), our.AgentAudioDone("resp_1", "item_1")),
    (message("response.output_audio_transcript.delta", **WHERE, delta="Hel"), our.AgentWords("resp_1", "item_1", "Hel")),
    (
        message("response.output_audio_transcript.done", **WHERE, transcript="Hello"),
        our.AgentTranscript("resp_1", "item_1", "Hello"),
    ),
    (
        message("response.output_item.done", **R, output_index=0, item={**CALL, "status": "completed"}),
        our.ToolCalled("resp_1", "item_1", "call_1", "end_call", "{}"),
    ),
    (
        message("response.output_item.done", **R, output_index=0, item={**CALL, "status": "incomplete"}),
        Ignored("response.output_item.done"),
    ),
    (
        message("response.output_item.done", **R, output_index=0, item={"type": "message", "role": "assistant", "content": []}),
        Ignored("response.output_item.done"),
    ),
    (
        message("response.done", response={**RESPONSE, "status": "completed", "usage": USAGE}),
        our.ResponseDone("resp_1", "completed", usage=Usage(100, 60, 7, 10, 6, 20, 0.0, 1), metadata={"purpose": "turn"}),
    ),
    (
        message(
            "response.done",
            response={"id": "resp_1", "status": "cancelled", "status_details": {"type": "cancelled", "reason": "turn_detected"}},
        ),
        our.ResponseDone("resp_1", "cancelled", "turn_detected", usage=Usage(responses=1)),
    ),
    (
        message(
            "response.done",
            response={
                "id": "resp_1",
                "status": "failed",
                "status_details": {"type": "failed", "error": {"type": "server_error", "code": "rate"}},
                "usage": {"input_token_details": None},
            },
        ),
        our.ResponseDone("resp_1", "failed", "server_error", "rate", usage=Usage(responses=1)),
    ),
    (message("input_audio_buffer.speech_started", **ITEM, audio_start_ms=40), our.SpeechStarted("item_1", 40)),
    (message("input_audio_buffer.speech_stopped", **ITEM, audio_end_ms=900), our.SpeechStopped("item_1", 900)),
    (message("input_audio_buffer.committed", **ITEM), our.SpeechCommitted("item_1", None)),
    (message("input_audio_buffer.committed", **ITEM, previous_item_id="item_0"), our.SpeechCommitted("item_1", "item_0")),
    (message("conversation.item.truncated", **ITEM, content_index=0, audio_end_ms=700), our.ItemTruncated("item_1", 700)),
    (
        message(
            "rate_limits.updated",
            rate_limits=[{"name": "tokens", "limit": 9, "remaining": 5, "reset_seconds": 1.5}, {"name": "requests"}],
        ),
        our.RateLimited({"tokens": 5}, {"tokens": 1.5}),
    ),
    (
        message("error", error={"type": "invalid_request_error", "message": "No.", "code": "bad", "event_id": "ours"}),
        our.VoiceRefused("bad", "invalid_request_error", "No.", "ours"),
    ),
    (message("error", error={"type": "server_error", "message": "No."}), our.VoiceRefused("", "server_error", "No.")),
    (message("conversation.created", conversation={"id": "conv_1"}), Ignored("conversation.created")),
]
HEARD = {**ITEM, "content_index": 0}
COMPLETED = "conversation.item.input_audio_transcription.completed"
FAILED = "conversation.item.input_audio_transcription.failed"
TOKENS = {"type": "tokens", "input_tokens": 40, "output_tokens": 2, "total_tokens": 42}
EXAMPLES += [
    (
        message(COMPLETED, **HEARD, transcript="Hi.", usage={"type": "duration", "seconds": 1.2}),
        our.CalleeWords("item_1", "Hi.", 1.2),
    ),
    (
        message(COMPLETED, **HEARD, transcript="Hi.", usage={**TOKENS, "input_token_details": {"audio_tokens": 40}}),
        our.CalleeWords("item_1", "Hi.", 4.0),
    ),
    (message(COMPLETED, **HEARD, transcript="Hi.", usage=TOKENS), our.CalleeWords("item_1", "Hi.")),
    (message(FAILED, **HEARD, error={"code": "audio_unintelligible"}), our.CalleeWordsFailed("item_1", "audio_unintelligible")),
    (message(FAILED, **HEARD, error={}), our.CalleeWordsFailed("item_1", "")),
]


@pytest.mark.parametrize(("event", "expected"), EXAMPLES, ids=lambda value: value["type"] if isinstance(value, dict) else "")
def test_each_message_becomes_its_event(event: dict[str, Any], expected: object) -> None:
    check_server(event)
    text = json.dumps(event)
    assert decode(text) == expected
    assert decode(text.encode()) == expected


def test_each_type_of_the_protocol_is_read_or_ignored_for_a_reason() -> None:
    read = {event["type"] for event, _ in EXAMPLES} - set(UNUSED)
    assert read | set(UNUSED) == set(SERVER)
    assert all(len(reason) > 10 for reason in UNUSED.values())


@pytest.mark.parametrize("type_", UNUSED)
def test_what_is_ignored_may_hold_anything(type_: str) -> None:
    ignored = decode(json.dumps({"type": type_, "response_id": 7, "item": []}))
    assert ignored == Ignored(type_)
    assert isinstance(ignored, Ignored)
    assert ignored.is_known


def test_what_the_service_may_leave_out_may_be_missing() -> None:
    transcribed = decode(json.dumps({"type": COMPLETED, **ITEM, "transcript": "Hi."}))
    failed = decode(json.dumps({"type": FAILED, **ITEM}))
    done = decode(json.dumps({"type": "response.done", "response": {}}))
    assert transcribed == our.CalleeWords("item_1", "Hi.")
    assert failed == our.CalleeWordsFailed("item_1", "")
    assert done == our.ResponseDone("", "completed", usage=Usage(responses=1))


def test_unknown_fields_and_types_do_no_harm() -> None:
    newer = '{"type":"response.output_audio.done","response_id":"r","item_id":"i","new":[1]}'
    assert decode(newer) == our.AgentAudioDone("r", "i")
    beta = decode('{"type":"response.audio.delta","delta":"AA=="}')
    assert beta == Ignored("response.audio.delta")
    assert isinstance(beta, Ignored)
    assert not beta.is_known
    assert Ignored("response.output_item.done").is_known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "nonsense",
        '{"type":7}',
        '{"type":""}',
        '{"type":"error"}',
        '{"type":"response.output_audio.delta","response_id":"r","item_id":"i","delta":"?"}',
        '{"type":"response.done","response":{"usage":{"output_token_details":{"text_tokens":1e999}}}}',
        "\ud800",
        '{"type":"error","error":' + "[" * 100_000,
    ],
)
def test_broken_messages_are_malformed_and_kept(text: str) -> None:
    broken = decode(text)
    assert isinstance(broken, Malformed)
    assert broken.text == text
    assert broken.reason


def test_broken_bytes_are_shown_as_text() -> None:
    assert decode(b"\xff{") == Malformed(decode(b"\xff{").reason, "\ufffd{")  # type: ignore[union-attr]  # it is Malformed


PUBLISHED = json.loads((SAMPLES / "server.json").read_text(encoding="utf-8"))["examples"]


@pytest.mark.parametrize("event", PUBLISHED, ids=lambda event: event["type"].strip())
def test_the_published_examples_are_read(event: dict[str, Any]) -> None:
    read = decode(json.dumps(event))
    if event.get("delta") == "Base64EncodedAudioDelta":
        assert isinstance(read, Malformed), "the example has a word in the place of audio"
    elif isinstance(read, Ignored):
        assert read.is_known or event["type"].startswith(" "), "one example has a blank before its type"
    else:
        assert type(read) in {type(expected) for _, expected in EXAMPLES}


def test_the_published_session_is_compared_as_it_stands() -> None:
    (session,) = [event["session"] for event in PUBLISHED if event["type"] == "session.updated"]
    assert differences(session, session) == []
    assert "session.output_modalities[0]" in differences({"output_modalities": ["text"]}, session)[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({name for event, _ in EXAMPLES for name in event} | {"item", "response", "error", "session"})


@given(st.text() | st.binary())
def test_any_text_or_bytes_are_read(data: str | bytes) -> None:
    assert decode(data) is not None


@given(st.sampled_from(sorted(SERVER)), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_fields_of_a_known_type_are_read(type_: str, fields: dict[str, Any]) -> None:
    decode(json.dumps({**fields, "type": type_}))


@given(st.sampled_from([event for event, _ in EXAMPLES]), st.data())
def test_any_damage_to_a_real_message_is_read(event: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(event)
    start = data.draw(st.integers(0, len(text)))
    decode(text[:start] + data.draw(st.text(max_size=3)) + text[start + data.draw(st.integers(0, 5)) :])


@given(st.binary(max_size=2000))
def test_audio_survives_both_ways(mulaw: bytes) -> None:
    sent = check_client(encode_append(mulaw))
    assert base64.b64decode(sent["audio"]) == mulaw
    back = message("response.output_audio.delta", **WHERE, delta=sent["audio"])
    assert decode(json.dumps(back)) == our.AgentAudio("resp_1", "item_1", mulaw)
