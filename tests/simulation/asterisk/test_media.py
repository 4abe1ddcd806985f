"""The quirks of chan_websocket's queue."""

from __future__ import annotations

import json

from dialer.audio.framing import FRAME_BYTES
from dialer.simulation.asterisk.media import QUEUE_MAX, XOFF, XON, MediaQueue


def command(name: str, **fields: str) -> str:
    return json.dumps({"command": name, **fields})


def names(events: list[dict[str, object]]) -> list[object]:
    return [event["event"] for event in events]


def test_audio_is_played_a_frame_at_a_time_and_marks_when_their_turn_comes() -> None:
    queue = MediaQueue("m")
    queue.binary(b"a" * FRAME_BYTES)
    queue.text(command("MARK_MEDIA", correlation_id="1"))
    queue.binary(b"b" * FRAME_BYTES)
    assert queue.tick() == (b"a" * FRAME_BYTES, [])
    frame, events = queue.tick()
    assert (frame, events[0]["correlation_id"]) == (b"b" * FRAME_BYTES, "1")
    assert queue.tick() == (None, [])


def test_a_long_command_is_dropped_without_a_word() -> None:
    queue = MediaQueue("m")
    longest = command("MARK_MEDIA", correlation_id="")
    assert queue.text(command("MARK_MEDIA", correlation_id="x" * (128 - len(longest)))) == []
    assert queue.text(command("MARK_MEDIA", correlation_id="x" * (129 - len(longest)))) == []
    assert queue.dropped == ["command"]
    assert names(queue.tick()[1]) == ["MEDIA_MARK_PROCESSED"]


def test_what_is_no_command_is_an_error_and_what_is_unknown_is_nothing() -> None:
    queue = MediaQueue("m")
    assert names(queue.text("MARK_MEDIA 1")) == ["ERROR"]
    assert queue.text(command("ANSWER")) == []
    assert not queue.wants_hang_up
    queue.text(command("HANGUP"))
    assert queue.wants_hang_up


def test_what_fills_no_frame_is_dropped_but_in_a_bulk() -> None:
    queue = MediaQueue("m")
    queue.binary(b"a" * 200)
    assert queue.frames == 1
    assert queue.dropped == ["audio"]
    queue.text(command("START_MEDIA_BUFFERING"))
    queue.binary(b"b" * 200)
    queue.binary(b"c" * 200)
    assert queue.frames == 3
    queue.text(command("STOP_MEDIA_BUFFERING", correlation_id="end"))
    played = [queue.tick() for _ in range(5)]
    assert [len(frame or b"") for frame, _ in played] == [160, 160, 160, 80, 0]
    assert names(played[4][1]) == ["MEDIA_BUFFERING_COMPLETED"]


def test_the_rest_of_a_bulk_is_played_when_the_queue_runs_dry() -> None:
    queue = MediaQueue("m")
    queue.text(command("START_MEDIA_BUFFERING"))
    queue.binary(b"b" * 40)
    assert queue.tick() == (b"b" * 40, [])


def test_flow_is_stopped_and_resumed_and_what_is_too_much_is_lost() -> None:
    queue = MediaQueue("m")
    assert names(queue.binary(b"a" * FRAME_BYTES * XOFF)) == ["MEDIA_XOFF"]
    queue.binary(b"a" * FRAME_BYTES * (QUEUE_MAX - XOFF + 25))
    assert queue.frames == QUEUE_MAX + 25
    queue.binary(b"a" * FRAME_BYTES)
    assert queue.dropped == ["audio"]
    told = [events for _ in range(QUEUE_MAX) for events in [queue.tick()[1]] if events]
    assert [names(events) for events in told] == [["MEDIA_XON"]]
    assert queue.frames < XON


def test_a_flush_takes_marks_away_and_ends_a_bulk() -> None:
    queue = MediaQueue("m")
    queue.text(command("START_MEDIA_BUFFERING"))
    queue.binary(b"a" * 500)
    queue.text(command("MARK_MEDIA", correlation_id="1"))
    (status,) = queue.text(command("GET_STATUS"))
    assert (status["queue_length"], status["bulk_media"]) == (3, True)
    queue.text(command("REPORT_QUEUE_DRAINED"))
    queue.text(command("FLUSH_MEDIA"))
    frame, events = queue.tick()
    assert (frame, names(events)) == (None, ["QUEUE_DRAINED"])
    assert queue.tick() == (None, [])


def test_a_pause_keeps_everything_where_it_is() -> None:
    queue = MediaQueue("m")
    queue.binary(b"a" * FRAME_BYTES)
    queue.text(command("PAUSE_MEDIA"))
    assert queue.tick() == (None, [])
    queue.text(command("CONTINUE_MEDIA"))
    assert queue.tick()[0]


def test_the_first_message_and_keys() -> None:
    queue = MediaQueue("m")
    started = queue.started("77", "WebSocket/x", {"A": "b"})
    assert (started["optimal_frame_size"], started["format"], started["ptime"]) == (160, "ulaw", 20)
    assert queue.digit("5") == {"event": "DTMF_END", "channel_id": "m", "digit": "5"}
