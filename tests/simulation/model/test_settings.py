"""A session is changed as a whole or not at all, and only with fields that the service knows."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from dialer.simulation.model import settings
from dialer.simulation.model.schema import Refusal

DEFAULTS = settings.defaults("sess_1", "gpt-realtime-2.1")


def update(*, has_spoken: bool = False, **asked: Any) -> dict[str, Any]:
    return settings.updated(DEFAULTS, {"type": "realtime", **asked}, has_spoken=has_spoken)


def test_what_is_not_named_stays() -> None:
    changed = update(instructions="Be brief.", audio={"output": {"voice": "cedar"}})
    expected = copy.deepcopy(DEFAULTS)
    expected["instructions"] = "Be brief."
    expected["audio"]["output"]["voice"] = "cedar"
    assert changed == expected


def test_turn_detection_gets_the_defaults_of_its_kind() -> None:
    server = update(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
    semantic = update(audio={"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}})
    off = update(audio={"input": {"turn_detection": None}})
    assert server["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500
    assert server["audio"]["input"]["turn_detection"]["create_response"] is False
    assert semantic["audio"]["input"]["turn_detection"]["interrupt_response"] is True
    assert off["audio"]["input"]["turn_detection"] is None


def test_a_pcm_format_has_its_rate() -> None:
    changed = update(audio={"output": {"format": {"type": "audio/pcm"}}})
    assert changed["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24000}


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({"temperature": 0.8}, "unknown_parameter", "session.temperature"),
        ({"input_audio_format": "g711_ulaw"}, "unknown_parameter", "session.input_audio_format"),
        ({"audio": {"input": {"format": "pcm16"}}}, "invalid_type", "session.audio.input.format"),
        ({"audio": {"input": {"format": {"type": "audio/pcmu", "rate": 8000}}}}, "unknown_parameter", None),
        ({"audio": {"output": {"voice": "nobody"}}}, "invalid_value", "session.audio.output.voice"),
        ({"output_modalities": ["audio", "text"]}, "invalid_value", "session.output_modalities"),
        ({"tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
        ({"model": "gpt-realtime"}, "cannot_update_model", "session.model"),
        ({"audio": {"input": {"transcription": {"model": "gpt-transcribe", "delay": "low"}}}}, "invalid_value", None),
        ({"audio": {"input": {"transcription": {"model": "gpt-realtime-whisper", "prompt": "x"}}}}, "invalid_value", None),
        ({"audio": {"input": {"transcription": {"model": "whisper-1", "keywords": ["x"]}}}}, "invalid_value", None),
        ({"audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 100}}}}, "invalid_value", None),
        ({"audio": {"input": {"turn_detection": {"type": "semantic_vad", "idle_timeout_ms": 5000}}}}, "unknown_parameter", None),
        ({"audio": {"output": {"voice": "nova"}}}, "invalid_value", "session.audio.output.voice"),
        ({"audio": {"output": {"speed": 2}}}, "invalid_value", "session.audio.output.speed"),
        ({"prompt": {"id": "pmpt_1"}}, "unknown_parameter", "session.prompt"),
        (
            {"truncation": {"type": "retention_ratio", "retention_ratio": 0.8, "token_limits": {"post_instructions": 99_000}}},
            "invalid_value",
            "session.truncation.token_limits.post_instructions",
        ),
        ({"max_output_tokens": 5000}, "invalid_value", "session.max_output_tokens"),
        ({"instructions": "x" * 70_000}, "string_above_max_length", "session.instructions"),
    ],
)
def test_what_the_service_refuses_is_refused(asked: dict[str, Any], code: str, param: str | None) -> None:
    before = copy.deepcopy(DEFAULTS)
    with pytest.raises(Refusal) as caught:
        update(**asked)
    assert caught.value.code == code
    assert param in (None, caught.value.param)
    assert before == DEFAULTS


def test_the_type_is_mandatory() -> None:
    with pytest.raises(Refusal) as caught:
        settings.updated(DEFAULTS, {"instructions": ""}, has_spoken=False)
    assert (caught.value.code, caught.value.param) == ("missing_required_parameter", "session.type")


def test_the_voice_stays_once_it_has_been_heard() -> None:
    with pytest.raises(Refusal, match="assistant audio") as caught:
        update(has_spoken=True, audio={"output": {"voice": "cedar"}})
    assert caught.value.code == "cannot_update_voice"
    assert update(has_spoken=True, audio={"output": {"voice": "marin"}})["audio"] == DEFAULTS["audio"]


def test_the_same_model_may_be_named() -> None:
    assert update(model="gpt-realtime-2.1") == DEFAULTS


def test_what_a_model_takes_it_gets_and_a_deployment_takes_anything() -> None:
    for transcription in (
        {"model": "gpt-transcribe", "keywords": ["Lakeside"], "languages": ["en"]},
        {"model": "gpt-realtime-whisper", "delay": "low"},
        {"model": "our-deployment", "prompt": "x", "delay": "low"},
    ):
        assert update(audio={"input": {"transcription": transcription}})["audio"]["input"]["transcription"] == transcription
    room = {"type": "retention_ratio", "retention_ratio": 0.8, "token_limits": {"post_instructions": 4000}}
    assert update(truncation=room)["truncation"] == room
    other = settings.defaults("sess_1", "our-deployment")
    room["token_limits"] = {"post_instructions": 999_999}
    assert settings.updated(other, {"type": "realtime", "truncation": room}, has_spoken=False)["truncation"] == room


def test_tracing_is_chosen_once() -> None:
    traced = update(tracing="auto")
    with pytest.raises(Refusal, match="Tracing"):
        settings.updated(traced, {"type": "realtime", "tracing": None}, has_spoken=False)
    assert settings.updated(traced, {"type": "realtime"}, has_spoken=False)["tracing"] == "auto"
