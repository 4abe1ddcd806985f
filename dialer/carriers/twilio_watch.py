"""What is overdue on a call: a dial that Twilio keeps in its queue, an audio stream that does not open, an end that nobody told.

Each is looked up in the call's record, which is the truth when a callback was lost.
"""

import asyncio
from typing import Protocol

from dialer.carriers.twilio_api import TwilioApi
from dialer.carriers.twilio_leg import TwilioLeg
from dialer.carriers.twilio_story import Story
from dialer.errors import CarrierError
from dialer.model.attempt import DialOrder, EndCause, Ending, Retry
from dialer.telemetry import emit
from dialer.wire import twilio_rest
from dialer.wire.twilio_rest import CallResource, StatusReport

RING_MARGIN_S = 2.0
CALL_MARGIN_S = 5.0
MEDIA_S = 5.0
"""From the report that somebody answered to the stream of his audio; without it the call is ended."""
LOOK_S = 1.0
"""Between two looks at the record of a call whose end is overdue."""
_LOOKS = 20
_NO_MEDIA = Ending(EndCause.CONFIGURATION, "answered, but Twilio did not open the media stream", None, Retry.CARRIER_FAULT)
_STILL_QUEUED = Ending(EndCause.CARRIER_FAULT, "still in Twilio's queue: taken back before it rang")
_UNTOLD = Ending(EndCause.CARRIER_FAULT, "Twilio does not tell how it ended")


class Watched(Protocol):
    """The call that is looked after."""

    @property
    def sid(self) -> str:
        """Twilio's name of it."""
        ...

    @property
    def order(self) -> DialOrder:
        """What was ordered."""
        ...

    @property
    def asked_s(self) -> float:
        """When Twilio was asked to dial, in seconds of the loop."""
        ...

    @property
    def leg(self) -> TwilioLeg:
        """Its audio."""
        ...

    @property
    def story(self) -> Story:
        """What is known of it."""
        ...

    @property
    def known(self) -> asyncio.Event:
        """Set when ``sid`` is."""
        ...

    @property
    def over(self) -> asyncio.Event:
        """Set at its end."""
        ...

    def told(self, report: StatusReport) -> None:
        """A status of it."""
        ...

    def streaming(self) -> None:
        """Somebody answered."""
        ...

    def finish(self, ending: Ending) -> None:
        """It is over."""
        ...


class Lookout:
    """Looks after one call."""

    def __init__(self, api: TwilioApi, call: Watched) -> None:
        self._api = api
        self._call = call
        self._is_looking = False

    async def watch(self) -> None:
        """From the moment that Twilio has taken the call to its end."""
        call, order = self._call, self._call.order
        waited_s = asyncio.get_running_loop().time() - call.asked_s
        if not await self._is_over_within(order.start_s - waited_s) and call.story.status == "queued":
            await self._look()  # a record that cannot be read leaves it queued: what may ring too late is taken back
            is_ours = not call.story.has_asked_end and call.story.ending is None
            if is_ours and call.story.status == "queued":
                call.story.stopped_by = _STILL_QUEUED
                await self.end()
                return
        if not await self._is_over_within(order.ring_s - order.start_s + RING_MARGIN_S) and not call.story.is_answered:
            await self._look()
        if not await self._is_over_within(order.call_s + CALL_MARGIN_S):
            await self.look_for_end()

    async def await_media(self) -> None:
        """Somebody answered; without audio in time the call is ended, because he hears nothing."""
        call = self._call
        if await self._is_over_within(MEDIA_S) or call.story.is_answered:
            return
        emit("carrier.failed", call_id=call.sid, error=_NO_MEDIA.hangup_cause)
        call.story.stopped_by = _NO_MEDIA
        call.streaming()
        await self.end()

    async def end(self) -> None:
        """Have Twilio end it, once its name is known, and see that it did."""
        call = self._call
        call.story.has_asked_end = True
        await call.known.wait()
        account, is_waiting = self._api.account_sid, call.story.is_waiting
        try:
            answer = await self._api.ask(twilio_rest.end_call(account, call.sid, "canceled" if is_waiting else "completed"))
            if not answer.is_fine and is_waiting:
                # Answered at that very moment: what lives is completed.
                await self._api.ask(twilio_rest.end_call(account, call.sid, "completed"))
        except CarrierError as error:
            emit("carrier.failed", call_id=call.sid, error=str(error))
        await self.look_for_end()

    async def look_for_end(self) -> None:
        """Read the record until it says that the call is over; its callback usually comes first."""
        if self._is_looking:
            return
        self._is_looking = True
        for _ in range(_LOOKS):
            if await self._is_over_within(LOOK_S):
                return
            await self._look()
        self._call.finish(self._call.story.stopped_by or _UNTOLD)

    async def _look(self) -> None:
        """Read the record once, if it can be read."""
        try:
            answer = await self._api.ask(twilio_rest.get_call(self._api.account_sid, self._call.sid))
        except CarrierError:
            return
        record = twilio_rest.read_call(answer.body) if answer.is_fine else None
        if record is not None:
            self._call.told(report_of(record))

    async def _is_over_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._call.over.wait()
        except TimeoutError:
            return False
        return True


def report_of(record: CallResource) -> StatusReport:
    """What the record of a call says, as a callback would."""
    return StatusReport(record.sid, record.status, None, record.talk_s)
