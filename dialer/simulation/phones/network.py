"""The simulated phone network: a carrier whose numbers belong to simulated people.

Ringing, answering and ending are timers on the loop. Like a real network it enforces the limits of each order itself, and it
remembers every ring in its journal: an attempt id that is in there never rings again, in whichever process it is asked.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

from dialer.call.events import Answered, CallEvent, LegEnded, Ringing
from dialer.clock import Clock, SystemClock
from dialer.errors import CarrierError, PlaceLost
from dialer.model.attempt import Capabilities, DialOrder, EndCause, Ending, Found
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.simulation.phones.faults import Faults, Spoiler
from dialer.simulation.phones.journal import Journal, Record
from dialer.simulation.phones.leg import SimulatedLeg, Ticker
from dialer.simulation.phones.machines import callee_of
from dialer.simulation.phones.personas import Draw, Person, persona_of

_PLACE_S = 0.05
_RINGING_S = 0.3
_FAILURE_S = 1.0
_ANSWER_S = (2.0, 8.0)
_DESK_S = 6.0
_NOBODY_THERE = frozenset({"busy", "rejected", "no_answer", "invalid_number", "voicemail"})
_FAILURES = {
    "busy": Ending(EndCause.BUSY, "User busy (17)", 486),
    "rejected": Ending(EndCause.REJECTED, "Call rejected (21)", 603),
    "invalid_number": Ending(EndCause.INVALID_NUMBER, "Unallocated number (1)", 404),
}
_NO_ANSWER = Ending(EndCause.NO_ANSWER, "No answer (19)", 480)
_FAR = Ending(EndCause.FAR_HANG_UP, "Normal call clearing (16)", 200)
_NEAR = Ending(EndCause.NEAR_HANG_UP, "Normal call clearing (16)", 200)
_CANCELLED = Ending(EndCause.NEAR_HANG_UP, "Originator cancelled (487)", 487)
_TIME_LIMIT = Ending(EndCause.TIME_LIMIT, "Time limit reached (102)", 200)


class SimulatedCall:
    """A ``PlacedCall`` on the simulated network."""

    def __init__(self, carrier: "SimulatedCarrier", order: DialOrder, persona: str, person: Person | None) -> None:
        self._carrier = carrier
        self._order = order
        self._persona = persona
        self._person = person
        self._events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._timers: list[asyncio.TimerHandle] = []
        self._leg = SimulatedLeg(carrier.ticker, lambda: self.finish(_FAR))
        self._was_answered = False
        self._ending: Ending | None = None
        self._on_their_way = 0

    @property
    def carrier_call_id(self) -> str:
        """The network's id of this call."""
        return call_id(self._order.attempt_id)

    @property
    def leg(self) -> SimulatedLeg:
        """The audio connection; valid from ``Answered`` on."""
        return self._leg

    @property
    def persona(self) -> str:
        """Who picks up."""
        return self._persona

    def start(self) -> None:
        """The network begins to set up the call."""
        if self._persona == "invalid_number":
            self._after(_FAILURE_S, self.finish, _FAILURES[self._persona])
            return
        self._after(_RINGING_S, self._report, Ringing())
        if self._persona in _FAILURES:
            self._after(_FAILURE_S, self.finish, _FAILURES[self._persona])
            return
        self._after(self._order.ring_s, self.finish, _NO_ANSWER)
        if self._persona != "no_answer":
            self._after(self._carrier.draw(self._order.to).between(*_ANSWER_S, "answers"), self._answer)

    async def events(self) -> AsyncIterator[CallEvent]:
        """Yield ``Ringing``, ``Answered`` and, always last and exactly once, ``LegEnded``: unless the network has faults."""
        has_ended = False
        while not has_ended or self._on_their_way or not self._events.empty():
            event = await self._events.get()
            yield event
            has_ended |= isinstance(event, LegEnded)

    async def hang_up(self) -> None:
        """End the dial or the call; harmless when it is over already."""
        self.finish(_NEAR if self._was_answered else _CANCELLED)

    async def send_digits(self, digits: str) -> None:
        """Press keys towards the far side."""
        self._leg.hear_digits(digits)

    async def transfer(self, to: str, announce: str, *, summary: str | None = None) -> None:
        """Hand the callee over: this leg ends. Raises ``CarrierError`` when nobody is on the line, or nobody at the desk."""
        if not self._was_answered or self._ending is not None:
            raise CarrierError("there is no call to transfer", code="no_call", retryable=False)
        if summary is not None:
            await self._ring_desk(to)
        self.finish(Ending(EndCause.NEAR_HANG_UP, f"Transferred to {to}", 202))

    async def _ring_desk(self, to: str) -> None:
        """A desk is somebody unless the directory says otherwise: it takes a moment, or does not take the call at all."""
        desk = self._carrier.person_at(to)
        await asyncio.sleep(_DESK_S)
        if desk is not None and not _NOBODY_THERE.isdisjoint(desk.personas):
            raise CarrierError("nobody at the desk took the call", code="desk_no_answer")
        if self._ending is not None:
            raise CarrierError("the callee hung up meanwhile", code="no_call", retryable=False)

    def finish(self, ending: Ending) -> None:
        """The call is over; the first ending counts. The network's side, not ours."""
        if self._ending is not None:
            return
        self._ending = ending
        for timer in self._timers:
            timer.cancel()
        account = self._leg.end(ending.hangup_cause)
        self._carrier.ended(self._order.attempt_id, ending, {"persona": self._persona, **account})
        self._report(LegEnded(ending))

    def _report(self, event: CallEvent) -> None:
        """Let us know, at once or as the network's faults have it. What is on its way outlives the call."""
        for late_s in self._carrier.spoiler.arrivals_s(event):
            if late_s:
                self._on_their_way += 1
                asyncio.get_running_loop().call_later(late_s, self._arrive, event)
            else:
                self._events.put_nowait(event)

    def _arrive(self, event: CallEvent) -> None:
        self._on_their_way -= 1
        self._events.put_nowait(event)

    def _after(self, seconds: float, act: Callable[..., None], *args: object) -> None:
        """Let the network do something later."""
        self._timers.append(asyncio.get_running_loop().call_later(seconds, act, *args))

    def _answer(self) -> None:
        """Somebody or something takes the call."""
        assert self._person is not None
        for timer in self._timers:
            timer.cancel()
        self._was_answered = True
        self._carrier.answered(self._order.attempt_id, self._persona)
        self._leg.open(callee_of(self._person, self._persona, self._carrier.draw(self._order.to)))
        self._after(self._order.call_s, self.finish, _TIME_LIMIT)
        self._report(Answered())


