"""One call of the loopback Twilio: rung on the simulated phones, told by callbacks, its TwiML carried out when somebody
answers.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Any, Protocol

from dialer.call.events import Answered, LegEnded, Ringing
from dialer.errors import CarrierError
from dialer.model.attempt import DialOrder, EndCause, Ending
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.simulation.phones.network import SimulatedCall, SimulatedCarrier
from dialer.simulation.twilio.callbacks import Callbacks
from dialer.simulation.twilio.detection import Detection
from dialer.simulation.twilio.script import Performer, Studio
from dialer.simulation.twilio.twiml import AskKey, BadTwiml, Verb, parse

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
PRICE_AFTER_S = 10.0
_PER_MINUTE = 0.014
_DESK_RINGS_S = 2.0
_ENDS: Mapping[EndCause, tuple[str, int]] = {
    EndCause.BUSY: ("busy", 486),
    EndCause.REJECTED: ("busy", 603),
    EndCause.NO_ANSWER: ("no-answer", 480),
    EndCause.INVALID_NUMBER: ("failed", 404),
    EndCause.NEAR_HANG_UP: ("canceled", 487),
}


class Network(Protocol):
    """What a call needs of the stand-in."""

    @property
    def phones(self) -> SimulatedCarrier:
        """The phones behind it."""
        ...

    @property
    def studio(self) -> Studio:
        """What carries out TwiML."""
        ...

    def now(self) -> datetime:
        """The instant, aware UTC."""
        ...

    def desk_at(self, number: str) -> str:
        """How the desk at this number behaves: takes, declines, no_answer, busy."""
        ...


@dataclass(slots=True)
class Facts:
    """What the record of a call says."""

    sid: str
    to: str
    from_number: str
    created_at: datetime
    status: str = "queued"
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    said: list[str] = field(default_factory=list)
    """What was said on it by ``<Say>``."""

    def talk_s(self) -> int:
        """Whole seconds from the answer to the end, at least one."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(1, round((self.ended_at - self.answered_at).total_seconds()))


