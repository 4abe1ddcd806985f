"""Requests to Asterisk's REST interface, and where its WebSockets are.

The environment's proxies and ``.netrc`` are not used, redirects are not followed, and the password goes in a header only: in a
URL it would stand in logs. Whether a request that failed was ever sent is told apart (``UNREACHABLE``, ``ANSWER_LOST``), because
a dial whose answer was lost may be ringing.
"""

import base64
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx2

from dialer.errors import CarrierError, UserError
from dialer.wire.asterisk_ari import Request, events
from dialer.wire.asterisk_ari_events import failure

UNREACHABLE = "unreachable"
ANSWER_LOST = "answer_lost"
ANSWER_S = 5.0
_ARI = "/ari"
_CONNECTIONS, _KEPT = 40, 10
"""Each one is an HTTP session there, as each media socket is; ``sessionlimit`` of http.conf is 100 unless it is raised."""
_WS = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request."""

    status: int
    body: bytes

    @property
    def is_ok(self) -> bool:
        """It was done."""
        return 200 <= self.status < 300


class Ari:
    """The REST interface of one Asterisk."""

    def __init__(self, url: str, user: str, password: str, *, media_url: str = "", answer_s: float = ANSWER_S) -> None:
        """``url``: of Asterisk's HTTP server, with or without ``/ari``; ``media_url``: of its media sockets, where it differs.

        Raises ``UserError`` for an address that cannot be right.
        """
        check_address(url)
        parts = urlsplit(url)
        self._root = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/").removesuffix(_ARI), "", ""))
        self._media_root = media_url.rstrip("/") or f"{_socket(self._root)}/media"
        credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.headers = {"Authorization": f"Basic {credentials}"}
        self._client = httpx2.AsyncClient(
            headers=self.headers,
            timeout=answer_s,
            trust_env=False,
            follow_redirects=False,
            limits=httpx2.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_KEPT, keepalive_expiry=10.0),
        )

    def events_url(self, app: str) -> str:
        """The socket of events for an application."""
        return f"{_socket(self._root)}{_ARI}{events(app).target}"

    def media_url(self, connection_id: str) -> str:
        """The socket of a media channel that waits for us."""
        return f"{self._media_root}/{connection_id}"

    async def ask(self, request: Request) -> Reply:
        """Send a request. Raises ``CarrierError`` with the code ``unreachable`` (never sent) or ``answer_lost``."""
        url = f"{self._root}{_ARI}{request.target}"
        try:
            answer = await self._client.request(request.method, url, json=request.body)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise CarrierError(f"Asterisk cannot be reached: {_said(error)}", code=UNREACHABLE) from error
        except httpx2.HTTPError as error:
            raise CarrierError(f"Asterisk's answer was lost: {_said(error)}", code=ANSWER_LOST) from error
        return Reply(answer.status_code, answer.content)

    async def do(self, request: Request) -> Reply:
        """As ``ask``; an answer that is no success is a ``CarrierError`` with the code ``http_<status>``."""
        reply = await self.ask(request)
        if not reply.is_ok:
            raise refused(request, reply)
        return reply

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def check_address(url: str) -> None:
    """Raises ``UserError`` for an address that cannot be right."""
    parts = urlsplit(url)
    if parts.scheme not in _WS or not parts.hostname or parts.username or parts.query:
        text = "DIALER_ASTERISK_URL must be an address such as http://127.0.0.1:8088, without a password"
        raise UserError(text, code="bad_setting")


def is_private(url: str) -> bool:
    """Whether an address stays on this machine or in a private network, where Asterisk's plain HTTP may be used.

    A name without a dot (of a container, of a machine beside this one) is one of such a network.
    """
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".internal", ".local", ".lan", ".home.arpa"))


def refused(request: Request, reply: Reply) -> CarrierError:
    """The error that a refusal is. Only what may pass by itself is worth another try."""
    text = f"Asterisk refused {request.method} {request.path.rpartition('/')[2]}: {reply.status} {failure(reply.body)}".rstrip()
    return CarrierError(text, code=f"http_{reply.status}", retryable=reply.status >= 500)


def _socket(root: str) -> str:
    scheme, _, rest = root.partition("://")
    return f"{_WS[scheme]}://{rest}"


def _said(error: Exception) -> str:
    """What the library says, on one line; its name when it says nothing."""
    return str(error).partition("\n")[0] or type(error).__name__
