"""Events and commands as JSON and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.call import events as call
from dialer.conversation import events as talk
from dialer.model.attempt import EndCause, Ending, Usage
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.transcript import Speaker, ToolCall, Turn
from dialer.session.event_codec import MAX_AUDIO, Happened, Ticked, Unknown, commands_text, dumps, event_of, named
from tests.support.builders import a_campaign

TEXTS = st.text(max_size=8)
JSONS: st.SearchStrategy[Any] = st.dictionaries(TEXTS, st.integers() | TEXTS | st.none(), max_size=3)
MAPPINGS: dict[object, st.SearchStrategy[Any]] = {
    Mapping[str, Any]: JSONS,
    Mapping[str, str]: st.dictionaries(TEXTS, TEXTS, max_size=2),
    Mapping[str, int]: st.dictionaries(TEXTS, st.integers(-9, 9), max_size=2),
    Mapping[str, float]: st.dictionaries(TEXTS, st.floats(0, 9), max_size=2),
    float: st.floats(allow_nan=False, allow_infinity=False),
}


def built(kind: Any) -> st.SearchStrategy[Any]:
    """Any event of one type."""
    hints = get_type_hints(kind).items()
    return st.builds(kind, **{name: MAPPINGS[hint] for name, hint in hints if hint in MAPPINGS})


EVENTS = st.one_of(*(built(kind) for kind in (*get_args(call.CallEvent), *get_args(talk.ConversationEvent), Ticked)))


def again(event: Happened) -> Happened | Unknown:
    name, values = named(event)
    return event_of(name, json.loads(dumps(values)))


def silent(event: Happened) -> Happened:
    if isinstance(event, talk.AgentAudio):
        return talk.AgentAudio(event.response_id, event.item_id, b"\xff" * len(event.mulaw))
    if isinstance(event, talk.LegAudio):
        return talk.LegAudio(b"\xff" * len(event.mulaw))
    return event


@given(EVENTS)
def test_every_event_comes_back_with_its_audio_silent(event: Happened) -> None:
    assert dumps(again(event)) == dumps(silent(event))
    assert type(again(event)) is type(event)


def test_nested_values_and_words_of_closed_lists_come_back() -> None:
    for event in (
        call.LegEnded(Ending(EndCause.BUSY, "486 Busy Here", 486)),
        call.Refused(Disposition.BLOCKED_DNC, "DNC-1"),
        call.TalkEnded(AnsweredBy.HUMAN, Outcome.CALLBACK, "end_call", had_first_audio=False),
        talk.ResponseDone("r", "completed", usage=Usage(audio_out=7, transcription_s=0.1 + 0.2), metadata={"purpose": "reply"}),
        talk.ToolCalled("r", "i", "c", "opt_out", '{"quote": "\ud800 别打了"}'),
        Ticked("talk", 1763942400.1234567),
    ):
        assert again(event) == event


def test_what_has_its_default_is_left_out() -> None:
    assert dumps(talk.CalleeWords("i", "Yes.")) == '{"item_id":"i","text":"Yes."}'
    assert dumps(talk.ResponseDone("r", "completed")) == '{"response_id":"r","status":"completed"}'


def test_commands_are_text_with_audio_by_its_length() -> None:
    turn = Turn(1, Speaker.AGENT, "Hello", 0, 500, item_id="i")
    deed = ToolCall(
        "c", "opt_out", MappingProxyType({"quote": "no", "at": datetime(2026, 11, 23, tzinfo=UTC)}), {"ok": True}, 9, 1
    )
    text = commands_text([talk.Play("i", b"abc"), talk.RecordTurn(turn), talk.RecordToolCall(deed), call.HangUp()])
    assert json.loads(text) == [
        ["Play", {"item_id": "i", "mulaw": 3}],
        ["RecordTurn", {"turn": {"seq": 1, "speaker": "agent", "text": "Hello", "start_ms": 0, "end_ms": 500, "item_id": "i"}}],
        [
            "RecordToolCall",
            {
                "tool_call": {
                    "call_id": "c",
                    "name": "opt_out",
                    "arguments": {"quote": "no", "at": "2026-11-23T00:00:00+00:00"},
                    "result": {"ok": True},
                    "at_ms": 9,
                    "after_seq": 1,
                }
            },
        ],
        ["HangUp", {}],
    ]


def test_what_msgspec_refuses_is_written_all_the_same() -> None:
    for text in ("\ud800", "别打了", "\u2028"):
        assert json.loads(dumps({"said": text, "bytes": b"ab"})) == {"said": text, "bytes": 2}
    assert dumps({"b": 10**30, "a": [1.5, None]}, is_sorted=True) == f'{{"a":[1.5,null],"b":{10**30}}}'
    assert dumps({"b": 1, "a": 2}, is_sorted=True) == '{"a":2,"b":1}'
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        dumps(endless)


def test_a_campaign_is_its_hash_and_other_things_have_no_form() -> None:
    campaign = a_campaign()
    assert json.loads(dumps(campaign)) == campaign.version_hash()
    with pytest.raises(TypeError, match="object has no form"):
        dumps(object())


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Teleported", {}),
        ("AgentAudio", {}),
        ("AgentAudio", {"response_id": "r", "item_id": "i", "mulaw": MAX_AUDIO + 1}),
        ("AgentAudio", {"response_id": "r", "item_id": "i", "mulaw": None}),
        ("Refused", {"disposition": "eaten", "reason": ""}),
        ("DigitPressed", {"digit": 9}),
    ],
)
def test_an_event_of_another_version_is_unknown(name: str, values: dict[str, Any]) -> None:
    event = event_of(name, values)
    assert isinstance(event, Unknown)
    assert event.name == name
    assert event.reason


def test_a_field_that_this_version_does_not_have_is_passed_over() -> None:
    assert event_of("DigitPressed", {"digit": "9", "pressure": 3}) == talk.DigitPressed("9")


@given(TEXTS | st.sampled_from(["AgentAudio", "LegEnded", "Ticked", "ResponseDone"]), JSONS)
def test_reading_never_raises(name: str, values: dict[str, Any]) -> None:
    event_of(name, values)
