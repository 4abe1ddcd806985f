"""What was said and done in one attempt: turns as heard, and tool calls with their results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Speaker(StrEnum):
    """Whose turn it was."""

    AGENT = "agent"
    CALLEE = "callee"


@dataclass(frozen=True, slots=True)
class Turn:
    """One uninterrupted stretch of one speaker, as it was *heard*.

    ``seq`` counts from 1 in order of speaking. ``start_ms`` and ``end_ms`` count from the answer. For the agent, ``text``
    holds the words that were played before any barge-in and ``generated`` all that the model had produced; for the callee
    the two are equal. ``latency_ms`` (agent only): from the end of the callee's speech to our first audio.
    """

    seq: int
    speaker: Speaker
    text: str
    start_ms: int
    end_ms: int
    generated: str = ""
    item_id: str = ""
    is_interrupted: bool = False
    latency_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a declared tool by the model, with what our code answered. ``call_id`` makes it idempotent."""

    call_id: str
    name: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    at_ms: int
    after_seq: int
    """The last turn that stood when the tool was called: the tool call stands after it in the transcript."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words and deeds of one attempt, in order."""

    turns: tuple[Turn, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    events: tuple[str, ...] = field(default=())
