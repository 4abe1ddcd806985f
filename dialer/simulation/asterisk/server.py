"""The stand-in as a server: ARI, the socket of events and the media sockets on one port, as Asterisk's HTTP server has them."""

import asyncio
import base64
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dialer.clock import Clock, SystemClock
from dialer.simulation.asterisk import sockets
from dialer.simulation.asterisk.apps import Apps
from dialer.simulation.asterisk.descriptions import Descriptions
from dialer.simulation.asterisk.exchange import Channel, Exchange
from dialer.simulation.asterisk.faults import Faults
from dialer.simulation.asterisk.rest import Answer, Rest, Setup
from dialer.simulation.asterisk.trunk import Trunk, World

_METHODS = ["GET", "POST", "PUT", "DELETE"]
_FAR_AWAY = {"message": "Authentication required"}


@dataclass(frozen=True, slots=True)
class Options:
    """``user`` and ``password``: of ARI. ``descriptions``: check everything against them as well."""

    user: str = "dialer"
    password: str = "secret"  # of a stand-in that nothing is behind
    setup: Setup = field(default_factory=Setup)
    faults: Faults = field(default_factory=Faults)
    descriptions: Descriptions | None = None


class AsteriskServer:
    """A running stand-in. ``violations``: what was asked, or told, that Asterisk would not."""

    def __init__(self, world: World, options: Options, clock: Clock) -> None:
        self._options = options
        self.violations: list[str] = []
        self.exchange = Exchange(Apps(options.faults, self._witness), clock)
        self.trunk = Trunk(world, self.exchange)
        self._rest = Rest(self.exchange, self.trunk, options.setup, self._connect)
        self._rest.violations = self.violations
        self._lost_answers = options.faults.lose_dial_answers
        self._closed = asyncio.Event()
        self._calls_out: set[asyncio.Task[None]] = set()
        self._web: _Web | None = None
        self._serving: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises ``OSError`` for a taken port."""
        sock = socket.create_server((host, port), backlog=256)
        # Whoever is accepted inherits it; asyncio sees no TCP in a socket of this kind and would leave small frames waiting.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://{host}:{sock.getsockname()[1]}"
        app = Starlette(
            routes=[
                WebSocketRoute("/ari/events", self._events),
                WebSocketRoute("/media/{connection_id}", self._media),
                Route("/ari/{path:path}", self._request, methods=_METHODS),
            ]
        )
        config = uvicorn.Config(
            app, http="h11", ws="websockets-sansio", lifespan="off", log_config=None, log_level="critical",
            access_log=False, timeout_graceful_shutdown=1, ws_ping_interval=None,
        )  # fmt: skip
        self._web = _Web(config)
        self._serving = asyncio.create_task(self._web.serve(sockets=[sock]))
        while not self._web.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0)

    async def close(self) -> None:
        """End everything; harmless twice."""
        if self._web is None or self._serving is None:
            return
        self._closed.set()
        for channel_id in list(self.exchange.channels):
            self.exchange.end(channel_id, 16, "Normal Clearing")
        self.exchange.apps.drop()
        self.trunk.close()
        for call in self._calls_out:
            call.cancel()
        self._web.should_exit = True
        await self._serving
        self._web = None

    def drop_events(self) -> None:
        """Break the sockets of events, as a network would."""
        self.exchange.apps.drop()

    def _witness(self, event: dict[str, Any]) -> None:
        if self._options.descriptions is not None:
            self.violations += self._options.descriptions.event(event)

    def _connect(self, channel: Channel, url: str) -> None:
        task = asyncio.create_task(sockets.call_out(self.exchange, channel, url))
        self._calls_out.add(task)
        task.add_done_callback(self._calls_out.discard)

    def _is_admitted(self, header: str) -> bool:
        kind, _, credentials = header.partition(" ")
        wanted = base64.b64encode(f"{self._options.user}:{self._options.password}".encode()).decode()
        return kind == "Basic" and credentials == wanted

    async def _request(self, request: Request) -> Response:
        """One request of the REST interface."""
        if not self._is_admitted(request.headers.get("authorization", "")):
            return _response(Answer(401, _FAR_AWAY))
        raw = await request.body()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            return _response(Answer(400, {"message": "Request body is not valid JSON"}))
        path = "/" + request.path_params["path"]
        query = request.query_params.multi_items()
        answer = self._rest.handle(request.method, path, query, body)
        self._check(request.method, f"{path}?{request.url.query}", body, answer)
        is_dial = (
            request.method == "POST" and path.count("/") == 2 and path.startswith("/channels/") and "media" not in path.lower()
        )
        if is_dial and self._lost_answers > 0:
            self._lost_answers -= 1
            await self._closed.wait()
        return _response(answer)

    def _check(self, method: str, target: str, body: Any, answer: Answer) -> None:
        described = self._options.descriptions
        if described is not None:
            self.violations += described.request(method, target, body)
            self.violations += described.answer(method, target, answer.status, answer.body)

    async def _events(self, opened: WebSocket) -> None:
        """A socket of events, for one or more applications."""
        if not self._is_admitted(opened.headers.get("authorization", "")):
            await opened.send_denial_response(_response(Answer(401, _FAR_AWAY)))
            return
        apps = [app for name in opened.query_params.getlist("app") for app in name.split(",") if app]
        if not apps or set(opened.query_params) - {"app", "subscribeAll"}:
            self.violations.append(f"GET /events?{opened.url.query}")
            await opened.send_denial_response(_response(Answer(400, {"message": "HTTP request is missing param: [app]"})))
            return
        await opened.accept("ari" if "ari" in opened.scope.get("subprotocols", []) else None)
        out: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        for app in apps:
            self.exchange.apps.listen(app, out.put_nowait, lambda: out.put_nowait(None))
        writer = asyncio.create_task(_write_events(out, opened))
        reader = asyncio.create_task(_until_closed(opened))
        await asyncio.wait([writer, reader], return_when=asyncio.FIRST_COMPLETED)
        for app in apps:
            self.exchange.apps.leave(app, out.put_nowait)
        for task in (writer, reader):
            task.cancel()
        with suppress(RuntimeError):
            await opened.close()

    async def _media(self, opened: WebSocket) -> None:
        """Server mode: no credentials are asked for."""
        channel = sockets.waiting(self.exchange, opened.path_params["connection_id"])
        if isinstance(channel, int):
            await opened.send_denial_response(_response(Answer(channel, {"message": "WebSocket instance not found"})))
            return
        if "media" not in opened.scope.get("subprotocols", []):
            self.violations.append("a media socket without the subprotocol media")
        await opened.accept("media")

        async def receive() -> str | bytes | None:
            message = await opened.receive()
            if message["type"] != "websocket.receive":
                return None
            received: str | bytes | None = message.get("text")
            return received if received is not None else message.get("bytes")

        async def send(message: str | bytes) -> None:
            await (opened.send_text(message) if isinstance(message, str) else opened.send_bytes(message))

        code = await sockets.hold(self.exchange, channel, receive, send)
        with suppress(RuntimeError):
            await opened.close(code)


class _Web(uvicorn.Server):
    """uvicorn as a guest on somebody else's loop: signals are not its business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


async def serve_asterisk(
    world: World, options: Options | None = None, *, host: str = "127.0.0.1", port: int = 0, clock: Clock | None = None
) -> AsteriskServer:
    """Listen; port 0 takes a free one. Raises ``OSError`` for a taken port."""
    server = AsteriskServer(world, options or Options(), clock or SystemClock())
    await server.start(host, port)
    return server


async def _write_events(out: "asyncio.Queue[dict[str, Any] | None]", opened: WebSocket) -> None:
    while (event := await out.get()) is not None:
        await opened.send_text(json.dumps(event))


async def _until_closed(opened: WebSocket) -> None:
    try:
        while True:
            await opened.receive_text()
    except WebSocketDisconnect:
        return


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status)
    return Response(json.dumps(answer.body), answer.status, media_type="application/json")
