"""Events leave in order, with ids that no other has."""

from __future__ import annotations

from dialer.simulation.model.outbox import HangUp, Outbox
from dialer.simulation.model.schema import Refusal
from tests.support.realtime import check_server


def test_events_are_taken_once_and_in_order() -> None:
    outbox = Outbox("7")
    outbox.emit("input_audio_buffer.cleared")
    outbox.refuse(Refusal("bad", "No.", "field"), "ours")
    first, second = outbox.take()
    assert isinstance(second, dict)
    assert first == {"type": "input_audio_buffer.cleared", "event_id": "event_7_1"}
    assert check_server(second)["error"] == {
        "type": "invalid_request_error",
        "code": "bad",
        "message": "No.",
        "param": "field",
        "event_id": "ours",
    }
    assert outbox.take() == []


def test_ids_are_never_given_twice() -> None:
    outbox = Outbox("7")
    assert len({outbox.new_id("item") for _ in range(50)}) == 50


def test_what_is_no_event_keeps_its_place_too() -> None:
    outbox = Outbox("7")
    outbox.emit_text("null")
    outbox.hang_up()
    outbox.hang_up(1001, "over")
    assert outbox.take() == ["null", HangUp(None), HangUp(1001, "over")]
