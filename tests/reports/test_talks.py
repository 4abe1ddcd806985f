"""A talk in order, with its deeds and events, in every form."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.attempt import EndCause
from dialer.model.disposition import AnsweredBy, Disposition
from dialer.model.transcript import Transcript
from dialer.reports.talks import Facts, entries, events, language_of, markdown, text, vtt
from tests.support.results import a_tool_call, a_transcript

HUMAN = Facts("en", Disposition.ANSWERED_HUMAN, AnsweredBy.HUMAN, EndCause.FAR_HANG_UP, 6.5, is_answered=True)


def a_talk():
    calls = (
        a_tool_call("report_answer_type", 0, kind="human"),
        a_tool_call("opt_out", 2, quote="stop"),
        a_tool_call("transfer", 2, desk="sales"),
        a_tool_call("transfer", 2, ok=False, desk="sales"),
        a_tool_call("end_call", 99),
    )
    found = a_transcript("> Hello, Maria", "stop", "> Goodbye", calls=calls)
    turns = (replace(found.turns[0], is_interrupted=True), found.turns[1], replace(found.turns[2], latency_ms=310))
    return replace(found, turns=turns)


def test_everything_stands_where_it_happened():
    found = entries(a_talk(), HUMAN)
    assert [(it.who, it.text.partition("(")[0]) for it in found] == [
        ("event", "answered by human"),
        ("tool", "report_answer_type"),
        ("event", "answered by human"),
        ("agent", "Hello, Maria"),
        ("callee", "stop"),
        ("tool", "opt_out"),
        ("event", "opted out: no more calls to this number"),
        ("tool", "transfer"),
        ("event", "handed over to sales"),
        ("tool", "transfer"),
        ("agent", "Goodbye"),
        ("tool", "end_call"),
        ("event", "the callee hung up"),
    ]
    assert [it.note for it in found if it.who == "agent"] == ["interrupted", "after 310 ms"]
    assert len(events(a_talk(), HUMAN)) == 5


def test_who_was_not_answered_has_no_events():
    assert entries(Transcript(), Facts(disposition=Disposition.NO_ANSWER)) == ()
    open_call = Facts(answered_by=None, is_answered=True)
    assert [it.text for it in entries(Transcript(), open_call)] == ["answered by unknown"]


def test_a_message_that_was_left():
    facts = replace(HUMAN, disposition=Disposition.VOICEMAIL_LEFT, answered_by=AnsweredBy.VOICEMAIL, end_cause=None)
    assert [it.text for it in entries(Transcript(), facts)][1:] == ["message left", "ended: voicemail_left"]


@pytest.mark.parametrize(
    ("words", "language"),
    [("Hello", "en"), ("你好", "zh"), ("こんにちは 世界", "ja"), ("여보세요", "ko"), ("Привет", "ru"), ("مرحبا", "ar")],
)
def test_the_language_as_far_as_the_script_tells(words, language):
    assert language_of(words, "en-US") == language


@given(st.text(max_size=40))
def test_no_words_are_marks_of_the_form(words):
    lines = entries(a_transcript("> Hi", words), Facts())
    body = markdown(words, lines)
    assert len(body.splitlines()) >= 4
    assert "<" not in body.replace("\\<", "")
    captions = vtt(lines)
    assert captions.count("-->") == 2
    assert captions.count("<v ") == 2
    assert "<script" not in captions


def test_plain_text():
    assert text(entries(a_transcript("> Hi"), Facts())) == "00:00 agent   Hi"
    assert "00:00:02.000 --> 00:00:03.800\n<v callee>a &lt;b&gt; &amp; c" in vtt(
        entries(a_transcript("> Hi", "a <b> &\nc"), Facts())
    )


def test_captions_hold_the_turns_alone():
    assert vtt(entries(a_talk(), HUMAN)).count("-->") == 3
