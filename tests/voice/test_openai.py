"""The shell against peers on a loopback socket: what it asks for, what it refuses, and how a session ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from dialer.clock import SimulatedClock
from dialer.conversation.events import (
    AddNote,
    AddTurn,
    AgentAudioDone,
    CancelResponse,
    CreateResponse,
    ReturnToolOutput,
    TruncateHeard,
    VoiceLost,
    VoiceRefused,
)
from dialer.errors import UserError, VoiceError
from dialer.model.transcript import Speaker
from dialer.voice.base import SessionSetup
from dialer.voice.openai import PING_S, PONG_S, OpenAISession, OpenAIVoice
from tests.support.realtime import check_client

KEY = "sk-very-secret"
SETUP = SessionSetup("Call Maria Lopez.", [], "marin", "gpt realtime", "en")
Peer = Callable[[ServerConnection], Awaitable[None]]


def run(test: Awaitable[None]) -> None:
    async def main() -> None:
        await test

    clock = SimulatedClock(datetime(2026, 11, 23, tzinfo=UTC))
    with asyncio.Runner(loop_factory=clock.new_event_loop) as runner:
        runner.run(main())


@contextlib.asynccontextmanager
async def peer(behave: Peer, admit: Callable[[ServerConnection, Request], Response | None] | None = None) -> AsyncIterator[str]:
    async with serve(behave, "127.0.0.1", 0, process_request=admit) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/v1/realtime"


async def tell(connection: ServerConnection, type_: str, **fields: Any) -> None:
    await connection.send(json.dumps({"type": type_, "event_id": "e", **fields}))


async def set_up(connection: ServerConnection, **changes: Any) -> None:
    await tell(connection, "session.created", session={"type": "realtime"})
    asked = check_client(str(await connection.recv()))
    await tell(connection, "session.updated", session={**asked["session"], **changes})


def opening(behave: Peer, admit: Callable[[ServerConnection, Request], Response | None] | None = None) -> VoiceError:
    """The error that opening a session with this peer ends in."""
    found: list[VoiceError] = []

    async def main() -> None:
        async with peer(behave, admit) as url:
            voice = OpenAIVoice(url, KEY)
            with pytest.raises(VoiceError) as caught:
                await voice.open(SETUP)
            await voice.close()
            found.append(caught.value)

    run(main())
    chain = [found[0], found[0].__cause__]
    assert KEY not in "".join(f"{error} {error!r}" for error in chain)
    assert "Maria" not in str(found[0])
    return found[0]


# --- addresses -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "url", "path", "header"),
    [
        ("openai", "{base}/v1/realtime", "/v1/realtime?model=gpt+realtime", ("Authorization", f"Bearer {KEY}")),
        (
            "openai",
            "{base}/v1/realtime?model=other&x=1",
            "/v1/realtime?x=1&model=gpt+realtime",
            ("Authorization", f"Bearer {KEY}"),
        ),
        ("azure", "{base}", "/openai/v1/realtime?model=gpt+realtime", ("api-key", KEY)),
    ],
)
def test_address_and_key_are_those_of_the_service(style: Any, url: str, path: str, header: tuple[str, str]) -> None:
    seen: list[Request] = []

    async def main() -> None:
        async with peer(set_up, lambda _, request: seen.append(request)) as address:
            base = address.removesuffix("/v1/realtime").replace("ws:", "http:")
            session = await OpenAIVoice(url.format(base=base), KEY, style=style).open(SETUP)
            await session.close()
            await session.close()

    run(main())
    (request,) = seen
    assert request.path == path
    assert request.headers[header[0]] == header[1]
    assert "OpenAI-Beta" not in request.headers
    assert "Sec-WebSocket-Extensions" not in request.headers


@pytest.mark.parametrize(
    ("style", "url", "word"),
    [
        ("azure", "https://r.openai.azure.com/openai/realtime?api-version=2025-04-01-preview&deployment=d", "api-version"),
        ("azure", "", "RESOURCE"),
        ("openai", "api.openai.com", "wss://"),
        ("openai", "ftp://api.openai.com", "wss://"),
        ("azure", f"https://r.openai.azure.com?api-key={KEY}", "must not hold a key"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused(style: Any, url: str, word: str) -> None:
    with pytest.raises(UserError, match=word) as caught:
        OpenAIVoice(url, KEY, style=style)
    assert KEY not in str(caught.value)


def test_nothing_shows_the_key() -> None:
    assert KEY not in repr(OpenAIVoice("", KEY))


# --- refusals --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "is_lasting"),
    [(302, True), (401, True), (403, True), (404, True), (400, True), (429, False), (500, False), (503, False)],
)
def test_a_refused_upgrade_is_lasting_or_passing_by_its_status(status: int, is_lasting: bool) -> None:
    error = opening(set_up, lambda connection, _: connection.respond(HTTPStatus(status), "no\n"))
    assert (error.code, error.retryable, error.fatal_for_campaign) == (f"http_{status}", not is_lasting, is_lasting)


def test_a_redirect_gets_no_key() -> None:
    seen: list[Request] = []

    async def main() -> None:
        async with peer(set_up, lambda _, request: seen.append(request)) as other:

            def move(connection: ServerConnection, _: Request) -> Response:
                response = connection.respond(HTTPStatus.TEMPORARY_REDIRECT, "")
                response.headers["Location"] = f"{other}?api-key=1"
                return response

            async with peer(set_up, move) as url:
                with pytest.raises(VoiceError, match="points to another address") as caught:
                    await OpenAIVoice(url, KEY, style="azure").open(SETUP)
        assert caught.value.fatal_for_campaign

    run(main())
    assert seen == []


@pytest.mark.parametrize(
    ("kind", "code", "retryable", "fatal"),
    [
        ("invalid_request_error", "unknown_parameter", False, True),
        ("invalid_request_error", "invalid_value", False, False),
        ("invalid_request_error", "missing_required_parameter", False, True),
        ("insufficient_quota", "", False, True),
        ("invalid_request_error", "rate_limit_exceeded", True, False),
        ("server_error", "", True, False),
    ],
)
def test_a_refused_update_is_an_error_never_a_call_with_defaults(kind: str, code: str, retryable: bool, fatal: bool) -> None:
    async def refuse(connection: ServerConnection) -> None:
        await tell(connection, "session.created", session={})
        await connection.recv()
        await tell(connection, "error", error={"type": kind, "code": code, "message": "about Maria", "event_id": "session"})
        await connection.wait_closed()

    error = opening(refuse)
    assert (error.code, error.retryable, error.fatal_for_campaign) == (code or kind, retryable, fatal)


@pytest.mark.parametrize(("close", "retryable"), [(4000, False), (1001, True), (1013, True)])
def test_a_close_code_says_whether_to_come_again(close: int, retryable: bool) -> None:
    async def leave(connection: ServerConnection) -> None:
        await connection.close(close, "why")

    error = opening(leave)
    assert (error.code, error.retryable, error.fatal_for_campaign) == (f"{close} why", retryable, not retryable)


def test_a_peer_that_answers_no_ping_is_lost() -> None:
    async def main() -> None:
        server = await asyncio.start_server(_deaf_after_set_up, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            session = await OpenAIVoice(f"ws://127.0.0.1:{port}", KEY).open(SETUP)
            began = asyncio.get_running_loop().time()
            (lost,) = await all_events(session)
            assert isinstance(lost, VoiceLost)
            assert PING_S + PONG_S <= asyncio.get_running_loop().time() - began < PING_S + PONG_S + 3

    run(main())


async def _deaf_after_set_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that sets a session up, byte by byte, and then never answers again."""
    protocol = ServerProtocol()
    protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
    (request,) = protocol.events_received()
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    protocol.send_text(json.dumps({"type": "session.created", "session": {}}).encode())
    writer.writelines(protocol.data_to_send())
    while not (frames := protocol.events_received()):
        protocol.receive_data(await reader.read(65536))
    (asked,) = frames
    assert isinstance(asked, Frame)
    body = json.loads(asked.data)["session"]
    protocol.send_text(json.dumps({"type": "session.updated", "session": body}).encode())
    writer.writelines(protocol.data_to_send())
    with contextlib.suppress(ConnectionError):
        while await reader.read(65536):
            pass
    writer.close()


