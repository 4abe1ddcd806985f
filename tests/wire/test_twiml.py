"""TwiML: well-formed whatever the text, and nothing after the stream."""

from __future__ import annotations

from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from dialer.wire import twiml


def test_a_stream_with_its_parameters_and_nothing_behind_it() -> None:
    root = fromstring(twiml.connect_stream("wss://calls.example/k", {"token": 'a"b<c>&'}))
    [connect] = root
    [stream] = connect
    [parameter] = stream
    assert (connect.tag, stream.tag, stream.get("url")) == ("Connect", "Stream", "wss://calls.example/k")
    assert (parameter.get("name"), parameter.get("value")) == ("token", 'a"b<c>&')


def test_a_cold_transfer_says_its_sentence_and_dials() -> None:
    say, dial = fromstring(twiml.dial("+12125550150", "+12125550199", announce="One moment.", language="en-US"))
    assert (say.tag, say.text, say.get("language")) == ("Say", "One moment.", "en-US")
    assert (dial.tag, dial.text, dial.get("callerId"), dial.get("timeout")) == ("Dial", "+12125550150", "+12125550199", "30")
    assert [verb.tag for verb in fromstring(twiml.dial("+12125550150", "+12125550199"))] == ["Dial"]


def test_an_offer_reads_asks_for_one_key_and_lets_go() -> None:
    gather, hang_up = fromstring(twiml.offer("S" * 900, "Press 1.", "https://calls.example/desk/k"))
    assert (gather.get("numDigits"), gather.get("action"), gather.get("method")) == ("1", "https://calls.example/desk/k", "POST")
    assert [len(say.text or "") for say in gather] == [600, 8]
    assert hang_up.tag == "Hangup"


def test_a_conference_ends_with_whom_it_should() -> None:
    for ends in (True, False):
        [dial] = fromstring(twiml.conference("room", ends_with_me=ends))
        [room] = dial
        assert (room.text, room.get("endConferenceOnExit")) == ("room", str(ends).lower())


def test_the_end() -> None:
    assert [verb.tag for verb in fromstring(twiml.hang_up())] == ["Hangup"]


@given(st.text())
def test_whatever_the_text_it_is_xml_and_the_text_is_text(text: str) -> None:
    said = twiml.dial("+12125550150", text, announce=f"a{text}", language="en-US")
    say, dial = fromstring(said)
    assert [len(say), len(dial)] == [0, 0]
    assert (say.text or "").startswith("a")
