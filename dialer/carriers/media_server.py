"""The one listener of a worker process: carriers reach it with callbacks and with the WebSockets that carry a call's audio.

It lives on the lane's event loop. One port serves both: uvicorn reads the requests, Starlette answers callbacks, and an upgrade
is handed to ``websockets``, so that audio never passes through an application framework. What a carrier sends is turned away
before anything is opened for it: a path that nobody has mounted, a request that its handler does not admit (403), a message or a
body beyond its cap.

The address that carriers were told is configured, never read from the ``Host`` header: a signature covers it. It may name the
process that it leads to: ``{host}`` (this machine's name), ``{lane}`` (which of this machine's lanes, from 0) and ``{port}``.
"""

import asyncio
import errno
import secrets
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as WebRequest
from starlette.responses import Response as WebResponse
from starlette.routing import Route
from websockets.asyncio.server import Server, ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as UpgradeRequest
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from dialer.carriers.public_url import filled
from dialer.errors import UserError

MAX_MESSAGE = 64 * 1024
"""Bytes of one WebSocket message; a media message has about 300."""
MAX_BODY = 64 * 1024
"""Bytes of one callback."""
HANDSHAKE_S = 5.0
GOODBYE_S = 2.0
_MAX_FIELDS = 200
_TAKEN = (
    "each lane of a machine needs a port: stop the worker that has it, or name another by DIALER_LISTEN_PORT (and its address)"
)
_SUBPROTOCOL = Subprotocol("media")
"""What Asterisk's chan_websocket offers; Twilio offers none."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, and how the world reaches it. ``port`` 0: a free one; else each lane of the machine takes the next.

    ``may_be_guest``: where all of them are taken any port will do. The address then leads to whoever has them.
    """

    host: str = "127.0.0.1"
    port: int = 0
    lanes: int = 1
    public_url: str = "http://127.0.0.1:{port}"
    may_be_guest: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What a carrier asked. ``path`` is what follows the public address; ``url`` is the whole address as it was told.

    ``headers`` have lower-case names; ``fields`` are those of the query or, of a callback, those of its body, in their order.
    """

    path: str
    url: str
    headers: Mapping[str, str]
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a callback."""

    status: int = HTTPStatus.NO_CONTENT
    body: str = ""
    media_type: str = "text/plain"


FORBIDDEN = Reply(HTTPStatus.FORBIDDEN)


class MediaSocket:
    """An open WebSocket. Nothing here raises when the other side has gone: ``recv`` tells it, and sending does nothing."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def recv(self) -> str | bytes | None:
        """The next message; None when the socket has been closed, by whichever side, or was broken."""
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            return None

    async def send(self, message: str | bytes) -> None:
        """Send a text or a binary message."""
        try:
            await self._connection.send(message)
        except ConnectionClosed:
            return

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the socket; harmless twice."""
        await self._connection.close(code, reason)


class SocketHandler(Protocol):
    """Whoever takes the WebSockets below a path."""

    def admit(self, request: Request) -> bool:
        """Whether this upgrade may be; otherwise it is answered with 403. Called once, before anything is opened."""
        ...

    async def serve(self, request: Request, opened: MediaSocket) -> None:
        """Hold the connection; it is closed when this returns."""
        ...


class CallbackHandler(Protocol):
    """Whoever takes the callbacks below a path."""

    async def answer(self, request: Request) -> Reply:
        """Answer one callback."""
        ...


class OneTimeKeys(Generic[T]):
    """Keys that open a door once. Each belongs to a call that is waiting for its audio."""

    def __init__(self) -> None:
        self._holders: dict[str, T] = {}

    def issue(self, holder: T) -> str:
        """A new key, 192 random bits, safe in a URL."""
        key = secrets.token_urlsafe(24)
        self._holders[key] = holder
        return key

    def is_known(self, key: str) -> bool:
        """Whether the key has been issued and neither used nor withdrawn."""
        return key in self._holders

    def take(self, key: str) -> T | None:
        """Who the key belongs to; from now on it opens nothing. None for a foreign or used one."""
        return self._holders.pop(key, None)

    def withdraw(self, key: str) -> None:
        """The call is over; harmless for a used one."""
        self._holders.pop(key, None)


