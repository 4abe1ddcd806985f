"""What is heard and said: events, past tense. The commands that answer them are in ``commands`` and are named here too.

Voice events name the model's items and responses by its own ids. Audio is always G.711 mu-law, 8 kHz, mono: 8 bytes
are 1 ms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dialer.conversation.commands import (
    AddNote,
    AddTurn,
    CancelResponse,
    ClearPlayout,
    ConversationCommand,
    CreateResponse,
    EndLog,
    EndTalk,
    Mark,
    Play,
    PlayClip,
    RecordOptOut,
    RecordToolCall,
    RecordTurn,
    ReopenVoice,
    ReturnToolOutput,
    SendDigits,
    Transfer,
    TruncateHeard,
    VoiceCommand,
)
from dialer.model.attempt import Usage
from dialer.model.disposition import AnsweredBy

__all__ = [
    "AddNote",
    "AddTurn",
    "AgentAudio",
    "AgentAudioDone",
    "AgentTranscript",
    "AgentWords",
    "BeepHeard",
    "CallAnswered",
    "CalleeWords",
    "CalleeWordsFailed",
    "CancelResponse",
    "ClearPlayout",
    "ClipReady",
    "ConversationCommand",
    "ConversationEvent",
    "CreateResponse",
    "DigitPressed",
    "EndAsked",
    "EndLog",
    "EndTalk",
    "ItemTruncated",
    "LegAudio",
    "LegClosed",
    "LegEvent",
    "MachineReported",
    "Mark",
    "MarkPlayed",
    "OpeningAsked",
    "Play",
    "PlayClip",
    "PlayoutCleared",
    "RateLimited",
    "RecordOptOut",
    "RecordToolCall",
    "RecordTurn",
    "ReopenFailed",
    "ReopenVoice",
    "ResponseDone",
    "ResponseStarted",
    "ReturnToolOutput",
    "SendDigits",
    "SessionCreated",
    "SessionUpdated",
    "SpeechCommitted",
    "SpeechStarted",
    "SpeechStopped",
    "Tone",
    "ToneHeard",
    "ToolCalled",
    "Transfer",
    "TransferFailed",
    "TruncateHeard",
    "VoiceCommand",
    "VoiceEvent",
    "VoiceLost",
    "VoiceRefused",
    "VoiceReopened",
]

# --- events from the voice model -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SessionCreated:
    """The service opened the session, still with its own defaults."""

    session: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SessionUpdated:
    """The whole effective configuration after our request."""

    session: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResponseStarted:
    """The model began to produce a response; ``metadata`` is what we put into our request (empty when VAD began it)."""

    response_id: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentAudio:
    """A piece of speech of one item, usually much faster than real time."""

    response_id: str
    item_id: str
    mulaw: bytes


@dataclass(frozen=True, slots=True)
class AgentAudioDone:
    """No more audio of this item will come."""

    response_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class AgentWords:
    """A piece of the transcript of the model's own speech."""

    response_id: str
    item_id: str
    delta: str


@dataclass(frozen=True, slots=True)
class AgentTranscript:
    """The whole transcript of one spoken item, as generated (not as heard)."""

    response_id: str
    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model called a declared tool; ``arguments`` is its JSON text, not yet looked at."""

    response_id: str
    item_id: str
    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ResponseDone:
    """The end of a response: ``status`` is completed, cancelled, incomplete or failed; ``reason`` is the service's own
    word."""

    response_id: str
    status: str
    reason: str = ""
    code: str = ""
    usage: Usage = field(default_factory=Usage)
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The callee began to speak; ``audio_start_ms`` counts the audio that we have sent to the model in this session."""

    item_id: str
    audio_start_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The callee stopped speaking."""

    item_id: str
    audio_end_ms: int


@dataclass(frozen=True, slots=True)
class SpeechCommitted:
    """The callee's turn became an item; ``previous_item_id`` gives its place in the conversation."""

    item_id: str
    previous_item_id: str | None


