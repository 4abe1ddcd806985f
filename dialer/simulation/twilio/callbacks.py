"""The callbacks of one call: signed, numbered, and as late, doubled or lost as the faults have it."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import httpx2

from dialer.simulation.twilio.faults import TwilioFaults
from dialer.wire.twilio_signature import signature

_LATE_S: Mapping[str, float] = {"initiated": 2.5, "ringing": 9.0, "answered": 0.8}
_DOUBLE_AFTER_S = 0.3
_ANSWER_S = 5.0


@dataclass(slots=True)
class Sender:
    """Sends callbacks for a whole account, and counts them."""

    account_sid: str
    token: str
    faults: TwilioFaults
    client: httpx2.AsyncClient
    sent: list[tuple[str, dict[str, str], int]] = field(default_factory=list)
    """Address, fields and the status that came back (0: none)."""
    notifications: list[tuple[str, int, str]] = field(default_factory=list)
    """What Twilio's console would show: call, error code, text."""
    count: int = 0

    async def post(self, url: str, fields: Mapping[str, str]) -> tuple[int, str]:
        """Send one; the status and the body that came back."""
        given = {"AccountSid": self.account_sid, "ApiVersion": "2010-04-01", **fields}
        headers = {"X-Twilio-Signature": signature(self.token, url, tuple(given.items()))}
        try:
            answer = await self.client.post(url, data=given, headers=headers, timeout=_ANSWER_S)
        except httpx2.HTTPError:
            self.sent.append((url, given, 0))
            return 0, ""
        self.sent.append((url, given, answer.status_code))
        return answer.status_code, answer.text


class Callbacks:
    """Those of one call."""

    def __init__(self, sender: Sender, sid: str, url: str, events: frozenset[str]) -> None:
        """``url`` empty: nobody wants them. ``events``: those that were asked for."""
        self.sender = sender
        self._sid = sid
        self._url = url
        self._events = events
        self._sequence = 0
        self._line: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        if url:
            self._start(self._deliver())

    def tell(self, event: str, fields: Mapping[str, str], now: datetime) -> None:
        """Something happened to the call."""
        if not self._url or event not in self._events or self.sender.faults.is_mute:
            return
        full = {
            "CallSid": self._sid,
            **fields,
            "Direction": "outbound-api",
            "Timestamp": format_datetime(now),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
        }
        self._sequence += 1
        self.sender.count += 1
        faults = self.sender.faults
        if faults.lose_callback_every and self.sender.count % faults.lose_callback_every == 0:
            return
        late_s = _LATE_S.get(event, 0.0) if faults.has_reordered else 0.0
        if late_s:
            self._start(self._later(late_s, full))
        else:
            self._line.put_nowait(full)
        if faults.has_doubled:
            self._start(self._later(late_s + _DOUBLE_AFTER_S, full))

    def detected(self, url: str, word: str, after_ms: int) -> None:
        """The detection of machines has found who answered."""
        faults = self.sender.faults
        if not faults.is_mute:
            fields = {"CallSid": self._sid, "AnsweredBy": word, "MachineDetectionDuration": str(after_ms)}
            for late_s in (0.0, _DOUBLE_AFTER_S) if faults.has_doubled else (0.0,):
                self._start(self._post_later(late_s, url, fields))

    async def _post_later(self, seconds: float, url: str, fields: Mapping[str, str]) -> None:
        await asyncio.sleep(seconds)
        await self.sender.post(url, fields)

    async def ask(self, url: str, fields: Mapping[str, str]) -> str:
        """Send the result of a verb; the TwiML that came back."""
        status, body = await self.sender.post(url, {"CallSid": self._sid, **fields})
        return body if status == 200 else ""

    def notify(self, code: int, text: str) -> None:
        """Put an error where an operator would look for it."""
        self.sender.notifications.append((self._sid, code, text))

    async def close(self) -> None:
        """Send nothing more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _deliver(self) -> None:
        """In order, one after the other."""
        while True:
            await self.sender.post(self._url, await self._line.get())

    async def _later(self, seconds: float, fields: dict[str, str]) -> None:
        await self._post_later(seconds, self._url, fields)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
