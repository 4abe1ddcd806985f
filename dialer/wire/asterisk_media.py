"""The control messages of Asterisk's ``chan_websocket``, as JSON text; audio travels beside them as binary mu-law.

``decode`` is total: any text or bytes give an event, ``Ignored`` or ``Malformed``.

Facts: ``channels/chan_websocket.c`` of github.com/asterisk/asterisk (22.8 and newer), and measurements on 22.10.1:

- A command longer than 128 bytes is dropped without a word: ids are short and ours.
- A binary message over 65,535 bytes closes the socket; above 1,000 queued frames of 20 ms further audio is dropped silently.
- Outside of bulk buffering the rest of a binary message that does not fill a frame is dropped: only whole frames are sent.
- ``FLUSH_MEDIA`` drops queued marks without answering them. ``GET_STATUS`` just before it tells how much was left unplayed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from dialer.errors import ProtocolViolation

LONGEST_COMMAND_BYTES = 128
LONGEST_AUDIO_BYTES = 8000
"""One second in one message: far below what closes the socket."""
QUEUE_FRAMES = 1000
SUBPROTOCOL = "media"


class Command(StrEnum):
    """What Asterisk can be told without an argument."""

    ANSWER = "ANSWER"
    HANG_UP = "HANGUP"
    START_BUFFERING = "START_MEDIA_BUFFERING"
    FLUSH = "FLUSH_MEDIA"
    PAUSE = "PAUSE_MEDIA"
    CONTINUE = "CONTINUE_MEDIA"
    GET_STATUS = "GET_STATUS"
    REPORT_DRAINED = "REPORT_QUEUE_DRAINED"


def encode(command: Command) -> str:
    """A command without an argument."""
    return f'{{"command":"{command.value}"}}'


def encode_mark(correlation_id: str) -> str:
    """Have ``MarkProcessed`` told when the audio queued so far was played. Raises ``ProtocolViolation`` for a long id."""
    return _with_id("MARK_MEDIA", correlation_id)


def encode_stop_buffering(correlation_id: str) -> str:
    """End bulk buffering; what does not fill a frame is queued as it is."""
    return _with_id("STOP_MEDIA_BUFFERING", correlation_id)


def _with_id(command: str, correlation_id: str) -> str:
    text = msgspec.json.encode({"command": command, "correlation_id": correlation_id})
    if len(text) > LONGEST_COMMAND_BYTES:
        raise ProtocolViolation(f"a command of {len(text)} bytes would be dropped without a word")
    return text.decode()


@dataclass(frozen=True, slots=True)
class MediaStarted:
    """The socket is attached to its channel. ``frame_bytes``: of one frame of ``ptime_ms``."""

    connection_id: str
    channel_id: str
    format: str
    frame_bytes: int
    ptime_ms: int
    variables: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class FlowStopped:
    """900 frames are queued: send no more audio for now."""


@dataclass(frozen=True, slots=True)
class FlowResumed:
    """Fewer than 800 frames are queued again."""


@dataclass(frozen=True, slots=True)
class MarkProcessed:
    """The audio before this mark was played."""

    correlation_id: str


@dataclass(frozen=True, slots=True)
class BufferingCompleted:
    """All audio of a bulk was played."""

    correlation_id: str


@dataclass(frozen=True, slots=True)
class QueueDrained:
    """The queue is empty, as was asked to be told."""


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How much waits to be played: ``frames`` of 20 ms."""

    frames: int
    is_full: bool = False
    is_bulk: bool = False
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class DigitEnded:
    """The callee pressed a key and let it go."""

    digit: str


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A command could not be carried out; Asterisk's own words."""

    text: str


MediaEvent = (
    MediaStarted
    | FlowStopped
    | FlowResumed
    | MarkProcessed
    | BufferingCompleted
    | QueueDrained
    | QueueStatus
    | DigitEnded
    | CommandRefused
)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that means nothing to us; ``type`` is its own word."""

    type: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that cannot be read: also all plain-text messages, which versions before 22.8 send."""

    reason: str


class _Start(msgspec.Struct, tag="MEDIA_START", tag_field="event"):
    connection_id: str
    channel_id: str
    format: str
    optimal_frame_size: int
    ptime: int
    channel_variables: dict[str, str | None] = {}

    def read(self) -> MediaEvent:
        return MediaStarted(
            self.connection_id, self.channel_id, self.format, self.optimal_frame_size, self.ptime, self.channel_variables
        )


class _Xoff(msgspec.Struct, tag="MEDIA_XOFF", tag_field="event"):
    def read(self) -> MediaEvent:
        return FlowStopped()


class _Xon(msgspec.Struct, tag="MEDIA_XON", tag_field="event"):
    def read(self) -> MediaEvent:
        return FlowResumed()


class _Mark(msgspec.Struct, tag="MEDIA_MARK_PROCESSED", tag_field="event"):
    correlation_id: str

    def read(self) -> MediaEvent:
        return MarkProcessed(self.correlation_id)


class _Buffering(msgspec.Struct, tag="MEDIA_BUFFERING_COMPLETED", tag_field="event"):
    correlation_id: str

    def read(self) -> MediaEvent:
        return BufferingCompleted(self.correlation_id)


class _Drained(msgspec.Struct, tag="QUEUE_DRAINED", tag_field="event"):
    def read(self) -> MediaEvent:
        return QueueDrained()


class _Status(msgspec.Struct, tag="STATUS", tag_field="event"):
    queue_length: int
    queue_full: bool = False
    bulk_media: bool = False
    media_paused: bool = False

    def read(self) -> MediaEvent:
        return QueueStatus(self.queue_length, self.queue_full, self.bulk_media, self.media_paused)


class _Digit(msgspec.Struct, tag="DTMF_END", tag_field="event"):
    digit: str

    def read(self) -> MediaEvent:
        return DigitEnded(self.digit)


class _Error(msgspec.Struct, tag="ERROR", tag_field="event"):
    error_text: str = ""

    def read(self) -> MediaEvent:
        return CommandRefused(self.error_text)


class _Head(msgspec.Struct):
    event: str


_Message = _Start | _Xoff | _Xon | _Mark | _Buffering | _Drained | _Status | _Digit | _Error
_TAGS = frozenset(
    {
        "MEDIA_START",
        "MEDIA_XOFF",
        "MEDIA_XON",
        "MEDIA_MARK_PROCESSED",
        "MEDIA_BUFFERING_COMPLETED",
        "QUEUE_DRAINED",
        "STATUS",
        "DTMF_END",
        "ERROR",
    }
)
_head = msgspec.json.Decoder(_Head)
_message: msgspec.json.Decoder[_Message] = msgspec.json.Decoder(_Message)


def decode(text: str | bytes) -> MediaEvent | Ignored | Malformed:
    """Read one text message of the media socket."""
    try:
        kind = _head.decode(text).event
        if kind not in _TAGS:
            return Ignored(kind)
        return _message.decode(text).read()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return Malformed(str(error))
