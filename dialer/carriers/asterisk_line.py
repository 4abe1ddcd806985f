"""A line of ours in Asterisk: a media channel in a bridge, ready for somebody to be put into it.

It stands before a phone rings, so that no phone rings without somebody to speak, and the answer costs one request. Server mode:
Asterisk waits for us. Client mode: Asterisk connects to our media server with a key that opens once.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from dialer.carriers.asterisk_leg import AsteriskLeg, Socket
from dialer.carriers.asterisk_rest import Reply, refused
from dialer.carriers.asterisk_switch import Switch
from dialer.carriers.media_server import MediaServer, MediaSocket, OneTimeKeys, Request
from dialer.errors import CarrierError
from dialer.wire import asterisk_ari as ari
from dialer.wire.asterisk_ari_events import AppEntered, ChannelEnded, ChannelEvent, ChannelSeen, Malformed, decode_channel
from dialer.wire.asterisk_media import SUBPROTOCOL

CONNECT_S = 5.0
MAX_MESSAGE_BYTES = 64 * 1024
MEDIA_PATH = "/asterisk/media"
KEY = "key"


class Door(Protocol):
    """How the socket of a media channel comes about."""

    async def open(self, switch: Switch, channel_id: str, limit_s: int) -> Socket:
        """Make the channel and connect its socket. Raises ``CarrierError``."""
        ...


class ServerDoor:
    """Asterisk is the server. Its ``/media`` asks for no credentials: it belongs on a private network."""

    async def open(self, switch: Switch, channel_id: str, limit_s: int) -> Socket:
        """Make the channel, then connect to where it waits."""
        request = ari.external_media(channel_id, app=switch.app, limit_s=limit_s)
        seen = _made(request, await switch.ask(request))
        if not seen.connection_id:
            raise CarrierError("Asterisk did not say where the media waits", code="no_media", retryable=False)
        try:
            opened = await connect(
                switch.ari.media_url(seen.connection_id),
                additional_headers=switch.ari.headers,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                max_size=MAX_MESSAGE_BYTES,
                open_timeout=CONNECT_S,
                close_timeout=1,
                ping_interval=None,
                proxy=None,
            )
        except (InvalidHandshake, TimeoutError, OSError) as error:
            raise CarrierError(f"Asterisk's media socket cannot be had: {error}", code="no_media") from error
        return ClientSocket(opened)


class ClientSocket:
    """A socket that we opened."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def recv(self) -> str | bytes | None:
        """The next message; None when the socket is closed."""
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            return None

    async def send(self, message: str | bytes) -> None:
        """Send a message; on a closed socket nothing happens."""
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(message)

    async def close(self) -> None:
        """Close it; harmless twice."""
        await self._connection.close()


class _Caller:
    """A media channel that has yet to connect to us, and then its socket for as long as it is open."""

    def __init__(self) -> None:
        self.opened: asyncio.Future[MediaSocket] = asyncio.get_running_loop().create_future()
        self.is_over = asyncio.Event()


class CalledSocket:
    """A socket that Asterisk opened; the media server closes it when it is let go."""

    def __init__(self, opened: MediaSocket, is_over: asyncio.Event) -> None:
        self._opened = opened
        self._is_over = is_over

    async def recv(self) -> str | bytes | None:
        """The next message; None when the socket is closed."""
        message = await self._opened.recv()
        if message is None:
            self._is_over.set()
        return message

    async def send(self, message: str | bytes) -> None:
        """Send a message; on a closed socket nothing happens."""
        await self._opened.send(message)

    async def close(self) -> None:
        """Close it; harmless twice."""
        self._is_over.set()
        await self._opened.close()


