"""What a session and a response may be told, field by field (GA, as in the ``openai`` package's ``types/realtime``).

Not offered, and refused as unknown: reusable prompts (they end with November 2026), MCP tools, transcription sessions.
"""

import copy
from typing import Any

from dialer.model.realtime import shipped_realtime
from dialer.simulation.model.schema import (
    Check,
    Refusal,
    anything,
    array,
    either,
    flag,
    integer,
    mapping,
    nullable,
    number,
    one_of,
    record,
    tagged,
    text,
)

_FACTS = shipped_realtime()
_LIMITS = _FACTS.limits

_TYPE: Check = anything  # its value has chosen the record
_FORMAT = tagged(
    {
        "audio/pcm": record({"type": _TYPE, "rate": one_of(24000)}),
        "audio/pcmu": record({"type": _TYPE}),
        "audio/pcma": record({"type": _TYPE}),
    }
)
_SWITCHES = {"create_response": nullable(flag), "interrupt_response": nullable(flag)}
_TURN_DETECTION = tagged(
    {
        "server_vad": record(
            {
                "type": _TYPE,
                "threshold": nullable(number(0, 1)),
                "prefix_padding_ms": nullable(integer(0, 5000)),
                "silence_duration_ms": nullable(integer(20, 10_000)),
                "idle_timeout_ms": nullable(integer(*_LIMITS.idle_timeout_ms)),
                **_SWITCHES,
            }
        ),
        "semantic_vad": record({"type": _TYPE, "eagerness": nullable(one_of("low", "medium", "high", "auto")), **_SWITCHES}),
    }
)
_TRANSCRIPTION = record(
    {
        "model": text,
        "language": text,
        "languages": array(text),
        "keywords": array(text),
        "prompt": text,
        "delay": one_of("minimal", "low", "medium", "high", "xhigh"),
    }
)
_NOISE_REDUCTION = record({"type": one_of("near_field", "far_field"), "strength": number(0, 1)})
_VOICE = either(record({"id": text}, required=("id",)), one_of(*_FACTS.voices.names))
_MODALITIES = either(one_of(["audio"]), one_of(["text"]))
_TOOL = tagged(
    {
        "function": record(
            {"type": _TYPE, "name": text, "description": text, "parameters": mapping(anything, 100)}, required=("name",)
        )
    }
)
_TOOL_CHOICE = either(
    tagged({"function": record({"type": _TYPE, "name": text}, required=("name",))}), one_of("auto", "none", "required")
)
_MAX_TOKENS = either(one_of("inf"), integer(1, _LIMITS.response_tokens))
_REASONING = record({"effort": one_of("minimal", "low", "medium", "high", "xhigh")})
_RETENTION = tagged(
    {
        "retention_ratio": record(
            {
                "type": _TYPE,
                "retention_ratio": number(0, 1),
                "token_limits": record({"post_instructions": integer(0, 10**6)}),
            },
            required=("retention_ratio",),
        )
    }
)
_TRACING = record({"workflow_name": text, "group_id": text, "metadata": anything})
_SHARED: dict[str, Check] = {
    "instructions": text,
    "output_modalities": _MODALITIES,
    "tools": array(_TOOL, 128),
    "tool_choice": _TOOL_CHOICE,
    "parallel_tool_calls": flag,
    "max_output_tokens": _MAX_TOKENS,
    "reasoning": nullable(_REASONING),
}
SESSION: Check = tagged(
    {
        "realtime": record(
            {
                **_SHARED,
                "type": _TYPE,
                "model": text,
                "audio": record(
                    {
                        "input": record(
                            {
                                "format": _FORMAT,
                                "noise_reduction": nullable(_NOISE_REDUCTION),
                                "transcription": nullable(_TRANSCRIPTION),
                                "turn_detection": nullable(_TURN_DETECTION),
                            }
                        ),
                        "output": record({"format": _FORMAT, "voice": _VOICE, "speed": number(*_LIMITS.speed)}),
                    }
                ),
                "truncation": either(_RETENTION, one_of("auto", "disabled")),
                "tracing": nullable(either(_TRACING, one_of("auto"))),
                "include": nullable(array(one_of("item.input_audio_transcription.logprobs"))),
            }
        )
    }
)
RESPONSE: Check = record(
    {
        **_SHARED,
        "audio": record({"output": record({"format": _FORMAT, "voice": _VOICE})}),
        "conversation": one_of("auto", "none"),
        "input": array(mapping(anything, 20)),
        "metadata": nullable(mapping(text, _LIMITS.metadata_pairs)),
    }
)
_VAD_DEFAULTS: dict[str, dict[str, Any]] = {
    "server_vad": {
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    },
    "semantic_vad": {"eagerness": "auto", "create_response": True, "interrupt_response": True},
}


