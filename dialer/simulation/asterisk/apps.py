"""Applications: who listens to events, and what goes wrong with the telling."""

import asyncio
from collections.abc import Callable
from typing import Any

from dialer.simulation.asterisk.faults import Faults

_SWAP_S = 0.1
Send = Callable[[dict[str, Any]], None]


class Apps:
    """The listeners by application. An event for one that nobody listens to is lost, as with Asterisk."""

    def __init__(self, faults: Faults, witness: Callable[[dict[str, Any]], None]) -> None:
        """``witness`` sees every event that is told."""
        self._faults = faults
        self._witness = witness
        self._listeners: dict[str, tuple[Send, Callable[[], None]]] = {}
        self._held: dict[str, dict[str, Any]] = {}
        self._told = 0
        self.lost = 0

    def listen(self, app: str, send: Send, close: Callable[[], None]) -> None:
        """Tell ``send`` the events of ``app`` from now on; who listened before hears of it and no more."""
        before = self._listeners.get(app)
        if before is not None:
            before[0]({"type": "ApplicationReplaced", "application": app, "timestamp": "2026-11-21T03:00:00.000+0000"})
        self._listeners[app] = (send, close)

    def leave(self, app: str, send: Send) -> None:
        """The listener is gone."""
        if app in self._listeners and self._listeners[app][0] is send:
            del self._listeners[app]

    def has(self, app: str) -> bool:
        """Somebody listens."""
        return app in self._listeners

    def drop(self) -> None:
        """Close all sockets of events, as a network would."""
        for _, close in list(self._listeners.values()):
            close()
        self._listeners.clear()

    def tell(self, app: str, event: dict[str, Any]) -> None:
        """One event, with the faults that are asked for."""
        self._witness(event)
        if self._faults.has_reordered_events:
            held = self._held.pop(app, None)
            if held is None:
                self._held[app] = event
                asyncio.get_running_loop().call_later(_SWAP_S, self._let_go, app, event)
                return
            self._send(app, event)
            event = held
        self._send(app, event)

    def _let_go(self, app: str, event: dict[str, Any]) -> None:
        """Nothing came to change places with."""
        if self._held.get(app) is event:
            del self._held[app]
            self._send(app, event)

    def _send(self, app: str, event: dict[str, Any]) -> None:
        listener = self._listeners.get(app)
        if listener is None:
            self.lost += 1
            return
        self._told += 1
        listener[0](event)
        if self._faults.has_doubled_events:
            listener[0](event)
        if self._told == self._faults.drop_events_at:
            self.drop()
