"""Events and answers of the REST interface."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.wire import asterisk_ari_events as events
from dialer.wire.asterisk_ari_events import ChannelSeen, Ignored, Malformed, decode

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CHANNEL: dict[str, Any] = {
    "id": "a1",
    "name": "PJSIP/trunk-00000001",
    "state": "Up",
    "caller": {"name": "", "number": "+12125550101"},
    "channelvars": {"MEDIA_WEBSOCKET_CONNECTION_ID": "77"},
}
SEEN = ChannelSeen("a1", "Up", "77")


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"type": "Dial", "peer": CHANNEL, "dialstatus": "RINGING"}, events.DialTold(SEEN, "RINGING")),
        ({"type": "ChannelStateChange", "channel": CHANNEL}, events.ChannelChanged(SEEN)),
        ({"type": "StasisStart", "channel": CHANNEL, "args": ["dialed"]}, events.AppEntered(SEEN, ("dialed",))),
        ({"type": "ChannelHangupRequest", "channel": CHANNEL, "soft": True}, events.HangUpAsked(SEEN)),
        (
            {"type": "ChannelDestroyed", "channel": CHANNEL, "cause": 17, "cause_txt": "User busy", "tech_cause": 486},
            events.ChannelEnded(SEEN, 17, "User busy", 486),
        ),
        (
            {"type": "ChannelDestroyed", "channel": CHANNEL, "cause": 0, "cause_txt": "Unknown"},
            events.ChannelEnded(SEEN, 0, "Unknown"),
        ),
        ({"type": "RecordingFailed", "recording": {"name": "a1", "cause": "full"}}, events.RecordingFailed("a1", "full")),
        ({"type": "ApplicationReplaced"}, events.AppReplaced()),
        ({"type": "ChannelVarset", "variable": "x"}, Ignored("ChannelVarset")),
    ],
)
def test_each_event_is_read(message: dict[str, Any], event: object) -> None:
    whole = {"application": "dialer", "timestamp": "2026-11-21T03:00:00.000+0000", **message, "something_new": [1]}
    assert decode(json.dumps(whole)) == event
    assert decode(json.dumps(whole).encode()) == event


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"type":1}', '{"type":"Dial"}', b"\xff", "[" * 100_000])
def test_what_cannot_be_read_is_said_to_be_so(text: str | bytes) -> None:
    assert isinstance(decode(text), Malformed)


@given(st.text() | st.binary())
def test_any_text_is_read_somehow(text: str | bytes) -> None:
    assert decode(text) is not None
    assert events.failure(text if isinstance(text, bytes) else text.encode()) is not None


def test_answers_are_read_as_far_as_they_go() -> None:
    assert events.decode_channel(json.dumps(CHANNEL).encode()) == SEEN
    assert SEEN.is_up
    assert not ChannelSeen("a1", "Ringing").is_up
    assert isinstance(events.decode_channel(b"{}"), Malformed)
    listed = [{"id": "b", "name": "dialer-1-b", "channels": ["a1"], "creationtime": "2026-11-21T03:00:00.000+0000"}]
    assert events.decode_bridges(json.dumps(listed).encode())[0].channels == ("a1",)
    assert events.decode_bridges(b"oops") == []
    assert events.decode_version(b'{"system":{"version":"22.10.1","entity_id":"x"}}') == "22.10.1"
    assert events.decode_time(b'{"timestamp":"t"}') == "t"
    assert events.decode_module(b'{"status":"Running"}') == "Running"
    assert events.decode_endpoint(b'{"state":"online"}') == "online"
    assert events.decode_endpoint(b"{}") == "unknown"
    assert events.failure(b'{"message":"Channel not found"}') == "Channel not found"
    assert events.failure(b'{"error":"Allocation failed"}') == "Allocation failed"
    assert events.failure(b"<html>") == ""
