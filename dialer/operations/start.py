"""The start of one call: its place in the pace, and the last look at the clock before the carrier is asked.

What is put on record when the intent is committed is the instant of that transaction. The gates are asked behind it, the commit
takes its time, a busy machine more of it: by then another worker may have started. So whoever comes to the carrier late takes a
new place in the pace first. What the carrier counts in any second is then never more than the rate.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from dialer.carriers.base import Carrier, PlacedCall
from dialer.errors import CarrierError
from dialer.model.attempt import DialOrder, Found
from dialer.model.ids import AttemptId
from dialer.operations import dispatch
from dialer.operations.dispatch import Work
from dialer.operations.parts import Parts
from dialer.store import suppression
from dialer.store.engine import Tx

LEAST_WAIT = timedelta(milliseconds=1)
_LATE = timedelta(milliseconds=30)
"""Within what the pace leaves for it (``dialing.pacing``), with something left for the way to the carrier."""
_LONGEST_WAIT = timedelta(seconds=3)
"""For a new place: what the gates said must still hold."""
_WITHDRAWN_IN = timedelta(seconds=2)
"""A dial that a carrier keeps in its queue is taken back so long before it may not ring any more: taking back takes its time."""


class Steps(Protocol):
    """Runs a database step on the lane's database thread."""

    def __call__(self, function: Callable[..., Any], *arguments: object) -> Awaitable[Any]:
        """Await what ``function(*arguments)`` returns."""
        ...


class Start:
    """When this attempt may ask the carrier, and whether it has."""

    def __init__(self, parts: Parts, work: Work, steps: Steps) -> None:
        self._parts = parts
        self._work = work
        self._steps = steps
        self._at: datetime | None = None
        self._dial_by: datetime | None = None
        self._until: datetime | None = None
        self.is_dialled = False

    def prepare(self) -> None:
        """The lease that is the measure of the intent begins now."""
        self._dial_by = self._parts.clock.lease_now() + timedelta(seconds=self._parts.settings.lease_s / 2)

    def wait(self, tx: Tx) -> timedelta:
        """How long to wait for the pace; zero: this call starts now, and nobody else does until the transaction ends."""
        wait = dispatch.wait(tx, self._parts, self._work, is_start=True)
        return max(wait, LEAST_WAIT) if wait > timedelta(0) else wait

    def take(self, tx: Tx, now: datetime, until: datetime | None = None) -> None:
        """Put the start on record. ``until``: what the gates allowed they allow no longer from then on."""
        dispatch.started(tx, self._parts, self._work, now)
        self._at, self._until = now, until or self._until

    def in_window(self, order: DialOrder) -> DialOrder:
        """The order, with no longer to begin to ring than the gates allow: a carrier may put it into a queue of its own."""
        if self._until is None:
            return order
        left_s = (self._until - self._parts.clock.now() - _WITHDRAWN_IN).total_seconds()
        return replace(order, start_s=min(order.start_s, max(left_s, 0.0)))

    async def come_in_time(self) -> None:
        """Return when the carrier may be asked. Raises ``CarrierError`` when the intent has grown too old, or when the number was
        put on a do-not-call list while the call waited for its new place: then nobody is rung.
        """
        self._require_young()
        while self._at is None or self._parts.clock.now() - self._at > _LATE:
            wait = await self._steps(self._again)
            if wait > _LONGEST_WAIT:
                raise CarrierError("the call has missed its place in the pace", code="too_late")
            if wait:
                await asyncio.sleep(wait.total_seconds())
            self._require_young()
        self.is_dialled = True

    def _require_young(self) -> None:
        if self._dial_by is None or self._parts.clock.lease_now() > self._dial_by:
            raise CarrierError("the intent to dial has grown too old", code="too_late")
        if self._until is not None and self._parts.clock.now() >= self._until:
            raise CarrierError("the time in which it was allowed is over", code="too_late")

    def _again(self) -> timedelta:
        with self._parts.store.write() as tx:
            subject = self._work.subject
            if suppression.suppressed(tx, {self._work.phone, *subject.contact.contact.numbers}, subject.campaign.id):
                raise CarrierError("the number came onto a do-not-call list meanwhile", code="too_late")
            wait = self.wait(tx)
            if not wait:
                self.take(tx, self._parts.clock.now())
        return wait


class DialInTime:
    """A carrier that is asked to dial only while the intent is fresh, and in its turn.

    A process that was stopped between its commit and the dial may find, when it goes on, that its call was given to another:
    its lease is the measure, and it must not ring a phone behind it.
    """

    def __init__(self, carrier: Carrier, start: Start) -> None:
        self._carrier = carrier
        self._start = start
        self.name = carrier.name
        self.capabilities = carrier.capabilities

    async def place(self, order: DialOrder) -> PlacedCall:
        """Dial, or raise ``CarrierError`` when it is too late for it."""
        await self._start.come_in_time()
        return await self._carrier.place(self._start.in_window(order))

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """As the carrier does."""
        return await self._carrier.find(attempt_id)

    async def end(self, attempt_id: AttemptId) -> None:
        """As the carrier does."""
        await self._carrier.end(attempt_id)

    async def close(self) -> None:
        """The lane closes the carrier."""
