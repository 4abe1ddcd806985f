"""Where requests go, with which credentials, and what becomes of failures."""

from __future__ import annotations

import asyncio
import base64

import pytest

from dialer.carriers.asterisk_rest import ANSWER_LOST, UNREACHABLE, Ari, Reply, is_private, refused
from dialer.errors import CarrierError, UserError
from dialer.wire import asterisk_ari as ari


@pytest.mark.parametrize(
    ("url", "events", "media"),
    [
        ("http://127.0.0.1:8088", "ws://127.0.0.1:8088/ari/events?app=a&subscribeAll=false", "ws://127.0.0.1:8088/media/1"),
        ("http://pbx:8088/ari/", "ws://pbx:8088/ari/events?app=a&subscribeAll=false", "ws://pbx:8088/media/1"),
        ("https://pbx/asterisk/ari", "wss://pbx/asterisk/ari/events?app=a&subscribeAll=false", "wss://pbx/asterisk/media/1"),
    ],
)
def test_the_sockets_are_beside_the_requests(url: str, events: str, media: str) -> None:
    made = Ari(url, "dialer", "secret")
    assert made.events_url("a") == events
    assert made.media_url("1") == media
    assert Ari(url, "u", "p", media_url="wss://media.example/media/").media_url("1") == "wss://media.example/media/1"


@pytest.mark.parametrize("url", ["", "pbx:8088", "ftp://pbx", "http://", "http://me:secret@pbx", "http://pbx/?api_key=a:b"])
def test_an_address_that_cannot_be_right_is_refused(url: str) -> None:
    with pytest.raises(UserError, match="DIALER_ASTERISK_URL"):
        Ari(url, "dialer", "secret")


async def server(answer: bytes | None, seen: list[bytes]) -> tuple[asyncio.Server, int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        if answer is not None:
            writer.write(answer)
            await writer.drain()
        writer.close()

    made = await asyncio.start_server(serve, "127.0.0.1", 0)
    return made, made.sockets[0].getsockname()[1]


def test_credentials_go_in_a_header_only() -> None:
    async def main() -> tuple[Reply, bytes]:
        seen: list[bytes] = []
        made, port = await server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}", seen)
        client = Ari(f"http://127.0.0.1:{port}", "dialer", "secret")
        reply = await client.ask(ari.ping())
        await client.close()
        made.close()
        return reply, seen[0]

    reply, head = asyncio.run(main())
    assert reply == Reply(200, b"{}")
    assert head.startswith(b"GET /ari/asterisk/ping HTTP/1.1\r\n")
    assert base64.b64encode(b"dialer:secret") in head
    assert b"api_key" not in head


def test_a_lost_answer_and_a_request_that_was_never_sent_are_told_apart() -> None:
    async def main() -> list[str]:
        made, port = await server(None, [])
        client = Ari(f"http://127.0.0.1:{port}", "dialer", "secret")
        codes = []
        for close in (True, False):
            with pytest.raises(CarrierError) as caught:
                await client.ask(ari.ping())
            codes.append(caught.value.code)
            if close:
                made.close()
                await made.wait_closed()
        await client.close()
        return codes

    assert asyncio.run(main()) == [ANSWER_LOST, UNREACHABLE]


def test_a_refusal_says_what_was_asked_and_why_not() -> None:
    error = refused(ari.get_channel("a1"), Reply(404, b'{"message":"Channel not found"}'))
    assert str(error) == "Asterisk refused GET a1: 404 Channel not found"
    assert (error.code, error.retryable) == ("http_404", False)
    assert refused(ari.ping(), Reply(503, b"")).retryable


@pytest.mark.parametrize(
    ("url", "is_there"),
    [
        ("http://127.0.0.1:8088", True),
        ("http://10.1.2.3:8088", True),
        ("http://asterisk:8088", True),
        ("http://pbx.lan", True),
        ("http://203.0.114.5:8088", False),
        ("http://pbx.example.com", False),
    ],
)
def test_what_stays_in_a_private_network(url: str, is_there: bool) -> None:
    assert is_private(url) is is_there
