"""Carries out the TwiML of one call: opens its stream, speaks, rings desks, joins conferences."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from dialer.audio.tones import DigitDetector
from dialer.conversation.events import DigitPressed, LegAudio, LegClosed, MarkPlayed
from dialer.simulation.phones.leg import SimulatedLeg
from dialer.simulation.twilio import messages
from dialer.simulation.twilio.callbacks import Callbacks
from dialer.simulation.twilio.detection import Detection
from dialer.simulation.twilio.twiml import AskKey, BadTwiml, Connect, End, Join, Speak, Stream, Verb, parse
from dialer.wire.twilio_signature import signature

TALK_S = 3.0
"""How long two people talk who have been put together."""
_SPEAKS_S = 0.06
"""A letter of ``<Say>``."""
_KEY_S = 1.5
_NO_KEY_S = 15.0
_MOST_BUFFERED = 8000 * 600
_HANDSHAKE_FAILED, _BAD_MESSAGE, _TOO_MUCH = 31920, 31924, 31931
Hands = Callable[[str], Awaitable[None]]


class Told(Protocol):
    """The record of the call."""

    sid: str
    said: list[str]


@dataclass(slots=True)
class Studio:
    """What all calls of an account share."""

    account_sid: str
    token: str
    streams: int = 0
    conferences: dict[str, set[str]] = field(default_factory=dict)
    """Who has been in which conference, by call."""
    connected: list[tuple[str, str]] = field(default_factory=list)
    """Calls that were put through to a number."""
    has_met: dict[str, asyncio.Event] = field(default_factory=dict)

    def stream_sid(self) -> str:
        """The name of another stream."""
        self.streams += 1
        return f"MZ{self.streams:032x}"


class Performer:
    """Carries out one document, once. ``keys``: what whoever answered presses when he is asked; ``detection`` listens too."""

    def __init__(
        self,
        studio: Studio,
        facts: Told,
        leg: SimulatedLeg | None,
        callbacks: Callbacks,
        keys: str,
        detection: Detection | None = None,
    ) -> None:
        self._studio = studio
        self._facts = facts
        self._leg = leg
        self._callbacks = callbacks
        self._keys = keys
        self._detection = detection
        self.task: asyncio.Task[None] | None = None

    def start(self, verbs: list[Verb], press: Hands | None, hang_up: Callable[[], Awaitable[None]]) -> None:
        """Begin; behind the last verb the call is hung up. ``press`` lets the callee hear keys."""
        self.task = asyncio.create_task(self._perform(verbs, press, hang_up))

    def stop(self) -> None:
        """Something else is carried out from now on, or the call is over."""
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()

    async def _perform(self, verbs: list[Verb], press: Hands | None, hang_up: Callable[[], Awaitable[None]]) -> None:
        pending = list(verbs)
        while pending:
            verb = pending.pop(0)
            match verb:
                case Stream():
                    await self._stream(verb, press)
                case Speak():
                    await self._say(verb)
                case Connect(number):
                    self._studio.connected.append((self._facts.sid, number))
                    await asyncio.sleep(TALK_S)
                case Join(name):
                    await self._join(name)
                case AskKey():
                    pending = await self._ask(verb) or pending
                case End():
                    break
        await hang_up()

    async def _say(self, verb: Speak) -> None:
        self._facts.said.append(verb.text)
        await asyncio.sleep(len(verb.text) * _SPEAKS_S)

    async def _ask(self, verb: AskKey) -> list[Verb]:
        """Say the question, wait for a key; what follows is in the answer."""
        for spoken in verb.said:
            await self._say(spoken)
        if not self._keys:
            await asyncio.sleep(_NO_KEY_S)
            return []
        await asyncio.sleep(_KEY_S)
        body = await self._callbacks.ask(verb.action, {"Digits": self._keys, "CallStatus": "in-progress"})
        try:
            return parse(body)
        except BadTwiml as error:
            self._callbacks.notify(12100, str(error))
            return [End()]

    async def _join(self, name: str) -> None:
        """Wait for somebody else, and talk for a while."""
        members = self._studio.conferences.setdefault(name, set())
        met = self._studio.has_met.setdefault(name, asyncio.Event())
        members.add(self._facts.sid)
        if len(members) > 1:
            met.set()
        await met.wait()
        await asyncio.sleep(TALK_S)

    async def _stream(self, verb: Stream, press: Hands | None) -> None:
        """The call's audio, both ways, until either side closes."""
        headers = {"X-Twilio-Signature": signature(self._studio.token, verb.url)}
        try:
            socket = await connect(
                verb.url, additional_headers=headers, compression=None, proxy=None, ping_interval=None, close_timeout=1
            )
        except (OSError, InvalidHandshake, TimeoutError) as error:
            self._callbacks.notify(_HANDSHAKE_FAILED, type(error).__name__)
            return
        leg = self._leg
        assert leg is not None, "a desk is not streamed"
        stream = messages.Stream(self._studio.stream_sid(), self._facts.sid, self._studio.account_sid)
        talking = asyncio.create_task(_speak(socket, stream, leg, verb, self._detection))
        try:
            await self._hear(socket, stream, leg, press)
        except ConnectionClosed:
            return
        finally:
            talking.cancel()
            await _goodbye(socket, stream)

    async def _hear(self, socket: ClientConnection, stream: messages.Stream, leg: SimulatedLeg, press: Hands | None) -> None:
        """What the agent sends, strictly."""
        keys = DigitDetector()
        queued = 0
        while True:
            try:
                order = stream.read(await socket.recv())
            except messages.BadMessage as error:
                self._callbacks.notify(_BAD_MESSAGE, str(error))
                return
            match order:
                case messages.Audio(mulaw):
                    queued += len(mulaw)
                    if queued - leg.played > _MOST_BUFFERED:
                        self._callbacks.notify(_TOO_MUCH, "more than ten minutes ahead")
                        return
                    if press is not None and (pressed := keys.feed(mulaw)):
                        await press(pressed)
                    await leg.play(mulaw)
                case messages.MarkAsked(name):
                    await leg.mark(name)
                case messages.ClearAsked():
                    await leg.clear()
                    queued = leg.played


async def _speak(
    socket: ClientConnection, stream: messages.Stream, leg: SimulatedLeg, verb: Stream, detection: Detection | None
) -> None:
    """What the callee says, twenty milliseconds at a time."""
    try:
        await socket.send(stream.connected())
        await socket.send(stream.start(verb.parameters))
        async for event in leg.events():
            match event:
                case LegAudio(mulaw):
                    await socket.send(stream.media(mulaw))
                    if detection is not None:
                        detection.hear(mulaw)
                case MarkPlayed(name):
                    await socket.send(stream.mark(name))
                case DigitPressed(digit):
                    await socket.send(stream.dtmf(digit))
                case LegClosed():
                    await _goodbye(socket, stream)
    except ConnectionClosed:
        return


async def _goodbye(socket: ClientConnection, stream: messages.Stream) -> None:
    try:
        await socket.send(stream.stop())
    except ConnectionClosed:
        return
    await socket.close()
