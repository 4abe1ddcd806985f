"""Every request that we make, judged by Asterisk's own descriptions."""

from __future__ import annotations

import pytest

from dialer.wire import asterisk_ari as ari
from dialer.wire.asterisk_ari import Request
from tests.support.asterisk import need_descriptions

REQUESTS = [
    ari.originate("a1", endpoint="PJSIP/+12125550101@trunk", app="dialer-1", caller_id="<+12125550199>", ring_s=25, limit_s=400),
    ari.originate("a1-desk", endpoint="PJSIP/1@t", app="a", caller_id="<1>", ring_s=1, limit_s=9, originator="a1"),
    ari.external_media("a1-media", app="dialer-1", limit_s=400),
    ari.external_media("a1-media", app="dialer-1", limit_s=400, connection="dialer", parameters={"key": "k-_1"}),
    ari.get_channel("a1"),
    ari.hang_up("a1"),
    ari.set_limit("a1", 300),
    ari.send_digits("a1", "12#"),
    ari.create_bridge("a1-bridge", "dialer-1"),
    ari.list_bridges(),
    ari.add_to_bridge("a1-bridge", "a1", "a1-media"),
    ari.delete_bridge("a1-bridge"),
    ari.record_bridge("a1-bridge", "a1"),
    ari.info(),
    ari.ping(),
    ari.module("chan_websocket.so"),
    ari.endpoint("PJSIP", "trunk"),
    ari.events("dialer-1"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=[f"{request.method} {request.path}" for request in REQUESTS])
def test_every_request_is_as_asterisk_describes_it(request_: Request) -> None:
    assert need_descriptions().request(request_.method, request_.target, request_.body) == []


def test_a_request_that_is_not_described_would_be_found() -> None:
    described = need_descriptions()
    assert described.request("POST", "/channels/a1?endpoint=x&colour=red", None)
    assert described.request("POST", "/channels/a1?timeout=soon&endpoint=x", None)
    assert described.request("POST", "/channels/a1", None)
    assert described.request("GET", "/nowhere", None)
    assert described.request("GET", "/bridges", {"variables": {}})


def test_a_dial_has_always_a_limit_and_our_id() -> None:
    request = REQUESTS[0]
    assert request.path == "/channels/a1"
    assert request.body == {"variables": {"TIMEOUT(absolute)": "400"}}
    assert dict(request.query)["timeout"] == "25"
    assert "originator" not in dict(request.query)
    assert dict(REQUESTS[1].query)["originator"] == "a1"


def test_the_media_channel_waits_for_us_or_comes_to_us_with_a_key() -> None:
    waits, comes = dict(REQUESTS[2].query), dict(REQUESTS[3].query)
    assert (waits["external_host"], waits["connection_type"], waits["transport_data"]) == ("INCOMING", "server", "f(json)")
    assert (comes["external_host"], comes["connection_type"], comes["transport_data"]) == (
        "dialer",
        "client",
        "f(json)v(key=k-_1)",
    )
    assert dict(ari.external_media("m", app="a", limit_s=1, connection="dialer").query)["transport_data"] == "f(json)"


def test_names_are_written_safely() -> None:
    assert ari.get_channel("a/b?c").target == "/channels/a%2Fb%3Fc"
    assert REQUESTS[0].target.startswith("/channels/a1?endpoint=PJSIP%2F%2B12125550101%40trunk&app=dialer-1")
    assert ari.list_bridges().target == "/bridges"
