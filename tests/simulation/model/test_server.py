"""The stand-in behind a real socket: who is let in, who is turned away, and that it closes."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus

from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.server import serve_model
from tests.support.virtual_time import run_virtual


def test_a_client_gets_a_session_and_the_server_closes() -> None:
    async def main() -> None:
        server = await serve_model()
        waiting = asyncio.create_task(server.wait())
        async with connect(f"{server.url}?model=gpt-realtime-2.1", proxy=None) as client:
            created = json.loads(await client.recv())
            await client.send("nonsense")
            refused = json.loads(await client.recv())
            await server.close()
            await client.wait_closed()
        await server.close()
        await waiting
        assert (created["type"], created["session"]["model"]) == ("session.created", "gpt-realtime-2.1")
        assert refused["error"]["code"] == "invalid_json"

    run_virtual(main())


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/realtime?model=m", {"Authorization": "Bearer right"}, 0),
        ("/openai/v1/realtime?model=m", {"api-key": "right"}, 0),
        ("/v1/realtime?model=m", {"Authorization": "Bearer wrong"}, 401),
        ("/v1/realtime?model=m", {}, 401),
        ("/v1/realtime", {"api-key": "right"}, 400),
        ("/v2/realtime?model=m", {"api-key": "right"}, 404),
    ],
)
def test_address_and_key_are_checked_before_the_upgrade(path: str, headers: dict[str, str], status: int) -> None:
    async def main() -> None:
        server = await serve_model(options=ModelOptions(api_key="right"))
        url = server.url.removesuffix("/v1/realtime") + path
        if status:
            with pytest.raises(InvalidStatus) as caught:
                await connect(url, additional_headers=headers, proxy=None)
            body = json.loads(caught.value.response.body or b"")
            assert (caught.value.response.status_code, body["error"]["type"]) == (status, "invalid_request_error")
        else:
            async with connect(url, additional_headers=headers, proxy=None) as client:
                assert json.loads(await client.recv())["type"] == "session.created"
        await server.close()

    run_virtual(main())


def test_the_old_protocol_is_turned_away() -> None:
    async def main() -> None:
        server = await serve_model()
        headers = {"OpenAI-Beta": "realtime=v1"}
        async with connect(f"{server.url}?model=m", additional_headers=headers, proxy=None) as client:
            assert json.loads(await client.recv())["error"]["code"] == "beta_api_shape_disabled"
            with pytest.raises(ConnectionClosedError) as caught:
                await client.recv()
        assert caught.value.rcvd is not None
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4000, "invalid_request_error.beta_api_shape_disabled")
        await server.close()

    run_virtual(main())


@pytest.mark.parametrize(("name", "status"), [("unauthorized", 401), ("too_many_requests", 429), ("unavailable", 503)])
def test_a_fault_at_the_door_hits_the_client_that_it_names(name: str, status: int) -> None:
    async def main() -> None:
        server = await serve_model(options=ModelOptions(faults=(f"{name}@2",)))
        url = f"{server.url}?model=m"
        async with connect(url, proxy=None) as client:
            assert json.loads(await client.recv())["type"] == "session.created"
        with pytest.raises(InvalidStatus) as caught:
            await connect(url, proxy=None)
        assert caught.value.response.status_code == status
        async with connect(url, proxy=None) as client:
            assert json.loads(await client.recv())["type"] == "session.created"
        await server.close()

    run_virtual(main())


def test_a_client_may_be_taken_for_an_old_one() -> None:
    async def main() -> None:
        server = await serve_model(options=ModelOptions(faults=("beta_rejected",)))
        async with connect(f"{server.url}?model=m", proxy=None) as client:
            assert json.loads(await client.recv())["error"]["code"] == "beta_api_shape_disabled"
            with pytest.raises(ConnectionClosedError):
                await client.recv()
        await server.close()

    run_virtual(main())


@pytest.mark.parametrize(("fault", "code"), [("session_expired", 1001), ("socket_drop_mid_audio", None)])
def test_a_socket_ends_in_its_place_among_the_events(fault: str, code: int | None) -> None:
    async def main() -> None:
        server = await serve_model(options=ModelOptions(faults=(fault,)))
        async with connect(f"{server.url}?model=m", proxy=None) as client:
            await client.send('{"type":"response.create","response":{"instructions":"\\"\\"\\"\\nHello you.\\n\\"\\"\\""}}')
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await client.recv()
            assert (client.protocol.close_rcvd.code if client.protocol.close_rcvd else None) == code
        await server.close()

    run_virtual(main())


def test_a_witness_sees_every_message() -> None:
    seen: list[tuple[str, str]] = []

    async def main() -> None:
        server = await serve_model(witness=lambda direction, text: seen.append((direction, text)))
        async with connect(f"{server.url}?model=m", proxy=None) as client:
            await client.recv()
            await client.send("nonsense")
            await client.recv()
            await client.send(b"\xff")
            await client.recv()
        await server.close()

    run_virtual(main())
    assert [direction for direction, _ in seen] == ["out", "in", "out", "in", "out"]
    assert (seen[1][1], seen[3][1]) == ("nonsense", "\ufffd")


def test_an_address_with_colons_is_written_as_one() -> None:
    async def main() -> None:
        try:
            server = await serve_model("::1")
        except OSError:
            pytest.skip("no IPv6 on this machine")
        assert server.url.startswith("ws://[::1]:")
        await server.close()

    run_virtual(main())
