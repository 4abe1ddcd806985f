"""The seams behind which models differ: the one that speaks in a call, and the one that reads talks afterwards."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dialer.conversation.events import VoiceCommand, VoiceEvent
from dialer.wire.openai_responses import Answer, Request


@dataclass(frozen=True, slots=True)
class SessionSetup:
    """What must be in force before anybody is dialled. ``tools`` are JSON-schema function declarations.

    ``language`` is the transcription's hint (ISO 639-1); empty: none.
    """

    instructions: str
    tools: Sequence[Mapping[str, Any]]
    voice: str
    model: str
    language: str = ""


class VoiceSession(Protocol):
    """One open session with one model."""

    async def append(self, mulaw: bytes) -> None:
        """Let the model hear a piece of the callee's audio (mu-law, 8 kHz). Never acknowledged."""
        ...

    async def send(self, command: VoiceCommand) -> None:
        """Perform one command of the conversation."""
        ...

    def events(self) -> AsyncIterator[VoiceEvent]:
        """Yield the model's events; ``VoiceLost`` is always the last one, however the socket ended."""
        ...

    async def close(self) -> None:
        """Close the socket; harmless twice."""
        ...


class VoiceModel(Protocol):
    """A provider of sessions."""

    async def open(self, setup: SessionSetup) -> VoiceSession:
        """Open a session and return only when the effective settings equal ``setup``; raise ``VoiceError`` on any difference."""
        ...

    async def close(self) -> None:
        """Release what is shared between sessions."""
        ...


class Analyst(Protocol):
    """Whoever reads talks."""

    def read(self, request: Request) -> Answer:
        """Ask once. Refusals, errors and timeouts are answers too: nothing is raised for them."""
        ...
