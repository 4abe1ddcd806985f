"""Twilio: calls by REST with inline TwiML, their progress by signed callbacks, their audio by Media Streams.

Calls create has no idempotency key. One ring for one attempt is therefore ours to keep: the intent is committed before the
request, the attempt's id is in every callback address, a request whose answer was lost is never sent again, and ``find`` reads
Twilio's list (calls between the two numbers, of that day, made within seconds of our intent). One hit is adopted; none or
several leave the attempt to a person. A call that was given up without a name is ended as soon as a callback names it.

``TimeLimit`` and ``Timeout`` are always sent, and our TwiML holds nothing after the stream: a call whose worker died ends by
itself.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from dialer.carriers import twilio_stream
from dialer.carriers.base import Books, DialRefused
from dialer.carriers.media_server import MediaServer
from dialer.carriers.twilio_api import TwilioApi
from dialer.carriers.twilio_call import TwilioCall
from dialer.carriers.twilio_callbacks import MACHINE_PATH, PATH, STATUS_PATH, TwilioCallbacks
from dialer.carriers.twilio_desk import TwilioDesks
from dialer.carriers.twilio_stream import TOKEN, StreamDoor
from dialer.carriers.twilio_watch import report_of
from dialer.clock import Clock
from dialer.errors import CarrierError, PlaceLost
from dialer.model.attempt import Capabilities, DialOrder, Found, Trace
from dialer.model.ids import AttemptId
from dialer.telemetry import emit
from dialer.wire import twilio_errors, twilio_rest, twiml
from dialer.wire.twilio_rest import ENDED, CallResource, NewCall

ADOPT_S = 2.0
"""A callback usually names the call well before a lost answer is given up."""
LINGER_S = 120.0
"""A call that is over is remembered for so long: late callbacks and ``find`` ask for it."""
FRESH = timedelta(seconds=5)
"""An intent older than this may have been dialled before: Twilio's list is asked first."""
_EARLY, _LATE = timedelta(seconds=5), timedelta(seconds=60)
"""How far from our intent a call of it may have been made, by Twilio's clock."""
_GOODBYE_S = 3.0
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """The account and what it is used for. ``tokens``: the auth token in use first; a second one verifies only.

    ``machines``: whether Twilio is to listen for answering machines too (it costs extra), and whether for their beep.
    """

    sid: str
    tokens: Sequence[str]
    api_url: str = "https://api.twilio.com"
    machines: Literal["off", "answer", "beep"] = "off"
    is_recorded: bool = False


