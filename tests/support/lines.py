"""A phone and a voice model in memory: real implementations of the seams, told beforehand what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from dialer.call import events as call
from dialer.conversation import events as talk
from dialer.errors import CarrierError, VoiceError
from dialer.model.attempt import Capabilities, DialOrder, EndCause, Ending, Found
from dialer.model.ids import AttemptId
from dialer.voice.base import SessionSetup


@dataclass
class MemoryLeg:
    """Plays in real time; every mark is answered when its audio is over."""

    events_out: asyncio.Queue[talk.LegEvent] = field(default_factory=asyncio.Queue)
    played: list[bytes] = field(default_factory=list)
    free_at: float = 0.0
    is_closed: bool = False
    is_broken: bool = False

    async def events(self) -> AsyncIterator[talk.LegEvent]:
        while True:
            event = await self.events_out.get()
            yield event
            if isinstance(event, talk.LegClosed):
                return

    async def play(self, mulaw: bytes) -> None:
        if self.is_broken:
            raise CarrierError("the leg is broken")
        self.played.append(mulaw)
        now = asyncio.get_running_loop().time()
        self.free_at = max(now, self.free_at) + len(mulaw) / 8000

    async def mark(self, name: str) -> None:
        if self.is_broken:
            raise CarrierError("the leg is broken")
        loop = asyncio.get_running_loop()
        loop.call_at(max(loop.time(), self.free_at), self.events_out.put_nowait, talk.MarkPlayed(name))

    async def clear(self) -> int:
        if self.is_broken:
            raise CarrierError("the leg is broken")
        loop = asyncio.get_running_loop()
        left = max(0.0, self.free_at - loop.time())
        self.free_at = loop.time()
        return sum(map(len, self.played)) // 8 - round(left * 1000)

    async def close(self) -> None:
        self.is_closed = True


@dataclass
class MemoryCall:
    """One dial."""

    leg: MemoryLeg = field(default_factory=MemoryLeg)
    events_out: asyncio.Queue[call.CallEvent] = field(default_factory=asyncio.Queue)
    hang_ups: int = 0
    digits: str = ""
    transferred_to: str = ""
    summary: str | None = None
    may_transfer: bool = True
    carrier_call_id: str = "call-1"

    async def events(self) -> AsyncIterator[call.CallEvent]:
        while True:
            event = await self.events_out.get()
            yield event
            if isinstance(event, call.LegEnded):
                return

    async def hang_up(self) -> None:
        self.hang_ups += 1
        self.end(EndCause.NEAR_HANG_UP)

    async def send_digits(self, digits: str) -> None:
        self.digits += digits

    async def transfer(self, to: str, announce: str, *, summary: str | None = None) -> None:
        if not self.may_transfer:
            raise CarrierError("no")
        self.transferred_to = to
        self.summary = summary
        self.end(EndCause.NEAR_HANG_UP)

    def answer(self) -> None:
        self.events_out.put_nowait(call.Answered())

    def end(self, cause: EndCause = EndCause.FAR_HANG_UP) -> None:
        self.leg.events_out.put_nowait(talk.LegClosed(cause.value))
        self.events_out.put_nowait(call.LegEnded(Ending(cause)))


@dataclass
class MemoryCarrier:
    """Places ``call``, or raises ``error``, after ``delay_s``."""

    call: MemoryCall = field(default_factory=MemoryCall)
    error: CarrierError | None = None
    delay_s: float = 0.1
    answer_after_s: float | None = 1.0
    orders: list[DialOrder] = field(default_factory=list)
    name: str = "memory"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities("nothing", True, True, has_exact_heard=True))

    async def place(self, order: DialOrder) -> MemoryCall:
        self.orders.append(order)
        await asyncio.sleep(self.delay_s)
        if self.error is not None:
            raise self.error
        if self.answer_after_s is not None:
            asyncio.get_running_loop().call_later(self.answer_after_s, self.call.answer)
        return self.call

    async def find(self, attempt_id: AttemptId) -> Found | None:
        return None

    async def end(self, attempt_id: AttemptId) -> None:
        await self.call.hang_up()

    async def close(self) -> None:
        """Nothing is held."""


Act = Callable[["MemoryVoice", talk.CreateResponse, str], None]


@dataclass
class MemoryVoice:
    """A model and its first session: says what it is asked to say word for word, else does what ``act`` does.

    Later sessions are objects of their own: ``clips`` for fixed sentences (without tools), ``more`` for the rest.
    """

    act: Act | None = None
    error: VoiceError | None = None
    setups: list[SessionSetup] = field(default_factory=list)
    sent: list[talk.VoiceCommand] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    events_out: asyncio.Queue[talk.VoiceEvent] = field(default_factory=asyncio.Queue)
    closed: int = 0
    is_broken: bool = False
    clips: list[MemoryVoice] = field(default_factory=list)
    more: list[MemoryVoice] = field(default_factory=list)
    reopen_error: VoiceError | None = None
    is_misread: bool = False
    """Fixed sentences are said wrongly when they are to be clips."""

    async def open(self, setup: SessionSetup) -> MemoryVoice:
        if self.error is not None:
            raise self.error
        if not setup.tools:
            self.clips.append(Misreader() if self.is_misread else MemoryVoice())
            return self.clips[-1]
        self.setups.append(setup)
        if len(self.setups) == 1:
            return self
        if self.reopen_error is not None:
            raise self.reopen_error
        self.more.append(MemoryVoice(act=self.act))
        return self.more[-1]

    async def append(self, mulaw: bytes) -> None:
        self.heard.append(mulaw)

    async def send(self, command: talk.VoiceCommand) -> None:
        if self.is_broken:
            raise VoiceError("the socket is gone")
        self.sent.append(command)
        if isinstance(command, talk.CreateResponse):
            response = f"r{len(self.sent)}"
            self.tell(talk.ResponseStarted(response, {"purpose": command.purpose}))
            if command.instructions:
                text = command.instructions.split('"""')[1].strip()
                self.say(response, self.spoken(text))
            elif self.act is not None:
                self.act(self, command, response)
            self.tell(talk.ResponseDone(response, "completed"))

    async def events(self) -> AsyncIterator[talk.VoiceEvent]:
        while True:
            event = await self.events_out.get()
            yield event
            if isinstance(event, talk.VoiceLost):
                return

    async def close(self) -> None:
        self.closed += 1
        self.tell(talk.VoiceLost("closed"))

    def spoken(self, text: str) -> str:
        return text

    def tell(self, *events: talk.VoiceEvent) -> None:
        for event in events:
            self.events_out.put_nowait(event)

    def say(self, response: str, text: str) -> None:
        item = f"item-{response}"
        audio = b"\xff" * 8 * 20 * len(text)
        self.tell(
            talk.AgentWords(response, item, text),
            talk.AgentAudio(response, item, audio),
            talk.AgentAudioDone(response, item),
            talk.AgentTranscript(response, item, text),
        )


class Misreader(MemoryVoice):
    """A session that adds something of its own to what it is asked to say."""

    def spoken(self, text: str) -> str:
        return f"Sure! {text}"
