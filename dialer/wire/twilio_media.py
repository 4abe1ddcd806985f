"""Twilio Media Streams over a bidirectional ``<Connect><Stream>``: JSON text <-> our events and orders.

``decode`` is total: any text or bytes give an event, ``Ignored`` (a message that means nothing to us) or ``Malformed``. Numbers
come as text, and fields that we do not use may be anything. One message is hot, ``media``: its base64 is turned into bytes while
the JSON is parsed. Messages and fields: twilio.com/docs/voice/media-streams/websocket-messages.

The other way there are three messages and no fourth (any other closes the stream with error 31924): ``media`` with raw mu-law of
8 kHz, ``mark``, ``clear``. Twilio plays at its own pace and gives a mark back when it has been played, or at once after a clear.
"""

import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from dialer.conversation.events import DigitPressed, LegAudio

_KEYS = frozenset("0123456789*#ABCD")


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket speaks Media Streams; ``Started`` follows."""


@dataclass(frozen=True, slots=True)
class Started:
    """The stream of this call begins. ``parameters`` are those of our TwiML."""

    stream_sid: str
    call_sid: str
    account_sid: str
    encoding: str
    rate: int
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_mulaw(self) -> bool:
        """Whether the audio is what we speak."""
        return (self.encoding, self.rate) == ("audio/x-mulaw", 8000)


@dataclass(frozen=True, slots=True)
class MarkReturned:
    """What was sent before this mark has been played, or was dropped by a clear."""

    name: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The stream or the call has ended."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that means nothing to us; ``event`` is its own word."""

    event: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that cannot be read, because of ``reason``."""

    reason: str


StreamEvent = Connected | Started | LegAudio | DigitPressed | MarkReturned | Stopped | Ignored | Malformed


class _Message(msgspec.Struct, tag_field="event"):
    pass


class _Payload(msgspec.Struct):
    payload: bytes
    track: str = "inbound"


class _Media(_Message, tag="media"):
    media: _Payload


class _Connected(_Message, tag="connected"):
    pass


class _Format(msgspec.Struct, rename="camel"):
    encoding: str
    sample_rate: int


class _Begin(msgspec.Struct, rename="camel"):
    stream_sid: str
    call_sid: str
    media_format: _Format
    account_sid: str = ""
    custom_parameters: dict[str, str] = {}


class _Start(_Message, tag="start"):
    start: _Begin


class _Key(msgspec.Struct):
    digit: str


class _Dtmf(_Message, tag="dtmf"):
    dtmf: _Key


class _Name(msgspec.Struct):
    name: str


class _Mark(_Message, tag="mark"):
    mark: _Name


class _Stop(_Message, tag="stop"):
    pass


class _Any(msgspec.Struct):
    event: str


_TAGS = frozenset({"media", "connected", "start", "dtmf", "mark", "stop"})
_KNOWN = msgspec.json.Decoder(_Media | _Connected | _Start | _Dtmf | _Mark | _Stop, strict=False)
_ANY = msgspec.json.Decoder(_Any)


def decode(message: str | bytes) -> StreamEvent:
    """What Twilio sent."""
    try:
        read = _KNOWN.decode(message)
    except (msgspec.DecodeError, UnicodeError) as error:
        return _unread(message, error)
    if isinstance(read, _Media):
        return LegAudio(read.media.payload) if read.media.track == "inbound" else Ignored("media of our own track")
    if isinstance(read, _Mark):
        return MarkReturned(read.mark.name)
    if isinstance(read, _Dtmf):
        digit = read.dtmf.digit
        return DigitPressed(digit) if digit in _KEYS else Malformed(f"no key is called {digit[:8]!r}")
    if isinstance(read, _Start):
        begin = read.start
        form = begin.media_format
        return Started(
            begin.stream_sid, begin.call_sid, begin.account_sid, form.encoding, form.sample_rate, begin.custom_parameters
        )
    return Connected() if isinstance(read, _Connected) else Stopped()


def _unread(message: str | bytes, error: Exception) -> Ignored | Malformed:
    """A message of a kind that we do not have is ignored; a damaged one of a kind that we have is malformed."""
    try:
        event = _ANY.decode(message).event
    except (msgspec.DecodeError, UnicodeError):
        return Malformed("not a Media Streams message")
    return Malformed(f"{event}: {error}") if event in _TAGS else Ignored(event)


class StreamOrders:
    """What we send, for one stream."""

    def __init__(self, stream_sid: str) -> None:
        """``stream_sid`` is of ``Started``."""
        sid = json.dumps(stream_sid)
        self._media = f'{{"event":"media","streamSid":{sid},"media":{{"payload":"'
        self._mark = f'{{"event":"mark","streamSid":{sid},"mark":{{"name":'
        self.clear = f'{{"event":"clear","streamSid":{sid}}}'
        """Drop what has not been played."""

    def media(self, mulaw: bytes) -> str:
        """Queue audio."""
        return f'{self._media}{binascii.b2a_base64(mulaw, newline=False).decode("ascii")}"}}}}'

    def mark(self, name: str) -> str:
        """Have ``name`` returned when all that was queued before has been played."""
        return f"{self._mark}{json.dumps(name)}}}}}"