def test_other_settings_in_force_are_an_error() -> None:
    async def ignore(connection: ServerConnection) -> None:
        await set_up(connection, instructions="You are a helpful assistant.")
        await connection.wait_closed()

    error = opening(ignore)
    assert (error.code, error.retryable, error.fatal_for_campaign) == ("session_differs", False, True)
    assert "session.instructions" in str(error)


def test_the_old_protocol_is_an_error_for_good() -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.close(4000, "invalid_request_error.beta_api_shape_disabled")

    error = opening(close)
    assert error.fatal_for_campaign
    assert "beta_api_shape_disabled" in error.code


def test_a_service_that_closes_may_be_tried_again() -> None:
    async def drop(connection: ServerConnection) -> None:
        connection.transport.abort()

    assert (opening(drop).code, opening(drop).retryable) == ("lost", True)


def test_a_service_that_says_nothing_times_out() -> None:
    async def keep_still(connection: ServerConnection) -> None:
        await tell(connection, "conversation.created", conversation={})
        await connection.wait_closed()

    assert (opening(keep_still).code, opening(keep_still).retryable) == ("timeout", True)


def test_what_is_no_message_is_an_error() -> None:
    async def talk_nonsense(connection: ServerConnection) -> None:
        await connection.send("hello")
        await connection.wait_closed()

    assert opening(talk_nonsense).code == "malformed_event"


