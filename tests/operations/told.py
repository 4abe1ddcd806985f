"""Parts with receivers of results, and what the outbox holds for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from dialer.operations.parts import Parts
from dialer.store.schema import outbox
from dialer.wire.webhook import Answer, Message
from tests.hooks.receiver import SECRET


def telling(parts: Parts, url: str = "http://localhost:9/hook", command: tuple[str, ...] = ()) -> Parts:
    """The same parts, with somebody who wants to be told."""
    given = {"webhook_url": url, "webhook_secret": SecretStr(SECRET), "hook_command": command}
    return replace(parts, settings=parts.settings.model_copy(update=given))


def bodies(parts: Parts, kind: str = "") -> list[dict[str, Any]]:
    """The bodies in the outbox, of one kind or of all."""
    with parts.store.read() as tx:
        found = list(tx.execute(select(outbox.c.body)).scalars())
    return [body for body in found if kind in ("", body["kind"])]


@dataclass
class ToldHook:
    """A receiver that answers as it was told beforehand, then takes everything."""

    answers: list[Answer] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> Answer:
        self.messages.append(message)
        return self.answers.pop(0) if self.answers else Answer()
