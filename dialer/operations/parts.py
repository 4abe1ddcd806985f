"""What the use cases work with, handed to them by the wiring."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from dialer.carriers.base import Carrier, Finding
from dialer.clock import Clock
from dialer.config import Settings
from dialer.session.clips import ClipShelf
from dialer.store.engine import Store
from dialer.voice.base import VoiceModel


@dataclass(frozen=True, slots=True)
class Lines:
    """The phone network and the voice model of one lane, living on its event loop."""

    carrier: Carrier
    voice: VoiceModel
    close: Callable[[], Awaitable[None]]
    clips: ClipShelf = field(default_factory=ClipShelf)
    """Fixed sentences as sound, shared by the lane's calls."""
    examine: Callable[[], Awaitable[list[Finding]]] | None = None
    """Looks at the phone network part by part; None: there is nothing to look at."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Settings, time and the database, and how to open the lines (inside the event loop that will use them)."""

    settings: Settings
    clock: Clock
    store: Store
    open_lines: Callable[[], Awaitable[Lines]]


class Drain(Protocol):
    """Whether this process was asked to stop taking calls."""

    def is_set(self) -> bool:
        """True from the first request on."""
        ...

    def is_urgent(self) -> bool:
        """True when it was asked again: stop at once, calls in progress are left to the rescue."""
        ...
