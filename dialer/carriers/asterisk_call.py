"""One dial by Asterisk, as the session sees it: the request to ring, and what may be asked of the call.

The limits are Asterisk's own: the ringing time at the dial, ``TIMEOUT(absolute)`` over all of it, and again from the answer on.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from dialer.call.events import CallEvent, LegEnded
from dialer.carriers.asterisk_channel import Channel
from dialer.carriers.asterisk_leg import AsteriskLeg
from dialer.carriers.asterisk_line import Door, Line
from dialer.carriers.asterisk_rest import ANSWER_LOST, Reply, refused
from dialer.carriers.asterisk_switch import Switch
from dialer.carriers.asterisk_transfer import Desk, hand_over
from dialer.carriers.base import DialRefused
from dialer.errors import CarrierError, PlaceLost
from dialer.model.attempt import DialOrder, EndCause, Ending, Found
from dialer.wire import asterisk_ari as ari
from dialer.wire.asterisk_ari_events import failure

Speak = Callable[[str], Awaitable[bytes]]
"""The sound (mu-law) of a text. Raises ``CarrierError``."""
SET_UP_S = 15
"""Seconds that a dial may take beside ringing and talking."""
LOOK_S = 3.0
"""How long a dial whose answer was lost is looked for, and an end that we asked for is waited for."""
ABANDONED_S = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How this Asterisk is to be used. ``endpoint``: a dial string with ``{number}`` (E.164) or ``{digits}`` (without the +)."""

    endpoint: str
    door: Door
    speak: Speak
    is_recorded: bool = False

    def dial_string(self, number: str) -> str:
        """Where a number is dialled."""
        return self.endpoint.replace("{number}", number).replace("{digits}", number.removeprefix("+"))


class AsteriskCall:
    """A ``PlacedCall``. ``on_over`` is told once, with what is known then."""

    def __init__(self, switch: Switch, plan: Plan, order: DialOrder, on_over: Callable[[Found], None]) -> None:
        self._switch = switch
        self._plan = plan
        self._order = order
        self._line = Line(switch, plan.door, order.attempt_id, self._media_lost)
        self._channel = Channel(switch, self._line, order, on_over, is_recorded=plan.is_recorded)

    @property
    def carrier_call_id(self) -> str:
        """The channel's id, which is the attempt's."""
        return self._order.attempt_id

    @property
    def leg(self) -> AsteriskLeg:
        """The audio connection; valid from ``Answered`` on."""
        return self._line.leg

    @property
    def found(self) -> Found:
        """What is known while it lives."""
        return Found(self.carrier_call_id, None, self._channel.history.was_answered)

    async def dial(self) -> None:
        """Ring the phone, once. Raises ``CarrierError``, ``PlaceLost`` when it may be ringing unknown to us."""
        order = self._order
        limit_s = order.ring_s + order.call_s + SET_UP_S
        await self._line.open(limit_s)
        self._channel.watch()
        request = ari.originate(
            self.carrier_call_id,
            endpoint=self._plan.dial_string(order.to),
            app=self._switch.app,
            caller_id=f"<{order.from_number}>",
            ring_s=order.ring_s,
            limit_s=limit_s,
        )
        try:
            reply = await self._switch.ask(request)
        except CarrierError as error:
            if error.code != ANSWER_LOST:
                await self._give_up()
                raise
            if not await self._is_there():
                self._switch.run(self._abandon(), is_guard=True)
                raise PlaceLost(str(error), code=ANSWER_LOST) from error
        else:
            if not reply.is_ok:
                await self._give_up()
                raise _not_dialled(request, reply)
        self._switch.run(self._channel.keep_limits(), is_guard=True)

    async def events(self) -> AsyncIterator[CallEvent]:
        """Yield ``Ringing``, ``Answered`` and, always last and exactly once, ``LegEnded``."""
        while True:
            event = await self._channel.events.get()
            yield event
            if isinstance(event, LegEnded):
                return

    async def hang_up(self) -> None:
        """End the dial or the call; harmless when it is over already. Raises ``CarrierError`` when Asterisk cannot be asked."""
        if self._channel.is_over:
            return
        self._channel.history.was_ended_by_us = True
        reply = await self._switch.ask(ari.hang_up(self.carrier_call_id))
        self._switch.run(self._channel.look_after(0.0 if reply.status == 404 else LOOK_S))

    async def send_digits(self, digits: str) -> None:
        """Press keys towards the far side. Raises ``CarrierError`` when there is nobody."""
        await self._switch.do(ari.send_digits(self.carrier_call_id, digits))

    async def transfer(self, to: str, announce: str, *, summary: str | None = None) -> None:
        """Hand the callee over; see the seam. The desk is rung in both cases while the conversation goes on."""
        if self._channel.is_over or not self._channel.history.was_answered:
            raise CarrierError("there is no call to transfer", code="no_call", retryable=False)
        if announce:
            await self.leg.play(await self._plan.speak(announce))
        sound = None if summary is None else await self._plan.speak(summary)
        desk = Desk(self._switch, self._plan.door, self.carrier_call_id, self._plan.dial_string(to), self._order.from_number)
        await hand_over(desk, self._line, sound, lambda: self._channel.is_over)
        await self._channel.finish(Ending(EndCause.NEAR_HANG_UP, f"Transferred to {to}"), is_handed_over=True)

    def _media_lost(self) -> None:
        self._channel.media_lost()

    async def _is_there(self) -> bool:
        """Whether a dial whose answer was lost is made after all: by its events, or because its channel can be seen."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + LOOK_S
        while loop.time() < until_s and not self._channel.told.is_set():
            try:
                reply = await self._switch.ask(ari.get_channel(self.carrier_call_id))
            except CarrierError:
                reply = Reply(0, b"")
            if reply.is_ok:
                return True
            try:
                async with asyncio.timeout(LOOK_S / 12):
                    await self._channel.told.wait()
            except TimeoutError:
                continue
        return self._channel.told.is_set()

    async def _give_up(self) -> None:
        """It was definitely not dialled."""
        self._channel.give_up()
        await self._line.close("not dialled")

    async def _abandon(self) -> None:
        """Nobody waits for this dial any more: should it be made late, it is ended."""
        self._channel.give_up()
        await self._line.close("not dialled")
        gone = ari.hang_up(self.carrier_call_id)
        self._switch.watch(self.carrier_call_id, lambda _: self._switch.run(self._switch.undo(gone)))
        await asyncio.sleep(ABANDONED_S)
        self._switch.forget(self.carrier_call_id)


def _not_dialled(request: ari.Request, reply: Reply) -> CarrierError:
    """Why there is no channel. 409: it lives. 400: the dial string is wrong. 500 (``Allocation failed``) is what Asterisk says of
    an endpoint that it does not have, and of one whose address does not answer its OPTIONS.
    """
    if reply.status == 409:
        return CarrierError("this attempt is being dialled already", code="duplicate_attempt", retryable=False)
    words = f"{reply.status} {failure(reply.body)}".rstrip()
    if reply.status in (400, 401, 403):
        return DialRefused(f"Asterisk does not dial this: {words}", Ending(EndCause.CONFIGURATION, words), code="not_dialled")
    if reply.status >= 500:
        words = f"{words}: no such endpoint in pjsip.conf, or it cannot be reached (dialer doctor; pjsip show endpoints)"
        return DialRefused(f"Asterisk does not dial this: {words}", Ending(EndCause.CARRIER_FAULT, words), code="not_dialled")
    return refused(request, reply)
