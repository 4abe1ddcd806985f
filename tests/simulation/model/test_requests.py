"""Client messages are read strictly, and appends quickly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.simulation.model import requests
from dialer.simulation.model.schema import Refusal
from tests.support.realtime import CLIENT


def test_all_events_of_a_websocket_client_are_known() -> None:
    for type_ in CLIENT:
        # The playback buffer is the service's own only with WebRTC and SIP.
        is_foreign = type_ == "output_audio_buffer.clear"
        with pytest.raises(Refusal) as caught:
            requests.check({"type": type_, "unknown": 1})
        assert caught.value.code in ({"invalid_value"} if is_foreign else {"unknown_parameter", "missing_required_parameter"})


def test_an_append_is_read_without_a_detour() -> None:
    assert requests.audio_of('{"type":"input_audio_buffer.append","audio":"//8="}') == b"\xff\xff"
    assert requests.audio_of(b'{"event_id":"e","type":"input_audio_buffer.append","audio":""}') == b""


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({}, "missing_required_parameter", "type"),
        ({"type": "response.cancelled"}, "invalid_value", "type"),
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "input_audio_buffer.append", "audio": "?"}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "", "rate": 8000}, "unknown_parameter", "rate"),
        ({"type": "input_audio_buffer.commit", "item_id": "x"}, "unknown_parameter", "item_id"),
        (
            {"type": "conversation.item.truncate", "item_id": "x", "content_index": 0},
            "missing_required_parameter",
            "audio_end_ms",
        ),
        ({"type": "response.create", "response": {"modalities": ["audio"]}}, "unknown_parameter", "response.modalities"),
        ({"type": "response.create", "response": {"metadata": {"a": 1}}}, "invalid_type", "response.metadata.a"),
        (
            {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": [{"type": "text"}]}},
            "invalid_value",
            "item.content[0].type",
        ),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "message", "role": "assistant", "content": [{"type": "output_audio"}]},
            },
            "invalid_value",
            "item.content[0].type",
        ),
    ],
)
def test_what_is_wrong_is_refused(event: dict[str, Any], code: str, param: str) -> None:
    assert requests.audio_of(json.dumps(event)) is None
    with pytest.raises(Refusal) as caught:
        requests.check(event)
    assert (caught.value.code, caught.value.param) == (code, param)


@pytest.mark.parametrize("text", ["", "{", "[]", "1", b"\xff", "[" * 100_000])
def test_what_is_no_object_is_refused(text: str | bytes) -> None:
    assert requests.audio_of(text) is None
    with pytest.raises(Refusal) as caught:
        requests.event_of(text)
    assert caught.value.code == "invalid_json"


PUBLISHED = json.loads((Path(__file__).parents[2] / "samples" / "realtime" / "client.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("event", PUBLISHED["examples"], ids=lambda event: event["type"])
def test_the_published_examples_are_understood(event: dict[str, Any]) -> None:
    is_no_audio = event.get("audio") == "Base64EncodedAudioData"
    if is_no_audio or event["type"] == "output_audio_buffer.clear":
        with pytest.raises(Refusal):
            requests.check(event)
    else:
        requests.check(event)


def test_an_append_may_hold_so_much_and_no_more() -> None:
    text = json.dumps({"type": "input_audio_buffer.append", "audio": "A" * (4 * (15 * 2**20 // 3 + 1))})
    assert requests.audio_of(text) is None
    with pytest.raises(Refusal) as caught:
        requests.check(requests.event_of(text))
    assert caught.value.code == "string_above_max_length"


@given(st.text() | st.binary())
def test_nothing_else_than_a_refusal_comes_of_any_text(text: str | bytes) -> None:
    try:
        requests.check(requests.event_of(text))
    except Refusal:
        return
