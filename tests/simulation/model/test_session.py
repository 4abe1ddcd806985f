"""The whole machine: turns by detection or by hand, one response at a time, late transcripts, errors that change nothing."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dialer.audio import modem
from dialer.audio.framing import SILENCE
from dialer.simulation.model.brain.view import Heard, Noted, Reply
from dialer.simulation.model.options import ModelOptions
from tests.support.model_client import TELEPHONE, ModelClient, Script, error, only, types, words
from tests.support.realtime import CLIENT

HELLO = Reply("Hello, how can I help you today?")


def telephone(**detection: Any) -> dict[str, Any]:
    audio = json.loads(json.dumps(TELEPHONE["audio"]))
    audio["input"]["turn_detection"] = {"type": "server_vad", **detection} if detection else None
    return {"type": "realtime", "audio": audio}


def test_a_session_begins_with_the_services_defaults() -> None:
    (created,) = ModelClient(is_telephone=False).events
    assert created["type"] == "session.created"
    assert created["session"]["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}


def test_an_update_is_answered_with_the_whole_session() -> None:
    client = ModelClient()
    updated = only(client.events, "session.updated")["session"]
    assert updated["audio"]["output"]["format"] == {"type": "audio/pcmu"}
    assert updated["instructions"] == client.events[0]["session"]["instructions"]


def test_a_refused_update_changes_nothing_and_names_our_event() -> None:
    client = ModelClient()
    refused = error(client.send("session.update", session={"instructions": "x"}, event_id="ours"))
    assert (refused["code"], refused["param"], refused["event_id"]) == ("missing_required_parameter", "session.type", "ours")
    again = only(client.send("session.update", session={"type": "realtime"}), "session.updated")["session"]
    assert again["instructions"] == client.events[0]["session"]["instructions"]


def test_a_turn_is_heard_committed_and_transcribed_late() -> None:
    client = ModelClient(Script())
    events = client.speak("Hello?") + client.finish()
    assert types(events) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.completed",
    ]
    assert {event["item_id"] for event in events if "item_id" in event} == {events[0]["item_id"]}
    assert events[-1]["transcript"] == "Hello?"
    assert events[-1]["usage"]["type"] == "duration"
    assert events[3]["item"]["content"] == [{"type": "input_audio", "transcript": None}]


def test_two_transcripts_come_in_their_order_and_the_turns_are_chained() -> None:
    client = ModelClient(Script(), ModelOptions(transcription_s=5.0))
    first, second = client.speak("One."), client.speak("Two.")
    late = client.finish()
    assert [event["transcript"] for event in late] == ["One.", "Two."]
    one, two = only(first, "input_audio_buffer.committed"), only(second, "input_audio_buffer.committed")
    assert (one["previous_item_id"], two["previous_item_id"]) == (None, one["item_id"])


def test_the_model_hears_damage() -> None:
    script = Script(HELLO)
    client = ModelClient(script)
    audio = modem.encode("A lost frame is damage.")
    client.hear(audio[:640] + audio[800:] + SILENCE * 26)
    client.respond()
    (heard,) = script.views[0].lines
    assert isinstance(heard, Heard)
    assert heard.is_damaged
    assert "\ufffd" in heard.text


def test_detection_creates_and_interrupts_responses_where_it_may() -> None:
    client = ModelClient(Script(HELLO, HELLO))
    client.send("session.update", session=telephone(create_response=True, interrupt_response=True))
    assert "response.created" in types(client.speak("Hello?"))
    client.wait(0.25)
    events = client.speak("Wait!")
    done = only(events, "response.done")["response"]
    assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "turn_detected")
    assert "response.created" in types(events)


def test_detection_leaves_responses_alone_where_it_may_not() -> None:
    client = ModelClient(Script(HELLO))
    client.send("response.create")
    assert "response.done" not in types(client.hear(modem.encode("Wait!")[:960]))
    client.finish()
    assert only(client.events, "response.done")["response"]["status"] == "completed"


def test_without_detection_the_client_commits() -> None:
    client = ModelClient(Script())
    client.send("session.update", session=telephone())
    assert error(client.send("input_audio_buffer.commit"))["code"] == "input_audio_buffer_commit_empty"
    client.hear(modem.encode("By hand."))
    committed = client.send("input_audio_buffer.commit")
    assert types(committed)[0] == "input_audio_buffer.committed"
    assert only(client.finish(), "conversation.item.input_audio_transcription.completed")["transcript"] == "By hand."


def test_a_long_silence_after_our_words_is_a_turn_and_is_answered() -> None:
    client = ModelClient(Script(HELLO, HELLO, HELLO))
    client.send("session.update", session=telephone(idle_timeout_ms=5000, create_response=False, interrupt_response=False))
    spoken_s = (len(HELLO.text) + 4) * 0.02
    client.send("response.create")
    done_at = next(client.now for _ in range(1000) if "response.done" in types(client.wait(0.01)))
    assert client.hear(SILENCE * 100) == []
    assert client.wait(done_at + spoken_s + 4.99 - client.now) == []
    events = client.wait(0.02)
    assert types(events)[:5] == [
        "input_audio_buffer.timeout_triggered",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    triggered = events[0]
    assert triggered["item_id"] == events[1]["item_id"]
    assert (triggered["audio_start_ms"], triggered["audio_end_ms"]) == (2000 - 320, 2000)
    assert triggered["item_id"] != only(client.wait(1), "response.done")["response"]["output"][0]["id"]


def test_speech_and_our_own_words_end_the_silence() -> None:
    client = ModelClient(Script(HELLO, HELLO, HELLO))
    client.send("session.update", session=telephone(idle_timeout_ms=5000, create_response=False, interrupt_response=False))
    client.respond_until_done()
    client.speak("Hm.")
    assert "input_audio_buffer.timeout_triggered" not in types(client.wait(30))
    client.respond_until_done()
    client.wait(3)
    client.respond_until_done()
    assert "input_audio_buffer.timeout_triggered" not in types(client.wait(4))


def test_somebody_who_speaks_over_our_end_is_not_silent() -> None:
    client = ModelClient(Script(HELLO))
    client.send("session.update", session=telephone(idle_timeout_ms=5000, create_response=False, interrupt_response=False))
    client.send("response.create")
    client.hear(modem.encode("A long sentence of the other side that goes on and on."))
    assert "input_audio_buffer.timeout_triggered" not in types(client.wait(30))


def test_a_tool_that_must_be_called_is_called() -> None:
    client = ModelClient(Script(HELLO, HELLO))
    tool = {"type": "function", "name": "end_call"}
    client.send("session.update", session={"type": "realtime", "tools": [tool]})
    (item,) = only(client.respond(tool_choice="required"), "response.done")["response"]["output"]
    assert (item["type"], item["name"]) == ("function_call", "end_call")
    refused = error(client.respond(tool_choice={"type": "function", "name": "other"}))
    assert refused["param"] == "tool_choice"


def test_a_cut_before_the_end_of_the_words_keeps_no_transcript() -> None:
    client = ModelClient(Script(HELLO))
    client.send("response.create")
    item = only(client.wait(0.32), "response.output_item.added")["item"]["id"]
    client.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=100)
    (output,) = only(client.finish(), "response.done")["response"]["output"]
    assert output["content"] == [{"type": "output_audio"}]


def test_a_cleared_buffer_is_forgotten() -> None:
    client = ModelClient(Script())
    client.hear(modem.encode("Forget")[:1600])
    assert types(client.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    assert client.hear(SILENCE * 30) == []


def test_without_transcription_nothing_is_written_down() -> None:
    client = ModelClient(Script(), is_telephone=False)
    audio = telephone(create_response=False)["audio"]
    audio["input"]["transcription"] = None
    client.send("session.update", session={"type": "realtime", "audio": audio})
    assert "conversation.item.done" in types(client.speak("Hello?"))
    assert client.finish() == []


def test_one_response_at_a_time_but_any_number_beside_the_conversation() -> None:
    script = Script(HELLO, HELLO, HELLO)
    client = ModelClient(script)
    client.send("conversation.item.create", item={"type": "message", "role": "system", "content": [], "id": "a"})
    client.send("response.create")
    refused = error(client.send("response.create", event_id="ours"))
    assert (refused["code"], refused["event_id"]) == ("conversation_already_has_active_response", "ours")
    note = {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Sum up."}]}
    beside = {"conversation": "none", "input": [note, {"type": "item_reference", "id": "a"}], "metadata": {"purpose": "note"}}
    created = only(client.send("response.create", response=beside), "response.created")["response"]
    client.finish()
    done = [event["response"] for event in client.events if event["type"] == "response.done"]
    assert [response["status"] for response in done] == ["completed", "completed"]
    assert created["conversation_id"] is None
    kept = [item.id for item in client._session._conversation.items]
    assert kept == ["a", done[0]["output"][0]["id"]]
    assert script.views[0].lines == (Noted(""),)


def test_a_response_may_have_settings_of_its_own() -> None:
    script = Script(HELLO)
    client = ModelClient(script)
    tool = {"type": "function", "name": "end_call"}
    client.send("session.update", session={"type": "realtime", "tools": [tool]})
    events = client.respond(tool_choice="none", audio={"output": {"format": {"type": "audio/pcma"}}})
    assert script.views[0].tools == ()
    done = only(events, "response.done")["response"]
    assert done["audio"]["output"] == {"format": {"type": "audio/pcma"}, "voice": "marin"}


def test_a_bad_input_item_is_refused() -> None:
    client = ModelClient(Script())
    refused = error(client.send("response.create", response={"conversation": "none", "input": [{"type": "picture"}]}))
    assert refused["code"] == "invalid_value"


def test_limits_go_down_and_caching_grows() -> None:
    client = ModelClient(Script(HELLO, HELLO))
    client.send("session.update", session={"type": "realtime", "instructions": "Be kind. " * 500})
    client.respond()
    client.respond()
    remaining = [event["rate_limits"][0]["remaining"] for event in client.events if event["type"] == "rate_limits.updated"]
    usage = [event["response"]["usage"] for event in client.events if event["type"] == "response.done"]
    assert remaining[0] > remaining[1]
    assert usage[0]["input_token_details"]["cached_tokens"] == 0
    assert usage[1]["input_token_details"]["cached_tokens"] == usage[0]["input_tokens"]
    assert usage[1]["input_tokens"] > usage[0]["input_tokens"]


def test_24_khz_carries_the_words_too() -> None:
    client = ModelClient(Script(HELLO), is_telephone=False)
    events = client.respond()
    audio = b"".join(base64.b64decode(event["delta"]) for event in events if event["type"] == "response.output_audio.delta")
    client.send("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    client.send("input_audio_buffer.append", audio=base64.b64encode(audio).decode())
    client.send("input_audio_buffer.commit")
    assert client._session._conversation.lines()[-1] == Heard(HELLO.text)


def test_the_words_of_a_call_are_in_its_audio() -> None:
    client = ModelClient(Script(HELLO))
    assert words(client.respond()) == HELLO.text


MESSAGES = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(CLIENT))},
    optional={
        "event_id": st.just("e"),
        "item_id": st.sampled_from(["a", "item_1_7"]),
        "content_index": st.just(0),
        "audio_end_ms": st.integers(-1, 500),
        "audio": st.just(base64.b64encode(modem.encode("Hi") + SILENCE * 26).decode()),
        "response": st.none() | st.just({}) | st.just({"conversation": "none"}),
        "session": st.just(TELEPHONE) | st.just({}),
        "item": st.just({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}], "id": "a"}),
    },
)


@given(st.lists(st.tuples(MESSAGES | st.text(), st.floats(0, 0.5)), max_size=25))
def test_any_client_gets_valid_events_and_an_end(messages: list[tuple[Any, float]]) -> None:
    client = ModelClient()
    for message, seconds in messages:
        client.send_text(message if isinstance(message, str) else json.dumps(message))
        client.wait(seconds)
    client.finish()
    begun = [event["response"]["id"] for event in client.events if event["type"] == "response.created"]
    ended = [event["response"]["id"] for event in client.events if event["type"] == "response.done"]
    assert sorted(begun) == sorted(ended)
    assert len({event["event_id"] for event in client.events}) == len(client.events)
