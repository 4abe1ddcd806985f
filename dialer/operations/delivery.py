"""Send what waits in the outbox, and decide what follows from each answer. Safe to run twice, late, and by many at once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from dialer.errors import HookError, UserError
from dialer.hooks.base import Hook
from dialer.model.outbox import DeliveryState, EventKind, Target
from dialer.operations import folders, outgoing
from dialer.operations.parts import Parts
from dialer.store import outbox
from dialer.store.outbox import ClaimedMessage, MessageRow
from dialer.telemetry import emit
from dialer.wire import webhook
from dialer.wire.webhook import Answer, Message, Verdict

_BATCH = 10
"""Messages tried side by side."""
LEASE = timedelta(seconds=30)
"""Longer than any try of a batch may take: they run side by side, each with its own limit."""
_MOST_BATCHES = 100
"""One round ends after so many; the next doorbell goes on, and other tasks get their turn between."""
GIVEN_UP = timedelta(days=3)
"""A receiver that is not set for so long has been removed; longer than all tries of a message."""
_KEPT = timedelta(days=30)
"""What was delivered longer ago is deleted."""

Hooks = Mapping[Target, Hook]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round did."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0


def deliver(parts: Parts, hooks: Hooks) -> Delivered:
    """Send all due messages of these receivers. A receiver that does not answer at all is left until the next round.

    What waits for one that is not set any more is given up after some days.
    """
    total = _give_up(parts, [target for target in Target if target not in hooks])
    if not hooks:
        return total
    _forget(parts)
    silent: set[Target] = set()
    for _ in range(_MOST_BATCHES):
        claimed = _claim(parts, hooks.keys() - silent)
        if not claimed:
            break
        answers = asyncio.run(_send(hooks, claimed))
        for message, answer in zip(claimed, answers, strict=True):
            if not answer.is_reachable:
                silent.add(message.target)
            verdict = webhook.judge(answer, message.tries, parts.clock.lease_now())
            _record(parts, message, answer, verdict)
            total = _counted(total, verdict)
    return total


def _give_up(parts: Parts, nobody: list[Target]) -> Delivered:
    """A receiver may be missing for a while, in one worker, by mistake; what nobody has taken for days is dead."""
    before = parts.clock.lease_now() - GIVEN_UP
    with parts.store.read() as tx:
        is_late = outbox.is_waiting_since(tx, nobody, before)
    if not is_late:
        return Delivered()
    with parts.store.write() as tx:
        return Delivered(dead=outbox.give_up(tx, nobody, before, "no such receiver is set"))


def _forget(parts: Parts) -> None:
    before = parts.clock.lease_now() - _KEPT
    with parts.store.read() as tx:
        has_old = outbox.has_old(tx, before)
    if has_old:
        with parts.store.write() as tx:
            outbox.forget(tx, before)


def _claim(parts: Parts, targets: set[Target]) -> list[ClaimedMessage]:
    """Due messages, held until the lease runs out. A look comes first: an empty outbox takes no write lock."""
    now = parts.clock.lease_now()
    with parts.store.read() as tx:
        if not targets or not outbox.has_due(tx, targets, now):
            return []
    with parts.store.write() as tx:
        return outbox.claim(tx, targets, _BATCH, now, now + LEASE)


async def _send(hooks: Hooks, claimed: list[ClaimedMessage]) -> list[Answer]:
    tries = (hooks[message.target].send(Message(message.id, webhook.encode(message.body))) for message in claimed)
    return await asyncio.gather(*tries)


def _record(parts: Parts, message: ClaimedMessage, answer: Answer, verdict: Verdict) -> None:
    now = parts.clock.lease_now()
    with parts.store.write() as tx:
        if verdict.is_delivered:
            outbox.delivered(tx, message, now)
        else:
            outbox.failed(tx, message, answer.error, verdict.next_try_at)
    if not verdict.is_delivered:
        event = "hook.failed" if verdict.next_try_at else "hook.dead"
        emit(event, message_id=message.id, target=message.target.value, tries=message.tries, error=answer.error)


def _counted(total: Delivered, verdict: Verdict) -> Delivered:
    if verdict.is_delivered:
        return Delivered(total.delivered + 1, total.failed, total.dead)
    if verdict.next_try_at:
        return Delivered(total.delivered, total.failed + 1, total.dead)
    return Delivered(total.delivered, total.failed, total.dead + 1)


def send_test(parts: Parts, hooks: Hooks) -> list[tuple[Target, str]]:
    """Send one signed test message to each receiver; their targets and the message's ids. Raises ``HookError`` at a refusal."""
    if not hooks:
        raise UserError("no receiver is configured", code="no_hook", hint="set DIALER_WEBHOOK_URL or DIALER_HOOK_COMMAND")
    sent = []
    for target, hook in hooks.items():
        message_id = outgoing.new_id()
        body = webhook.body(message_id, EventKind.TEST, parts.clock.now(), None, {})
        answer = asyncio.run(hook.send(Message(message_id, webhook.encode(body))))
        if answer.error:
            raise HookError(f"the {target.value} did not take the test message: {answer.error}")
        sent.append((target, message_id))
    return sent


@dataclass(frozen=True, slots=True)
class Outbox:
    """The newest messages, and how many there are in each state."""

    messages: tuple[MessageRow, ...]
    counts: Mapping[DeliveryState, int]
    for_nobody: Mapping[Target, int]
    """Messages that wait for a receiver that is not set."""


def listed(parts: Parts, *, is_dead_only: bool, limit: int) -> Outbox:
    """How the messages stand."""
    with parts.store.read() as tx:
        state = DeliveryState.DEAD if is_dead_only else None
        known = outgoing.targets(parts.settings)
        for_nobody = {target: count for target, count in outbox.waiting(tx).items() if target not in known}
        return Outbox(tuple(outbox.listed(tx, state, limit)), outbox.counts(tx), for_nobody)


def replay(parts: Parts, message_id: str) -> None:
    """Send one message again at once. Raises ``UserError`` when there is none of that id."""
    with parts.store.write() as tx:
        if not outbox.replay(tx, message_id, parts.clock.lease_now()):
            message = f"there is no message {message_id!r}"
            raise UserError(message, code="no_message", hint="dialer webhook list shows the ids")


def replay_dead(parts: Parts, campaign: str | None) -> int:
    """Send all dead messages again, or those of one campaign; how many."""
    campaign_id = None if campaign is None else folders.stored(parts, campaign).id
    with parts.store.write() as tx:
        return outbox.replay_dead(tx, campaign_id, parts.clock.lease_now())