def test_nobody_there_may_be_tried_again() -> None:
    async def main() -> None:
        async with peer(set_up) as url:
            pass
        with pytest.raises(VoiceError) as caught:
            await OpenAIVoice(url, KEY).open(SETUP)
        assert (caught.value.code, caught.value.retryable) == ("unreachable", True)

    run(main())


def test_a_peer_that_never_answers_or_is_no_websocket_may_be_tried_again() -> None:
    async def main(answer: bytes, code: str) -> None:
        async def serve_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve_bytes, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(VoiceError) as caught:
                await OpenAIVoice(f"ws://127.0.0.1:{port}", KEY).open(SETUP)
        assert (caught.value.code, caught.value.retryable) == (code, True)

    run(main(b"", "timeout"))
    run(main(b"220 mail ready\r\n\r\n", "bad_handshake"))


# --- sessions --------------------------------------------------------------------------------------------------------------


async def all_events(session: OpenAISession) -> list[object]:
    return [event async for event in session.events()]


def test_commands_go_out_numbered_and_events_come_in_until_the_socket_is_lost() -> None:
    sent: list[dict[str, Any]] = []

    async def listen(connection: ServerConnection) -> None:
        await set_up(connection)
        sent.extend([check_client(str(await connection.recv())) for _ in range(7)])
        await tell(connection, "response.output_audio.done", response_id="r", item_id="i", output_index=0, content_index=0)
        await tell(connection, "conversation.created", conversation={})
        await connection.send("broken")
        await connection.close(1001, "Your session hit the maximum duration of 60 minutes.")

    async def main() -> None:
        async with peer(listen) as url:
            session = await OpenAIVoice(url, KEY).open(SETUP)
            await session.append(b"\xff" * 160)
            commands = (CreateResponse("turn"), CancelResponse("r"), TruncateHeard("i", 5), ReturnToolOutput("c", "{}"))
            for command in (*commands, AddNote("n"), AddTurn(Speaker.CALLEE, "hello")):
                await session.send(command)
            done, broken, lost = await all_events(session)
            assert done == AgentAudioDone("r", "i")
            assert isinstance(broken, VoiceRefused)
            assert broken.code == "malformed_event"
            assert lost == VoiceLost("1001 Your session hit the maximum duration of 60 minutes.")
            await session.append(b"\xff" * 160)
            await session.send(CreateResponse("turn"))
            assert await all_events(session) == [lost]

    run(main())
    assert sent[0]["type"] == "input_audio_buffer.append"
    ids = [message["event_id"] for message in sent[1:]]
    assert ids == ["create-turn-1", "cancel-2", "truncate-3", "output-4", "note-5", "turn-6"]


def test_our_own_close_ends_the_events_too() -> None:
    async def listen(connection: ServerConnection) -> None:
        await set_up(connection)
        await connection.wait_closed()

    async def main() -> None:
        async with peer(listen) as url:
            session = await OpenAIVoice(url, KEY).open(SETUP)
            await session.close()
            assert await all_events(session) == [VoiceLost("1000")]

    run(main())
