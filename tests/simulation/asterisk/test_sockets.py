"""Media sockets: once, known, small enough, both ways round."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dialer.simulation.asterisk.sockets import TOO_BIG
from dialer.wire import asterisk_ari as ari
from dialer.wire.asterisk_ari_events import ChannelSeen, decode_channel
from tests.support.asterisk import SECTION, Place, Rig

PERSONAS = {"+12125550101": "agrees"}


async def to_the_end(opened: ClientConnection) -> None:
    while True:
        await opened.recv()


async def media(rig: Rig) -> str:
    """A media channel that waits; its address."""
    await rig.switch.ready()
    reply = await rig.switch.do(ari.external_media("m", app=rig.switch.app, limit_s=600))
    seen = decode_channel(reply.body)
    assert isinstance(seen, ChannelSeen)
    return rig.switch.ari.media_url(seen.connection_id)


def test_a_connection_is_made_once_and_an_unknown_one_never(tmp_path: Path) -> None:
    async def main(rig: Rig) -> list[int]:
        url = await media(rig)
        statuses = []
        async with connect(url, subprotocols=["media"], proxy=None) as opened:  # type: ignore[list-item]  # a name is enough
            started = json.loads(await opened.recv())
            assert (started["event"], started["channel_id"]) == ("MEDIA_START", "m")
            for other in (url, f"{url}x"):
                with pytest.raises(InvalidStatus) as caught:
                    await connect(other, subprotocols=["media"], proxy=None)  # type: ignore[list-item]
                statuses.append(caught.value.response.status_code)
        await asyncio.sleep(0.1)
        assert rig.peer.exchange.channels == {}, "closing the socket ends its channel"
        return statuses

    assert Place(tmp_path, PERSONAS).run(main) == [409, 404]


def test_a_message_that_is_too_large_closes_the_socket(tmp_path: Path) -> None:
    async def main(rig: Rig) -> int | None:
        opened = await connect(await media(rig), subprotocols=["media"], proxy=None)  # type: ignore[list-item]
        await opened.send(b"\xff" * 80_000)
        with pytest.raises(ConnectionClosed) as caught:
            await to_the_end(opened)
        return caught.value.rcvd.code if caught.value.rcvd else None

    assert Place(tmp_path, PERSONAS).run(main) == TOO_BIG


def test_a_channel_that_ends_closes_its_socket(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        opened = await connect(await media(rig), subprotocols=["media"], proxy=None)  # type: ignore[list-item]
        await opened.recv()
        await rig.switch.do(ari.hang_up("m"))
        with pytest.raises(ConnectionClosed):
            await to_the_end(opened)

    Place(tmp_path, PERSONAS).run(main)


def test_asterisk_that_cannot_connect_ends_the_channel(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await rig.switch.ready()
        request = ari.external_media("m", app=rig.switch.app, limit_s=60, connection=SECTION, parameters={"key": "wrong"})
        await rig.switch.do(request)
        await asyncio.sleep(1)
        assert rig.peer.exchange.channels == {}

    Place(tmp_path, PERSONAS, mode="client").run(main)
