"""The listener: what it lets in, what it turns away, and how a process is told apart from its neighbours."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dialer.carriers.media_server import (
    MAX_BODY,
    MAX_MESSAGE,
    Listen,
    MediaServer,
    MediaSocket,
    OneTimeKeys,
    Reply,
    Request,
)
from dialer.errors import UserError
from tests.support.virtual_time import run_virtual


class Echo:
    """Says back what it hears; admits whoever knows the word."""

    def __init__(self) -> None:
        self.served: list[Request] = []
        self.answered: list[Request] = []
        self.is_gone = False

    def admit(self, request: Request) -> bool:
        return ("word", "please") in request.fields

    async def serve(self, request: Request, opened: MediaSocket) -> None:
        self.served.append(request)
        while (message := await opened.recv()) is not None:
            if message == "bye":
                await opened.close(1008, "no more")
                await opened.send("into the void")
                return
            await opened.send(message)
        self.is_gone = True

    async def answer(self, request: Request) -> Reply:
        self.answered.append(request)
        return Reply(200, "<ok/>", "text/xml") if request.fields else Reply()


def serve(main: Callable[[MediaServer, Echo], Awaitable[Any]], listen: Listen | None = None) -> Any:
    async def whole() -> Any:
        server, echo = MediaServer(listen or Listen()), Echo()
        server.mount_socket("/audio", echo)
        server.mount_callback("/told", echo)
        await server.start()
        try:
            return await main(server, echo)
        finally:
            await server.close()
            await server.close()
            assert not server.is_open

    return run_virtual(whole())


def test_a_socket_is_handed_to_whoever_mounted_its_path() -> None:
    async def main(server: MediaServer, echo: Echo) -> None:
        async with connect(f"{server.socket_url}/audio/x?word=please", proxy=None) as client:
            for message in ("text", b"\x00\xff" * 80):
                await client.send(message)
                assert await client.recv() == message
            await client.send("bye")
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "no more")
        [request] = echo.served
        assert request.path == "/audio/x"
        assert request.url == f"{server.url}/audio/x?word=please"

    serve(main)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/audio/x", 403),
        ("/audio?word=no", 403),
        ("/elsewhere?word=please", 404),
        ("/audiobook?word=please", 404),
        ("/audio?" + "a=1&" * 201, 400),
    ],
)
def test_an_upgrade_that_nobody_admits_is_refused_and_opens_nothing(target: str, status: int) -> None:
    async def main(server: MediaServer, echo: Echo) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{server.socket_url}{target}", proxy=None)
        assert refused.value.response.status_code == status
        assert not echo.served

    serve(main)


def test_the_media_subprotocol_is_agreed_to_and_no_other() -> None:
    async def main(server: MediaServer, echo: Echo) -> list[str | None]:
        found = []
        for offered in (["media"], ["chat"], ["chat", "media"]):
            async with connect(f"{server.socket_url}/audio?word=please", proxy=None, subprotocols=offered) as client:
                found.append(client.subprotocol)
        return found

    assert serve(main) == ["media", None, "media"]


def test_a_message_beyond_the_cap_closes_the_socket() -> None:
    async def main(server: MediaServer, echo: Echo) -> None:
        async with connect(f"{server.socket_url}/audio?word=please", proxy=None) as client:
            await client.send(b"x" * (MAX_MESSAGE + 1))
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        await asyncio.sleep(1)
        assert echo.is_gone

    serve(main)


def test_a_peer_that_starts_no_handshake_is_let_go() -> None:
    async def main(server: MediaServer, _: Echo) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(b"GET /audio?word=please HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 400"), "not a WebSocket handshake at all"
        writer.close()

    serve(main)


def test_callbacks_are_handed_over_with_their_fields_in_order() -> None:
    async def main(server: MediaServer, echo: Echo) -> None:
        async with httpx2.AsyncClient(trust_env=False) as client:
            told = await client.post(f"{server.url}/told/status?a=1", data={"b": "2", "a": "é +", "c": ""})
            empty = await client.get(f"{server.url}/told")
            nobody = await client.post(f"{server.url}/nothing", data={"b": "2"})
        assert (told.status_code, told.text) == (200, "<ok/>")
        assert told.headers["content-type"].startswith("text/xml")
        assert (empty.status_code, empty.text) == (204, "")
        assert nobody.status_code == 404
        first, second = echo.answered
        assert first.fields == (("b", "2"), ("a", "é +"), ("c", ""))
        assert first.url == f"{server.url}/told/status?a=1"
        assert (second.path, second.fields) == ("/told", ())

    serve(main)


@pytest.mark.parametrize(
    "body",
    [b"a=" + b"x" * MAX_BODY, b"a=%ff", b"\xff=1", b"&".join(b"a=1" for _ in range(201))],
    ids=["long", "bad", "raw", "many"],
)
def test_a_damaged_or_huge_callback_is_a_bad_request(body: bytes) -> None:
    async def main(server: MediaServer, echo: Echo) -> int:
        async with httpx2.AsyncClient(trust_env=False) as client:
            form = {"content-type": "application/x-www-form-urlencoded"}
            answer = await client.post(f"{server.url}/told", content=body, headers=form)
        assert not echo.answered
        return answer.status_code

    assert serve(main) == 400


def test_the_public_address_is_the_configured_one_whatever_the_host_header_says() -> None:
    async def main(server: MediaServer, echo: Echo) -> None:
        port = server.url.split("/")[3]
        assert server.url == f"https://calls.example/{port}/0/{socket.gethostname()}"
        assert server.socket_url.startswith("wss://calls.example/")
        local = f"http://127.0.0.1:{port}"
        prefix = server.url.removeprefix("https://calls.example")
        async with httpx2.AsyncClient(trust_env=False) as client:
            await client.post(f"{local}/told", data={"a": "1"}, headers={"host": "evil.example"})
            await client.post(f"{local}{prefix}/told", data={"a": "1"})
        assert [request.path for request in echo.answered] == ["/told", "/told"]
        assert {request.url for request in echo.answered} == {f"{server.url}/told"}

    serve(main, Listen(public_url="https://calls.example/{port}/{lane}/{host}/"))


def test_each_lane_of_a_machine_takes_the_next_port_and_one_too_many_is_told() -> None:
    async def main(server: MediaServer, _: Echo) -> None:
        port = int(server.url.rpartition(":")[2])
        taken = MediaServer(Listen(port=port))
        with pytest.raises(UserError, match="are taken"):
            await taken.start()
        guest = MediaServer(Listen(port=port, public_url="http://127.0.0.1:{port}", may_be_guest=True))
        await guest.start()
        assert (guest.is_guest, guest.url) == (True, f"http://127.0.0.1:{port}"), "its address leads to who has the port"
        await guest.close()

    serve(main)


def test_lanes_share_a_range_of_ports() -> None:
    async def main(server: MediaServer, _: Echo) -> None:
        port = int(server.url.split("/")[-1])
        second = MediaServer(Listen(port=port, lanes=40, public_url="http://x/{lane}"))
        await second.start()
        assert second.is_open
        assert second.url != "http://x/0"
        await second.close()

    serve(main, Listen(public_url="http://x/{port}"))


def test_an_address_that_is_not_ours_is_told() -> None:
    async def main() -> None:
        with pytest.raises(UserError, match="cannot listen"):
            await MediaServer(Listen(host="192.0.2.1")).start()

    run_virtual(main())


def test_closing_ends_open_sockets_and_refuses_new_ones() -> None:
    async def main(server: MediaServer, echo: Echo) -> None:
        async with connect(f"{server.socket_url}/audio?word=please", proxy=None) as client:
            await client.send("hello")
            await client.recv()
            await server.close()
            with pytest.raises(ConnectionClosed):
                await client.recv()
        assert echo.is_gone
        with pytest.raises(OSError):
            await connect(f"{server.socket_url}/audio?word=please", proxy=None)

    serve(main)


def test_a_key_opens_once() -> None:
    keys: OneTimeKeys[str] = OneTimeKeys()
    first, second = keys.issue("one"), keys.issue("two")
    assert first != second
    assert len(first) >= 32
    assert keys.is_known(first)
    assert keys.take(first) == "one"
    assert keys.take(first) is None
    assert not keys.is_known(first)
    keys.withdraw(second)
    keys.withdraw(second)
    assert keys.take(second) is None
    assert keys.take("foreign") is None
