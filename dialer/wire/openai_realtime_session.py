"""OpenAI Realtime (GA): the session that we ask for, and whether it is the one in force.

Decisions, each with its reason:

- Every ``session.update`` carries ``type`` (mandatory) and the whole ``audio.input``: a part of it alone has been seen to
  drop the rest.
- Both formats are ``audio/pcmu``, the telephone's own, so that no audio is ever resampled; never a bare string.
- The server detects speech (``server_vad``: 0.5, 300 ms, 500 ms) but neither creates nor cancels responses: our conversation
  is the only gate that does. ``idle_timeout_ms`` is off: it would
  speak by itself, and our silences are timed by what was heard.
- ``noise_reduction`` is off: its fields are microphones near or far, and a telephone network has filtered already.
- ``truncation`` keeps 80 % when the conversation grows over 4,000 tokens (about four minutes of talk): cost grows with
  each reply, answers are kept by our tools, and instructions are never dropped.
- ``max_output_tokens`` is the largest finite number, so that no reply can cost without end.
- ``reasoning.effort`` is low, asked only of models that are known to take it: more of it costs a second of silence
  (1.1 s to first audio at minimal, 2.3 s at high), less of it forgets tools.
- ``tracing`` is off: traces of calls would be personal data in another place.
- Left to the service: ``speed``, ``parallel_tool_calls`` (several calls in a response are fine), ``include``.
- The model is not in it: the address names it, it cannot be changed, and the service may answer with a dated name.
  Reusable prompts, ``temperature`` and every flat field of the beta are gone from the service.
- ``transcription`` has model and language hint; ``keywords`` would be a second copy of personal data, ``delay`` and
  ``prompt`` are of other models.
- A voice whose name begins with ``voice_`` is a custom one, which is named by ``{id}``.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from dialer.model.realtime import CUSTOM_VOICE, shipped_realtime
from dialer.wire.openai_realtime_requests import encode_message, update_session

AUDIO_FORMAT = {"type": "audio/pcmu"}
TURN_DETECTION = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": False,
    "interrupt_response": False,
}
TRUNCATION = {"type": "retention_ratio", "retention_ratio": 0.8, "token_limits": {"post_instructions": 4000}}
REASONING = {"effort": "low"}
_MAY_BE_SILENT = frozenset({"max_output_tokens", "truncation", "tracing", "reasoning"})
"""Settings of cost and pace: published examples of ``session.updated`` leave some of them out. What the callee hears and
what the model is told must be echoed."""
# What may be shown in an error text; instructions and tools may hold a person's data.
_SHOWN = frozenset(
    {"type", "audio", "output_modalities", "tool_choice", "max_output_tokens", "truncation", "tracing", "reasoning"}
)


class Setup(Protocol):
    """What a session is made from."""

    @property
    def instructions(self) -> str:
        """What the model is told."""
        ...

    @property
    def tools(self) -> Sequence[Mapping[str, Any]]:
        """JSON-schema function declarations."""
        ...

    @property
    def voice(self) -> str:
        """The name of the voice, or the id of a custom one."""
        ...

    @property
    def model(self) -> str:
        """The model (Azure: the deployment) that will speak."""
        ...

    @property
    def language(self) -> str:
        """The transcription's hint (ISO 639-1), or empty."""
        ...


def session_body(setup: Setup, transcription_model: str) -> dict[str, Any]:
    """The session object to ask for."""
    facts = shipped_realtime()
    transcription = {"model": transcription_model}
    if setup.language:
        transcription["language"] = setup.language
    body: dict[str, Any] = {
        "type": "realtime",
        "instructions": setup.instructions,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "format": dict(AUDIO_FORMAT),
                "noise_reduction": None,
                "transcription": transcription,
                "turn_detection": dict(TURN_DETECTION),
            },
            "output": {"format": dict(AUDIO_FORMAT), "voice": _voice(setup.voice)},
        },
        "tools": [{"type": "function", **tool} for tool in setup.tools],
        "tool_choice": "auto",
        "max_output_tokens": facts.limits.response_tokens,
        "truncation": dict(TRUNCATION),
        "tracing": None,
    }
    speaker = facts.model(setup.model)
    if speaker is not None and speaker.has_reasoning:
        body["reasoning"] = dict(REASONING)
    return body


def _voice(name: str) -> str | dict[str, str]:
    return {"id": name} if name.startswith(CUSTOM_VOICE) else name


def encode_session(body: Mapping[str, Any], event_id: str) -> str:
    """The ``session.update`` message; an error about it will name ``event_id``."""
    return encode_message(update_session(body), event_id)


def differences(asked: Mapping[str, Any], effective: Mapping[str, Any]) -> list[str]:
    """Where the session in force is not what was asked for, one line each; more than was asked for is no difference.

    ``null`` and absent are the same; numbers may differ by a rounding. The lines never show instructions or tools.
    """
    return [
        line
        for key, value in asked.items()
        if key in effective or key not in _MAY_BE_SILENT
        for line in _unlike(f"session.{key}", value, effective.get(key), is_shown=key in _SHOWN)
    ]


def _unlike(path: str, asked: Any, effective: Any, *, is_shown: bool) -> list[str]:
    if isinstance(asked, Mapping) and isinstance(effective, Mapping):
        parts = [(f"{path}.{key}", value, effective.get(key)) for key, value in asked.items()]
    elif isinstance(asked, list) and isinstance(effective, list) and len(asked) == len(effective):
        parts = [(f"{path}[{place}]", *pair) for place, pair in enumerate(zip(asked, effective, strict=True))]
    elif _is_same(asked, effective) or asked == {"id": effective}:  # a custom voice may come back as its bare id
        return []
    else:
        return [f"{path}: asked {asked!r}, in force {effective!r}" if is_shown else f"{path}: not as asked"]
    return [line for part in parts for line in _unlike(*part, is_shown=is_shown)]


def _is_same(asked: Any, effective: Any) -> bool:
    if isinstance(asked, bool) or isinstance(effective, bool):
        return asked is effective
    if isinstance(asked, int | float) and isinstance(effective, int | float):
        return math.isclose(asked, effective, rel_tol=1e-6)
    return bool(asked == effective)
