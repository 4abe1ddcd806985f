"""The seam between a call and a phone network.

A carrier places one dial, tells what becomes of it, and on answer opens a leg with audio in both directions. ``place`` rings at
most once for one attempt id, however often it is asked; when its answer is lost the carrier raises ``PlaceLost`` and ``find`` is
the only way on. A carrier that takes no id of ours finds by what our books say of the dial (``Books``).

An ending says what happened (``cause``), whether the number may be dialled again (``retry``), the SIP code where there is one,
and the carrier's own words.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

from dialer.call.events import CallEvent
from dialer.conversation.events import LegEvent
from dialer.errors import CarrierError
from dialer.model.attempt import Capabilities, DialOrder, Ending, Found, Retry, Trace
from dialer.model.ids import AttemptId

__all__ = [
    "Books", "Capabilities", "Carrier", "DialRefused", "Ending", "Finding", "Found", "Leg", "PlacedCall", "Retry", "TellsPrice",
    "Trace",
]  # fmt: skip

Books = Callable[[AttemptId], Trace | None]
"""Reads what was committed of an attempt; None for an id that we never dialled. Blocks: call it on a thread."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at one part of a carrier found. ``mend``: what is wrong and how it is mended; empty: all is well.

    ``is_ours``: it is a setting of ours that is wrong; otherwise something outside does not answer or refuses.
    """

    part: str
    seen: str
    mend: str = ""
    is_ours: bool = False


class DialRefused(CarrierError):
    """The carrier said at once why this dial is not made: an end like any other, with its cause and retry class."""

    def __init__(self, message: str, ending: Ending, *, code: str = "") -> None:
        super().__init__(message, code=code, retryable=ending.retry not in (Retry.NEVER, Retry.CONFIGURATION_FAULT))
        self.ending = ending


class Leg(Protocol):
    """One audio connection. All audio is G.711 mu-law, 8 kHz; the carrier paces playout in real time."""

    def events(self) -> AsyncIterator[LegEvent]:
        """Yield the callee's 20 ms frames, digits and played marks until ``LegClosed`` (always the last)."""
        ...

    async def play(self, mulaw: bytes) -> None:
        """Queue audio of any length behind what is queued already."""
        ...

    async def mark(self, name: str) -> None:
        """Have ``MarkPlayed(name)`` reported when all audio queued so far has been played."""
        ...

    async def clear(self) -> int:
        """Drop what has not been played; return the milliseconds of our audio played since the answer."""
        ...

    async def close(self) -> None:
        """Close the audio connection; does not by itself end the call."""
        ...


class PlacedCall(Protocol):
    """A dial that the carrier has confirmed."""

    @property
    def carrier_call_id(self) -> str:
        """The carrier's own id of this call."""
        ...

    @property
    def leg(self) -> Leg:
        """The audio connection; valid from ``Answered`` on."""
        ...

    def events(self) -> AsyncIterator[CallEvent]:
        """Yield ``Ringing``, ``Answered`` and, always last and exactly once, ``LegEnded``."""
        ...

    async def hang_up(self) -> None:
        """End the dial or the call; harmless when it is over already. ``LegEnded`` follows."""
        ...

    async def send_digits(self, digits: str) -> None:
        """Press keys towards the far side."""
        ...

    async def transfer(self, to: str, announce: str, *, summary: str | None = None) -> None:
        """Hand the callee over to another number; our leg ends when that is done. Raises ``CarrierError`` when it cannot be.

        ``announce`` is said to the callee first, where it is not empty. Without ``summary`` the transfer is cold: the callee is
        connected at once. With one it is warm: the desk is rung first and hears the summary, and only when somebody there takes
        the call is the callee put through; until then the conversation goes on. A desk that nobody takes is a ``CarrierError``.
        """
        ...


@runtime_checkable
class TellsPrice(Protocol):
    """A carrier that tells, some time after a call, what it bills for it."""

    name: str

    async def cost(self, carrier_call_id: str) -> tuple[Decimal, str] | None:
        """The amount and its currency (ISO 4217); None while it does not say. Raises ``CarrierError``."""
        ...


class Carrier(Protocol):
    """A phone network. Raises ``CarrierError`` for definite refusals (``DialRefused`` where it said why) and ``PlaceLost``."""

    @property
    def name(self) -> str:
        """The setting's name of it: simulated, twilio, asterisk."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    async def place(self, order: DialOrder) -> PlacedCall:
        """Dial. ``order.attempt_id`` is the key: a second request with the same id never rings a second time."""
        ...

    async def find(self, attempt_id: AttemptId) -> Found | None:
        """What became of this attempt; None when the carrier never heard of it."""
        ...

    async def end(self, attempt_id: AttemptId) -> None:
        """End a call that nobody holds any more (its worker died); harmless when it is over."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
