"""A line of ours: both doors, what goes wrong while it is made, and that nothing is left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dialer.carriers.asterisk_line import MEDIA_PATH, ClientDoor, Line
from dialer.carriers.media_server import Listen, MediaServer
from dialer.errors import CarrierError
from tests.support.asterisk import SECTION, Place, Rig
from tests.support.scripted_agent import Agent, an_order

TALKS = "+12125550101"
PERSONAS = {TALKS: "agrees"}


def a_line(rig: Rig, name: str = "x") -> Line:
    return Line(rig.switch, rig.carrier._plan.door, name, lambda: None)


@pytest.mark.parametrize("mode", ["server", "client"])
def test_a_line_is_a_media_channel_in_a_bridge_and_leaves_nothing(tmp_path: Path, mode: str) -> None:
    async def main(rig: Rig) -> None:
        await rig.switch.ready()
        line = a_line(rig)
        await line.open(60)
        assert rig.peer.exchange.bridges["x-bridge"].members == ["x-media"]
        await line.close("over")
        await line.close("over")
        assert (rig.peer.exchange.channels, rig.peer.exchange.bridges) == ({}, {})

    Place(tmp_path, PERSONAS, mode=mode).run(main)


def test_an_id_that_lives_belongs_to_somebody_else_and_is_left_alone(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await rig.switch.ready()
        first, second = a_line(rig), a_line(rig)
        await first.open(60)
        with pytest.raises(CarrierError) as caught:
            await second.open(60)
        assert caught.value.code == "duplicate_attempt"
        assert "x-media" in rig.peer.exchange.channels

    Place(tmp_path, PERSONAS).run(main)


def test_a_section_that_asterisk_does_not_have_is_said(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await rig.switch.ready()
        assert rig.server is not None
        line = Line(rig.switch, ClientDoor(rig.server, "nobody"), "x", lambda: None)
        with pytest.raises(CarrierError, match="websocket_client"):
            await line.open(60)
        assert (rig.peer.exchange.channels, rig.peer.exchange.bridges) == ({}, {})

    Place(tmp_path, PERSONAS, mode="client").run(main)


def test_asterisk_that_cannot_reach_our_media_server_is_said(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await rig.switch.ready()
        deaf = MediaServer(Listen())
        line = Line(rig.switch, ClientDoor(deaf, SECTION), "x", lambda: None)
        with pytest.raises(CarrierError) as caught:
            await line.open(60)
        assert caught.value.code == "no_media"
        await asyncio.sleep(1)
        assert rig.peer.exchange.channels == {}

    Place(tmp_path, PERSONAS, mode="client").run(main)


def test_the_media_server_opens_to_nobody_without_a_key_that_was_not_used(tmp_path: Path) -> None:
    async def main(rig: Rig) -> list[int]:
        agent = await Agent.dial(rig.carrier, an_order("a1", TALKS))
        assert rig.server is not None
        statuses = []
        for query in ("", "?key=", "?key=guess"):
            try:
                async with connect(f"{rig.server.socket_url}{MEDIA_PATH}{query}", proxy=None):
                    statuses.append(101)
            except InvalidStatus as error:
                statuses.append(error.response.status_code)
        await agent.call.hang_up()
        await agent.end()
        return statuses

    assert Place(tmp_path, PERSONAS, mode="client").run(main) == [403, 403, 403]


def test_a_media_channel_that_ends_at_once_is_an_error(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await rig.switch.ready()
        line = a_line(rig)
        opening = asyncio.create_task(line.open(60))
        while "x-media" not in rig.peer.exchange.channels:  # noqa: ASYNC110  # the stand-in tells nobody
            await asyncio.sleep(0)
        rig.peer.exchange.end("x-media", 38, "Network out of order")
        with pytest.raises(CarrierError):
            await opening

    Place(tmp_path, PERSONAS).run(main)
