"""What a response sends: items, parts, deltas and calls, each with its place."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from dialer.simulation.model.brain.view import Call
from dialer.simulation.model.conversation import Conversation
from dialer.simulation.model.emission import Emission, Order, Surroundings
from dialer.simulation.model.meter import Meter
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.outbox import Outbox
from dialer.simulation.model.settings import defaults
from tests.support.realtime import check_server

SETTINGS = {**defaults("sess_1", "gpt-realtime-2.1"), "instructions": "Be kind."}


def emission(*, is_default: bool = True, **settings: Any) -> tuple[Emission, Surroundings]:
    outbox = Outbox("1")
    around = Surroundings(outbox, Conversation(outbox), Meter(1000), ModelOptions())
    return Emission(Order({**SETTINGS, **settings}, is_default=is_default), around, "resp_1"), around


def sent(around: Surroundings) -> list[dict[str, Any]]:
    return [check_server(frame) for frame in around.outbox.take() if isinstance(frame, dict)]


def test_what_is_billed_before_the_conversation() -> None:
    assert Order(SETTINGS).prompt == "Be kind."
    assert "end_call" in Order({**SETTINGS, "tools": [{"name": "end_call"}]}).prompt


@pytest.mark.parametrize(("kind", "ratio"), [("audio/pcmu", 1), ("audio/pcma", 1), ("audio/pcm", 6)])
def test_speech_is_sent_in_the_format_that_was_asked_for(kind: str, ratio: int) -> None:
    output, around = emission(audio={"output": {"format": {"type": kind}, "voice": "marin"}})
    item = output.begin_message()
    assert output.open_message is item
    output.speak(item, "Hello", b"\xff" * 160)
    (delta,) = [event for event in sent(around) if event["type"] == "response.output_audio.delta"]
    assert len(base64.b64decode(delta["delta"])) == 160 * ratio
    assert (output.audio_ms, item.words) == (20, "Hello")
    output.end_message(item, "completed")
    assert (output.open_message, output.text) == (None, 2)
    assert [event["type"] for event in sent(around)][-1] == "response.output_item.done"


def test_written_words_have_parts_and_items_of_their_own_kind() -> None:
    output, around = emission(output_modalities=["text"])
    item = output.begin_message()
    output.write(item, "Hel")
    output.write(item, "lo")
    output.end_message(item, "completed")
    events = {event["type"]: event for event in sent(around)}
    assert events["response.content_part.done"]["part"] == {"type": "text", "text": "Hello"}
    assert events["conversation.item.done"]["item"]["content"] == [{"type": "output_text", "text": "Hello"}]


def test_calls_have_their_place_and_a_given_id() -> None:
    output, around = emission()
    assert output.last_message() is None
    first = output.call(Call("one", {"a": "ä"}))
    assert output.call(Call("two"), first) == first
    done = [event for event in sent(around) if event["type"] == "response.output_item.done"]
    assert [(event["output_index"], event["item"]["name"]) for event in done] == [(0, "one"), (1, "two")]
    assert done[0]["item"]["arguments"] == '{"a": "ä"}'


def test_what_is_beside_the_conversation_is_not_in_it() -> None:
    output, around = emission(is_default=False)
    output.end_message(output.begin_message(), "completed")
    assert around.conversation.items == []
    assert not any(event["type"].startswith("conversation.") for event in sent(around))
    assert output.response("completed", None, None)["conversation_id"] is None
