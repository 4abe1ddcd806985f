"""Media sockets, both ways round: somebody connects to us at ``/media/<id>``, or we connect as ``websocket_client.conf`` says."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from dialer.simulation.asterisk.exchange import NORMAL, Channel, Exchange
from dialer.simulation.asterisk.media import LARGEST_MESSAGE_BYTES

Outgoing = asyncio.Queue[str | bytes | None]
Receive = Callable[[], Awaitable[str | bytes | None]]
Send = Callable[[str | bytes], Awaitable[None]]
_UNREACHABLE = (3, "No route to destination")
TOO_BIG = 1009


def waiting(exchange: Exchange, connection_id: str) -> Channel | int:
    """The channel that waits for this connection; else the status of the refusal."""
    for channel in exchange.channels.values():
        is_server = channel.about.name.startswith("WebSocket/INCOMING/")
        if is_server and channel.media is not None and channel.media.connection_id == connection_id:
            return channel if channel.media.send is None else 409
    return 404


async def hold(exchange: Exchange, channel: Channel, receive: Receive, send: Send) -> int:
    """Carry the audio of a channel over an open socket until one side ends; the close code."""
    assert channel.media is not None
    media, out = channel.media, Outgoing()
    media.send = lambda message: out.put_nowait(json.dumps(message) if isinstance(message, dict) else message)
    media.close = lambda: out.put_nowait(None)
    writer = asyncio.create_task(_write(out, send))
    media.send(media.queue.started(media.connection_id, channel.about.name, dict(channel.variables)))
    exchange.answer(channel)
    reader = asyncio.create_task(_read(media.send, channel, receive))
    await asyncio.wait([reader, writer], return_when=asyncio.FIRST_COMPLETED)
    code = reader.result() if reader.done() else 1000
    for task in (reader, writer):
        task.cancel()
    media.close = None
    exchange.end(channel.id, *NORMAL)
    return code


async def _write(out: Outgoing, send: Send) -> None:
    while (message := await out.get()) is not None:
        await send(message)


async def _read(send: Callable[[dict[str, Any]], None], channel: Channel, receive: Receive) -> int:
    """What is sent to us, until the socket closes or is misused."""
    assert channel.media is not None
    queue = channel.media.queue
    while (message := await receive()) is not None:
        if isinstance(message, bytes) and len(message) > LARGEST_MESSAGE_BYTES:
            return TOO_BIG
        for event in queue.text(message) if isinstance(message, str) else queue.binary(message):
            send(event)
    return 1000


async def call_out(exchange: Exchange, channel: Channel, url: str) -> None:
    """Client mode: connect to the address of a section; a channel that cannot is over."""
    try:
        async with connect(url, subprotocols=[Subprotocol("media")], compression=None, ping_interval=None, proxy=None) as opened:

            async def receive() -> str | bytes | None:
                try:
                    return await opened.recv()
                except ConnectionClosed:
                    return None

            await hold(exchange, channel, receive, opened.send)
    except ConnectionClosed:
        exchange.end(channel.id, *NORMAL)
    except (InvalidHandshake, OSError, TimeoutError):
        exchange.end(channel.id, *_UNREACHABLE)
