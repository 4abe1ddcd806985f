"""Channels and bridges of the stand-in, and the clock that moves audio between them every 20 ms.

Nothing is sent to a phone that nobody sends anything to: what its callee hears then is silence, and ``gaps`` counts such frames.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dialer.audio.framing import SILENCE
from dialer.clock import Clock
from dialer.simulation.asterisk import messages
from dialer.simulation.asterisk.apps import Apps
from dialer.simulation.asterisk.media import MediaQueue
from dialer.simulation.phones.leg import FarEnd, Ticker

NORMAL = (16, "Normal Clearing")


@dataclass(slots=True)
class Media:
    """The media socket of a channel. ``send`` is there while it is connected."""

    queue: MediaQueue
    connection_id: str
    send: Callable[[str | bytes | dict[str, Any]], None] | None = None
    close: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What does not change of a channel."""

    id: str
    name: str
    app: str
    args: str
    caller: str
    dialled: str
    created_at: datetime


@dataclass(slots=True)
class Channel:
    """One channel. ``far`` is there once somebody answered; ``on_end`` is told how it ended."""

    about: About
    on_end: Callable[[int, str, int | None], None]
    state: str = "Down"
    is_in_stasis: bool = False
    bridge_id: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    media: Media | None = None
    far: FarEnd | None = None
    said: bytes = SILENCE
    gaps: int = 0
    limit: asyncio.TimerHandle | None = None

    @property
    def id(self) -> str:
        """Its id."""
        return self.about.id

    @property
    def app(self) -> str:
        """Whose it is."""
        return self.about.app

    @property
    def dialled(self) -> str:
        """The number that was dialled."""
        return self.about.dialled

    def snapshot(self) -> dict[str, Any]:
        """As it is written in events and answers."""
        it = self.about
        return messages.channel(it.id, it.name, self.state, it.caller, it.dialled, it.created_at, it.app, self.variables)


@dataclass(slots=True)
class Bridge:
    """One bridge."""

    id: str
    name: str
    created_at: datetime
    members: list[str] = field(default_factory=list)
    recording: str = ""

    def snapshot(self) -> dict[str, Any]:
        """As it is written in events and answers."""
        return messages.bridge(self.id, self.name, self.members, self.created_at)


class Exchange:
    """All channels and bridges."""

    def __init__(self, apps: Apps, clock: Clock) -> None:
        self.apps = apps
        self.clock = clock
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, Bridge] = {}
        self._mixer = Mixer(self)

    def add(self, channel: Channel) -> None:
        """A channel comes into being."""
        self.channels[channel.id] = channel
        self._mixer.start()

    def tell(self, channel: Channel, kind: str, **fields: Any) -> None:
        """An event about a channel, to its application."""
        event = messages.event(kind, channel.app, self.clock.now(), **fields, channel=channel.snapshot())
        self.apps.tell(channel.app, event)

    def tell_dial(self, channel: Channel, status: str) -> None:
        """How its dial goes."""
        fields = {"peer": channel.snapshot(), "dialstatus": status, "dialstring": channel.dialled, "forward": ""}
        self.apps.tell(channel.app, messages.event("Dial", channel.app, self.clock.now(), **fields))

    def change(self, channel: Channel, state: str) -> None:
        """It changes its state."""
        channel.state = state
        self.tell(channel, "ChannelStateChange")

    def answer(self, channel: Channel) -> None:
        """It is answered, and enters its application."""
        self.change(channel, "Up")
        self.tell_dial(channel, "ANSWER")
        channel.is_in_stasis = True
        self.tell(channel, "StasisStart", args=channel.about.args.split(",") if channel.about.args else [])

    def set_limit(self, channel: Channel, seconds: float) -> None:
        """TIMEOUT(absolute): from now; 0 takes it away."""
        if channel.limit is not None:
            channel.limit.cancel()
        channel.limit = asyncio.get_running_loop().call_later(seconds, self._out_of_time, channel) if seconds else None

    def _out_of_time(self, channel: Channel) -> None:
        self.end(channel.id, *(NORMAL if channel.bridge_id else (0, "Unknown")))

    def ask_to_end(self, channel: Channel, *, is_soft: bool) -> None:
        """Somebody wants it to end: the far side, or (softly) a request. The end follows."""
        fields: dict[str, Any] = {"cause": NORMAL[0], "soft": True} if is_soft else {"cause": NORMAL[0]}
        self.tell(channel, "ChannelHangupRequest", **fields)

    def end(self, channel_id: str, cause: int, text: str, sip_code: int | None = None) -> None:
        """A channel is over; harmless twice."""
        channel = self.channels.pop(channel_id, None)
        if channel is None:
            return
        if channel.limit is not None:
            channel.limit.cancel()
        self.leave(channel)
        if channel.is_in_stasis:
            self.tell(channel, "StasisEnd")
        fields: dict[str, Any] = {"cause": cause, "cause_txt": text}
        if sip_code:
            fields["tech_cause"] = sip_code
        self.tell(channel, "ChannelDestroyed", **fields)
        if channel.media is not None and channel.media.close is not None:
            channel.media.close()
        channel.on_end(cause, text, sip_code)
        if not self.channels:
            self._mixer.stop()

    def join(self, channel: Channel, bridge: Bridge) -> None:
        """Put a channel into a bridge, out of any other."""
        if channel.bridge_id == bridge.id:
            return
        self.leave(channel)
        channel.bridge_id = bridge.id
        bridge.members.append(channel.id)
        self.tell(channel, "ChannelEnteredBridge", bridge=bridge.snapshot())

    def leave(self, channel: Channel) -> None:
        """Take it out of its bridge."""
        bridge = self.bridges.get(channel.bridge_id)
        channel.bridge_id = ""
        if bridge is not None:
            bridge.members.remove(channel.id)
            self.tell(channel, "ChannelLeftBridge", bridge=bridge.snapshot())

    def peers(self, channel: Channel) -> list[Channel]:
        """Who is with it in its bridge."""
        bridge = self.bridges.get(channel.bridge_id)
        return [] if bridge is None else [self.channels[name] for name in bridge.members if name != channel.id]


