"""OpenAI Realtime (GA), server to client: JSON text -> voice events.

``decode`` is total: any text or bytes give a voice event, ``Ignored`` (a type that means nothing to us) or ``Malformed``
(not JSON, or a type that we use with fields that we cannot read). Fields that we do not use may be anything. Every event
of the GA protocol is either read or stands in ``UNUSED`` with the reason why a call has no use for it. One message is
hot: the base64 of ``response.output_audio.delta`` is turned into bytes while the JSON is parsed.

Facts: GA event names and shapes as in the ``openai`` package's ``types/realtime``; the beta names (``response.audio.*``,
``response.text.*``) are gone from the service and are unknown here. The other direction is ``openai_realtime_requests``.

Decisions: a tool call is taken from ``response.output_item.done``, which comes before ``response.done`` and says whether
the arguments are whole. Parts are not read at all, so that it does not matter whether a part's type is ``audio`` or
``output_audio`` (stand-ins of others mix them up). Events without an ``event_id`` are fine. Transcripts of the callee come
in any order: they are keyed by item, and ``previous_item_id`` of the commit gives the place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from dialer.conversation.events import (
    AgentAudio,
    AgentAudioDone,
    AgentTranscript,
    AgentWords,
    CalleeWords,
    CalleeWordsFailed,
    ItemTruncated,
    RateLimited,
    ResponseDone,
    ResponseStarted,
    SessionCreated,
    SessionUpdated,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    ToolCalled,
    VoiceEvent,
    VoiceRefused,
)
from dialer.model.attempt import Usage
from dialer.model.realtime import shipped_realtime

_SIP = "only with SIP or WebRTC, where the service itself plays: our leg reports keys and playout"
_MCP = "we declare no MCP servers"
_ITEM = "what we need of an item comes with its commit, its transcript or its response"
_PART = "the transcript and the audio say the same"
_TEXT = "we ask for audio; its words come as output_audio_transcript"
_ECHO = "an echo of our own request; nothing waits for it"
UNUSED: Mapping[str, str] = {
    "conversation.created": "there is one conversation, and it needs no name",
    "conversation.item.added": _ITEM,
    "conversation.item.created": "the beta's name of conversation.item.added",
    "conversation.item.done": _ITEM,
    "conversation.item.deleted": _ECHO,
    "conversation.item.retrieved": _ECHO,
    "conversation.item.input_audio_transcription.delta": "opt-out and guards read whole sentences",
    "conversation.item.input_audio_transcription.segment": "only of models that tell speakers apart",
    "input_audio_buffer.cleared": _ECHO,
    "input_audio_buffer.timeout_triggered": "we set no idle_timeout_ms: silence is timed by what was heard, not generated",
    "input_audio_buffer.dtmf_event_received": _SIP,
    "output_audio_buffer.started": _SIP,
    "output_audio_buffer.stopped": _SIP,
    "output_audio_buffer.cleared": _SIP,
    "response.output_item.added": "response.output_item.done has it whole",
    "response.content_part.added": _PART,
    "response.content_part.done": _PART,
    "response.output_text.delta": _TEXT,
    "response.output_text.done": _TEXT,
    "response.function_call_arguments.delta": "half of the arguments is no call",
    "response.function_call_arguments.done": "response.output_item.done says whether the call is complete",
    "mcp_list_tools.in_progress": _MCP,
    "mcp_list_tools.completed": _MCP,
    "mcp_list_tools.failed": _MCP,
    "response.mcp_call_arguments.delta": _MCP,
    "response.mcp_call_arguments.done": _MCP,
    "response.mcp_call.in_progress": _MCP,
    "response.mcp_call.completed": _MCP,
    "response.mcp_call.failed": _MCP,
}
"""Events of the GA protocol that a call ignores, and why."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that means nothing to us; ``type`` is its own word."""

    type: str

    @property
    def is_known(self) -> bool:
        """The GA protocol has this type; else it is newer than this code."""
        return self.type in UNUSED or self.type in _TAGS


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that cannot be read; ``text`` is what came (it may hold personal data: not for logs)."""

    reason: str
    text: str


# --- the messages that we read, one struct each -----------------------------------------------------------------------


class _SessionCreated(msgspec.Struct, tag="session.created"):
    session: dict[str, Any]

    def event(self) -> VoiceEvent:
        return SessionCreated(self.session)


class _SessionUpdated(msgspec.Struct, tag="session.updated"):
    session: dict[str, Any]

    def event(self) -> VoiceEvent:
        return SessionUpdated(self.session)


class _Error(msgspec.Struct):
    type: str | None = None
    code: str | None = None
    message: str | None = None
    event_id: str | None = None


class _ErrorEvent(msgspec.Struct, tag="error"):
    error: _Error

    def event(self) -> VoiceEvent:
        error = self.error
        return VoiceRefused(error.code or "", error.type or "", error.message or "", error.event_id or "")


class _AudioDelta(msgspec.Struct, tag="response.output_audio.delta"):
    response_id: str
    item_id: str
    delta: bytes

    def event(self) -> VoiceEvent:
        return AgentAudio(self.response_id, self.item_id, self.delta)


class _AudioDone(msgspec.Struct, tag="response.output_audio.done"):
    response_id: str
    item_id: str

    def event(self) -> VoiceEvent:
        return AgentAudioDone(self.response_id, self.item_id)


class _WordsDelta(msgspec.Struct, tag="response.output_audio_transcript.delta"):
    response_id: str
    item_id: str
    delta: str

    def event(self) -> VoiceEvent:
        return AgentWords(self.response_id, self.item_id, self.delta)


class _WordsDone(msgspec.Struct, tag="response.output_audio_transcript.done"):
    response_id: str
    item_id: str
    transcript: str

    def event(self) -> VoiceEvent:
        return AgentTranscript(self.response_id, self.item_id, self.transcript)


class _Item(msgspec.Struct):
    type: str | None = None
    id: str | None = None
    status: str | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None


class _OutputItemDone(msgspec.Struct, tag="response.output_item.done"):
    response_id: str
    item: _Item

    def event(self) -> VoiceEvent | Ignored:
        # A cancelled response may leave a call with half of its arguments: only whole ones are tool calls.
        item = self.item
        if item.type == "function_call" and item.status in (None, "completed") and item.call_id and item.name:
            return ToolCalled(self.response_id, item.id or "", item.call_id, item.name, item.arguments or "")
        return Ignored("response.output_item.done")


class _CachedDetails(msgspec.Struct):
    text_tokens: int | None = None
    audio_tokens: int | None = None


class _InputDetails(msgspec.Struct):
    text_tokens: int | None = None
    audio_tokens: int | None = None
    cached_tokens_details: _CachedDetails | None = None


class _OutputDetails(msgspec.Struct):
    text_tokens: int | None = None
    audio_tokens: int | None = None


class _ResponseUsage(msgspec.Struct):
    input_token_details: _InputDetails | None = None
    output_token_details: _OutputDetails | None = None

    def usage(self) -> Usage:
        fed = self.input_token_details or _InputDetails()
        cached = fed.cached_tokens_details or _CachedDetails()
        made = self.output_token_details or _OutputDetails()
        return Usage(
            text_in=fed.text_tokens or 0,
            text_cached=cached.text_tokens or 0,
            text_out=made.text_tokens or 0,
            audio_in=fed.audio_tokens or 0,
            audio_cached=cached.audio_tokens or 0,
            audio_out=made.audio_tokens or 0,
            responses=1,
        )


class _StatusDetails(msgspec.Struct):
    reason: str | None = None
    error: _Error | None = None


class _Response(msgspec.Struct):
    id: str = ""
    status: str | None = None
    status_details: _StatusDetails | None = None
    metadata: dict[str, str] | None = None
    usage: _ResponseUsage | None = None


class _ResponseCreated(msgspec.Struct, tag="response.created"):
    response: _Response

    def event(self) -> VoiceEvent:
        return ResponseStarted(self.response.id, self.response.metadata or {})


class _ResponseDone(msgspec.Struct, tag="response.done"):
    response: _Response

    def event(self) -> VoiceEvent:
        response = self.response
        details = response.status_details or _StatusDetails()
        error = details.error or _Error()
        return ResponseDone(
            response_id=response.id,
            status=response.status or "completed",
            reason=details.reason or error.type or "",
            code=error.code or "",
            usage=(response.usage or _ResponseUsage()).usage(),
            metadata=response.metadata or {},
        )


class _SpeechStarted(msgspec.Struct, tag="input_audio_buffer.speech_started"):
    item_id: str
    audio_start_ms: int

    def event(self) -> VoiceEvent:
        return SpeechStarted(self.item_id, self.audio_start_ms)


class _SpeechStopped(msgspec.Struct, tag="input_audio_buffer.speech_stopped"):
    item_id: str
    audio_end_ms: int

    def event(self) -> VoiceEvent:
        return SpeechStopped(self.item_id, self.audio_end_ms)


class _Committed(msgspec.Struct, tag="input_audio_buffer.committed"):
    item_id: str
    previous_item_id: str | None = None

    def event(self) -> VoiceEvent:
        return SpeechCommitted(self.item_id, self.previous_item_id)


class _TranscriptionUsage(msgspec.Struct):
    seconds: float | None = None
    input_token_details: _InputDetails | None = None

    def seconds_heard(self) -> float:
        """Seconds, whether the model bills by duration or by token."""
        if self.seconds is not None:
            return self.seconds
        details = self.input_token_details or _InputDetails()
        return (details.audio_tokens or 0) * shipped_realtime().limits.heard_token_ms / 1000


class _Transcribed(msgspec.Struct, tag="conversation.item.input_audio_transcription.completed"):
    item_id: str
    transcript: str
    usage: _TranscriptionUsage | None = None

    def event(self) -> VoiceEvent:
        usage = self.usage or _TranscriptionUsage()
        return CalleeWords(self.item_id, self.transcript, usage.seconds_heard())


class _NotTranscribed(msgspec.Struct, tag="conversation.item.input_audio_transcription.failed"):
    item_id: str
    error: _Error | None = None

    def event(self) -> VoiceEvent:
        error = self.error or _Error()
        return CalleeWordsFailed(self.item_id, error.code or error.type or error.message or "")


class _Truncated(msgspec.Struct, tag="conversation.item.truncated"):
    item_id: str
    audio_end_ms: int

    def event(self) -> VoiceEvent:
        return ItemTruncated(self.item_id, self.audio_end_ms)


class _RateLimit(msgspec.Struct):
    name: str = ""
    remaining: int | None = None
    reset_seconds: float | None = None


class _RateLimits(msgspec.Struct, tag="rate_limits.updated"):
    rate_limits: list[_RateLimit]

    def event(self) -> VoiceEvent:
        return RateLimited(
            {limit.name: limit.remaining for limit in self.rate_limits if limit.remaining is not None},
            {limit.name: limit.reset_seconds for limit in self.rate_limits if limit.reset_seconds is not None},
        )


_Message = (
    _AudioDelta
    | _WordsDelta
    | _AudioDone
    | _WordsDone
    | _SessionCreated
    | _SessionUpdated
    | _ErrorEvent
    | _OutputItemDone
    | _ResponseCreated
    | _ResponseDone
    | _SpeechStarted
    | _SpeechStopped
    | _Committed
    | _Transcribed
    | _NotTranscribed
    | _Truncated
    | _RateLimits
)


class _Head(msgspec.Struct):
    type: str


_MESSAGES: msgspec.json.Decoder[_Message] = msgspec.json.Decoder(_Message)
_HEADS = msgspec.json.Decoder(_Head)
_TAGS = frozenset(member.__struct_config__.tag for member in _Message.__args__)
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


def decode(text: str | bytes) -> VoiceEvent | Ignored | Malformed:
    """Read one server message. Never raises."""
    try:
        return _MESSAGES.decode(text).event()
    except _UNREADABLE as error:
        return _without_meaning(text, str(error))


def _without_meaning(text: str | bytes, reason: str) -> Ignored | Malformed:
    """What is left when no struct fits: a type that is not ours, or a broken message."""
    try:
        kind = _HEADS.decode(text).type
    except _UNREADABLE as error:
        kind, reason = "", str(error)
    if kind and kind not in _TAGS:
        return Ignored(kind)
    return Malformed(reason, text if isinstance(text, str) else text.decode("utf-8", "replace"))
