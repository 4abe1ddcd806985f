"""The log of one attempt."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.call import events as call
from dialer.conversation.events import AgentAudio, CalleeWords, Play, RecordToolCall
from dialer.conversation.stage import TalkPlan
from dialer.model.transcript import ToolCall
from dialer.session.event_codec import Ticked, Unknown
from dialer.session.log import (
    VERSION,
    AttemptLog,
    Entry,
    Recording,
    Setup,
    Undecodable,
    packed,
    read,
    unpacked,
    with_campaign,
)
from tests.support.builders import MONDAY, a_campaign, a_script

CAMPAIGN = a_campaign()
TEXTS = a_script(CAMPAIGN)
SETUP = Setup(30, 300, TalkPlan(TEXTS, MONDAY, 1763942400.123456, may_leave_message=True))


def a_log(**bounds: int) -> AttemptLog:
    """A log of one event with one command."""
    log = AttemptLog(**bounds)
    log.begin(SETUP)
    log.add(0.1 + 0.2, AgentAudio("r", "i", b"abc"))
    assert log.gave([Play("i", b"abc")]) == [Play("i", b"abc")]
    return log


def recorded(text: str | Undecodable) -> Recording:
    assert isinstance(text, str)
    recording = read(text, CAMPAIGN)
    assert isinstance(recording, Recording)
    return recording


def changed(**values: object) -> str:
    """A log with other values at its top level; None leaves one out."""
    document = json.loads(a_log().text()) | values
    return json.dumps({name: value for name, value in document.items() if value is not None})


def test_a_log_comes_back_with_exact_times_and_silent_audio() -> None:
    log = a_log()
    log.add(7.25, Ticked("call", 7.2))
    recording = recorded(unpacked(VERSION, packed(log.text())))
    assert recording.entries == (
        Entry(0.1 + 0.2, AgentAudio("r", "i", b"\xff\xff\xff"), '[["Play",{"item_id":"i","mulaw":3}]]'),
        Entry(7.25, Ticked("call", 7.2), None),
    )
    assert (recording.is_cut, recording.is_same_campaign) == (False, True)


def test_the_cores_are_built_again_with_all_that_they_read() -> None:
    setup = recorded(a_log().text()).setup
    texts = setup.talk.texts
    assert (setup.ring_s, setup.call_s) == (30, 300)
    assert (setup.talk.started_at, setup.talk.started_s, setup.talk.may_leave_message) == (MONDAY, 1763942400.123456, True)
    assert (texts.opening, texts.sentences, texts.desk, texts.text_hash) == (
        TEXTS.opening, TEXTS.sentences, TEXTS.desk, TEXTS.text_hash,
    )  # fmt: skip
    assert (texts.instructions, texts.tools) == ("", ())


def test_a_sentence_that_the_version_of_the_call_did_not_have_is_this_version_s() -> None:
    document = json.loads(a_log().text())
    kept = document["setup"]["talk"]["texts"]["sentences"]
    del kept["apology"]
    kept["goodbye"] = "So long."
    sentences = recorded(json.dumps(document)).setup.talk.texts.sentences
    assert (sentences.apology, sentences.goodbye) == (TEXTS.sentences.apology, "So long.")


def test_a_log_that_never_began_is_nothing_to_keep() -> None:
    assert not AttemptLog().is_begun
    assert a_log().is_begun


def test_a_log_is_bounded_and_says_so() -> None:
    log = a_log(max_entries=1)
    assert not log.is_cut
    log.add(0.4, call.Began())
    assert log.gave([call.OpenModel()]) == [call.OpenModel()]
    assert len(log.lines()) == 1
    assert recorded(log.text()).is_cut


@pytest.mark.parametrize("room", [20, 90])
def test_a_log_ends_before_the_entry_that_is_too_long_for_it(room: int) -> None:
    log = a_log(max_chars=room)
    log.add(0.4, call.Began())
    log.gave([])
    assert log.lines() == []
    assert recorded(log.text()).is_cut


def test_what_cannot_be_written_cuts_the_log_and_nothing_else() -> None:
    log = a_log()
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    command = RecordToolCall(ToolCall("c", "n", {"x": deep}, {}, 0, 0))
    log.add(1.0, call.Began())
    assert log.gave([command]) == [command]
    log.add(2.0, call.Began())
    assert (len(log.lines()), log.is_cut) == (1, True)


def test_a_document_can_stand_alone() -> None:
    text = with_campaign(a_log().text(), CAMPAIGN)
    assert read(text) == recorded(a_log().text())
    assert len(text.splitlines()) == len(a_log().text().splitlines()) + 1


def test_another_campaign_is_told() -> None:
    recording = read(a_log().text(), a_campaign(agent_name="Eve"))
    assert isinstance(recording, Recording)
    assert not recording.is_same_campaign


def test_events_of_another_version_are_kept_as_unknown() -> None:
    (entry,) = recorded(changed(entries=[[0.5, "Teleported", {"to": "Mars"}, [["AddNote", {"text": "b", "a": 1}]]]])).entries
    assert entry == Entry(0.5, Unknown("Teleported", "this version has no such event"), '[["AddNote",{"a":1,"text":"b"}]]')


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "another form"),
        ("{}", "another form"),
        ("[" * 100_000, "another form"),
        (changed(version=99), "version 99"),
        (changed(entries=[[1]]), "another form"),
        (changed(setup={}), "lacks what the cores are built with"),
        (changed(campaign={"name": "x"}), "another form"),
    ],
)
def test_what_is_no_log_says_why(text: str, reason: str) -> None:
    found = read(text, CAMPAIGN)
    assert isinstance(found, Undecodable)
    assert reason in found.reason


def test_a_log_without_its_campaign_cannot_be_read() -> None:
    assert read(a_log().text()) == Undecodable("it does not contain its campaign")


def test_a_body_of_another_version_or_of_another_making_says_why() -> None:
    body = packed(a_log().text())
    for version, bad, reason in (
        (VERSION + 1, body, "version 2"),
        (VERSION, body[:-9], "not whole"),
        (VERSION, zlib.compress(b"\xff\xfe"), "damaged"),
        (VERSION, packed("a" * 20_000_000), "not whole"),
    ):
        found = unpacked(version, bad)
        assert isinstance(found, Undecodable)
        assert reason in found.reason


@given(st.binary(max_size=200))
def test_random_bytes_never_raise(body: bytes) -> None:
    assert isinstance(unpacked(VERSION, body), Undecodable)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda it: st.lists(it) | st.dictionaries(st.text(), it)))
def test_random_documents_never_raise(value: object) -> None:
    assert isinstance(read(json.dumps(value), CAMPAIGN), Undecodable)
    assert isinstance(read(changed(setup=value), CAMPAIGN), Undecodable)


def test_a_log_ends_before_what_may_not_be_kept_and_takes_no_more() -> None:
    log = a_log()
    for number, item in enumerate(("h1", "h11", "h2")):
        log.add(1.0 + number, CalleeWords(item, "It is 4111"))
        log.gave([])
    before = log.lines()
    log.end_before("h11")
    log.add(9.0, CalleeWords("h3", "1111"))
    assert log.gave([call.OpenModel()]) == [call.OpenModel()]
    assert log.lines() == before[:2]
    assert recorded(log.text()).is_cut
    log.end_before("never mentioned")
    assert log.lines() == before[:2]
