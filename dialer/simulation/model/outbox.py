"""What a session is about to send, and the ids in it: counted, so that the same conversation has the same ids."""

import itertools
from dataclasses import dataclass
from typing import Any

from dialer.simulation.model.schema import Refusal

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HangUp:
    """The end of the socket, in its place among the events. ``code`` None: the line is cut."""

    code: int | None = None
    reason: str = ""


Frame = Event | str | HangUp
"""An event; a text that is none (a fault); the end."""


class Outbox:
    """Collects frames until they are taken. ``name`` tells sessions of one server apart."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._numbers = itertools.count(1)
        self._frames: list[Frame] = []

    def new_id(self, kind: str) -> str:
        """An id that this session has not used: ``item_7_12``."""
        return f"{kind}_{self._name}_{next(self._numbers)}"

    def emit(self, type_: str, **fields: Any) -> None:
        """Queue an event."""
        self._frames.append({"type": type_, "event_id": self.new_id("event"), **fields})

    def emit_text(self, text: str) -> None:
        """Queue a frame that no client can read."""
        self._frames.append(text)

    def hang_up(self, code: int | None = None, reason: str = "") -> None:
        """Let the socket end here."""
        self._frames.append(HangUp(code, reason))

    def refuse(self, refusal: Refusal, event_id: str | None) -> None:
        """Queue an error about the client's event ``event_id``."""
        error = {
            "type": refusal.kind,
            "code": refusal.code,
            "message": refusal.message,
            "param": refusal.param,
            "event_id": event_id,
        }
        self.emit("error", error=error)

    def take(self) -> list[Frame]:
        """All that is queued, in order; the outbox is empty afterwards."""
        frames, self._frames = self._frames, []
        return frames
