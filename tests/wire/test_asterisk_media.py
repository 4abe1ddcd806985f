"""chan_websocket's control messages, both ways."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.errors import ProtocolViolation
from dialer.wire import asterisk_media as media
from dialer.wire.asterisk_media import Command, Ignored, Malformed, decode

START = {
    "event": "MEDIA_START",
    "connection_id": "1b3c",
    "channel": "WebSocket/INCOMING/0x7f",
    "channel_id": "a1-media",
    "format": "ulaw",
    "optimal_frame_size": 160,
    "ptime": 20,
    "channel_variables": {"MEDIA_WEBSOCKET_CONNECTION_ID": "1b3c"},
}
STATUS = {
    "event": "STATUS",
    "channel_id": "a1-media",
    "queue_length": 43,
    "xon_level": 800,
    "xoff_level": 900,
    "queue_full": False,
    "bulk_media": True,
    "media_paused": False,
}


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (START, media.MediaStarted("1b3c", "a1-media", "ulaw", 160, 20, {"MEDIA_WEBSOCKET_CONNECTION_ID": "1b3c"})),
        ({"event": "MEDIA_XOFF", "channel_id": "c"}, media.FlowStopped()),
        ({"event": "MEDIA_XON", "channel_id": "c"}, media.FlowResumed()),
        ({"event": "MEDIA_MARK_PROCESSED", "channel_id": "c", "correlation_id": "7"}, media.MarkProcessed("7")),
        ({"event": "MEDIA_BUFFERING_COMPLETED", "channel_id": "c", "correlation_id": ""}, media.BufferingCompleted("")),
        ({"event": "QUEUE_DRAINED", "channel_id": "c"}, media.QueueDrained()),
        (STATUS, media.QueueStatus(43, is_full=False, is_bulk=True, is_paused=False)),
        ({"event": "DTMF_END", "channel_id": "c", "digit": "#"}, media.DigitEnded("#")),
        ({"event": "ERROR", "channel_id": "c", "error_text": "no"}, media.CommandRefused("no")),
        ({"event": "SOMETHING_NEW", "x": 1}, Ignored("SOMETHING_NEW")),
    ],
)
def test_each_event_is_read(message: dict[str, object], event: object) -> None:
    assert decode(json.dumps(message)) == event
    assert decode(json.dumps({**message, "unknown": [1]}).encode()) == event


@pytest.mark.parametrize("text", ["", "MEDIA_START connection_id:1", "[]", "{}", '{"event":"STATUS"}', b"\xff", "[" * 100_000])
def test_what_cannot_be_read_is_said_to_be_so(text: str | bytes) -> None:
    assert isinstance(decode(text), Malformed)


@given(st.text() | st.binary())
def test_any_text_is_read_somehow(text: str | bytes) -> None:
    assert decode(text) is not None


@pytest.mark.parametrize("command", Command)
def test_commands_are_json_and_short(command: Command) -> None:
    text = media.encode(command)
    assert json.loads(text) == {"command": command.value}
    assert len(text) <= media.LONGEST_COMMAND_BYTES


def test_marks_and_the_end_of_a_bulk_carry_an_id() -> None:
    assert json.loads(media.encode_mark("17")) == {"command": "MARK_MEDIA", "correlation_id": "17"}
    assert json.loads(media.encode_stop_buffering("b")) == {"command": "STOP_MEDIA_BUFFERING", "correlation_id": "b"}


def test_a_command_that_would_be_dropped_is_our_own_bug() -> None:
    room = media.LONGEST_COMMAND_BYTES - len(media.encode_mark(""))
    assert len(media.encode_mark("x" * room)) == 128
    with pytest.raises(ProtocolViolation):
        media.encode_mark("x" * (room + 1))