class TwilioCarrier:
    """A ``Carrier``. The server that it is given must be listening before the first dial; it is closed by whoever opened it."""

    name = "twilio"
    capabilities = Capabilities(finds_by="number_and_time", can_transfer=True, can_send_digits=True, has_exact_heard=True)

    def __init__(self, account: TwilioAccount, server: MediaServer, books: Books, clock: Clock) -> None:
        self.api = TwilioApi(account.api_url, account.sid, account.tokens[0])
        self._account = account
        self._server = server
        self._books = books
        self._clock = clock
        self._calls: dict[AttemptId, TwilioCall] = {}
        self._desks = TwilioDesks(self.api, server)
        self._door = StreamDoor(account.sid, account.tokens)
        server.mount_socket(twilio_stream.PATH, self._door)
        server.mount_callback(PATH, TwilioCallbacks(account.sid, account.tokens, self._calls, self._desks))

    async def place(self, order: DialOrder) -> TwilioCall:
        """Dial. Raises ``DialRefused``, ``PlaceLost`` or ``CarrierError`` (``duplicate_attempt`` for one that was dialled
        before).
        """
        call = self._calls.get(order.attempt_id)
        if call is not None:
            return await _again(call)
        call = self._calls[order.attempt_id] = TwilioCall(self.api, order, self._desks)
        try:
            await self._require_new(order.attempt_id)
            await self._create(call)
        except PlaceLost:
            if not await self._is_adopted(call):
                call.is_unwanted = True
                call.start(self._retire(call, LINGER_S))
                raise
        except CarrierError:
            self._forget(call)
            raise
        call.placed()
        call.start(self._retire(call))
        return call

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """What became of this attempt, from memory, else from Twilio by what our books say of it."""
        call = self._calls.get(attempt_id)
        if call is not None and call.sid:
            return Found(call.sid, call.story.ending, call.story.is_answered)
        trace = await self._trace(attempt_id)
        record = None if trace is None else await self._record(trace)
        if record is None:
            return None
        return _found(record)

    async def end(self, attempt_id: AttemptId) -> None:
        """End a call that nobody holds any more; harmless when it is over or was never placed."""
        call = self._calls.get(attempt_id)
        if call is not None and call.sid:
            await call.hang_up()
            return
        trace = await self._trace(attempt_id)
        record = None if trace is None else await self._record(trace)
        if record is None or record.status in ENDED:
            return
        status: Literal["canceled", "completed"] = "canceled" if record.status in twilio_rest.WAITING else "completed"
        answer = await self.api.ask(twilio_rest.end_call(self.api.account_sid, record.sid, status))
        if not answer.is_fine and answer.error[0] not in twilio_errors.OVER:
            raise answer.refusal("to end a call")

    async def cost(self, carrier_call_id: str) -> tuple[Decimal, str] | None:
        """What connecting a call cost, and in which currency; None while Twilio does not say."""
        answer = await self.api.ask(twilio_rest.get_call(self.api.account_sid, carrier_call_id))
        record = twilio_rest.read_call(answer.body) if answer.is_fine else None
        return None if record is None or record.cost is None else (record.cost, record.price_unit or "USD")

    async def close(self) -> None:
        """End what still lives here, and release the connections."""
        calls = list(self._calls.values())
        living = [call for call in calls if call.sid and call.story.ending is None]
        for call in living:
            await call.hang_up()
        if living:
            await asyncio.wait([asyncio.ensure_future(call.over.wait()) for call in living], timeout=_GOODBYE_S)
        for call in calls:
            await call.close()
        await self.api.close()

    async def _create(self, call: TwilioCall) -> None:
        """Ask Twilio to dial, once."""
        order, url = call.order, self._server.url
        path, token = self._door.expect(call)
        stream = twiml.connect_stream(f"{self._server.socket_url}{path}", {TOKEN: token, "attempt": order.attempt_id})
        is_heard = self._account.machines != "off"
        new = NewCall(
            stream,
            f"{url}{STATUS_PATH}/{order.attempt_id}",
            machine_url=f"{url}{MACHINE_PATH}/{order.attempt_id}" if is_heard else "",
            waits_for_beep=self._account.machines == "beep",
            is_recorded=self._account.is_recorded,
        )
        answer = await self.api.ask(twilio_rest.create_call(self.api.account_sid, order, new))
        if not answer.is_fine:
            code, message = answer.error
            ending = twilio_errors.refusal(answer.status, code, message)
            raise DialRefused(f"Twilio refused the dial: {ending.hangup_cause}", ending, code=str(code or answer.status))
        record = twilio_rest.read_call(answer.body)
        if record is None or not call.named(record.sid):
            raise PlaceLost("Twilio's answer to the dial cannot be read", code="unreadable")

    async def _require_new(self, attempt_id: AttemptId) -> None:
        """An intent that is not fresh may have been dialled by a process that died."""
        trace = await self._trace(attempt_id)
        is_fresh = trace is None or self._clock.now() - trace.dialed_at < FRESH
        if trace is not None and (trace.carrier_call_id or (not is_fresh and await self._candidates(trace))):
            raise CarrierError("this attempt has been dialled before", code="duplicate_attempt", retryable=False)

    async def _is_adopted(self, call: TwilioCall) -> bool:
        """The answer to the dial was lost: a callback may name the call, or Twilio's list does."""
        try:
            async with asyncio.timeout(ADOPT_S):
                await call.known.wait()
        except TimeoutError:
            trace = Trace(call.order.attempt_id, call.order.to, call.order.from_number, self._clock.now() - FRESH)
            try:
                record = await self._record(trace)
            except CarrierError:
                return call.known.is_set()
            if record is not None and call.named(record.sid):
                call.told(report_of(record))
        return call.known.is_set()

    async def _record(self, trace: Trace) -> CallResource | None:
        """Twilio's record of a dial; None when there is none, or more than one that might be it."""
        if trace.carrier_call_id:
            answer = await self.api.ask(twilio_rest.get_call(self.api.account_sid, trace.carrier_call_id))
            if answer.status == 404:
                return None
            if not answer.is_fine:
                raise answer.refusal("to tell of a call")
            return twilio_rest.read_call(answer.body)
        candidates = await self._candidates(trace)
        if len(candidates) > 1:
            emit("carrier.ambiguous", attempt_id=trace.attempt_id, calls=len(candidates))
        return candidates[0] if len(candidates) == 1 else None

    async def _candidates(self, trace: Trace) -> list[CallResource]:
        """The calls between the two numbers that were made within seconds of the intent: by day first, then by the clock."""
        account, to, shown = self.api.account_sid, trace.to, trace.from_number
        days = {(trace.dialed_at + shift).astimezone(UTC).date() for shift in (-_EARLY, _LATE)}
        asks = [twilio_rest.list_calls(account, to, shown, day) for day in sorted(days)]
        found: dict[str, CallResource] = {}
        for ask in (*asks, twilio_rest.list_waiting(account, to, shown)):
            for record in await self._listed(ask):
                if _is_near(record.created_at, trace.dialed_at):
                    found[record.sid] = record
        return list(found.values())

    async def _listed(self, ask: twilio_rest.RestRequest) -> list[CallResource]:
        records: list[CallResource] = []
        for _ in range(_MOST_PAGES):
            answer = await self.api.ask(ask)
            page = twilio_rest.read_calls(answer.body) if answer.is_fine else None
            if page is None:
                raise answer.refusal("to list calls")
            records += page[0]
            ask = twilio_rest.next_page(page[1])
            if not ask.path:
                break
        return records

    async def _trace(self, attempt_id: AttemptId) -> Trace | None:
        return await asyncio.get_running_loop().run_in_executor(None, self._books, attempt_id)

    async def _retire(self, call: TwilioCall, wait_s: float | None = None) -> None:
        """Forget a call some time after its end."""
        if wait_s is None:
            await call.over.wait()
            self._door.forget(call)
        await asyncio.sleep(LINGER_S)
        self._forget(call)

    def _forget(self, call: TwilioCall) -> None:
        self._door.forget(call)
        self._calls.pop(call.order.attempt_id, None)


async def _again(call: TwilioCall) -> TwilioCall:
    """The same attempt is placed a second time: the same call, or no second ring."""
    if not call.sid:
        raise PlaceLost("this attempt has been asked for before", code="lost_before")
    return call


def _is_near(made_at: datetime | None, dialed_at: datetime) -> bool:
    return made_at is not None and dialed_at - _EARLY <= made_at <= dialed_at + _LATE


def _found(record: CallResource) -> Found:
    """A record in our words. What it says of the end is less than a callback does: no SIP code, no talk of who hung up."""
    if record.status not in ENDED:
        return Found(record.sid, None, record.was_answered)
    if record.status == "completed":
        ending = twilio_errors.completed(is_ours=False, talk_s=record.talk_s, call_s=float("inf"))
    else:
        ending = twilio_errors.ending(record.status)
    told = replace(ending, hangup_cause=f"{ending.hangup_cause}, by the record")
    return Found(record.sid, told, record.was_answered, record.talk_s if record.was_answered else None)