@dataclass(frozen=True, slots=True)
class CalleeWords:
    """The transcript of a callee's turn; comes late and in any order, so it is keyed by its item."""

    item_id: str
    text: str
    transcription_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CalleeWordsFailed:
    """A callee's turn could not be transcribed."""

    item_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ItemTruncated:
    """The service cut an item of ours at what was heard."""

    item_id: str
    heard_ms: int


@dataclass(frozen=True, slots=True)
class RateLimited:
    """What the account has left: by name (``tokens``, ``requests``) the remaining count and the seconds until it is
    full."""

    remaining: Mapping[str, int]
    reset_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class VoiceRefused:
    """The service sent an error; ``event_id`` names our request that lost, where the service knows it."""

    code: str
    kind: str
    message: str
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class VoiceLost:
    """The model's socket closed."""

    reason: str


VoiceEvent = (
    SessionCreated | SessionUpdated | ResponseStarted | AgentAudio | AgentAudioDone | AgentWords | AgentTranscript
    | ToolCalled | ResponseDone | SpeechStarted | SpeechStopped | SpeechCommitted | CalleeWords | CalleeWordsFailed
    | ItemTruncated | RateLimited | VoiceRefused | VoiceLost
)  # fmt: skip

# --- events from the leg ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LegAudio:
    """One frame of the callee's audio (20 ms, 160 bytes). The driver hands it to the model without asking the
    conversation."""

    mulaw: bytes


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """All audio that was queued before this mark has been played to the callee (or was dropped by a clear)."""

    name: str


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """The callee pressed a key: one of ``0``-``9``, ``*``, ``#``."""

    digit: str


@dataclass(frozen=True, slots=True)
class MachineReported:
    """The carrier's own detection says who answered; ``is_beep`` when it also heard the end of the greeting."""

    answered_by: AnsweredBy
    is_beep: bool = False


@dataclass(frozen=True, slots=True)
class LegClosed:
    """The audio connection is gone. ``heard_ms``: all of our audio that was played, where the carrier knows it exactly."""

    reason: str = ""
    heard_ms: int | None = None


LegEvent = LegAudio | MarkPlayed | DigitPressed | MachineReported | LegClosed

# --- events of our own -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpeningAsked:
    """The phone rings: produce the opening into the buffer."""


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The callee's line is open: the buffered opening may be heard now."""


@dataclass(frozen=True, slots=True)
class PlayoutCleared:
    """The carrier dropped what it had not played; ``heard_ms`` is all of our audio that the callee has heard since the
    answer."""

    heard_ms: int


@dataclass(frozen=True, slots=True)
class BeepHeard:
    """A local detector heard the answering machine's beep end."""


class Tone(StrEnum):
    """What networks and machines say in tones."""

    NO_SUCH_NUMBER = "no_such_number"
    """Special information tones (intercept, vacant): the number itself is wrong."""
    NETWORK_FAILED = "network_failed"
    """The other special information tones: no way to the callee for now."""
    FAX = "fax"
    BUSY = "busy"
    RINGBACK = "ringback"


@dataclass(frozen=True, slots=True)
class ToneHeard:
    """A local detector heard a tone that no person makes."""

    tone: Tone


@dataclass(frozen=True, slots=True)
class ClipReady:
    """A fixed sentence lies ready as sound of ours, ``count`` bytes of it; ``name``: ``opening`` or ``apology``."""

    name: str
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class VoiceReopened:
    """A new session of the model is open, with the same settings and an empty conversation."""


@dataclass(frozen=True, slots=True)
class ReopenFailed:
    """No new session of the model could be opened."""

    reason: str


@dataclass(frozen=True, slots=True)
class EndAsked:
    """The operator or a shutdown wants a polite end: a goodbye, then the end."""

    reason: str


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """The carrier could not hand the callee over: he is still with us."""

    reason: str


ConversationEvent = (
    VoiceEvent | LegEvent | OpeningAsked | CallAnswered | PlayoutCleared | BeepHeard | ToneHeard | ClipReady | VoiceReopened
    | ReopenFailed | EndAsked | TransferFailed
)  # fmt: skip
