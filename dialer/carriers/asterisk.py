"""Asterisk (22.8 or newer) as a carrier: ARI for the calls, ``chan_websocket`` for their audio.

A channel's id is the attempt's, so that the same attempt cannot be dialled twice while it rings or talks, and is found by it. But
Asterisk forgets a channel when it is over: whether one that is not there rang before, only who placed it knows. So what ended is
remembered here for a while, an id is dialled once by this process, and ``finds_by`` is ``our_id_while_live``.
"""

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime, timedelta

from dialer.carriers.asterisk_call import AsteriskCall, Plan
from dialer.carriers.asterisk_rest import refused
from dialer.carriers.asterisk_switch import Switch
from dialer.carriers.base import DialRefused
from dialer.clock import Clock
from dialer.errors import CarrierError, PlaceLost
from dialer.model.attempt import Capabilities, DialOrder, EndCause, Ending, Found
from dialer.model.ids import AttemptId
from dialer.wire import asterisk_ari as ari
from dialer.wire.asterisk_ari_events import ChannelSeen, decode_bridges, decode_channel

REMEMBERED = 10_000
FORGOTTEN_BRIDGE = timedelta(minutes=10)
_LEFT_ALONE = Ending(EndCause.NEAR_HANG_UP, "ended by us: nobody held it any more")


class AsteriskCarrier:
    """A ``Carrier``. It connects when it is first needed; the loop that uses it closes it."""

    name = "asterisk"
    capabilities = Capabilities(finds_by="our_id_while_live", can_transfer=True, can_send_digits=True, has_exact_heard=True)

    def __init__(self, switch: Switch, plan: Plan, clock: Clock) -> None:
        """``clock`` dates bridges that were left behind."""
        self._switch = switch
        self._plan = plan
        self._clock = clock
        self._calls: dict[AttemptId, AsteriskCall] = {}
        self._over: OrderedDict[AttemptId, Found | None] = OrderedDict()
        self._is_swept = False

    async def place(self, order: DialOrder) -> AsteriskCall:
        """Dial. Raises ``CarrierError`` with the code ``duplicate_attempt`` for an id that is dialled or was, and ``DialRefused``
        when nobody could be rung, with words by which an operator finds out why.
        """
        if order.attempt_id in self._over or order.attempt_id in self._calls:
            raise CarrierError("this attempt has been dialled before", code="duplicate_attempt", retryable=False)
        try:
            return await self._dial(order)
        except (PlaceLost, DialRefused):
            raise
        except CarrierError as error:
            if error.code == "duplicate_attempt":
                raise
            cause = EndCause.CARRIER_FAULT if error.retryable else EndCause.CONFIGURATION
            raise DialRefused(str(error), Ending(cause, str(error)), code=error.code) from error

    async def _dial(self, order: DialOrder) -> AsteriskCall:
        await self._switch.ready()
        self._sweep()
        call = AsteriskCall(self._switch, self._plan, order, lambda found: self._remember(order.attempt_id, found))
        self._calls[order.attempt_id] = call
        try:
            await call.dial()
        except PlaceLost:
            self._remember(order.attempt_id, None)
            raise
        except (CarrierError, asyncio.CancelledError):
            self._calls.pop(order.attempt_id, None)
            raise
        return call

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """What is known of this attempt: by us, or by Asterisk while it lives; None says nothing about the past."""
        if attempt_id in self._calls:
            return self._calls[attempt_id].found
        known = self._over.get(attempt_id)
        if known is not None:
            return known
        seen = await self._seen(attempt_id)
        return None if seen is None else Found(seen.id, None, seen.is_up)

    async def end(self, attempt_id: AttemptId) -> None:
        """End a call that nobody holds any more; harmless when it is over."""
        call = self._calls.get(attempt_id)
        if call is not None:
            await call.hang_up()
            return
        seen = await self._seen(attempt_id)
        ids = (attempt_id, f"{attempt_id}-media")
        if seen is not None:
            request = ari.hang_up(attempt_id)
            reply = await self._switch.ask(request)
            if not reply.is_ok and reply.status != 404:
                raise refused(request, reply)
            self._remember(attempt_id, Found(attempt_id, _LEFT_ALONE, seen.is_up))
        await self._switch.undo(*(ari.hang_up(name) for name in ids), ari.delete_bridge(f"{attempt_id}-bridge"))

    async def close(self) -> None:
        """End what still lives here, and release the connections. Calls that were handed over go on."""
        for call in list(self._calls.values()):
            await self._hang_up(call)
        await self._switch.close()

    async def _hang_up(self, call: AsteriskCall) -> None:
        try:
            await call.hang_up()
        except CarrierError:
            return  # Asterisk's own limit ends it

    async def _seen(self, attempt_id: AttemptId) -> ChannelSeen | None:
        request = ari.get_channel(attempt_id)
        reply = await self._switch.ask(request)
        if reply.status == 404:
            return None
        if not reply.is_ok:
            raise refused(request, reply)
        seen = decode_channel(reply.body)
        if not isinstance(seen, ChannelSeen):
            raise CarrierError("Asterisk's answer cannot be read", code="malformed")
        return seen

    def _remember(self, attempt_id: AttemptId, found: Found | None) -> None:
        """It is over, or was lost (None); the oldest are forgotten."""
        self._calls.pop(attempt_id, None)
        self._over[attempt_id] = found
        if len(self._over) > REMEMBERED:
            self._over.popitem(last=False)

    def _sweep(self) -> None:
        """Once: take away empty bridges that dead processes of ours left behind."""
        if not self._is_swept:
            self._is_swept = True
            self._switch.run(self._sweep_bridges())

    async def _sweep_bridges(self) -> None:
        try:
            reply = await self._switch.do(ari.list_bridges())
        except CarrierError:
            return  # they cost a little memory there; the next process sweeps again
        family = self._switch.app.rpartition("-")[0]
        old = self._clock.lease_now() - FORGOTTEN_BRIDGE
        for bridge in decode_bridges(reply.body):
            if bridge.name.startswith(f"{family}-") and not bridge.channels and _instant(bridge.created_at) < old:
                await self._switch.undo(ari.delete_bridge(bridge.id))


def _instant(text: str) -> datetime:
    """Asterisk's time stamp; one that cannot be read is the latest possible, so that nothing is taken away for it."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