class PeerCall:
    """One call."""

    def __init__(self, network: Network, facts: Facts, order: Mapping[str, str], callbacks: Callbacks, *, queue_s: float) -> None:
        """``order``: the single fields of the request that made it."""
        self.facts = facts
        self.callbacks = callbacks
        self._network = network
        self._order = order
        self._queue_s = queue_s
        self._placed: SimulatedCall | None = None
        self._performer: Performer | None = None
        self._detection: Detection | None = None
        self._life: asyncio.Task[None] | None = None

    def start(self) -> None:
        """It goes into the queue."""
        self._life = asyncio.create_task(self._live())

    def record(self) -> dict[str, Any]:
        """The resource as JSON."""
        facts = self.facts
        is_priced = facts.ended_at is not None and (self._network.now() - facts.ended_at).total_seconds() >= PRICE_AFTER_S
        minutes = -(-facts.talk_s() // 60)
        return {
            "sid": facts.sid,
            "status": facts.status,
            "to": facts.to,
            "from": facts.from_number,
            "date_created": format_datetime(facts.created_at),
            "start_time": _written(facts.started_at),
            "end_time": _written(facts.ended_at),
            "duration": str(facts.talk_s()) if facts.ended_at else None,
            "price": f"-{minutes * _PER_MINUTE:.4f}" if is_priced and facts.talk_s() else None,
            "price_unit": "USD",
            "direction": "outbound-api",
            "answered_by": None,
            "api_version": "2010-04-01",
        }

    async def change(self, fields: Mapping[str, str]) -> int:
        """An update; the error code of one that cannot be, else 0. Raises ``BadTwiml``."""
        status, said = fields.get("Status", ""), fields.get("Twiml", "")
        is_live = self.facts.status == "in-progress"
        if self.facts.status in ENDED or (status == "canceled" and is_live) or (said and not is_live):
            return 21220
        if said:
            self._perform(parse(said))
        else:
            await self._hang_up()
        return 0

    async def close(self) -> None:
        """The stand-in stops."""
        for task in (self._life, self._performer.task if self._performer else None):
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait([task])
        await self.callbacks.close()

    async def _live(self) -> None:
        """From the queue to the end."""
        try:
            verbs = parse(self._order.get("Twiml", ""))
        except BadTwiml as error:
            self.callbacks.notify(12100, str(error))
            self._finish("failed")
            return
        await asyncio.sleep(self._queue_s)
        self.facts.status, self.facts.started_at = "initiated", self._network.now()
        self._tell("initiated")
        if any(isinstance(verb, AskKey) for verb in verbs):
            await self._ring_desk(verbs)
        else:
            await self._ring_phone(verbs)

    async def _ring_phone(self, verbs: list[Verb]) -> None:
        """A simulated person's phone."""
        ring_s, call_s = int(self._order.get("Timeout", "60")), int(self._order.get("TimeLimit", "14400"))
        order = DialOrder(
            AttemptId(self.facts.sid), PhoneNumber(self.facts.to), PhoneNumber(self.facts.from_number), ring_s, call_s
        )
        try:
            self._placed = await self._network.phones.place(order)
        except CarrierError:
            self._finish("failed", sip_code=503)
            return
        async for event in self._placed.events():
            if isinstance(event, Ringing):
                self._move("ringing")
            elif isinstance(event, Answered):
                self._answered(verbs)
            elif isinstance(event, LegEnded):
                await self._over(event.ending)

    async def _ring_desk(self, verbs: list[Verb]) -> None:
        """Somebody of ours: whoever that is does as he was told beforehand."""
        manner = self._network.desk_at(self.facts.to)
        await asyncio.sleep(_DESK_RINGS_S / 2)
        if manner == "busy":
            self._finish("busy", sip_code=486)
            return
        self._move("ringing")
        if manner == "no_answer":
            await asyncio.sleep(int(self._order.get("Timeout", "60")))
            self._finish("no-answer", sip_code=480)
            return
        await asyncio.sleep(_DESK_RINGS_S / 2)
        self._answered(verbs, keys="1" if manner == "takes" else "")

    def _answered(self, verbs: list[Verb], keys: str = "") -> None:
        self.facts.answered_at = self._network.now()
        self._move("in-progress")
        self._perform(verbs, keys)

    def _perform(self, verbs: list[Verb], keys: str = "") -> None:
        """Carry out TwiML instead of what is being carried out; the end of it is the end of the call."""
        if self._performer is not None:
            self._performer.stop()
        leg = self._placed.leg if self._placed is not None else None
        if self._placed is not None and self._detection is None:
            tell = partial(self.callbacks.detected, self._order.get("AsyncAmdStatusCallback", ""))
            self._detection = Detection(self._order, self._placed.persona, tell)
        self._performer = Performer(self._network.studio, self.facts, leg, self.callbacks, keys, self._detection)
        self._performer.start(verbs, self._placed.send_digits if self._placed is not None else None, self._hang_up)

    async def _hang_up(self) -> None:
        """End it from Twilio's side."""
        if self._placed is not None:
            await self._placed.hang_up()
            return
        is_talking = self.facts.status == "in-progress"
        if self._life is not None and not self._life.done():
            self._life.cancel()
        self._finish("completed" if is_talking else "canceled")

    async def _over(self, ending: Ending) -> None:
        """The phone's side of it ended."""
        if self.facts.answered_at is not None:
            self._finish("completed", sip_code=200)
        else:
            status, sip_code = _ENDS.get(ending.cause, ("failed", 503))
            self._finish(status, sip_code=sip_code)

    def _move(self, status: str) -> None:
        self.facts.status = status
        self._tell("answered" if status == "in-progress" else status)

    def _finish(self, status: str, *, sip_code: int | None = None) -> None:
        if self.facts.status in ENDED:
            return
        self.facts.status, self.facts.ended_at = status, self._network.now()
        if self._performer is not None:
            self._performer.stop()
        extra = {"SipResponseCode": str(sip_code)} if sip_code else {}
        if status == "completed":
            extra |= {"CallDuration": str(self.facts.talk_s()), "Duration": str(-(-self.facts.talk_s() // 60))}
        self._tell("completed", extra)

    def _tell(self, event: str, extra: Mapping[str, str] | None = None) -> None:
        status = self.facts.status
        fields = {"To": self.facts.to, "From": self.facts.from_number, "CallStatus": status, **(extra or {})}
        self.callbacks.tell(event, fields, self._network.now())


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else format_datetime(instant)