@dataclass(slots=True)
class _Mounts(Generic[T]):
    """Handlers by the beginning of their paths."""

    by_path: dict[str, T] = field(default_factory=dict)

    def find(self, path: str) -> T | None:
        """The handler of a path: of the mount itself or of what lies below it."""
        while path:
            if path in self.by_path:
                return self.by_path[path]
            path = path.rpartition("/")[0]
        return None


class MediaServer:
    """The listener. Mount the handlers, ``start``, tell carriers ``url``, ``close``."""

    def __init__(self, listen: Listen) -> None:
        self._listen = listen
        self._sockets: _Mounts[SocketHandler] = _Mounts()
        self._callbacks: _Mounts[CallbackHandler] = _Mounts()
        self._web: _Web | None = None
        self._task: asyncio.Task[None] | None = None
        self._doorman = _Doorman(self)
        self.url = ""
        """How the world reaches this process, without a slash at the end; known once it listens."""
        self.lane = 0
        """Which of this machine's lanes this is; known once it listens."""
        self.is_guest = False
        """Others have the ports that the address leads to."""

    def mount_socket(self, path: str, handler: SocketHandler) -> None:
        """Hand the WebSockets at ``path`` and below to ``handler``."""
        self._sockets.by_path[path] = handler

    def mount_callback(self, path: str, handler: CallbackHandler) -> None:
        """Hand the callbacks at ``path`` and below to ``handler``."""
        self._callbacks.by_path[path] = handler

    @property
    def socket_url(self) -> str:
        """``url`` for WebSockets."""
        return "ws" + self.url.removeprefix("http")

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._web is not None and self._web.started and not self._web.should_exit

    async def start(self) -> None:
        """Listen. Raises ``UserError`` when no port is free or the address may not be used."""
        sock, self.lane, self.is_guest = _bound(self._listen)
        port = self._listen.port if self.is_guest else sock.getsockname()[1]
        self.url = filled(self._listen.public_url, self.lane, port)
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])
        config = uvicorn.Config(
            app,
            ws=cast(Any, self._doorman.greet),  # uvicorn calls it like the class of a protocol
            http="h11",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(GOODBYE_S),
        )
        self._web = _Web(config)
        self._task = asyncio.create_task(self._web.serve(sockets=[sock]))
        while not self._web.started:
            await asyncio.sleep(0)
            if self._task.done():
                await self._task
                raise UserError("the media server did not start", code="cannot_listen")

    async def close(self) -> None:
        """Close all sockets and stop listening; harmless twice and before the start."""
        web, self._web = self._web, None
        if web is None or self._task is None:
            return
        await self._doorman.close()
        web.should_exit = True
        await self._task

    def handler_of(self, path: str) -> SocketHandler | None:
        """Who takes a WebSocket at this path, which is written as ``Request.path`` is."""
        return self._sockets.find(path)

    def request_of(self, target: str, headers: Mapping[str, str], form: tuple[tuple[str, str], ...] | None = None) -> Request:
        """What was asked, seen from outside. A proxy in front may have taken the prefix of the public address away."""
        path, mark, query = target.partition("?")
        prefix = urlsplit(self.url).path
        own = path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path
        fields = tuple(parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)) if form is None else form
        return Request(own, f"{self.url}{own}{mark}{query}", headers, fields)

    async def _answer(self, web: WebRequest) -> WebResponse:
        """One callback: its handler's answer, or a refusal that tells nothing."""
        query = f"?{web.url.query}" if web.url.query else ""
        headers = dict(web.headers)
        target = web.scope.get("raw_path", web.url.path.encode()).decode("latin-1") + query
        try:
            form = await _form(web)
            request = self.request_of(target, headers, form)
        except ValueError:
            return WebResponse(status_code=HTTPStatus.BAD_REQUEST)
        handler = self._callbacks.find(request.path)
        if handler is None:
            return WebResponse(status_code=HTTPStatus.NOT_FOUND)
        reply = await handler.answer(request)
        return WebResponse(reply.body or None, reply.status, media_type=reply.media_type if reply.body else None)


