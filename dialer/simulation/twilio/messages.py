"""Media Streams from Twilio's end: what it sends, and a strict reading of what it is sent. Numbers go as text."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass

_RIFF = b"RIFF"


class BadMessage(ValueError):
    """What closes a stream with error 31924."""


@dataclass(frozen=True, slots=True)
class Audio:
    """Audio to play."""

    mulaw: bytes


@dataclass(frozen=True, slots=True)
class MarkAsked:
    """A mark behind what has been sent."""

    name: str


@dataclass(frozen=True, slots=True)
class ClearAsked:
    """Drop what has not been played."""


Order = Audio | MarkAsked | ClearAsked


class Stream:
    """The messages of one stream, numbered."""

    def __init__(self, stream_sid: str, call_sid: str, account_sid: str) -> None:
        self._stream_sid = stream_sid
        self._call_sid = call_sid
        self._account_sid = account_sid
        self._sequence = 0
        self._chunk = 0

    def connected(self) -> str:
        """The first message."""
        return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, parameters: Mapping[str, str]) -> str:
        """The second one."""
        start = {
            "streamSid": self._stream_sid,
            "accountSid": self._account_sid,
            "callSid": self._call_sid,
            "tracks": ["inbound"],
            "customParameters": dict(parameters),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
        return self._numbered("start", start=start)

    def media(self, mulaw: bytes) -> str:
        """20 ms of the callee."""
        self._chunk += 1
        payload = base64.b64encode(mulaw).decode()
        media = {"track": "inbound", "chunk": str(self._chunk), "timestamp": str(20 * (self._chunk - 1)), "payload": payload}
        return self._numbered("media", media=media)

    def dtmf(self, digit: str) -> str:
        """A key that the callee pressed."""
        return self._numbered("dtmf", dtmf={"track": "inbound_track", "digit": digit})

    def mark(self, name: str) -> str:
        """A mark that has been reached, or dropped."""
        return self._numbered("mark", mark={"name": name})

    def stop(self) -> str:
        """The last message."""
        return self._numbered("stop", stop={"accountSid": self._account_sid, "callSid": self._call_sid})

    def read(self, message: str | bytes) -> Order:
        """What the other side wants. Raises ``BadMessage`` for anything that is not one of its three messages."""
        try:
            body = json.loads(message)
            event, sid = body["event"], body["streamSid"]
            if sid != self._stream_sid:
                raise BadMessage("another stream's name")
            if event == "media":
                return _audio(body["media"]["payload"])
            if event == "mark":
                return MarkAsked(_text(body["mark"]["name"]))
            if event == "clear":
                return ClearAsked()
        except (ValueError, KeyError, TypeError) as error:
            raise BadMessage(str(error)) from error
        raise BadMessage(f"no message is called {event}")

    def _numbered(self, event: str, **body: object) -> str:
        self._sequence += 1
        return json.dumps({"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._stream_sid, **body})


def _audio(payload: str) -> Audio:
    try:
        mulaw = base64.b64decode(payload, validate=True)
    except binascii.Error as error:
        raise BadMessage("the payload is not base64") from error
    if mulaw.startswith(_RIFF):
        raise BadMessage("the audio has a file header")
    return Audio(mulaw)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadMessage("a mark's name is text")
    return value
