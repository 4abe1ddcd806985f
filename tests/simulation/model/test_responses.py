"""One response at a time in the conversation, any number beside it, and the session's own rules for each."""

from __future__ import annotations

from dialer.simulation.model.brain.view import Heard, Reply
from tests.support.model_client import ModelClient, Script, error, only, types

HELLO = Reply("Hello, how can I help you today?")
BESIDE = {"conversation": "none", "output_modalities": ["text"]}


def test_several_run_beside_the_conversation_and_each_is_cancelled_by_its_id() -> None:
    client = ModelClient(Script(*[HELLO] * 3))
    ids = [only(client.send("response.create", response=BESIDE), "response.created")["response"]["id"] for _ in range(2)]
    client.send("response.create")
    client.wait(0.31)
    cancelled = only(client.send("response.cancel", response_id=ids[1]), "response.done")["response"]
    assert (cancelled["id"], cancelled["status"]) == (ids[1], "cancelled")
    ended = {event["response"]["id"]: event["response"]["status"] for event in client.finish() if "response" in event}
    assert len(ended) == 2
    assert set(ended.values()) == {"completed"}


def test_a_cancel_without_an_id_means_the_conversations_own() -> None:
    client = ModelClient(Script(HELLO))
    client.send("response.create", response=BESIDE)
    assert error(client.send("response.cancel"))["code"] == "response_cancel_not_active"


def test_a_response_that_may_not_be_leaves_nothing_behind() -> None:
    client = ModelClient(Script(HELLO))
    refused = client.send("response.create", response={"instructions": "x" * 70_000})
    assert error(refused)["code"] == "string_above_max_length"
    assert only(client.respond(), "response.done")["response"]["status"] == "completed"


def test_a_context_of_its_own_may_be_spoken() -> None:
    script = Script(HELLO)
    client = ModelClient(script)
    item = {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": ""}]}
    client.respond(input=[item])
    assert script.views[0].lines == (Heard(""),)


def test_written_words_come_in_pieces() -> None:
    client = ModelClient(Script(HELLO))
    events = client.respond(output_modalities=["text"])
    pieces = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
    assert len(pieces) > 1
    assert "".join(pieces) == HELLO.text
    assert "response.output_audio.delta" not in types(events)
