"""Asterisk REST Interface, from Asterisk: events of the WebSocket, and the answers that we look into.

``decode`` is total: any text or bytes give an event, ``Ignored`` (a type that means nothing to us) or ``Malformed``.

Facts: Asterisk's API descriptions (``rest-api/api-docs/events.json``, tag 22.10.1). Every event about a channel carries a
snapshot of it, whose state tells more than the event's name: a channel that is ``Up`` was answered, one that is ``Ringing``
rings, whichever event says so and in whatever order they come.

Decisions: digits are taken from the media socket, where they are in step with the audio, so ``ChannelDtmfReceived`` is ignored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """A channel as an event or an answer shows it. ``connection_id``: where its media waits for us."""

    id: str
    state: str
    connection_id: str = ""

    @property
    def is_up(self) -> bool:
        """It was answered."""
        return self.state == "Up"


@dataclass(frozen=True, slots=True)
class DialTold:
    """How a dial goes: ``""`` (begun), RINGING, PROGRESS, PROCEEDING, ANSWER, BUSY, NOANSWER, CONGESTION, CHANUNAVAIL, CANCEL."""

    channel: ChannelSeen
    status: str


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """The channel changed its state."""

    channel: ChannelSeen


@dataclass(frozen=True, slots=True)
class AppEntered:
    """The channel was answered and is ours to command."""

    channel: ChannelSeen
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HangUpAsked:
    """Somebody wants the channel to end: the far side, or we ourselves. A time limit is not told so."""

    channel: ChannelSeen


@dataclass(frozen=True, slots=True)
class ChannelEnded:
    """The channel is gone. ``cause``: Q.850, with Asterisk's words for it; ``sip_code`` where SIP gave one."""

    channel: ChannelSeen
    cause: int
    text: str
    sip_code: int | None = None


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """A recording could not be made, after all."""

    name: str
    cause: str


@dataclass(frozen=True, slots=True)
class AppReplaced:
    """Another program listens under our application's name: we hear no more."""


AriEvent = DialTold | ChannelChanged | AppEntered | HangUpAsked | ChannelEnded | RecordingFailed | AppReplaced
ChannelEvent = DialTold | ChannelChanged | AppEntered | HangUpAsked | ChannelEnded


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that means nothing to us; ``type`` is its own word."""

    type: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that cannot be read."""

    reason: str


class _Channel(msgspec.Struct):
    id: str
    state: str
    channelvars: dict[str, str | None] = {}

    def seen(self) -> ChannelSeen:
        return ChannelSeen(self.id, self.state, self.channelvars.get("MEDIA_WEBSOCKET_CONNECTION_ID") or "")


class _Dial(msgspec.Struct, tag="Dial"):
    peer: _Channel
    dialstatus: str

    def event(self) -> AriEvent:
        return DialTold(self.peer.seen(), self.dialstatus)


class _StateChange(msgspec.Struct, tag="ChannelStateChange"):
    channel: _Channel

    def event(self) -> AriEvent:
        return ChannelChanged(self.channel.seen())


class _Start(msgspec.Struct, tag="StasisStart"):
    channel: _Channel
    args: tuple[str, ...] = ()

    def event(self) -> AriEvent:
        return AppEntered(self.channel.seen(), self.args)


class _HangupRequest(msgspec.Struct, tag="ChannelHangupRequest"):
    channel: _Channel

    def event(self) -> AriEvent:
        return HangUpAsked(self.channel.seen())


class _Destroyed(msgspec.Struct, tag="ChannelDestroyed"):
    channel: _Channel
    cause: int
    cause_txt: str
    tech_cause: int | None = None

    def event(self) -> AriEvent:
        return ChannelEnded(self.channel.seen(), self.cause, self.cause_txt, self.tech_cause or None)


class _Recording(msgspec.Struct):
    name: str
    cause: str = ""


class _RecordingFailed(msgspec.Struct, tag="RecordingFailed"):
    recording: _Recording

    def event(self) -> AriEvent:
        return RecordingFailed(self.recording.name, self.recording.cause)


class _Replaced(msgspec.Struct, tag="ApplicationReplaced"):
    def event(self) -> AriEvent:
        return AppReplaced()


_Message = _Dial | _StateChange | _Start | _HangupRequest | _Destroyed | _RecordingFailed | _Replaced


class _Head(msgspec.Struct):
    type: str


_head = msgspec.json.Decoder(_Head)
_message: msgspec.json.Decoder[_Message] = msgspec.json.Decoder(_Message)
_TAGS = frozenset(
    {
        "Dial",
        "ChannelStateChange",
        "StasisStart",
        "ChannelHangupRequest",
        "ChannelDestroyed",
        "RecordingFailed",
        "ApplicationReplaced",
    }
)


def decode(text: str | bytes) -> AriEvent | Ignored | Malformed:
    """Read one message of the events socket."""
    try:
        kind = _head.decode(text).type
        if kind not in _TAGS:
            return Ignored(kind)
        return _message.decode(text).event()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return Malformed(str(error))


# --- answers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BridgeSeen:
    """A bridge in the list of them. ``created_at`` is ISO 8601 with an offset such as ``+0000``."""

    id: str
    name: str
    channels: tuple[str, ...]
    created_at: str


class _Bridge(msgspec.Struct):
    id: str
    name: str
    channels: tuple[str, ...] = ()
    creationtime: str = ""


class _System(msgspec.Struct):
    version: str


class _Info(msgspec.Struct):
    system: _System


class _Ping(msgspec.Struct):
    timestamp: str


class _Module(msgspec.Struct):
    status: str


class _Endpoint(msgspec.Struct):
    state: str = "unknown"


class _Failure(msgspec.Struct):
    message: str = ""
    error: str = ""


def decode_channel(body: bytes) -> ChannelSeen | Malformed:
    """A channel in the answer to a request."""
    try:
        return msgspec.json.decode(body, type=_Channel).seen()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return Malformed(str(error))


def decode_bridges(body: bytes) -> list[BridgeSeen]:
    """The list of bridges; empty when it cannot be read."""
    try:
        found = msgspec.json.decode(body, type=list[_Bridge])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return []
    return [BridgeSeen(bridge.id, bridge.name, bridge.channels, bridge.creationtime) for bridge in found]


def decode_version(body: bytes) -> str:
    """The server's version (``22.10.1``); empty when it is not told."""
    return _word(body, _Info, lambda it: it.system.version)


def decode_time(body: bytes) -> str:
    """The server's time (``2026-11-21T03:00:00.000+0000``); empty when it is not told."""
    return _word(body, _Ping, lambda it: it.timestamp)


def decode_module(body: bytes) -> str:
    """``Running`` for a module that works; empty when it is not told."""
    return _word(body, _Module, lambda it: it.status)


def decode_endpoint(body: bytes) -> str:
    """``online``, ``offline`` or ``unknown`` (no check of the trunk is configured); empty when it is not told."""
    return _word(body, _Endpoint, lambda it: it.state)


def failure(body: bytes) -> str:
    """Why a request was refused, in Asterisk's words."""
    return _word(body, _Failure, lambda it: it.message or it.error)


def _word(body: bytes, shape: type[T], of: Callable[[T], str]) -> str:
    try:
        return of(msgspec.json.decode(body, type=shape))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
