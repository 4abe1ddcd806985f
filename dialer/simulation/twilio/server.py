"""The loopback Twilio as a server: its REST API, with the calls behind it."""

import asyncio
import base64
import binascii
import hmac
import itertools
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dialer.clock import Clock, SystemClock
from dialer.model.phone import PhoneNumber
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from dialer.simulation.twilio.call import Facts, PeerCall
from dialer.simulation.twilio.callbacks import Callbacks, Sender
from dialer.simulation.twilio.faults import TwilioFaults
from dialer.simulation.twilio.rules import Rules
from dialer.simulation.twilio.script import Studio
from dialer.simulation.twilio.twiml import BadTwiml

ACCOUNT = "AC" + "0" * 32
TOKEN = "loopback"
_PREFIX = "/2010-04-01/Accounts/"
_COUNTRIES = "/v1/DialingPermissions/Countries/"
_REFUSED: Mapping[str, int] = {
    "+15005550001": 21217,
    "+15005550002": 21214,
    "+15005550003": 21215,
    "+15005550004": 21216,
}
"""Twilio's magic numbers for tests: nobody is rung."""
_DEFAULT_EVENTS = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Account:
    """The account that the stand-in has. ``numbers``: what it may show (empty: anything); ``refusals``: more numbers with a code.

    ``desks``: how desks behave (``takes`` unless said otherwise); ``cps``: call starts per second, the rest is queued (0: all);
    ``closed_countries``: those that it has no permission for.
    """

    sid: str = ACCOUNT
    token: str = TOKEN
    numbers: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()
    refusals: Mapping[str, int] = field(default_factory=dict)
    desks: Mapping[str, str] = field(default_factory=dict)
    cps: float = 0.0
    closed_countries: tuple[str, ...] = ()


