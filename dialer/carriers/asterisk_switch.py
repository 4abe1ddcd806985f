"""One connection to Asterisk: requests, the socket of events, and who wants to know about which channel.

Our application exists in Asterisk while its socket of events is open, so nothing is dialled before. When the socket is lost the
channels stay; it is opened again under the same name, whereupon everybody who watches a channel looks after it, because what was
told meanwhile is gone. The name is this process's own: a second listener under one name would silence the first.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from dialer.carriers.asterisk_rest import Ari, Reply
from dialer.errors import CarrierError
from dialer.telemetry import emit
from dialer.wire.asterisk_ari import Request
from dialer.wire.asterisk_ari_events import AppReplaced, ChannelEvent, Ignored, Malformed, RecordingFailed, decode

OPEN_S = 5.0
PING_S = 15.0
AGAIN_S = (0.2, 5.0)
"""The first and the longest wait before the socket is opened again."""
MAX_EVENT_BYTES = 2**20

Watcher = Callable[[ChannelEvent], None]


class Switch:
    """A running connection. ``start`` it on the loop that uses it, ``close`` it there."""

    def __init__(self, ari: Ari, app: str) -> None:
        """``app``: the name of our application, not used by anybody else."""
        self.ari = ari
        self.app = app
        self._watchers: dict[str, Watcher] = {}
        self._reopened: dict[str, Callable[[], None]] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._guards: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None
        self._is_open = asyncio.Event()
        self._problem: CarrierError | None = None

    def start(self) -> None:
        """Begin to listen; harmless twice."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())

    async def ready(self) -> None:
        """Wait until events arrive. Raises ``CarrierError`` when that does not happen soon."""
        self.start()
        try:
            async with asyncio.timeout(OPEN_S):
                await self._is_open.wait()
        except TimeoutError as error:
            raise self._problem or CarrierError("Asterisk's events cannot be had", code="no_events") from error

    async def ask(self, request: Request) -> Reply:
        """Send a request; see ``Ari.ask``."""
        return await self.ari.ask(request)

    async def do(self, request: Request) -> Reply:
        """Send a request that must succeed; see ``Ari.do``."""
        return await self.ari.do(request)

    async def undo(self, *requests: Request) -> None:
        """Send requests of which nobody waits for the result: what is gone already is as good as done."""
        for request in requests:
            with contextlib.suppress(CarrierError):
                await self.ask(request)

    def watch(self, channel_id: str, watcher: Watcher, on_reopened: Callable[[], None] | None = None) -> None:
        """Hand every event of this channel to ``watcher``; ``on_reopened`` is called when some of them may have been lost."""
        self._watchers[channel_id] = watcher
        if on_reopened is not None:
            self._reopened[channel_id] = on_reopened

    def forget(self, channel_id: str) -> None:
        """Watch no more."""
        self._watchers.pop(channel_id, None)
        self._reopened.pop(channel_id, None)

    def run(self, work: Coroutine[Any, Any, None], *, is_guard: bool = False) -> None:
        """Do something beside. ``close`` waits for it a moment, but not for a guard, who waits for what may never happen."""
        tasks = self._guards if is_guard else self._work
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def close(self) -> None:
        """Let work end, stop listening, close the connections."""
        for guard in self._guards:
            guard.cancel()
        if self._work:
            _, late = await asyncio.wait(self._work, timeout=OPEN_S)
            for task in late:
                task.cancel()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        await self.ari.close()

    async def _listen(self) -> None:
        """Keep the socket open for ever."""
        wait_s, was_open = AGAIN_S[0], False
        while True:
            try:
                async with connect(
                    self.ari.events_url(self.app),
                    additional_headers=self.ari.headers,
                    subprotocols=[Subprotocol("ari")],
                    compression=None,
                    max_size=MAX_EVENT_BYTES,
                    open_timeout=OPEN_S,
                    close_timeout=1,
                    ping_interval=PING_S,
                    ping_timeout=PING_S,
                    proxy=None,
                ) as opened:
                    wait_s = AGAIN_S[0]
                    self._is_open.set()
                    if was_open:
                        self._look_after_all()
                    was_open = True
                    async for message in opened:
                        self._take(message)
                self._problem = CarrierError("Asterisk closed the socket of events", code="no_events")
            except InvalidStatus as error:
                self._problem = _turned_away(error.response.status_code)
            except (ConnectionClosed, InvalidHandshake, TimeoutError, OSError) as error:
                self._problem = CarrierError(f"Asterisk's events cannot be had: {error}", code="no_events")
            self._is_open.clear()
            emit("carrier.deaf", carrier="asterisk", error=str(self._problem))
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, AGAIN_S[1])

    def _take(self, message: str | bytes) -> None:
        """One event, to whom it concerns."""
        event = decode(message)
        if isinstance(event, RecordingFailed):
            emit("carrier.unrecorded", attempt_id=event.name, error=event.cause)
        elif not isinstance(event, Ignored | Malformed | AppReplaced):
            watcher = self._watchers.get(event.channel.id)
            if watcher is not None:
                watcher(event)

    def _look_after_all(self) -> None:
        emit("carrier.heard_again", carrier="asterisk")
        for look in list(self._reopened.values()):
            look()


def _turned_away(status: int) -> CarrierError:
    text = f"Asterisk refused the socket of events: {status}"
    return CarrierError(text, code=f"http_{status}", retryable=status not in (401, 403))
