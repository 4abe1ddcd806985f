"""Every message, judged by Asterisk's own descriptions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from dialer.simulation.asterisk import messages
from tests.support.asterisk import need_descriptions

AT = datetime(2026, 11, 21, 3, 0, 0, 123456, tzinfo=UTC)


def test_a_time_stamp_has_milliseconds_and_an_offset_without_a_colon() -> None:
    assert messages.instant(AT) == "2026-11-21T03:00:00.123+0000"
    assert messages.instant(AT.astimezone(timezone(timedelta(hours=8)))) == "2026-11-21T03:00:00.123+0000"


def test_answers_and_events_are_as_described() -> None:
    described = need_descriptions()
    channel = messages.channel("a1", "PJSIP/t-1", "Up", "+1", "+2", AT, "dialer", {"A": "b"})
    bridge = messages.bridge("b", "n", ["a1"], AT)
    for kind, fields in (
        ("Dial", {"peer": channel, "dialstatus": "RINGING", "dialstring": "x", "forward": ""}),
        ("StasisStart", {"channel": channel, "args": []}),
        ("ChannelDestroyed", {"channel": channel, "cause": 16, "cause_txt": "x", "tech_cause": 486}),
        ("ChannelEnteredBridge", {"channel": channel, "bridge": bridge}),
        ("ChannelDtmfReceived", {"channel": channel, "digit": "1", "duration_ms": 100}),
        ("RecordingStarted", {"recording": messages.recording("a1", "b", "recording")}),
    ):
        assert described.event(messages.event(kind, "dialer", AT, **fields)) == []
    for target, body in (
        ("/asterisk/info", messages.info("22.10.1", AT)),
        ("/asterisk/ping", messages.ping(AT)),
        ("/asterisk/modules/chan_websocket.so", messages.module("chan_websocket.so")),
        ("/endpoints/PJSIP/trunk", messages.endpoint("PJSIP", "trunk", "online")),
        ("/bridges", [bridge]),
        ("/channels/a1", channel),
    ):
        assert described.answer("GET", target, 200, body) == []