class ClientDoor:
    """Asterisk is the client, as a section of its ``websocket_client.conf`` tells it; each call has a key of its own."""

    def __init__(self, server: MediaServer, connection: str) -> None:
        """``connection``: the name of that section. The server must listen, and the section lead to ``MEDIA_PATH`` of it."""
        self._connection = connection
        self._keys: OneTimeKeys[_Caller] = OneTimeKeys()
        self._server = server
        server.mount_socket(MEDIA_PATH, self)

    @property
    def is_guest(self) -> bool:
        """Asterisk's calls go to somebody else, who has our port."""
        return self._server.is_guest

    async def open(self, switch: Switch, channel_id: str, limit_s: int) -> Socket:
        """Make the channel, then wait for its call."""
        caller = _Caller()
        key = self._keys.issue(caller)
        request = ari.external_media(
            channel_id, app=switch.app, limit_s=limit_s, connection=self._connection, parameters={KEY: key}
        )
        try:
            _made(request, await switch.ask(request))
            async with asyncio.timeout(CONNECT_S):
                opened = await caller.opened
        except TimeoutError as error:
            text = f"Asterisk did not connect to our media server: is [{self._connection}] in its websocket_client.conf right?"
            raise CarrierError(text, code="no_media") from error
        finally:
            self._keys.withdraw(key)
        return CalledSocket(opened, caller.is_over)

    def admit(self, request: Request) -> bool:
        """Only who brings a key that was not used yet."""
        return self._keys.is_known(_key(request))

    async def serve(self, request: Request, opened: MediaSocket) -> None:
        """Hand the socket to the call whose key it is, and keep it open until that call is over."""
        caller = self._keys.take(_key(request))
        if caller is not None and not caller.opened.done():
            caller.opened.set_result(opened)
            await caller.is_over.wait()


def _key(request: Request) -> str:
    return dict(request.fields).get(KEY, "")


def _made(request: ari.Request, reply: Reply) -> ChannelSeen:
    """The channel that was made. 409: its id lives, so this attempt is being dialled by somebody."""
    if reply.status == 409:
        raise CarrierError("this attempt is being dialled already", code="duplicate_attempt", retryable=False)
    seen = decode_channel(reply.body) if reply.is_ok else None
    if seen is None:
        raise refused(request, reply)
    if isinstance(seen, Malformed):
        raise CarrierError("Asterisk's answer cannot be read", code="malformed")
    return seen


class Line:
    """One media channel with its bridge and its leg."""

    def __init__(self, switch: Switch, door: Door, name: str, on_lost: Callable[[], None]) -> None:
        """``name`` names the channel and the bridge; ``on_lost`` is called when the audio breaks off by itself."""
        self.media_id = f"{name}-media"
        self.bridge_id = f"{name}-bridge"
        self.leg = AsteriskLeg(on_lost)
        self._switch = switch
        self._door = door
        self._entered: asyncio.Future[None] | None = None

    async def open(self, limit_s: int) -> None:
        """Make it ready. Raises ``CarrierError``, and leaves nothing behind then."""
        self._entered = asyncio.get_running_loop().create_future()
        self._switch.watch(self.media_id, self._note)
        bridge = asyncio.create_task(self._switch.do(ari.create_bridge(self.bridge_id, f"{self._switch.app}-{self.bridge_id}")))
        try:
            self.leg.attach(await self._door.open(self._switch, self.media_id, limit_s))
            async with asyncio.timeout(CONNECT_S):
                await self._entered
            await bridge
            await self.join(self.media_id)
        except TimeoutError as error:
            await self._give_up(bridge)
            raise CarrierError("Asterisk's media channel did not come up", code="no_media") from error
        except CarrierError as error:
            await self._give_up(bridge, keep=error.code == "duplicate_attempt")
            raise

    async def join(self, channel_id: str) -> None:
        """Put a channel into the bridge. Raises ``CarrierError``."""
        await self._switch.do(ari.add_to_bridge(self.bridge_id, channel_id))

    async def close(self, reason: str) -> None:
        """End the audio and take the channel and the bridge away; harmless twice."""
        self._switch.forget(self.media_id)
        await self.leg.end(reason)
        await self._switch.undo(ari.hang_up(self.media_id), ari.delete_bridge(self.bridge_id))

    async def leave(self, reason: str) -> None:
        """End the audio only: the bridge goes on with those who are in it."""
        self._switch.forget(self.media_id)
        await self.leg.end(reason)
        await self._switch.undo(ari.hang_up(self.media_id))

    def _note(self, event: ChannelEvent) -> None:
        """The media channel may be put into a bridge once it entered our application, not before."""
        if self._entered is None or self._entered.done():
            return
        if isinstance(event, AppEntered):
            self._entered.set_result(None)
        elif isinstance(event, ChannelEnded):
            self._entered.set_exception(CarrierError(f"Asterisk's media channel ended: {event.text}", code="no_media"))

    async def _give_up(self, bridge: "asyncio.Task[Reply]", *, keep: bool = False) -> None:
        """Leave nothing behind; but what belongs to another holder of this attempt is not touched."""
        await asyncio.wait([bridge])
        if self._entered is not None and self._entered.done():
            self._entered.exception()  # told by our own error
        bridge.exception()
        if keep:
            self._switch.forget(self.media_id)
            await self.leg.end("not opened")
        else:
            await self.close("not opened")
