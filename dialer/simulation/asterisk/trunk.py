"""What lies behind the trunk: phones of simulated people, and SIP answers that may be given by number.

Cause, SIP code and last status of the dial for each SIP answer are those that Asterisk 22.10.1 was measured to tell.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dialer.model.attempt import DialOrder, EndCause, Ending
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.simulation.asterisk.exchange import Channel, Exchange
from dialer.simulation.phones.journal import Journal
from dialer.simulation.phones.leg import FarEnd
from dialer.simulation.phones.machines import callee_of
from dialer.simulation.phones.personas import Draw, Person, persona_of

SILENT = 0
"""Stands for a trunk that does not answer at all."""
# SIP answer: cause, Asterisk's words, last status of the dial
ANSWERS: Mapping[int, tuple[int, str, str]] = {
    403: (21, "Call Rejected", "NOANSWER"),
    404: (1, "Unallocated (unassigned) number", "NOANSWER"),
    408: (18, "No user responding", "NOANSWER"),
    410: (22, "Number changed", "NOANSWER"),
    480: (19, "User alerting, no answer", "NOANSWER"),
    484: (28, "Invalid number format", "NOANSWER"),
    486: (17, "User busy", "BUSY"),
    488: (58, "Bearer capability not available", "NOANSWER"),
    500: (38, "Network out of order", "NOANSWER"),
    503: (34, "Circuit/channel congestion", "CONGESTION"),
    504: (102, "Recover on timer expiry", "NOANSWER"),
    600: (17, "User busy", "BUSY"),
    603: (21, "Call Rejected", "NOANSWER"),
    607: (127, "Interworking, unspecified", "NOANSWER"),
}
_NO_ANSWER = (19, "User alerting, no answer", 480)
_OF_PERSONA = {"busy": 486, "rejected": 603, "invalid_number": 404}
_RINGS_FIRST = frozenset({486, 603})
_ENDINGS = {
    1: EndCause.INVALID_NUMBER,
    17: EndCause.BUSY,
    19: EndCause.NO_ANSWER,
    21: EndCause.REJECTED,
}


@dataclass(frozen=True, slots=True)
class World:
    """Who owns which number. ``answers``: a SIP answer instead of a person; ``pace``: 1 = phones ring as long as real ones."""

    directory: Callable[[PhoneNumber], Person | None]
    journal: Path
    seed: int = 1
    pace: float = 1.0
    answers: Mapping[str, int] = field(default_factory=dict)


class Trunk:
    """Dials numbers for the exchange."""

    def __init__(self, world: World, exchange: Exchange) -> None:
        self._world = world
        self._exchange = exchange
        self._journal = Journal(world.journal)
        self._dials: dict[str, asyncio.Task[None]] = {}
        self.rung: list[str] = []
        """The id of every channel that was dialled, as often as it was."""

    def close(self) -> None:
        """Stop dialling, close the journal."""
        for dial in self._dials.values():
            dial.cancel()
        self._journal.close()

    def dial(self, channel: Channel, ring_s: int, limit_s: int, *, is_on_behalf: bool) -> None:
        """Ring ``channel.dialled``. On behalf of another call a number that nobody owns is a desk where somebody sits."""
        number = PhoneNumber(channel.dialled)
        self.rung.append(channel.id)
        order = DialOrder(AttemptId(channel.id), number, PhoneNumber(channel.about.caller), ring_s, limit_s)
        # The network's own answers ring no phone.
        is_rung = self._world.answers.get(channel.dialled) in (None, *_RINGS_FIRST)
        record = self._journal.ring(order, self._exchange.clock.now()) if is_rung else None
        person = self._world.directory(number)
        if person is None and is_on_behalf:
            person = Person("Desk", persona="silence")
        draw = Draw(self._world.seed, number)
        # An id that rang before rings again, as with Asterisk: its journal has the first ring only, and is told of this one.
        nth = 1 if record is None else record.nth
        persona = "invalid_number" if person is None else persona_of(draw, person, nth)
        task = asyncio.create_task(self._ring(channel, ring_s, person, persona, draw))
        self._dials[channel.id] = task
        task.add_done_callback(lambda _: self._dials.pop(channel.id, None))

    def ended(self, channel: Channel, cause: int, text: str, sip_code: int | None, persona: str = "") -> None:
        """A phone's channel is over: stop ringing, remember how it was."""
        dial = self._dials.get(channel.id)
        if dial is not None and dial is not asyncio.current_task():
            dial.cancel()
        facts = {} if channel.far is None else channel.far.account()
        reason = _ENDINGS.get(cause, EndCause.FAR_HANG_UP if cause == 16 else EndCause.CARRIER_FAULT)
        ending = Ending(reason, f"{text} ({cause})", sip_code)
        self._journal.end(AttemptId(channel.id), ending, self._exchange.clock.now(), {"gaps": channel.gaps, **facts})

    async def _ring(self, channel: Channel, ring_s: int, person: Person | None, persona: str, draw: Draw) -> None:
        """From the dial to the answer or to the failure."""
        exchange, pace = self._exchange, self._world.pace
        exchange.tell_dial(channel, "")
        code = self._world.answers.get(channel.dialled, _OF_PERSONA.get(persona))
        if code == SILENT:
            await asyncio.sleep(ring_s)
            exchange.end(channel.id, *_NO_ANSWER)
            return
        await asyncio.sleep(0.3 * pace)
        if code is None or code in _RINGS_FIRST:
            exchange.change(channel, "Ringing")
            exchange.tell_dial(channel, "RINGING")
        if code is not None:
            await asyncio.sleep(0.7 * pace)
            cause, text, status = ANSWERS[code]
            exchange.tell_dial(channel, status)
            exchange.end(channel.id, cause, text, code)
            return
        answers_s = draw.between(2.0, 8.0, "answers") * pace
        if persona == "no_answer" or answers_s > ring_s:
            await asyncio.sleep(ring_s)
            exchange.end(channel.id, *_NO_ANSWER)
            return
        await asyncio.sleep(answers_s)
        assert person is not None
        self._journal.answer(AttemptId(channel.id), persona, exchange.clock.now())
        channel.far = FarEnd(callee_of(person, persona, draw))
        exchange.answer(channel)
