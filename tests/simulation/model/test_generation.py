"""A response in the service's order, with the service's waits, whole or not."""

from __future__ import annotations

import base64

from dialer.simulation.model.brain.view import Call, Reply
from tests.support.model_client import ModelClient, Script, calls, error, only, types, words

TEXT = "Hello, this is a sentence of some length."
SPEECH = Reply(TEXT)


def test_a_spoken_response_comes_in_the_services_order() -> None:
    client = ModelClient(Script(SPEECH))
    client.send("response.create", response={"metadata": {"purpose": "turn"}})
    events = client.finish()
    order = [type_ for type_ in types(events) if not type_.endswith(".delta")]
    assert order == [
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    done = events[-1]["response"]
    assert (done["status"], done["metadata"]) == ("completed", {"purpose": "turn"})
    assert done["output"][0]["content"] == [{"type": "output_audio", "transcript": TEXT}]
    assert words(events) == TEXT


def test_thinking_takes_its_time_and_audio_is_faster_than_it_plays() -> None:
    client = ModelClient(Script(SPEECH))
    assert types(client.send("response.create")) == ["response.created", "rate_limits.updated"]
    assert client.wait(0.29) == []
    assert client.wait(0.02) != []
    client.finish()
    deltas = [event for event in client.events if event["type"] == "response.output_audio.delta"]
    sizes = [len(base64.b64decode(event["delta"])) for event in deltas]
    assert sizes[:-1] == [3200] * (len(sizes) - 1)
    assert 0.3 < client.now < 0.3 + sum(sizes) / 8000 / 5
    transcript = [event["delta"] for event in client.events if event["type"] == "response.output_audio_transcript.delta"]
    assert "".join(transcript) == TEXT


def test_tool_calls_come_after_the_words() -> None:
    client = ModelClient(Script(Reply("Bye.", (Call("end_call", {"reason": "finished"}), Call("other")))))
    events = client.respond()
    assert calls(events) == [("end_call", {"reason": "finished"}), ("other", {})]
    output = events[-1]["response"]["output"]
    assert [item["type"] for item in output] == ["message", "function_call", "function_call"]
    assert {item["status"] for item in output} == {"completed"}


def test_a_response_may_be_empty() -> None:
    client = ModelClient(Script(Reply()))
    assert only(client.respond(), "response.done")["response"]["output"] == []


def test_a_written_response() -> None:
    client = ModelClient(Script(SPEECH))
    events = client.respond(output_modalities=["text"])
    assert only(events, "response.output_text.done")["text"] == TEXT
    assert "response.output_audio.delta" not in types(events)
    assert events[-1]["response"]["usage"]["output_token_details"]["audio_tokens"] == 0


def test_too_few_tokens_make_it_incomplete() -> None:
    client = ModelClient(Script(Reply(TEXT, (Call("end_call"),))))
    events = client.respond(max_output_tokens=10)
    done = events[-1]["response"]
    assert (done["status"], done["status_details"]["reason"]) == ("incomplete", "max_output_tokens")
    assert done["usage"]["output_token_details"]["audio_tokens"] == 10
    assert calls(events) == []


def test_a_cancelled_response_keeps_what_was_made() -> None:
    client = ModelClient(Script(SPEECH, SPEECH))
    client.send("response.create")
    client.wait(0.35)
    events = client.send("response.cancel")
    assert types(events)[-1] == "response.done"
    done = only(events, "response.done")["response"]
    assert (done["status"], done["status_details"]) == ("cancelled", {"type": "cancelled", "reason": "client_cancelled"})
    (item,) = done["output"]
    assert item["status"] == "incomplete"
    assert TEXT.startswith(item["content"][0]["transcript"])
    assert done["usage"]["output_tokens"] > 0
    assert client.finish() == []


def test_a_response_cancelled_while_thinking_has_said_nothing() -> None:
    client = ModelClient(Script(SPEECH))
    response = only(client.send("response.create"), "response.created")["response"]["id"]
    client.wait(0.1)
    assert types(client.send("response.cancel", response_id=response)) == ["response.done"]
    assert error(client.send("response.cancel", response_id=response))["code"] == "response_cancel_not_active"


def test_an_item_that_was_deleted_meanwhile_does_no_harm() -> None:
    client = ModelClient(Script(SPEECH))
    client.send("response.create")
    item = only(client.wait(0.35), "response.output_item.added")["item"]["id"]
    client.send("conversation.item.delete", item_id=item)
    assert "conversation.item.done" not in types(client.finish())