def defaults(session_id: str, model: str) -> dict[str, Any]:
    """The session that a client gets before it has said anything."""
    pcm = {"type": "audio/pcm", "rate": 24000}
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "output_modalities": ["audio"],
        "instructions": "You are a helpful assistant.",
        "tools": [],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "max_output_tokens": "inf",
        "reasoning": None,
        "truncation": "auto",
        "tracing": None,
        "prompt": None,
        "include": None,
        "audio": {
            "input": {
                "format": pcm,
                "noise_reduction": None,
                "transcription": None,
                "turn_detection": {"type": "server_vad", **_VAD_DEFAULTS["server_vad"]},
            },
            "output": {"format": dict(pcm), "voice": "marin", "speed": 1.0},
        },
    }


def updated(session: dict[str, Any], asked: Any, *, has_spoken: bool) -> dict[str, Any]:
    """The session after ``session.update``; raises ``Refusal`` and changes nothing when any field is wrong."""
    SESSION("session", asked)
    if asked.get("model", session["model"]) != session["model"]:
        raise Refusal("cannot_update_model", "The model of a session cannot be changed.", "session.model")
    result = copy.deepcopy(session)
    result |= {name: value for name, value in asked.items() if name != "audio"}
    for side, fields in asked.get("audio", {}).items():
        result["audio"][side] |= copy.deepcopy(fields)
    if has_spoken and result["audio"]["output"]["voice"] != session["audio"]["output"]["voice"]:
        message = "Cannot update a conversation's voice if assistant audio is present."
        raise Refusal("cannot_update_voice", message, "session.audio.output.voice")
    if session["tracing"] is not None and result["tracing"] != session["tracing"]:
        raise Refusal("invalid_value", "Tracing cannot be changed once it is enabled.", "session.tracing")
    _check_transcription(result["audio"]["input"]["transcription"])
    _check_truncation(result["truncation"], result["model"])
    detection = result["audio"]["input"]["turn_detection"]
    if detection is not None:
        given = {name: value for name, value in detection.items() if value is not None}
        result["audio"]["input"]["turn_detection"] = _VAD_DEFAULTS[detection["type"]] | given
    for side in ("input", "output"):
        if result["audio"][side]["format"]["type"] == "audio/pcm":
            result["audio"][side]["format"]["rate"] = 24000
    check_size(result["instructions"], result["tools"])
    return result


def _check_transcription(asked: dict[str, Any] | None) -> None:
    """Some settings are only of some models. A model that is not known may be a deployment's name."""
    known = _FACTS.transcription((asked or {}).get("model", ""))
    for name in ("keywords", "languages", "prompt", "delay"):
        if asked and asked.get(name) and known is not None and name not in known.takes:
            param = f"session.audio.input.transcription.{name}"
            raise Refusal("invalid_value", f"'{name}' is not supported with the model {asked['model']}.", param)


def _check_truncation(asked: Any, model: str) -> None:
    """The conversation must leave room for a reply."""
    known = _FACTS.model(model)
    most = asked.get("token_limits", {}).get("post_instructions", 0) if isinstance(asked, dict) else 0
    if known is not None and most > known.context_tokens - known.output_tokens:
        param = "session.truncation.token_limits.post_instructions"
        raise Refusal("invalid_value", f"At most {known.context_tokens - known.output_tokens} tokens.", param)


def check_size(instructions: str, tools: list[Any]) -> None:
    """Refuse what would not fit before the conversation."""
    tokens = (len(instructions) + len(str(tools))) // 4
    if tokens > _LIMITS.instructions_tokens:
        message = f"Instructions and tools have {tokens} tokens, at most {_LIMITS.instructions_tokens} are allowed."
        raise Refusal("string_above_max_length", message, "session.instructions")
