"""One call on Twilio, as a ``PlacedCall``: callbacks, stream and record come in, one story goes out."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Protocol

from dialer.audio.tones import digit_tones
from dialer.call.events import CallEvent, LegEnded
from dialer.carriers.twilio_api import TwilioApi
from dialer.carriers.twilio_leg import TwilioLeg
from dialer.carriers.twilio_story import Story
from dialer.carriers.twilio_watch import Lookout
from dialer.errors import CarrierError
from dialer.model.attempt import DialOrder, EndCause, Ending
from dialer.wire.twilio_rest import StatusReport


class Desks(Protocol):
    """Hands calls over."""

    async def hand_over(self, call: "TwilioCall", to: str, announce: str, summary: str | None) -> None:
        """Connect the callee to ``to``. Raises ``CarrierError``."""
        ...


class TwilioCall:
    """A ``PlacedCall``."""

    def __init__(self, api: TwilioApi, order: DialOrder, desks: Desks) -> None:
        self.order = order
        self.sid = ""
        self.asked_s = asyncio.get_running_loop().time()
        self.leg = TwilioLeg()
        self.story = Story(order.call_s)
        self.is_unwanted = False
        """Given up before Twilio told its name: it is ended as soon as that is known."""
        self.known = asyncio.Event()
        self.over = asyncio.Event()
        self._desks = desks
        self._lookout = Lookout(api, self)
        self._events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def carrier_call_id(self) -> str:
        """Twilio's own id of this call."""
        return self.sid

    async def events(self) -> AsyncIterator[CallEvent]:
        """Yield ``Ringing``, ``Answered`` and, always last, ``LegEnded``."""
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, LegEnded):
                self._events.put_nowait(event)  # whoever asks again is told again
                return

    async def hang_up(self) -> None:
        """End the dial or the call; ``LegEnded`` follows."""
        story = self.story
        if story.ending is not None or story.has_asked_end:
            return
        words = "completed, ended by us" if story.is_answered else "canceled by us"
        story.stopped_by, story.has_asked_end = Ending(EndCause.NEAR_HANG_UP, words), True
        self.start(self._lookout.end())
        await self.leg.close()

    async def send_digits(self, digits: str) -> None:
        """Press keys: as tones in our audio, because instructions with digits would end the stream."""
        try:
            await self.leg.play(digit_tones(digits))
        except ValueError as error:
            raise CarrierError("there are no such keys", code="bad_digits", retryable=False) from error

    async def transfer(self, to: str, announce: str, *, summary: str | None = None) -> None:
        """Hand the callee over, cold or (with ``summary``) warm. Raises ``CarrierError``."""
        if not self.story.is_answered or self.story.ending is not None:
            raise CarrierError("there is no call to transfer", code="no_call", retryable=False)
        await self._desks.hand_over(self, to, announce, summary)

    def named(self, sid: str) -> bool:
        """Twilio calls this call ``sid``; False when it has another name already."""
        if self.sid:
            return self.sid == sid
        self.sid = sid
        self.known.set()
        if self.is_unwanted:
            self.start(self._lookout.end())
        return True

    def placed(self) -> None:
        """Twilio has taken the call: from now on somebody looks after it."""
        self.start(self._lookout.watch())

    def told(self, report: StatusReport) -> None:
        """A status of the call, from a callback or from its record."""
        self._tell(self.story.told(report, asyncio.get_running_loop().time()))
        if report.status == "in-progress" and not self.story.is_answered and self.story.ending is None:
            self.start(self._lookout.await_media())

    def streaming(self) -> None:
        """The stream is open: somebody answered."""
        self._tell(self.story.streaming(asyncio.get_running_loop().time()))

    def stream_ended(self, reason: str) -> None:
        """The stream is over; the call's end follows, or is looked for."""
        self.leg.shut(reason)
        if self.story.ending is None:
            self.start(self._lookout.look_for_end())

    def finish(self, ending: Ending) -> None:
        """For us it is over."""
        self._tell(self.story.over(ending))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the call."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop looking after it."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _tell(self, events: list[CallEvent]) -> None:
        for event in events:
            self._events.put_nowait(event)
            if isinstance(event, LegEnded):
                self.leg.shut(event.ending.hangup_cause)
                self.over.set()
