"""Our side of a simulated call, reduced to a script: says lines, hears lines, in the audio alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from dialer.audio import modem
from dialer.audio.framing import frames
from dialer.call.events import Answered, CallEvent, LegEnded
from dialer.carriers.base import Carrier, PlacedCall
from dialer.conversation.events import DigitPressed, LegAudio, LegClosed, MarkPlayed
from dialer.model.attempt import DialOrder, Ending
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber

NUMBER = PhoneNumber("+12125550123")
OURS = PhoneNumber("+12125550199")


def an_order(attempt: str = "a1", to: str = NUMBER, *, ring_s: int = 30, call_s: int = 120) -> DialOrder:
    """An order to dial."""
    return DialOrder(AttemptId(attempt), PhoneNumber(to), OURS, ring_s, call_s)


@dataclass
class Agent:
    """One call, as our side lives it."""

    call: PlacedCall
    heard: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    digits: str = ""
    other: list[object] = field(default_factory=list)
    """What else the leg told."""
    events: list[CallEvent] = field(default_factory=list)
    ending: Ending | None = None
    _lines: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    _task: asyncio.Task[None] | None = None

    @classmethod
    async def dial(cls, carrier: Carrier, order: DialOrder) -> Agent:
        """Place the call and wait until it is answered or over."""
        agent = cls(await carrier.place(order))
        async for event in agent.call.events():
            agent.events.append(event)
            if isinstance(event, Answered):
                agent._task = asyncio.create_task(agent._listen())
                break
            if isinstance(event, LegEnded):
                agent.ending = event.ending
        return agent

    async def _listen(self) -> None:
        ear = modem.Listener()
        async for event in self.call.leg.events():
            if isinstance(event, LegAudio):
                self.raw.append(event.mulaw)
                for heard in ear.feed(event.mulaw):
                    self._hear(heard.text)
            elif isinstance(event, MarkPlayed):
                self.marks.append(event.name)
            elif isinstance(event, DigitPressed):
                self.digits += event.digit
            elif not isinstance(event, LegClosed):
                self.other.append(event)
        for heard in ear.flush():
            self._hear(heard.text)
        self._lines.put_nowait("")

    def _hear(self, text: str) -> None:
        self.heard.append(text)
        self._lines.put_nowait(text)

    async def say(self, text: str) -> None:
        """Queue a line."""
        await self.call.leg.play(modem.encode(text))

    async def line(self, within_s: float = 60.0) -> str:
        """The callee's next line; empty when the leg closed."""
        async with asyncio.timeout(within_s):
            return await self._lines.get()

    async def talk(self, lines: Iterable[str]) -> list[str]:
        """Hear his hello, then say each line and hear each answer; the answers, hello first."""
        answers = [await self.line()]
        for text in lines:
            await self.say(text)
            answers.append(await self.line())
        return answers

    async def end(self) -> Ending:
        """Wait for the end of the call."""
        async with asyncio.timeout(600):
            async for event in self.call.events():
                self.events.append(event)
                if isinstance(event, LegEnded):
                    self.ending = event.ending
        if self._task is not None:
            await self._task
        assert self.ending is not None
        return self.ending


def as_frames(text: str) -> list[bytes]:
    """The frames of a spoken line."""
    return list(frames(modem.encode(text)))
