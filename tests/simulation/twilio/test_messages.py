"""Media Streams from the other end: strict in what it takes, like the real one in what it sends."""

from __future__ import annotations

import json

import pytest

from dialer.conversation.events import DigitPressed, LegAudio
from dialer.simulation.twilio.messages import Audio, BadMessage, ClearAsked, MarkAsked, Stream
from dialer.wire import twilio_media
from dialer.wire.twilio_media import StreamOrders

SID = "MZ" + "0" * 32


def test_our_own_codec_and_the_loopbacks_understand_each_other() -> None:
    stream, orders = Stream(SID, "CA1", "AC1"), StreamOrders(SID)
    assert twilio_media.decode(stream.connected()) == twilio_media.Connected()
    started = twilio_media.decode(stream.start({"token": "t"}))
    assert started == twilio_media.Started(SID, "CA1", "AC1", "audio/x-mulaw", 8000, {"token": "t"})
    assert twilio_media.decode(stream.media(b"\x01" * 160)) == LegAudio(b"\x01" * 160)
    assert twilio_media.decode(stream.dtmf("9")) == DigitPressed("9")
    assert twilio_media.decode(stream.mark("m")) == twilio_media.MarkReturned("m")
    assert twilio_media.decode(stream.stop()) == twilio_media.Stopped()
    assert stream.read(orders.media(b"\x02")) == Audio(b"\x02")
    assert stream.read(orders.mark("m")) == MarkAsked("m")
    assert stream.read(orders.clear) == ClearAsked()


def test_numbers_go_as_text_and_count_up() -> None:
    stream = Stream(SID, "CA1", "AC1")
    first, second = (json.loads(stream.media(b"\x01")) for _ in range(2))
    assert (first["sequenceNumber"], second["sequenceNumber"]) == ("1", "2")
    assert (first["media"]["chunk"], second["media"]["timestamp"]) == ("1", "20")


@pytest.mark.parametrize(
    "message",
    [
        "", "[]", '{"event":"media"}', json.dumps({"event": "media", "streamSid": "MZ9", "media": {"payload": ""}}),
        json.dumps({"event": "media", "streamSid": SID, "media": {"payload": "*"}}),
        json.dumps({"event": "media", "streamSid": SID, "media": {"payload": "UklGRgAA"}}),
        json.dumps({"event": "mark", "streamSid": SID}),
        json.dumps({"event": "mark", "streamSid": SID, "mark": {"name": 3}}),
        json.dumps({"event": "dtmf", "streamSid": SID}),
    ],
)  # fmt: skip
def test_any_other_message_closes_the_stream(message: str) -> None:
    with pytest.raises(BadMessage):
        Stream(SID, "CA1", "AC1").read(message)
