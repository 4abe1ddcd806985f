"""What is asked for is what the service knows, and every difference in force is found."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from dialer.voice.base import SessionSetup
from dialer.wire.openai_realtime_session import differences, encode_session, session_body
from tests.support.realtime import check_client

TOOL = {"name": "end_call", "description": "Hang up.", "parameters": {"type": "object", "properties": {}}}
SETUP = SessionSetup("Call Maria Lopez.", [TOOL], "marin", "gpt-realtime-2.1", "en")


def asked() -> dict[str, Any]:
    return session_body(SETUP, "gpt-transcribe")


def test_the_session_is_one_that_the_service_knows() -> None:
    sent = check_client(encode_session(asked(), "ev_1"))
    assert sent["event_id"] == "ev_1"
    assert sent["session"]["type"] == "realtime"
    assert "model" not in sent["session"]
    assert sent["session"]["tools"] == [{"type": "function", **TOOL}]


def test_only_our_conversation_creates_and_cancels_responses() -> None:
    detection = asked()["audio"]["input"]["turn_detection"]
    assert (detection["create_response"], detection["interrupt_response"]) == (False, False)
    assert (detection["threshold"], detection["prefix_padding_ms"], detection["silence_duration_ms"]) == (0.5, 300, 500)


def test_the_language_is_a_hint_only_where_there_is_one() -> None:
    assert asked()["audio"]["input"]["transcription"] == {"model": "gpt-transcribe", "language": "en"}
    without = session_body(SessionSetup("", [], "marin", "m"), "gpt-transcribe")
    assert without["audio"]["input"]["transcription"] == {"model": "gpt-transcribe"}


def test_a_custom_voice_is_named_by_its_id() -> None:
    body = session_body(SessionSetup("", [], "voice_1234", "m"), "gpt-transcribe")
    assert body["audio"]["output"]["voice"] == {"id": "voice_1234"}
    check_client(encode_session(body, "ev_1"))


@pytest.mark.parametrize(
    ("model", "effort"), [("gpt-realtime-2.1", "low"), ("gpt-realtime-2.1-mini", None), ("deployment", None)]
)
def test_an_effort_is_asked_only_of_models_that_take_one(model: str, effort: str | None) -> None:
    body = session_body(SessionSetup("", [], "marin", model), "gpt-transcribe")
    assert body.get("reasoning", {}).get("effort") == effort


def test_no_reply_and_no_conversation_costs_without_end() -> None:
    body = asked()
    assert body["max_output_tokens"] == 4096
    assert body["truncation"] == {
        "type": "retention_ratio",
        "retention_ratio": 0.8,
        "token_limits": {"post_instructions": 4000},
    }
    assert body["tracing"] is None


def test_cost_and_pace_may_be_left_out_of_the_echo_and_nothing_else() -> None:
    may_be_silent = {"max_output_tokens", "truncation", "tracing", "reasoning"}
    for key in asked():
        effective = {name: value for name, value in asked().items() if name != key}
        assert (differences(asked(), effective) == []) is (key in may_be_silent), key


def test_a_custom_voice_may_come_back_as_its_bare_id() -> None:
    body = session_body(SessionSetup("", [], "voice_1234", "m"), "gpt-transcribe")
    echo = copy.deepcopy(body)
    echo["audio"]["output"]["voice"] = "voice_1234"
    assert differences(body, echo) == []
    echo["audio"]["output"]["voice"] = "voice_99"
    assert len(differences(body, echo)) == 1


def test_what_was_asked_for_and_more_is_no_difference() -> None:
    effective = copy.deepcopy(asked())
    effective["model"] = "gpt-realtime-2.1"
    del effective["audio"]["input"]["noise_reduction"]
    effective["audio"]["input"]["turn_detection"]["threshold"] = 0.500000011
    effective["audio"]["input"]["transcription"]["prompt"] = ""
    assert differences(asked(), json.loads(json.dumps(effective))) == []


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (
            ("audio", "output", "format"),
            {"type": "audio/pcm", "rate": 24000},
            "session.audio.output.format.type: asked 'audio/pcmu', in force 'audio/pcm'",
        ),
        (("audio", "input", "transcription"), None, "session.audio.input.transcription: asked"),
        (
            ("audio", "input", "turn_detection", "create_response"),
            True,
            "session.audio.input.turn_detection.create_response: asked False, in force True",
        ),
        (
            ("audio", "input", "turn_detection", "create_response"),
            0,
            "session.audio.input.turn_detection.create_response: asked False, in force 0",
        ),
        (
            ("audio", "input", "turn_detection", "threshold"),
            0.6,
            "session.audio.input.turn_detection.threshold: asked 0.5, in force 0.6",
        ),
        (("audio", "input", "format"), "g711_ulaw", "session.audio.input.format: asked {'type': 'audio/pcmu'}, in force"),
        (("audio", "input", "turn_detection", "idle_timeout_ms"), 8000, "session.audio.input.turn_detection.idle_timeout_ms"),
        (("audio", "output", "voice"), "alloy", "session.audio.output.voice: asked 'marin', in force 'alloy'"),
        (("output_modalities",), ["text"], "session.output_modalities[0]: asked 'audio', in force 'text'"),
        (("tool_choice",), "none", "session.tool_choice: asked 'auto', in force 'none'"),
        (("truncation",), "auto", "session.truncation: asked"),
        (("max_output_tokens",), "inf", "session.max_output_tokens: asked 4096, in force 'inf'"),
        (("reasoning",), {"effort": "high"}, "session.reasoning.effort: asked 'low', in force 'high'"),
        (("tracing",), "auto", "session.tracing: asked None, in force 'auto'"),
        (("instructions",), "You are a helpful assistant.", "session.instructions: not as asked"),
        (("tools",), [], "session.tools: not as asked"),
        (("tools", 0, "description"), "Other.", "session.tools[0].description: not as asked"),
    ],
)
def test_a_difference_is_named_without_personal_data(path: tuple[Any, ...], value: object, line: str) -> None:
    effective = copy.deepcopy(asked())
    place: Any = effective
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    (found,) = differences(asked(), effective)
    assert found.startswith(line)
    assert "Maria" not in found