class SimulatedCarrier:
    """A ``Carrier`` whose phones are simulated people, the same for the same seed.

    ``journal`` is the network's memory; ``directory`` says who owns a number (None: nobody, an invalid number); ``clock``
    dates the journal; ``faults`` are what goes wrong with what this object tells, the phones know nothing of them.
    """

    name = "simulated"
    capabilities = Capabilities(finds_by="our_id", can_transfer=True, can_send_digits=True, has_exact_heard=True)

    def __init__(
        self,
        seed: int,
        journal: Path,
        directory: Callable[[PhoneNumber], Person | None],
        *,
        clock: Clock | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.ticker = Ticker()
        self._seed = seed
        self._journal = Journal(journal)
        self._directory = directory
        self._clock = clock or SystemClock()
        self.spoiler = Spoiler(faults or Faults())
        self._calls: dict[AttemptId, SimulatedCall] = {}

    async def place(self, order: DialOrder) -> SimulatedCall:
        """Dial. Raises ``CarrierError`` with the code ``duplicate_attempt`` for an id that has rung before."""
        if self.spoiler.refuses():
            raise CarrierError("the network refused this dial", code="refused")
        answer_s, is_lost = _PLACE_S + self.spoiler.answer_delay_s(), self.spoiler.loses_answer()
        person = self._directory(order.to)
        record = self._journal.ring(order, self._clock.now())
        if record is None:
            raise CarrierError("this attempt has been dialled before", code="duplicate_attempt", retryable=False)
        persona = "invalid_number" if person is None else persona_of(self.draw(order.to), person, record.nth)
        call = SimulatedCall(self, order, persona, person)
        self._calls[order.attempt_id] = call
        call.start()
        await asyncio.sleep(answer_s)
        if is_lost:
            raise PlaceLost("the network did not answer", code="timeout")
        return call

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """What became of this attempt, from the journal: it may have been dialled by a process that died."""
        record = self._journal.look_up(attempt_id)
        if record is None:
            return None
        return Found(call_id(attempt_id), self._ending(record), record.was_answered, record.talk_s)

    async def end(self, attempt_id: AttemptId) -> None:
        """End a call that nobody holds any more; harmless when it is over or was never placed."""
        call = self._calls.get(attempt_id)
        if call is not None:
            await call.hang_up()
            return
        record = self._journal.look_up(attempt_id)
        if record is not None and record.ending is None:
            ending = self._ending(record) or (_NEAR if record.was_answered else _CANCELLED)
            self._journal.end(attempt_id, ending, self._clock.now(), {})

    async def close(self) -> None:
        """End what still lives here, and close the journal."""
        for call in list(self._calls.values()):
            await call.hang_up()
        self._journal.close()

    def person_at(self, number: str) -> Person | None:
        """Who owns this number; None: nobody is known."""
        return self._directory(PhoneNumber(number))

    def draw(self, number: str) -> Draw:
        """Repeatable chance for this number."""
        return Draw(self._seed, number)

    def answered(self, attempt_id: AttemptId, persona: str) -> None:
        """A call of ours was taken: to be remembered."""
        self._journal.answer(attempt_id, persona, self._clock.now())

    def ended(self, attempt_id: AttemptId, ending: Ending, facts: dict[str, object]) -> None:
        """A call of ours is over: to be remembered."""
        self._calls.pop(attempt_id, None)
        self._journal.end(attempt_id, ending, self._clock.now(), facts)

    def _ending(self, record: Record) -> Ending | None:
        """How an attempt ended. One whose process died ends by the network's own limit at the latest."""
        if record.ending is not None or record.attempt_id in self._calls:
            return record.ending
        is_past = self._clock.now() > record.rang_at + timedelta(seconds=record.limit_s)
        return (_TIME_LIMIT if record.was_answered else _NO_ANSWER) if is_past else None


def call_id(attempt_id: AttemptId) -> str:
    """The network's id of the call of an attempt."""
    return f"sim-{attempt_id}"