class _Web(uvicorn.Server):
    """uvicorn as a guest on a loop that is not its own: the process's signals are the lane's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


class _Doorman(Server):
    """Takes upgrades over from uvicorn: refuses them, or hands the open socket to its handler."""

    def __init__(self, server: MediaServer) -> None:
        self._media = server
        self._open: set[ServerConnection] = set()
        self._is_closing = False
        self.handler_tasks = set()  # where ``websockets`` keeps the tasks that it starts

    def greet(self, **_: object) -> ServerConnection:
        """The protocol that goes on with a connection that wants to become a WebSocket."""
        protocol = ServerProtocol(select_subprotocol=_select, max_size=MAX_MESSAGE)
        # Audio does not compress, and a peer that sends fifty messages a second needs no ping.
        return ServerConnection(protocol, self, ping_interval=None, close_timeout=GOODBYE_S)

    def is_serving(self) -> bool:
        """No new sockets while the server is closed."""
        return not self._is_closing

    async def handler(self, connection: ServerConnection) -> None:
        """The life of one connection."""
        chosen: list[tuple[SocketHandler, Request]] = []

        def check(_: ServerConnection, upgrade: UpgradeRequest) -> Any:
            headers = {name.lower(): value for name, value in upgrade.headers.raw_items()}
            try:
                request = self._media.request_of(upgrade.path, headers)
            except ValueError:
                return connection.respond(HTTPStatus.BAD_REQUEST, "")
            handler = self._media.handler_of(request.path)
            if handler is None:
                return connection.respond(HTTPStatus.NOT_FOUND, "")
            if not handler.admit(request):
                return connection.respond(HTTPStatus.FORBIDDEN, "")
            chosen.append((handler, request))
            return None

        self._open.add(connection)
        try:
            async with asyncio.timeout(HANDSHAKE_S):
                await connection.handshake(check, server_header=None)
            for handler, request in chosen:
                await handler.serve(request, MediaSocket(connection))
        except (TimeoutError, ConnectionClosed):
            connection.transport.abort()
        finally:
            self._open.discard(connection)
            await connection.close()
            task = asyncio.current_task()
            if task is not None:
                self.handler_tasks.discard(task)

    async def close(self) -> None:  # type: ignore[override]  # the library's own is for a listener of its own
        """Close what is open and take nothing more."""
        self._is_closing = True
        await asyncio.gather(*(connection.close(1001) for connection in self._open))
        if self.handler_tasks:
            await asyncio.wait(self.handler_tasks, timeout=GOODBYE_S)


def _select(_: ServerProtocol, offered: Any) -> Subprotocol | None:
    return _SUBPROTOCOL if _SUBPROTOCOL in offered else None


async def _form(web: WebRequest) -> tuple[tuple[str, str], ...] | None:
    """The fields of the body; None when it is not a form. Raises ``ValueError`` for one that is too large or damaged."""
    body = b""
    async for piece in _pieces(web):
        body += piece
        if len(body) > MAX_BODY:
            raise ValueError("the body is too large")
    if not web.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    return tuple(pairs)


def _pieces(web: WebRequest) -> AsyncIterator[bytes]:
    return web.stream()


def _bound(listen: Listen) -> tuple[socket.socket, int, bool]:
    """A listening socket, which lane of this machine it makes us, and whether we are a guest."""
    for lane in range(max(listen.lanes, 1)):
        port = listen.port + lane if listen.port else 0
        try:
            return listening(listen.host, port), lane, False
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                text = f"cannot listen on {listen.host}:{port}: {error.strerror or error}"
                raise UserError(text, code="cannot_listen", hint="DIALER_LISTEN_HOST, DIALER_LISTEN_PORT") from error
    if listen.may_be_guest:
        return listening(listen.host, 0), 0, True
    last = listen.port + max(listen.lanes, 1) - 1
    text = f"cannot listen on {listen.host}: ports {listen.port} to {last} are taken"
    raise UserError(text, code="cannot_listen", hint=_TAKEN)


def listening(host: str, port: int) -> socket.socket:
    """A listening socket whose connections send small messages at once: asyncio switches Nagle's delay off only for sockets that
    name their protocol, which those of ``socket.create_server`` do not. Raises ``OSError``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(256)
    except OSError:
        sock.close()
        raise
    return sock
