"""What the loopback carries out, and what it refuses."""

from __future__ import annotations

import pytest

from dialer.simulation.twilio.twiml import AskKey, BadTwiml, Connect, End, Join, Speak, Stream, parse
from dialer.wire import twiml


def test_all_that_we_write_is_understood() -> None:
    assert parse(twiml.connect_stream("wss://a.example/k", {"t": "1"})) == [Stream("wss://a.example/k", {"t": "1"})]
    assert parse(twiml.dial("+12125550150", "+12125550199", announce="Wait.")) == [
        Speak("Wait.", "en-US"), Connect("+12125550150", "+12125550199")
    ]  # fmt: skip
    assert parse(twiml.conference("room", ends_with_me=True)) == [Join("room", ends_with_me=True)]
    said = (Speak("S", "en-US"), Speak("Q", "en-US"))
    assert parse(twiml.offer("S", "Q", "https://a.example/k")) == [AskKey("https://a.example/k", said), End()]
    assert parse(twiml.hang_up()) == [End()]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 4001, "longer"),
        ("<Response>", "not XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><Response>&b;</Response>', "not XML"),
        ("<Answer/>", "root"),
        ("<Response><Dance/></Response>", "<Dance>"),
        ("<Response><Connect><Room/></Connect></Response>", "without <Stream>"),
        ('<Response><Connect><Stream url="ws://a.example/k"/></Connect></Response>', "not wss"),
        ('<Response><Connect><Stream url="wss://a.example/k?a=1"/></Connect></Response>', "query"),
        ("<Response><Dial>nobody</Dial></Response>", "without a number"),
        ('<Response><Gather action="/here"/></Response>', "no address"),
    ],
)
def test_anything_else_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadTwiml, match=said):
        parse(text)
