"""The stand-in over real sockets: who is let in, and what is checked."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dialer.simulation.asterisk.server import AsteriskServer, Options, serve_asterisk
from dialer.simulation.asterisk.trunk import World
from tests.support.asterisk import described

AUTH = {"Authorization": "Basic ZGlhbGVyOnNlY3JldA=="}


async def peer(path: Path) -> AsteriskServer:
    world = World(lambda _: None, path / "phones.jsonl")
    return await serve_asterisk(world, Options(descriptions=described()))


def test_requests_need_the_password_and_a_body_that_is_json(tmp_path: Path) -> None:
    async def main() -> list[int]:
        server = await peer(tmp_path)
        async with httpx2.AsyncClient(trust_env=False) as client:
            url = f"{server.url}/ari/asterisk/ping"
            statuses = [
                (await client.get(url)).status_code,
                (await client.get(url, headers=AUTH)).status_code,
                (await client.request("POST", f"{server.url}/ari/bridges/b", headers=AUTH, content=b"{")).status_code,
            ]
        await server.close()
        await server.close()
        return statuses

    assert asyncio.run(main()) == [401, 200, 400]


def test_a_socket_of_events_needs_the_password_and_an_application(tmp_path: Path) -> None:
    async def main() -> tuple[list[int], list[str], str]:
        server = await peer(tmp_path)
        address = server.url.replace("http", "ws") + "/ari/events"
        statuses = []
        for query, headers in (("?app=a", {}), ("", AUTH), ("?app=a&colour=red", AUTH)):
            with pytest.raises(InvalidStatus) as caught:
                await connect(address + query, additional_headers=headers, proxy=None)
            statuses.append(caught.value.response.status_code)
        async with connect(f"{address}?app=a,b", additional_headers=AUTH, proxy=None) as opened:
            server.exchange.apps.tell("b", {"type": "Nothing"})
            text = json.loads(await opened.recv())["type"]
        violations = server.violations
        await server.close()
        return statuses, violations, text

    statuses, violations, text = asyncio.run(main())
    assert (statuses, text) == ([401, 400, 400], "Nothing")
    assert [what for what in violations if "/events" in what]


def test_a_taken_port_is_an_error(tmp_path: Path) -> None:
    async def main() -> None:
        server = await peer(tmp_path)
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            await serve_asterisk(World(lambda _: None, tmp_path / "other.jsonl"), port=port)
        await server.close()

    asyncio.run(main())
