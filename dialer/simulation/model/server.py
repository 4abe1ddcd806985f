"""The stand-in as a WebSocket server: sockets around the machine in ``session``, nothing else.

It serves sessions of its own only: no sideband to a call (``call_id=``), no transcription (``intent=``).
"""

import asyncio
import itertools
import json
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from dialer.simulation.model.brain.mind import Brain
from dialer.simulation.model.faults import FaultPlan
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.outbox import Frame, HangUp
from dialer.simulation.model.responses import Mind
from dialer.simulation.model.session import Session

PATHS = ("/v1/realtime", "/openai/v1/realtime")
"""OpenAI's own, and that of an Azure resource."""
MAX_BYTES = 24 * 2**20
"""15 MiB of audio in one append, as base64."""
_BETA = "beta_api_shape_disabled"
_AT_THE_DOOR = {
    "unauthorized": (HTTPStatus.UNAUTHORIZED, "invalid_api_key", "Incorrect API key provided."),
    "too_many_requests": (HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded", "Rate limit reached."),
    "unavailable": (HTTPStatus.SERVICE_UNAVAILABLE, "server_error", "The server is overloaded."),
}
Witness = Callable[[str, str], None]
"""Sees each message: its direction (``in`` from the client, ``out`` to it) and its text."""


class ModelServer:
    """A running stand-in."""

    def __init__(self, server: Server, url: str) -> None:
        """``url``: where it listens, ready for ``DIALER_VOICE_URL``."""
        self._server = server
        self.url = url

    async def close(self) -> None:
        """Close all sessions and stop listening; harmless twice."""
        self._server.close()
        await self._server.wait_closed()

    async def wait(self) -> None:
        """Return when the server has been closed."""
        await self._server.wait_closed()


async def serve_model(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    options: ModelOptions | None = None,
    new_mind: Callable[[], Mind] = Brain,
    witness: Witness | None = None,
) -> ModelServer:
    """Listen; port 0 takes a free one. ``new_mind`` makes the mind of each session; ``witness`` sees every message.

    Raises ``OSError`` for a taken port.
    """
    desk = _Desk(options or ModelOptions(), new_mind, witness)
    server = await serve(
        desk.session,
        host,
        port,
        process_request=desk.admit,
        compression=None,
        max_size=MAX_BYTES,
        ping_interval=None,
        close_timeout=2,
    )
    taken = next(iter(server.sockets)).getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    return ModelServer(server, f"ws://{shown}:{taken}{PATHS[0]}")


class _Desk:
    """Lets clients in and sits with each of them."""

    def __init__(self, options: ModelOptions, new_mind: Callable[[], Mind], witness: Witness | None) -> None:
        self._options = options
        self._new_mind = new_mind
        self._witness = witness
        self._numbers = itertools.count(1)
        self._admitted: WeakKeyDictionary[ServerConnection, tuple[int, FaultPlan]] = WeakKeyDictionary()

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Check address and key before the upgrade."""
        number = next(self._numbers)
        plan = FaultPlan(self._options.faults, number)
        address = urlsplit(request.path)
        if address.path.rstrip("/") not in PATHS:
            return _refusal(HTTPStatus.NOT_FOUND, "not_found", "Unknown request URL.")
        if not self._is_key_right(request.headers):
            return _refusal(*_AT_THE_DOOR["unauthorized"])
        if not parse_qs(address.query).get("model"):
            return _refusal(HTTPStatus.BAD_REQUEST, "missing_model", "You must provide a model parameter.")
        for name, answer in _AT_THE_DOOR.items():
            if name in plan.of_session:
                return _refusal(*answer)
        self._admitted[connection] = (number, plan)
        return None

    def _is_key_right(self, headers: Headers) -> bool:
        wanted = self._options.api_key
        given = (headers.get("api-key"), headers.get("Authorization", "").removeprefix("Bearer "))
        return not wanted or wanted in given

    async def session(self, connection: ServerConnection) -> None:
        """One client, from hello to goodbye."""
        request = connection.request
        assert request is not None, "the handshake is over"
        number, plan = self._admitted.pop(connection)
        try:
            if "OpenAI-Beta" in request.headers or "beta_rejected" in plan.of_session:
                await self._send(connection, _turned_away(number))
                return
            (model,) = parse_qs(urlsplit(request.path).query)["model"][:1]
            await self._converse(connection, Session(str(number), model, self._options, self._new_mind(), plan))
        except ConnectionClosed:
            return

    async def _converse(self, connection: ServerConnection, session: Session) -> None:
        """Drive the machine until the socket closes."""
        loop = asyncio.get_running_loop()
        await self._send(connection, session.start(loop.time()))
        while True:
            try:
                async with asyncio.timeout_at(session.deadline()):
                    message = await connection.recv()
            except TimeoutError:
                frames = []
            else:
                if self._witness is not None:
                    self._witness("in", message if isinstance(message, str) else message.decode("utf-8", "replace"))
                frames = session.receive(message, loop.time())
            frames += session.tick(loop.time())
            if frames:
                await self._send(connection, frames)

    async def _send(self, connection: ServerConnection, frames: list[Frame]) -> None:
        for frame in frames:
            if isinstance(frame, HangUp):
                await _hang_up(connection, frame)
                return
            text = frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False)
            if self._witness is not None:
                self._witness("out", text)
            await connection.send(text)


async def _hang_up(connection: ServerConnection, end: HangUp) -> None:
    if end.code is not None:
        await connection.close(end.code, end.reason)
        return
    connection.transport.abort()
    await connection.wait_closed()


def _turned_away(number: int) -> list[Frame]:
    """The old protocol's header gets an error, then close code 4000, and never a session."""
    message = "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
    error = {"type": "invalid_request_error", "code": _BETA, "message": message, "param": None, "event_id": None}
    event = {"type": "error", "event_id": f"event_{number}_1", "error": error}
    return [event, HangUp(4000, f"invalid_request_error.{_BETA}")]


def _refusal(status: HTTPStatus, code: str, message: str) -> Response:
    body = json.dumps({"error": {"message": message, "type": "invalid_request_error", "code": code}}).encode()
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
    return Response(status.value, status.phrase, headers, body)
