"""Items: made, found, cut and deleted as the service does."""

from __future__ import annotations

import base64

import pytest

from dialer.audio import modem
from dialer.simulation.model.brain.view import Called, Heard, Noted, Reply, Said
from dialer.simulation.model.conversation import Conversation, Item
from dialer.simulation.model.outbox import Outbox
from dialer.simulation.model.schema import Refusal
from dialer.simulation.model.sound import from_mulaw
from tests.support.model_client import ModelClient, Script, error, only, types

TEXT = "Hello, this is a sentence of some length."


def note(text: str, **fields: str) -> dict[str, object]:
    return {"type": "message", "role": "system", "content": [{"type": "input_text", "text": text}], **fields}


def spoken() -> tuple[ModelClient, str, int]:
    """A client whose model has said TEXT; the item, and its milliseconds."""
    client = ModelClient(Script(Reply(TEXT), Reply()))
    item = only(client.respond(), "response.output_item.done")["item"]["id"]
    return client, item, (len(TEXT) + 4) * 20


def test_items_are_added_at_the_end_at_the_beginning_and_behind_another() -> None:
    client = ModelClient(Script())
    added = [
        client.send("conversation.item.create", item=note("b", id="b")),
        client.send("conversation.item.create", item=note("a", id="a"), previous_item_id="root"),
        client.send("conversation.item.create", item=note("c", id="c"), previous_item_id="a"),
    ]
    assert [types(events) for events in added] == [["conversation.item.added", "conversation.item.done"]] * 3
    assert [events[0]["previous_item_id"] for events in added] == [None, None, "a"]
    assert added[0][1]["item"]["status"] == "completed"


def test_items_are_retrieved_and_deleted() -> None:
    client = ModelClient(Script())
    client.send("conversation.item.create", item=note("a", id="a"))
    found = only(client.send("conversation.item.retrieve", item_id="a"), "conversation.item.retrieved")
    assert found["item"]["content"] == [{"type": "input_text", "text": "a"}]
    assert types(client.send("conversation.item.delete", item_id="a")) == ["conversation.item.deleted"]
    assert error(client.send("conversation.item.delete", item_id="a"))["code"] == "item_delete_invalid_item_id"


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma", "audio/pcm"])
def test_a_client_may_speak_by_an_item_and_gets_its_sound_back(kind: str) -> None:
    client = ModelClient(Script())
    format_ = {"type": kind, "rate": 24000} if kind == "audio/pcm" else {"type": kind}
    client.send("session.update", session={"type": "realtime", "audio": {"input": {"format": format_}}})
    audio = base64.b64encode(from_mulaw(modem.encode("By item."), kind)).decode()
    content = [{"type": "input_text", "text": "Listen:"}, {"type": "input_audio", "audio": audio}]
    item = {"type": "message", "role": "user", "id": "a", "content": content}
    added = only(client.send("conversation.item.create", item=item), "conversation.item.added")["item"]
    assert added["content"][1] == {"type": "input_audio", "transcript": None}
    assert client._session._conversation.lines() == (Heard("Listen: By item."),)
    item = {"type": "message", "role": "user", "id": "b", "content": [{"type": "input_audio", "audio": audio}]}
    client.send("conversation.item.create", item=item)
    found = only(client.send("conversation.item.retrieve", item_id="b"), "conversation.item.retrieved")["item"]
    assert len(base64.b64decode(found["content"][0]["audio"])) == len(base64.b64decode(audio))


def test_what_cannot_be_created_is_refused() -> None:
    client = ModelClient(Script())
    client.send("conversation.item.create", item=note("a", id="a"))
    twice = error(client.send("conversation.item.create", item=note("b", id="a"), event_id="ours"))
    nowhere = error(client.send("conversation.item.create", item=note("b"), previous_item_id="z"))
    assert (twice["code"], twice["event_id"]) == ("item_create_duplicate_item_id", "ours")
    assert (nowhere["code"], nowhere["param"]) == ("item_create_invalid_item_id", "previous_item_id")


def test_a_cut_item_loses_its_transcript_and_the_rest_was_not_said() -> None:
    client, item, audio_ms = spoken()
    script = client.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=audio_ms // 2)
    assert only(script, "conversation.item.truncated")["audio_end_ms"] == audio_ms // 2
    kept = only(client.send("conversation.item.retrieve", item_id=item), "conversation.item.retrieved")["item"]
    (part,) = kept["content"]
    assert (part["type"], "transcript" in part, len(base64.b64decode(part["audio"]))) == ("output_audio", False, audio_ms * 4)
    mind = client._session._responses._mind
    client.respond()
    assert isinstance(mind, Script)
    (said,) = mind.views[-1].lines
    assert isinstance(said, Said)
    assert said.is_cut
    assert TEXT.startswith(said.text)
    assert 0 < len(said.text) < len(TEXT)


def test_a_cut_near_the_end_is_none() -> None:
    client, item, audio_ms = spoken()
    client.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=audio_ms - 100)
    assert client._session._conversation.lines() == (Said(TEXT),)


@pytest.mark.parametrize(("content_index", "extra_ms", "param"), [(0, 20, "audio_end_ms"), (1, 0, "content_index")])
def test_a_cut_out_of_bounds_is_refused(content_index: int, extra_ms: int, param: str) -> None:
    client, item, audio_ms = spoken()
    end_ms = audio_ms + extra_ms
    refused = error(client.send("conversation.item.truncate", item_id=item, content_index=content_index, audio_end_ms=end_ms))
    assert (refused["code"], refused["param"]) == ("invalid_value", param)
    if extra_ms:
        assert refused["message"] == f"Audio content of {audio_ms}ms is already shorter than {end_ms}ms"


def test_only_the_models_own_audio_can_be_cut() -> None:
    client = ModelClient(Script())
    client.send("conversation.item.create", item=note("a", id="a"))
    refused = error(client.send("conversation.item.truncate", item_id="a", content_index=0, audio_end_ms=0))
    unknown = error(client.send("conversation.item.truncate", item_id="z", content_index=0, audio_end_ms=0))
    assert (refused["param"], unknown["code"]) == ("item_id", "item_truncate_invalid_item_id")


def test_the_brain_sees_lines_with_the_results_of_its_calls() -> None:
    conversation = Conversation(Outbox("1"))
    for item in (
        note("a note"),
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hello"}]},
        {"type": "function_call", "name": "one", "call_id": "c1", "arguments": '{"a":1}'},
        {"type": "function_call", "name": "two", "arguments": "[]"},
        {"type": "function_call_output", "call_id": "c1", "output": "done"},
    ):
        conversation.create({"item": item})
    assert conversation.lines() == (
        Noted("a note"),
        Heard("hi"),
        Said("hello"),
        Called("one", {"a": 1}, {"text": "done"}),
        Called("two", {"text": "[]"}),
    )


def test_an_unknown_place_is_refused() -> None:
    conversation = Conversation(Outbox("1"))
    with pytest.raises(Refusal):
        conversation.add(Item({"id": "a", "type": "message"}), after="z")
    assert conversation.last_id() is None
