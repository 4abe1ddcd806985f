"""Each fault by name: what it is told, whom it hits, and what a client then sees."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.audio import modem
from dialer.audio.framing import SILENCE
from dialer.simulation.model.brain.view import Call, Reply
from dialer.simulation.model.faults import FAILURES, FAULTS, OTHER_WORDS, Fault, FaultPlan, Unit, fault, spoilt
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.outbox import HangUp
from tests.support.model_client import Event, ModelClient, Script, error, only, types, words

TEXT = "Hello, this is a sentence that is long enough to have a middle."
HELLO = Reply(TEXT)
BYE = Reply("Goodbye.", (Call("end_call", {"reason": "finished"}),))
DICTATED = {"instructions": f'"""\n{TEXT}\n"""'}


def client_of(*faults: str, replies: tuple[Reply, ...] = (HELLO, HELLO, HELLO), is_telephone: bool = True) -> ModelClient:
    return ModelClient(Script(*replies), ModelOptions(faults=faults), is_telephone=is_telephone)


def done(events: list[Event]) -> dict[str, Any]:
    response: dict[str, Any] = only(events, "response.done")["response"]
    return response


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate_limited", Fault("rate_limited")),
        ("rate_limited@2", Fault("rate_limited", 2)),
        ("rate_limited@3.2", Fault("rate_limited", 2, 3)),
        ("server_error_once", Fault("server_error_once", 1)),
        ("server_error_once@4", Fault("server_error_once", 4)),
        ("unauthorized@1", Fault("unauthorized", 1)),
    ],
)
def test_a_fault_is_read(text: str, expected: Fault) -> None:
    assert fault(text) == expected


@pytest.mark.parametrize("text", ["", "nonsense", "rate_limited@0", "rate_limited@x", "unauthorized@1.1", "rate limited"])
def test_what_is_no_fault_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"fault|write unauthorized@1"):
        fault(text)
    with pytest.raises(ValueError):
        ModelOptions(faults=(text,))


def test_every_unit_or_the_nth_in_every_session_or_in_one() -> None:
    plan = FaultPlan(("no_transcripts", "late_transcripts@2", "transcription_failed@1.1", "socket_drop_on_turn@9.1"), session=1)
    assert plan.next(Unit.TURN) == {"no_transcripts", "transcription_failed"}
    assert plan.next(Unit.TURN) == {"no_transcripts", "late_transcripts"}
    assert plan.next(Unit.RESPONSE) == set()
    assert FaultPlan(("unavailable@2", "slow_session"), session=2).of_session == {"unavailable", "slow_session"}
    assert FaultPlan(("unavailable@2",), session=3).of_session == set()


def test_each_fault_has_a_word_of_explanation_and_each_failure_a_fault() -> None:
    assert all(len(kind.text) > 15 for kind in FAULTS.values())
    assert set(FAILURES) <= set(FAULTS)


# --- setting up --------------------------------------------------------------------------------------------------------


def test_a_refused_update_leaves_the_defaults_in_force() -> None:
    client = client_of("session_update_refused")
    assert error(client.events)["code"] == "unknown_parameter"
    assert types(client.events) == ["session.created", "error"]


@pytest.mark.parametrize("name", ["wrong_format_echoed", "wrong_voice_echoed", "instructions_dropped"])
def test_other_settings_are_in_force(name: str) -> None:
    client = client_of(name)
    client.send("session.update", session={"type": "realtime", "instructions": "Be kind."})
    session = client.events[-1]["session"]
    output = session["audio"]["output"]
    found = (output["format"]["type"], output["voice"], session["instructions"])
    expected = {
        "wrong_format_echoed": ("audio/pcm", "marin", "Be kind."),
        "wrong_voice_echoed": ("audio/pcmu", "ballad", "Be kind."),
        "instructions_dropped": ("audio/pcmu", "marin", "You are a helpful assistant."),
    }
    assert found == expected[name]


def test_a_slow_session_is_late_and_a_silent_one_says_nothing() -> None:
    client = client_of("slow_session")
    assert types(client.events) == ["session.created"]
    assert client.wait(29) == []
    assert types(client.wait(2)) == ["session.updated"]
    silent = client_of("no_session")
    silent.hear(b"\x00" * 160)
    assert silent.events == []


def test_a_socket_is_cut_before_the_answer_unless_somebody_has_spoken() -> None:
    client, heard = client_of("socket_drop_before_answer"), client_of("socket_drop_before_answer")
    client.wait(2)
    heard.hear(b"\xff" * 160)
    heard.wait(2)
    assert (client.end, heard.end) == (HangUp(), None)


# --- responses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAILURES)
def test_a_failed_response_says_why_and_holds_nothing(name: str) -> None:
    client = client_of(name)
    response = done(client.respond())
    assert (response["status"], response["output"]) == ("failed", [])
    assert response["status_details"]["error"]["code"] == FAILURES[name]["code"]
    assert response["usage"]["output_tokens"] == 0
    again = done(client.respond())
    assert again["status"] == ("completed" if name == "server_error_once" else "failed")


def test_a_swallowed_request_is_answered_with_nothing() -> None:
    client = client_of("no_response_created@1")
    assert client.respond() == []
    assert done(client.respond())["status"] == "completed"


def test_an_unasked_response_wins_the_race() -> None:
    client = client_of("active_response_race@1")
    events = client.send("response.create", event_id="ours", response={"metadata": {"purpose": "turn"}})
    assert types(events) == ["response.created", "rate_limits.updated", "error"]
    assert events[0]["response"]["metadata"] is None
    assert (error(events)["code"], error(events)["event_id"]) == ("conversation_already_has_active_response", "ours")
    assert done(client.finish())["metadata"] is None
    assert done(client.respond(metadata={"purpose": "turn"}))["metadata"] == {"purpose": "turn"}


def test_a_race_beside_a_response_is_the_usual_refusal() -> None:
    client = client_of("active_response_race@2")
    client.send("response.create")
    assert types(client.send("response.create")) == ["error"]


def test_an_expired_session_is_said_and_closed() -> None:
    client = client_of("session_expired@2")
    client.respond()
    events = client.send("response.create")
    assert error(events)["code"] == "session_expired"
    assert client.end == HangUp(1001, "Your session hit the maximum duration of 60 minutes.")


def test_an_hour_is_the_end() -> None:
    client = client_of()
    assert client.wait(3599) == []
    assert error(client.wait(2))["code"] == "session_expired"
    assert client.end == HangUp(1001, "Your session hit the maximum duration of 60 minutes.")


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("incomplete_response", "incomplete", "max_output_tokens"),
        ("content_filtered", "incomplete", "content_filter"),
        ("cancelled_by_turn_detected", "cancelled", "turn_detected"),
    ],
)
def test_a_response_ends_in_the_middle(name: str, status: str, reason: str) -> None:
    client = client_of(name, replies=(Reply(TEXT, BYE.calls),))
    events = client.respond()
    response = done(events)
    assert (response["status"], response["status_details"]["reason"]) == (status, reason)
    (item,) = response["output"]
    assert item["status"] == "incomplete"
    assert 0 < len(words(events)) < len(TEXT)


def test_an_empty_response_is_complete() -> None:
    response = done(client_of("empty_response").respond())
    assert (response["status"], response["output"]) == ("completed", [])


def test_a_stalled_response_waits_to_be_cancelled() -> None:
    client = client_of("stall_mid_audio@1")
    events = client.respond()
    assert "response.output_audio.delta" in types(events)
    assert "response.done" not in types(events)
    assert done(client.send("response.cancel"))["status"] == "cancelled"
    assert done(client.respond())["status"] == "completed"


def test_a_socket_is_cut_in_the_middle_of_the_audio() -> None:
    client = client_of("socket_drop_mid_audio")
    events = client.respond()
    assert client.end == HangUp()
    assert "response.output_audio.delta" in types(events)
    assert "response.output_audio.done" not in types(events)


@pytest.mark.parametrize("name", ["malformed_frame", "unknown_event"])
def test_frames_of_no_protocol_come_in_between(name: str) -> None:
    client = client_of(name)
    assert words(client.respond()) == TEXT
    assert len(client.broken) == (3 if name == "malformed_frame" else 2)


@pytest.mark.parametrize("name", ["opening_mismatch", "opening_mismatch_once"])
def test_dictated_words_come_out_as_others(name: str) -> None:
    client = client_of(name, replies=(HELLO,) * 3)
    assert words(client.respond(**DICTATED)) == OTHER_WORDS
    assert words(client.respond(**DICTATED)) == (TEXT if name.endswith("_once") else OTHER_WORDS)
    client.hear(b"\xff" * 160)
    assert words(client.respond(**DICTATED)) == TEXT


# --- tools -------------------------------------------------------------------------------------------------------------


def test_a_goodbye_without_its_tool() -> None:
    other = Call("opt_out")
    assert spoilt(Reply("Bye.", (*BYE.calls, other)), {"goodbye_without_tool"}) == Reply("Bye.", (other,))


def test_broken_arguments_and_a_tool_that_is_none() -> None:
    client = client_of("tool_arguments_broken", "unknown_tool", replies=(BYE,))
    known, unknown = [item for item in done(client.respond())["output"] if item["type"] == "function_call"]
    assert (known["name"], unknown["name"]) == ("end_call", "order_pizza")
    for item in (known, unknown):
        with pytest.raises(ValueError):
            json.loads(item["arguments"])


def test_a_call_comes_twice_by_the_same_id() -> None:
    output = done(client_of("duplicate_tool_call", replies=(BYE,)).respond())["output"]
    one, two = [item for item in output if item["type"] == "function_call"]
    assert one["call_id"] == two["call_id"]
    assert one["id"] != two["id"]


# --- interruptions -----------------------------------------------------------------------------------------------------


def test_a_cancel_comes_just_too_late() -> None:
    client = client_of("cancel_race@1")
    client.send("response.create")
    client.wait(0.35)
    events = client.send("response.cancel", event_id="ours")
    assert done(events)["status"] == "completed"
    assert (error(events)["code"], error(events)["event_id"]) == ("response_cancel_not_active", "ours")
    client.send("response.create")
    client.wait(0.35)
    assert done(client.send("response.cancel"))["status"] == "cancelled"


def test_audio_of_a_dead_response_still_comes() -> None:
    client = client_of("late_deltas")
    client.send("response.create")
    client.wait(0.35)
    assert types(client.send("response.cancel"))[-3:] == ["response.done", *["response.output_audio.delta"] * 2]
    client.send("response.create")
    assert types(client.send("response.cancel")) == ["response.done"]


def test_a_cut_is_refused_by_a_hair() -> None:
    client = client_of("truncate_race@1")
    item = done(client.respond())["output"][0]["id"]
    cut = {"item_id": item, "content_index": 0, "audio_end_ms": 200}
    refused = error(client.send("conversation.item.truncate", **cut))
    assert refused["message"] == "Audio content of 180ms is already shorter than 200ms"
    assert types(client.send("conversation.item.truncate", **cut)) == ["conversation.item.truncated"]


def test_an_item_is_added_and_called_a_duplicate() -> None:
    client = client_of("duplicate_item_id")
    item = {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "a"}]}
    events = client.send("conversation.item.create", item=item)
    assert types(events) == ["conversation.item.added", "conversation.item.done", "error"]


# --- the other side's words --------------------------------------------------------------------------------------------

COMPLETED = "conversation.item.input_audio_transcription.completed"


def transcripts(client: ModelClient) -> list[str]:
    return [event["transcript"] for event in client.events if event["type"] == COMPLETED]


def test_a_late_transcript() -> None:
    client = client_of("late_transcripts@1")
    client.speak("One.")
    assert client.wait(7) == []
    assert transcripts(client) == []
    client.wait(2)
    assert transcripts(client) == ["One."]


def test_transcripts_out_of_order() -> None:
    client = client_of("out_of_order_transcripts")
    for text in ("One.", "Two.", "Three."):
        client.speak(text)
    client.wait(9)
    assert transcripts(client) == ["Two.", "One."]
    client.wait(2)
    assert transcripts(client) == ["Two.", "One.", "Three."]


def test_no_transcript_and_a_failed_one() -> None:
    client = client_of("no_transcripts@1", "transcription_failed@2")
    client.speak("One.")
    client.speak("Two.")
    client.speak("Three.")
    client.finish()
    assert transcripts(client) == ["Three."]
    failed = only(client.events, "conversation.item.input_audio_transcription.failed")
    assert failed["error"]["code"] == "audio_unintelligible"


def test_a_socket_is_cut_on_a_turn() -> None:
    client = client_of("socket_drop_on_turn@2")
    client.speak("One.")
    assert client.end is None
    client.speak("Two.")
    assert client.end == HangUp()


# --- all of them -------------------------------------------------------------------------------------------------------

SPOKEN = base64.b64encode(modem.encode("Yes, speaking.") + SILENCE * 26).decode()
MESSAGES: list[dict[str, Any]] = [
    {"type": "input_audio_buffer.append", "audio": SPOKEN},
    {"type": "response.create", "response": DICTATED},
    {"type": "response.create"},
    {"type": "response.cancel"},
    {"type": "conversation.item.create", "item": {"type": "message", "role": "system", "content": []}},
    {"type": "conversation.item.truncate", "item_id": "item_1_9", "content_index": 0, "audio_end_ms": 100},
    {"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad"}}}}},
]
NAMES = st.sampled_from(sorted(FAULTS)).flatmap(lambda name: st.sampled_from([name, f"{name}@1", f"{name}@2"]))


@given(st.lists(NAMES, max_size=5), st.lists(st.tuples(st.sampled_from(MESSAGES), st.floats(0, 2)), max_size=15))
def test_any_faults_in_any_talk_end_and_stay_within_the_protocol(faults: list[str], steps: list[tuple[Any, float]]) -> None:
    client = ModelClient(options=ModelOptions(faults=tuple(faults)))
    for message, seconds in steps:
        client.send_text(json.dumps(message))
        client.wait(seconds)
    client.finish()
    begun = [event["response"]["id"] for event in client.events if event["type"] == "response.created"]
    ended = [event["response"]["id"] for event in client.events if event["type"] == "response.done"]
    assert len(ended) == len(set(ended))
    assert set(ended) <= set(begun)
    if client.end is None and not any(fault.startswith("stall_mid_audio") for fault in faults):
        assert sorted(begun) == sorted(ended)
