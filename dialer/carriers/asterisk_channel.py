"""The callee's channel in Asterisk, watched from the dial to its one ending.

What Asterisk tells may come twice, late, out of order or not at all. So every event's snapshot of the channel counts, whatever
the event is; the first ending counts; and a channel that says nothing past its limits, or after the events were lost for a
while, is looked up.
"""

import asyncio
from collections.abc import Callable

from dialer.call.events import Answered, CallEvent, LegEnded, Ringing
from dialer.carriers.asterisk_line import Line
from dialer.carriers.asterisk_switch import Switch
from dialer.errors import CarrierError
from dialer.model.attempt import DialOrder, Ending, Found
from dialer.telemetry import emit
from dialer.wire import asterisk_ari as ari
from dialer.wire.asterisk_ari_events import (
    AppEntered,
    ChannelEnded,
    ChannelEvent,
    ChannelSeen,
    DialTold,
    HangUpAsked,
    decode_channel,
)
from dialer.wire.asterisk_causes import History, ending, lost

LATE_S = 0.25
"""Events of one channel may overtake each other by so much."""
OVERDUE_S = 10.0
"""How long after its limit a channel is looked up."""
SLACK_S = 0.5
"""A call that ends so shortly before its limit was ended by it."""
_MEDIA_LOST = "the media connection was lost"


class Channel:
    """One channel of ours. ``on_over`` is told once, with what is known then."""

    def __init__(
        self, switch: Switch, line: Line, order: DialOrder, on_over: Callable[[Found], None], *, is_recorded: bool = False
    ) -> None:
        self.history = History()
        self.events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self.told = asyncio.Event()
        self._over = asyncio.Event()
        self._switch = switch
        self._line = line
        self._order = order
        self._on_over = on_over
        self._is_recorded = is_recorded
        self._answered_at: float | None = None
        self._has_rung = False

    @property
    def is_over(self) -> bool:
        """For us: ended, given up, or handed over."""
        return self._over.is_set()

    def watch(self) -> None:
        """Begin to listen, before it is dialled."""
        self._switch.watch(self._order.attempt_id, self._note, lambda: self._switch.run(self.look(has_gap=True)))

    def give_up(self) -> None:
        """It was not dialled."""
        self._over.set()
        self._switch.forget(self._order.attempt_id)

    async def look(self, *, has_gap: bool = False) -> None:
        """Ask for it: what was told meanwhile may have been lost, and with ``has_gap`` surely could not be heard."""
        self.history.has_gap |= has_gap
        try:
            reply = await self._switch.ask(ari.get_channel(self._order.attempt_id))
        except CarrierError:
            return  # looked for again when the events come back, or at the limit
        if reply.status == 404:
            await asyncio.sleep(LATE_S)
            await self.finish(lost(self._past()))
            return
        seen = decode_channel(reply.body) if reply.is_ok else None
        if isinstance(seen, ChannelSeen):
            self._see(seen)
            if seen.is_up:
                await self._answer()

    async def look_after(self, seconds: float) -> None:
        """Look it up if it has not ended by then."""
        await _wait(self._over, seconds)
        if not self.is_over:
            await self.look()

    async def finish(self, end: Ending, *, is_handed_over: bool = False) -> None:
        """The call is over for us; the first ending counts. Handed over, its channel and its bridge go on without us."""
        if self.is_over:
            return
        self._over.set()
        self._on_over(Found(self._order.attempt_id, end, self.history.was_answered))
        await self._line.leg.end(end.hangup_cause)
        self.events.put_nowait(LegEnded(end))
        if not is_handed_over:
            self._switch.forget(self._order.attempt_id)
            self._switch.run(self._line.close(end.hangup_cause))

    def media_lost(self) -> None:
        """Nobody of us is on the line any more: nobody is to stay on it alone."""
        if not self.is_over:
            self.history.fault = _MEDIA_LOST
            self._switch.run(self._switch.undo(ari.hang_up(self._order.attempt_id)))
            self._switch.run(self.look_after(1.0))

    def _note(self, event: ChannelEvent) -> None:
        """One event, perhaps not for the first time."""
        self.told.set()
        self._see(event.channel)
        match event:
            case DialTold(_, status):
                self.history.tell(status)
                if status == "RINGING":
                    self._ring()
            case AppEntered():
                self._switch.run(self._answer())
            case HangUpAsked() if not (self.history.was_ended_by_us or self.history.is_overdue):
                self.history.was_asked_to_end = True
                if self._answered_at is not None:
                    # What is heard is settled at once: the media channel would go on playing to nobody.
                    self._switch.run(self._line.leg.end("the far side hung up"))
            case ChannelEnded():
                self._switch.run(self._ended(event))
            case _:
                pass

    def _see(self, channel: ChannelSeen) -> None:
        """The snapshot that came with it."""
        if channel.is_up:
            self.history.was_answered = True
        elif channel.state == "Ringing":
            self.history.has_rung = True
            self._ring()

    def _ring(self) -> None:
        """It rings: told once, and not behind the answer."""
        if not (self._has_rung or self.history.was_answered or self.is_over):
            self._has_rung = True
            self.events.put_nowait(Ringing())

    async def _answer(self) -> None:
        """The callee took the call: put him together with us, and let the limit of the call begin."""
        self.history.was_answered = True
        if self._answered_at is not None or self.is_over:
            return
        self._answered_at = asyncio.get_running_loop().time()
        try:
            await self._line.join(self._order.attempt_id)
        except CarrierError as error:
            self.history.fault = str(error)
            await self._switch.undo(ari.hang_up(self._order.attempt_id))
            await self.look_after(1.0)
            return
        self._line.leg.begin()
        self.events.put_nowait(Answered())
        # Lost, the call is still limited by what was set at the dial.
        await self._switch.undo(ari.set_limit(self._order.attempt_id, self._order.call_s))
        if self._is_recorded:
            await _record(self._switch, self._line, self._order)

    async def _ended(self, event: ChannelEnded) -> None:
        """It is gone. What was told of it before may still be on its way, and decides what its end means."""
        if self.history.is_silent:
            await asyncio.sleep(LATE_S)
        await self.finish(ending(event.cause, event.text, event.sip_code, self._past()))

    def _past(self) -> History:
        """What is known, with whether its time was up."""
        if self._answered_at is not None:
            passed_s = asyncio.get_running_loop().time() - self._answered_at
            self.history.is_past_limit = passed_s >= self._order.call_s - SLACK_S
        return self.history

    async def keep_limits(self) -> None:
        """Asterisk ends what is too long; whoever was not told of it asks."""
        loop = asyncio.get_running_loop()
        await _wait(self._over, self._order.ring_s + OVERDUE_S)
        if self._answered_at is not None:
            await _wait(self._over, self._answered_at + self._order.call_s + OVERDUE_S - loop.time())
        while not self.is_over:
            self.history.is_overdue = True
            await self._switch.undo(ari.hang_up(self._order.attempt_id))
            await self.look_after(1.0)
            await _wait(self._over, OVERDUE_S)


async def _wait(over: asyncio.Event, seconds: float) -> None:
    """Until then, or until it is over."""
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return


async def _record(switch: Switch, line: Line, order: DialOrder) -> None:
    try:
        await switch.do(ari.record_bridge(line.bridge_id, order.attempt_id))
    except CarrierError as error:
        emit("carrier.unrecorded", attempt_id=order.attempt_id, error=str(error))
