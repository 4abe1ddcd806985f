"""Media Streams: every message is read or named, and what we send is one of three."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.conversation.events import DigitPressed, LegAudio
from dialer.wire.twilio_media import (
    Connected,
    Ignored,
    Malformed,
    MarkReturned,
    Started,
    Stopped,
    StreamEvent,
    StreamOrders,
    decode,
)

SID = "MZ" + "0" * 32
START = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": SID,
    "start": {
        "streamSid": SID,
        "accountSid": "AC1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "customParameters": {"token": "t"},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    },
}
STARTED = Started(SID, "CA1", "AC1", "audio/x-mulaw", 8000, {"token": "t"})
FRAME = bytes(range(160))


def media(**changes: Any) -> dict[str, Any]:
    inner = {"track": "inbound", "chunk": "1", "timestamp": "5", "payload": base64.b64encode(FRAME).decode(), **changes}
    return {"event": "media", "sequenceNumber": "3", "streamSid": SID, "media": inner}


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"event": "connected", "protocol": "Call", "version": "1.0.0"}, Connected()),
        (START, STARTED),
        (media(), LegAudio(FRAME)),
        (media(track="outbound"), Ignored("media of our own track")),
        ({"event": "dtmf", "streamSid": SID, "dtmf": {"track": "inbound_track", "digit": "#"}}, DigitPressed("#")),
        ({"event": "dtmf", "dtmf": {"digit": "12"}}, Malformed("no key is called '12'")),
        ({"event": "mark", "streamSid": SID, "mark": {"name": "m1"}}, MarkReturned("m1")),
        ({"event": "stop", "streamSid": SID, "stop": {"accountSid": "AC1", "callSid": "CA1"}}, Stopped()),
        ({"event": "weather", "media": 3}, Ignored("weather")),
    ],
)
def test_each_message_is_read(message: dict[str, Any], event: StreamEvent) -> None:
    assert decode(json.dumps(message)) == event
    assert decode(json.dumps(message).encode()) == event


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", "3", '{"event":1}', b"\xff\xfe", json.dumps(media(payload="***")), '{"event":"media"}', '{"event":"start"}'],
)
def test_what_cannot_be_read_is_malformed(message: str | bytes) -> None:
    assert isinstance(decode(message), Malformed)


def test_numbers_may_be_text() -> None:
    begin = {**START["start"], "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": "8000"}}  # type: ignore[dict-item]
    assert decode(json.dumps({**START, "start": begin})) == STARTED
    assert STARTED.is_mulaw
    assert not Started(SID, "CA1", "AC1", "audio/L16", 16000).is_mulaw


@given(st.one_of(st.text(), st.binary()))
def test_decoding_is_total(message: str | bytes) -> None:
    assert isinstance(decode(message), StreamEvent)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.dictionaries(
    st.sampled_from(["event", "media", "start", "mark", "dtmf", "payload", "name", "digit"]), inner, max_size=4
)))  # fmt: skip
def test_decoding_any_json_is_total(value: object) -> None:
    assert isinstance(decode(json.dumps(value)), StreamEvent)


@given(st.binary(max_size=400), st.text(max_size=20))
def test_what_we_send_is_json_of_three_kinds(mulaw: bytes, name: str) -> None:
    orders = StreamOrders(SID)
    sent = json.loads(orders.media(mulaw))
    assert sent == {"event": "media", "streamSid": SID, "media": {"payload": base64.b64encode(mulaw).decode()}}
    assert json.loads(orders.mark(name)) == {"event": "mark", "streamSid": SID, "mark": {"name": name}}
    assert json.loads(orders.clear) == {"event": "clear", "streamSid": SID}
