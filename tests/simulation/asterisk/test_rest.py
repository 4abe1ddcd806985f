"""What is done and what is refused, in Asterisk's words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from dialer.clock import SimulatedClock
from dialer.simulation.asterisk.apps import Apps
from dialer.simulation.asterisk.exchange import Exchange
from dialer.simulation.asterisk.faults import Faults
from dialer.simulation.asterisk.rest import Answer, Rest, Setup
from dialer.simulation.asterisk.trunk import Trunk, World
from dialer.simulation.phones.personas import Person
from tests.support.virtual_time import START, run_virtual

DIAL = [("endpoint", "PJSIP/+12125550101@trunk"), ("app", "dialer"), ("callerId", "<+12125550199>"), ("timeout", "20")]
MEDIA = [
    ("channelId", "m"), ("app", "dialer"), ("external_host", "INCOMING"), ("encapsulation", "none"), ("transport", "websocket"),
    ("connection_type", "server"), ("format", "ulaw"), ("transport_data", "f(json)"),
]  # fmt: skip


class Desk:
    """A REST interface without a network, and the events that it causes."""

    def __init__(self, path: Path) -> None:
        clock = SimulatedClock(START)
        self.events: list[dict[str, Any]] = []
        apps = Apps(Faults(), self.events.append)
        apps.listen("dialer", lambda _: None, lambda: None)
        self.exchange = Exchange(apps, clock)
        world = World(lambda _: Person("Maria", persona="agrees"), path / "phones.jsonl")
        self.connected: list[str] = []
        setup = Setup(clients={"ours": "ws://here/media"}, trunks={"trunk": "online", "dead": "offline"})
        self.rest = Rest(
            self.exchange, Trunk(world, self.exchange), setup, lambda channel, url: self.connected.append(f"{channel.id} {url}")
        )

    def ask(self, method: str, path: str, query: list[tuple[str, str]] | None = None, body: Any = None) -> Answer:
        return self.rest.handle(method, path, query or [], body)

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]


def at(path: Path, main: Callable[[Desk], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        return await main(Desk(path))

    return run_virtual(whole())


def changed(query: list[tuple[str, str]], **fields: str) -> list[tuple[str, str]]:
    return [(name, fields.get(name, value)) for name, value in query]


def test_a_dial_goes_from_ringing_to_the_answer_and_has_its_limit(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        answer = desk.ask("POST", "/channels/a1", DIAL, {"variables": {"TIMEOUT(absolute)": "15"}})
        assert (answer.status, answer.body["state"]) == (200, "Down")
        assert desk.ask("POST", "/channels/a1", DIAL).status == 409
        await asyncio.sleep(9)
        assert desk.ask("GET", "/channels/a1").body["state"] == "Up"
        assert len(desk.ask("GET", "/channels").body) == 1
        await asyncio.sleep(10)
        assert desk.ask("GET", "/channels/a1").status == 404
        assert desk.events[-1]["cause"] == 0
        assert desk.ask("POST", "/channels/a1", DIAL).status == 200, "the id may be used again when it is over"

    at(tmp_path, main)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (changed(DIAL, endpoint="trunk"), 400),
        (changed(DIAL, endpoint="PJSIP/1@nowhere"), 500),
        (changed(DIAL, app=""), 400),
        ([*DIAL, ("originator", "nobody")], 400),
        ([*DIAL, ("colour", "red")], 400),
        ([*DIAL, DIAL[0]], 400),
    ],
)
def test_dials_that_are_refused(tmp_path: Path, query: list[tuple[str, str]], status: int) -> None:
    async def main(desk: Desk) -> None:
        assert desk.ask("POST", "/channels/a1", query).status == status
        assert desk.exchange.channels == {}

    at(tmp_path, main)


def test_what_asterisk_does_not_know_is_a_violation(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        desk.ask("GET", "/nowhere")
        desk.ask("POST", "/channels/a1", [*DIAL, ("colour", "red")])
        desk.ask("POST", "/channels/a1", DIAL, {"variables": "none"})
        assert len(desk.rest.violations) == 3

    at(tmp_path, main)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (MEDIA, 200),
        (changed(MEDIA, transport="udp"), 400),
        (changed(MEDIA, app=""), 400),
        (changed(MEDIA, connection_type="client", external_host="nobody"), 400),
        (changed(MEDIA, connection_type="client", external_host="ours", transport_data="f(json)v(key=k,call=a1)"), 200),
        (changed(MEDIA, transport_data="f(json)v(key=k)"), 500),
        (changed(MEDIA, connection_type="client", external_host="ours", transport_data="f(json)v(key=a b)"), 500),
    ],
)
def test_media_channels(tmp_path: Path, query: list[tuple[str, str]], status: int) -> None:
    async def main(desk: Desk) -> None:
        answer = desk.ask("POST", "/channels/externalMedia", query)
        assert answer.status == status
        if status == 200:
            assert "MEDIA_WEBSOCKET_CONNECTION_ID" in answer.body["channelvars"]
            assert desk.ask("POST", "/channels/externalMedia", query).status == 409
        is_client = dict(query)["connection_type"] == "client" and status == 200
        assert desk.connected == (["m ws://here/media?key=k&call=a1"] if is_client else [])

    at(tmp_path, main)


def test_only_who_is_in_stasis_can_be_bridged(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        assert desk.ask("POST", "/bridges/b", [("type", "mixing"), ("name", "x")]).status == 200
        assert desk.ask("POST", "/bridges/b", [("type", "mixing")]).body["name"] == "x"
        desk.ask("POST", "/channels/externalMedia", MEDIA)
        adding = ("POST", "/bridges/b/addChannel", [("channel", "m")])
        assert desk.ask(*adding).status == 422
        assert desk.ask("POST", "/bridges/b/addChannel", [("channel", "nobody")]).status == 400
        assert desk.ask("POST", "/bridges/c/addChannel", [("channel", "m")]).status == 404
        desk.exchange.answer(desk.exchange.channels["m"])
        assert desk.ask(*adding).status == 204
        assert desk.ask(*adding).status == 204
        assert desk.ask("GET", "/bridges").body[0]["channels"] == ["m"]
        assert desk.ask("POST", "/bridges/b/record", [("name", "r"), ("format", "wav")]).status == 201
        assert desk.ask("POST", "/bridges/c/record", [("name", "r"), ("format", "wav")]).status == 404
        assert desk.ask("DELETE", "/bridges/b").status == 204
        assert desk.ask("DELETE", "/bridges/b").status == 404
        assert desk.exchange.channels["m"].bridge_id == ""

    at(tmp_path, main)


def test_keys_and_limits_need_a_channel_that_was_answered(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        limit = [("variable", "TIMEOUT(absolute)"), ("value", "5")]
        assert desk.ask("POST", "/channels/a1/dtmf", [("dtmf", "1")]).status == 404
        assert desk.ask("POST", "/channels/a1/variable", limit).status == 404
        desk.ask("POST", "/channels/a1", DIAL)
        assert desk.ask("POST", "/channels/a1/dtmf", [("dtmf", "1")]).status == 409
        assert desk.ask("POST", "/channels/a1/variable", limit).status == 409
        await asyncio.sleep(9)
        assert desk.ask("POST", "/channels/a1/dtmf", []).status == 400
        assert desk.ask("POST", "/channels/a1/dtmf", [("dtmf", "12#")]).status == 204
        assert desk.ask("POST", "/channels/a1/variable", []).status == 400
        assert desk.ask("POST", "/channels/a1/variable", [("variable", "OTHER")]).status == 204
        assert desk.ask("POST", "/channels/a1/variable", limit).status == 204
        assert desk.exchange.channels["a1"].far.digits == "12#"  # type: ignore[union-attr]  # he has answered
        await asyncio.sleep(6)
        assert desk.exchange.channels == {}

    at(tmp_path, main)


def test_hanging_up_asks_first_and_tells_the_end(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        desk.ask("POST", "/channels/a1", DIAL)
        await asyncio.sleep(1)
        assert desk.ask("DELETE", "/channels/a1", [("reason", "busy"), ("reason_code", "16")]).status == 400
        assert desk.ask("DELETE", "/channels/a1", [("reason_code", "16")]).status == 204
        assert desk.ask("DELETE", "/channels/a1").status == 404
        assert desk.kinds()[-3:] == ["ChannelHangupRequest", "Dial", "ChannelDestroyed"]
        assert desk.events[-2]["dialstatus"] == "NOANSWER"

    at(tmp_path, main)


def test_the_server_about_itself(tmp_path: Path) -> None:
    async def main(desk: Desk) -> None:
        assert desk.ask("GET", "/asterisk/info").body["system"]["version"] == "22.10.1"
        assert desk.ask("GET", "/asterisk/ping").body["ping"] == "pong"
        assert desk.ask("GET", "/asterisk/modules/chan_websocket.so").body["status"] == "Running"
        assert desk.ask("GET", "/asterisk/modules/chan_nothing.so").status == 404
        assert desk.ask("GET", "/endpoints/PJSIP/dead").body["state"] == "offline"
        assert desk.ask("GET", "/endpoints/PJSIP/nowhere").status == 404

    at(tmp_path, main)
