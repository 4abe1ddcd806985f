"""The seam behind which receivers differ."""

from typing import Protocol

from dialer.wire.webhook import Answer, Message

LIMIT_S = 10.0
"""Longest time that one try may take, whatever the receiver does."""


class Hook(Protocol):
    """One receiver of results."""

    async def send(self, message: Message) -> Answer:
        """Try once. A refusal, an error and a timeout are answers too: nothing is raised for them."""
        ...