class Mixer:
    """The clock of the audio: it runs while there are channels."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._ticker = Ticker()

    def start(self) -> None:
        """Every 20 ms from now on; harmless twice."""
        self._ticker.add(self, self._tick)

    def stop(self) -> None:
        """There is nobody left."""
        self._ticker.remove(self)

    def _tick(self) -> None:
        """20 ms pass: our side is played, the callees hear and speak, what they say goes back."""
        channels = list(self._exchange.channels.values())
        played = {channel.id: self._play(channel) for channel in channels if channel.media is not None}
        for channel in channels:
            if channel.far is not None and channel.id in self._exchange.channels:
                self._hear(channel, played)
        for channel in channels:
            if channel.media is not None and channel.media.send is not None:
                self._send_back(channel, channel.media.send)

    def _play(self, channel: Channel) -> bytes | None:
        """The next frame of a media channel. It is taken from the queue whether anybody is there to hear it or not."""
        media = channel.media
        assert media is not None
        frame, events = media.queue.tick()
        if media.send is not None:
            for event in events:
                media.send(event)
        if media.queue.wants_hang_up:
            self._exchange.end(channel.id, *NORMAL)
        return frame

    def _hear(self, channel: Channel, played: dict[str, bytes | None]) -> None:
        """A callee hears what the others in his bridge say, and does what he does."""
        frames = [played.get(peer.id) if peer.media is not None else peer.said for peer in self._exchange.peers(channel)]
        sent = [frame for frame in frames if frame is not None]
        channel.gaps += bool(channel.bridge_id and not sent)
        heard = next((frame for frame in sent if frame != SILENCE), SILENCE)
        assert channel.far is not None
        channel.said, digits, has_hung_up = channel.far.tick(heard.ljust(len(SILENCE), b"\xff"))
        for digit in digits:
            self._exchange.tell(channel, "ChannelDtmfReceived", digit=digit, duration_ms=100)
            for peer in self._exchange.peers(channel):
                if peer.media is not None and peer.media.send is not None:
                    peer.media.send(peer.media.queue.digit(digit))
        if has_hung_up:
            self._exchange.ask_to_end(channel, is_soft=False)
            self._exchange.end(channel.id, *NORMAL)

    def _send_back(self, channel: Channel, send: Callable[[str | bytes | dict[str, Any]], None]) -> None:
        """What the callees in its bridge said."""
        said = [peer.said for peer in self._exchange.peers(channel) if peer.far is not None]
        if said:
            send(next((frame for frame in said if frame != SILENCE), SILENCE))