class TwilioPeer:
    """The server. ``start`` it, give ``url`` to whoever dials, ``close`` it."""

    def __init__(
        self,
        journal: Path,
        directory: Callable[[PhoneNumber], Person | None],
        *,
        seed: int = 1,
        account: Account | None = None,
        faults: TwilioFaults | None = None,
        clock: Clock | None = None,
        rules: Rules | None = None,
    ) -> None:
        """``journal`` and ``directory`` are those of the simulated phones; ``rules`` judge every request."""
        self.account = account or Account()
        self.faults = faults or TwilioFaults()
        self.phones = SimulatedCarrier(seed, journal, directory, clock=clock)
        self.studio = Studio(self.account.sid, self.account.token)
        self.calls: dict[str, PeerCall] = {}
        self.asked: list[tuple[str, str, tuple[tuple[str, str], ...], list[str]]] = []
        """Every request: method, path, fields, and what the rules had against it."""
        self._rules = rules or Rules()
        self._clock = clock or SystemClock()
        self._desk = _Desk(self)
        self.url = ""

    @property
    def sender(self) -> Sender:
        """What has been told to the dialer."""
        return self._desk.sender

    def now(self) -> datetime:
        """The instant, aware UTC."""
        return self._clock.now()

    def desk_at(self, number: str) -> str:
        """How the desk at this number behaves."""
        return self.account.desks.get(number, "takes")

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Raises ``OSError`` for a taken port."""
        self.url = await self._desk.open(host, port)

    async def wait(self) -> None:
        """Return when the server has been closed."""
        await self._desk.closed.wait()

    async def close(self) -> None:
        """End every call and stop listening; harmless twice."""
        for call in list(self.calls.values()):
            await call.close()
        if await self._desk.close():
            await self.phones.close()

    def problems(self, method: str, path: str, fields: tuple[tuple[str, str], ...]) -> list[str]:
        """What the rules have against a request; it is remembered."""
        found = self._rules.problems(method, path, fields)
        self.asked.append((method, path, fields, found))
        return found


class _Desk:
    """Answers requests."""

    def __init__(self, peer: TwilioPeer) -> None:
        self._peer = peer
        self._numbers = itertools.count(1)
        self._next_start_s = 0.0
        self._web: _Web | None = None
        self._task: asyncio.Task[None] | None = None
        self.closed = asyncio.Event()

    async def open(self, host: str, port: int) -> str:
        """Listen; the address."""
        peer = self._peer
        self.sender = Sender(peer.account.sid, peer.account.token, peer.faults, httpx2.AsyncClient(trust_env=False))
        # A socket that names its protocol: asyncio lets only such ones send small messages at once.
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST", "DELETE"])])
        config = uvicorn.Config(
            app, ws="none", http="h11", lifespan="off", log_config=None, log_level="critical", timeout_graceful_shutdown=1
        )
        self._web = _Web(config)
        self._task = asyncio.create_task(self._web.serve(sockets=[sock]))
        while not (self._web.started or self._task.done()):  # noqa: ASYNC110  # uvicorn says by this flag alone that it listens
            await asyncio.sleep(0)
        return f"http://{host}:{sock.getsockname()[1]}"

    async def close(self) -> bool:
        """Stop listening; False when that was done before."""
        web, self._web = self._web, None
        if web is None or self._task is None:
            return False
        web.should_exit = web.force_exit = True
        await self._task
        await self.sender.client.aclose()
        self.closed.set()
        return True

    async def _answer(self, request: Request) -> JSONResponse:
        """One request of the API."""
        path = request.url.path
        if path.startswith(_COUNTRIES) and request.method == "GET" and self._is_known(request.headers.get("authorization", "")):
            return self._country(path.removeprefix(_COUNTRIES))
        fields = tuple(parse_qsl(request.url.query, keep_blank_values=True))
        if request.method == "POST":
            fields = tuple(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        if not self._is_known(request.headers.get("authorization", "")) or not path.startswith(
            f"{_PREFIX}{self._peer.account.sid}/"
        ):
            return _error(401, 20003, "Authenticate")
        problems = self._peer.problems(request.method, path, fields)
        if problems:
            return _error(400, 20001, "; ".join(problems))
        tail = path.removeprefix(f"{_PREFIX}{self._peer.account.sid}/").removesuffix(".json")
        if request.method == "POST":
            return await self._post(tail, fields)
        return self._get(tail, dict(fields))

    def _country(self, region: str) -> JSONResponse:
        """Of the Voice API, which Twilio has at a host of its own: whether a country may be called."""
        if not (len(region) == 2 and region.isupper()):
            return _error(404, 20404, "The requested resource was not found")
        may_call = region not in self._peer.account.closed_countries
        shown = {"iso_code": region, "low_risk_numbers_enabled": may_call, "high_risk_special_numbers_enabled": False}
        return JSONResponse({**shown, "high_risk_tollfraud_numbers_enabled": False})

    def _is_known(self, authorization: str) -> bool:
        account = self._peer.account
        try:
            given = base64.b64decode(authorization.removeprefix("Basic "), validate=True)
        except binascii.Error:
            return False
        return hmac.compare_digest(given, f"{account.sid}:{account.token}".encode())

    async def _post(self, tail: str, fields: tuple[tuple[str, str], ...]) -> JSONResponse:
        if tail == "Calls":
            return await self._create(fields)
        call = self._peer.calls.get(tail.removeprefix("Calls/"))
        if call is None:
            return _error(404, 20404, "The requested resource was not found")
        try:
            code = await call.change(dict(fields))
        except BadTwiml as error:
            return _error(400, 21218, str(error))
        return _error(400, code, "Call is not in-progress") if code else JSONResponse(self._shown(call))

    async def _create(self, fields: tuple[tuple[str, str], ...]) -> JSONResponse:
        """A new call: it is queued, whatever becomes of the answer."""
        peer, given = self._peer, dict(fields)
        code = {**_REFUSED, **peer.account.refusals}.get(given["To"], 0)
        if peer.account.numbers and given["From"] not in (*peer.account.numbers, *peer.account.verified):
            code = 21210
        if code:
            return _error(429 if code in (20429, 86008) else 400, code, "refused")
        number = next(self._numbers)
        sid = f"CA{number:032x}"
        facts = Facts(sid, given["To"], given["From"], peer.now().replace(microsecond=0))
        events = frozenset(value for name, value in fields if name == "StatusCallbackEvent") or _DEFAULT_EVENTS
        callbacks = Callbacks(self.sender, sid, given.get("StatusCallback", ""), events)
        call = peer.calls[sid] = PeerCall(peer, facts, given, callbacks, queue_s=self._queue_s())
        call.start()
        if peer.faults.lose_create_every and number % peer.faults.lose_create_every == 0:
            await asyncio.sleep(30)
            return _error(504, 0, "")
        return JSONResponse(self._shown(call), 201)

    def _queue_s(self) -> float:
        """How long a call waits in the queue, by the account's rate."""
        now = asyncio.get_running_loop().time()
        cps = self._peer.account.cps
        start = max(now, self._next_start_s)
        self._next_start_s = start + (1 / cps if cps else 0.0)
        return start - now + self._peer.faults.queue_s

    def _get(self, tail: str, fields: Mapping[str, str]) -> JSONResponse:
        peer = self._peer
        match tail:
            case "Balance":
                return JSONResponse({"account_sid": peer.account.sid, "balance": "12.50", "currency": "USD"})
            case "IncomingPhoneNumbers":
                owned = [{"phone_number": number, "capabilities": {"voice": True}} for number in peer.account.numbers]
                return JSONResponse({"incoming_phone_numbers": owned, "next_page_uri": None})
            case "OutgoingCallerIds":
                verified = [{"phone_number": number} for number in peer.account.verified]
                return JSONResponse({"outgoing_caller_ids": verified, "next_page_uri": None})
            case "Calls":
                return JSONResponse(self._listed(fields))
        call = peer.calls.get(tail.removeprefix("Calls/"))
        return _error(404, 20404, "not found") if call is None else JSONResponse(self._shown(call))

    def _listed(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """The calls that the filters let through, newest first, a page of them."""
        found = [call for call in self._peer.calls.values() if _passes(call.facts, fields)][::-1]
        size, page = int(fields.get("PageSize", "50")), int(fields.get("Page", "0"))
        rest = found[(page + 1) * size :]
        query = urlencode({**fields, "Page": str(page + 1)})
        uri = f"{_PREFIX}{self._peer.account.sid}/Calls.json?{query}"
        shown = [self._shown(call) for call in found[page * size : (page + 1) * size]]
        return {"calls": shown, "page": page, "page_size": size, "next_page_uri": uri if rest else None}

    def _shown(self, call: PeerCall) -> dict[str, Any]:
        sid = self._peer.account.sid
        return {"account_sid": sid, "uri": f"{_PREFIX}{sid}/Calls/{call.facts.sid}.json", **call.record()}


class _Web(uvicorn.Server):
    """uvicorn as a guest on somebody else's loop: signals are not its business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


def _passes(facts: Facts, fields: Mapping[str, str]) -> bool:
    wanted_day = fields.get("StartTime", "")
    if wanted_day and (facts.started_at is None or facts.started_at.date() != date.fromisoformat(wanted_day[:10])):
        return False
    same = (("To", facts.to), ("From", facts.from_number), ("Status", facts.status))
    return all(fields.get(name, value) == value for name, value in same)


def _error(status: int, code: int, message: str) -> JSONResponse:
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return JSONResponse(body, status)
