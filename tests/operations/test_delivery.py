"""What waits is sent, what fails is tried again on time, what dies stays until a person replays it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.clock import SimulatedClock
from dialer.errors import HookError, UserError
from dialer.hooks.http import HttpHook
from dialer.model.outbox import DeliveryState, EventKind, Target
from dialer.operations import delivery, folders
from dialer.operations.delivery import Delivered
from dialer.operations.parts import Parts
from dialer.store import outbox
from dialer.store.outbox import NewMessage
from dialer.wire.webhook import Answer, Message, key_of
from tests.hooks.receiver import SECRET, receiver
from tests.operations.stage import armed
from tests.operations.told import ToldHook


class SetClock(SimulatedClock):
    """The world's time stands still until it is moved."""

    def __init__(self) -> None:
        super().__init__(datetime(2026, 11, 23, 18, 0, tzinfo=UTC))
        self.world = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)

    def lease_now(self) -> datetime:
        """As set."""
        return self.world


@pytest.fixture
def clock() -> SetClock:
    """A clock to move by hand."""
    return SetClock()


@pytest.fixture
def set_parts(parts: Parts, clock: SetClock) -> Parts:
    """Parts on that clock."""
    return replace(parts, clock=clock)


def filled(parts: Parts, count: int = 1, target: Target = Target.WEBHOOK) -> None:
    """Messages that are due."""
    with parts.store.write() as tx:
        new = [
            NewMessage(f"msg_{target}_{number}", EventKind.OPT_OUT, target, None, None, {"id": f"msg_{target}_{number}"})
            for number in range(count)
        ]
        outbox.add(tx, new, parts.clock.lease_now())


def test_what_waits_for_a_receiver_that_is_not_set_is_given_up_after_days(set_parts: Parts, clock: SetClock) -> None:
    filled(set_parts, 2)
    assert delivery.deliver(set_parts, {}) == Delivered()
    assert delivery.listed(set_parts, is_dead_only=False, limit=9).for_nobody == {Target.WEBHOOK: 2}
    set_now = set_parts.settings.model_copy(update={"webhook_url": "https://crm.example/hook"})
    assert delivery.listed(replace(set_parts, settings=set_now), is_dead_only=False, limit=9).for_nobody == {}
    clock.world += delivery.GIVEN_UP
    assert delivery.deliver(set_parts, {}) == Delivered(), "it may be missing by mistake"
    clock.world += timedelta(seconds=1)
    assert delivery.deliver(set_parts, {}) == Delivered(dead=2)
    found = delivery.listed(set_parts, is_dead_only=True, limit=9)
    assert {row.last_error for row in found.messages} == {"no such receiver is set"}
    assert found.for_nobody == {}


def counts(parts: Parts) -> dict[DeliveryState, int]:
    """How many are in each state."""
    with parts.store.read() as tx:
        return outbox.counts(tx)


def test_all_that_waits_is_sent_once(set_parts: Parts) -> None:
    filled(set_parts, 45)
    hook = ToldHook()
    assert delivery.deliver(set_parts, {Target.WEBHOOK: hook}) == Delivered(delivered=45)
    assert delivery.deliver(set_parts, {Target.WEBHOOK: hook}) == Delivered()
    assert len({message.id for message in hook.messages}) == len(hook.messages) == 45
    assert counts(set_parts) == {DeliveryState.DELIVERED: 45}


def test_without_receivers_nothing_is_done(set_parts: Parts) -> None:
    filled(set_parts)
    assert delivery.deliver(set_parts, {}) == Delivered()
    assert delivery.deliver(set_parts, {Target.COMMAND: ToldHook()}) == Delivered()
    assert counts(set_parts) == {DeliveryState.PENDING: 1}


def test_a_failed_message_is_tried_on_its_schedule_and_then_dead(set_parts: Parts, clock: SetClock) -> None:
    filled(set_parts)
    hook = ToldHook([Answer("HTTP 500")] * 8)
    began, tried_at = clock.world, []
    for wait_s in (0, 10, 60, 300, 1800, 7200, 21_600, 86_400):
        clock.world += timedelta(seconds=max(0, wait_s - 1))
        if wait_s:
            assert delivery.deliver(set_parts, {Target.WEBHOOK: hook}) == Delivered(), "one second too early"
            clock.world += timedelta(seconds=1)
        done = delivery.deliver(set_parts, {Target.WEBHOOK: hook})
        tried_at.append((clock.world - began).total_seconds())
        assert done.delivered == 0
    assert done == Delivered(dead=1)
    assert len(hook.messages) == 8
    assert len({message.id for message in hook.messages}) == 1
    assert counts(set_parts) == {DeliveryState.DEAD: 1}
    clock.world += timedelta(days=30)
    assert delivery.deliver(set_parts, {Target.WEBHOOK: hook}) == Delivered()


def test_a_receiver_that_is_gone_is_not_asked_again(set_parts: Parts) -> None:
    filled(set_parts)
    hook = ToldHook([Answer("HTTP 410 Gone", is_gone=True)])
    assert delivery.deliver(set_parts, {Target.WEBHOOK: hook}) == Delivered(dead=1)
    (row,) = delivery.listed(set_parts, is_dead_only=True, limit=5).messages
    assert (row.last_error, row.tries) == ("HTTP 410 Gone", 1)


def test_a_receiver_that_does_not_answer_is_left_until_the_next_round(set_parts: Parts) -> None:
    """Otherwise every message of a long outbox would wait for its own time limit, and other tasks with it."""
    filled(set_parts, 100)
    filled(set_parts, 3, Target.COMMAND)
    silent = ToldHook([Answer("no answer within 10 s", is_reachable=False)] * 100)
    other = ToldHook()
    done = delivery.deliver(set_parts, {Target.WEBHOOK: silent, Target.COMMAND: other})
    assert done.delivered == len(other.messages) == 3
    assert len(silent.messages) <= 10


def test_a_deliverer_that_died_before_its_commit_sends_again_under_the_same_id(set_parts: Parts, clock: SetClock) -> None:
    filled(set_parts)

    class Killed(BaseException):
        """As a process that is no more."""

    class DyingHook(ToldHook):
        async def send(self, message: Message) -> Answer:
            await super().send(message)
            raise Killed

    dying, other = DyingHook(), ToldHook()
    with pytest.raises(Killed):
        delivery.deliver(set_parts, {Target.WEBHOOK: dying})
    assert delivery.deliver(set_parts, {Target.WEBHOOK: other}) == Delivered(), "its try is still under lease"
    clock.world += delivery.LEASE + timedelta(seconds=1)
    assert delivery.deliver(set_parts, {Target.WEBHOOK: other}) == Delivered(delivered=1)
    assert dying.messages == other.messages


def test_a_message_is_never_with_two_deliverers_at_once(set_parts: Parts) -> None:
    filled(set_parts, 60)
    with receiver() as target:
        hooks = {Target.WEBHOOK: HttpHook(target.url, key_of(SECRET), set_parts.clock.lease_now)}
        threads = [threading.Thread(target=delivery.deliver, args=(set_parts, hooks)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(target.ids) == len(set(target.ids)) == 60
    assert counts(set_parts) == {DeliveryState.DELIVERED: 60}


def test_a_receiver_that_recovers_gets_the_same_message(set_parts: Parts, clock: SetClock) -> None:
    filled(set_parts)
    with receiver() as target:
        target.statuses = [500, 302]
        hooks = {Target.WEBHOOK: HttpHook(target.url, key_of(SECRET), clock.lease_now)}
        for wait_s, done in ((0, Delivered(failed=1)), (10, Delivered(failed=1)), (60, Delivered(delivered=1))):
            clock.world += timedelta(seconds=wait_s)
            assert delivery.deliver(set_parts, hooks) == done
        first, second, third = target.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == third.headers["webhook-id"]
    assert first.body == second.body == third.body
    assert first.headers["webhook-signature"] != third.headers["webhook-signature"], "each try has its own timestamp"


def test_what_was_delivered_long_ago_is_deleted(set_parts: Parts, clock: SetClock) -> None:
    filled(set_parts)
    delivery.deliver(set_parts, {Target.WEBHOOK: ToldHook()})
    clock.world += timedelta(days=31)
    delivery.deliver(set_parts, {Target.WEBHOOK: ToldHook()})
    assert counts(set_parts) == {}


def test_a_person_replays(set_parts: Parts) -> None:
    armed(set_parts)
    campaign_id = folders.stored(set_parts, "solar-sales").id
    with set_parts.store.write() as tx:
        new = [NewMessage(f"msg_{number}", EventKind.OPT_OUT, Target.WEBHOOK, campaign_id, None, {}) for number in range(3)]
        outbox.add(tx, new, set_parts.clock.lease_now())
    gone = ToldHook([Answer("HTTP 410", is_gone=True)] * 3)
    delivery.deliver(set_parts, {Target.WEBHOOK: gone})
    delivery.replay(set_parts, "msg_1")
    assert delivery.listed(set_parts, is_dead_only=False, limit=9).counts == {DeliveryState.PENDING: 1, DeliveryState.DEAD: 2}
    assert delivery.replay_dead(set_parts, "solar-sales") == 2
    assert delivery.replay_dead(set_parts, None) == 0
    assert delivery.deliver(set_parts, {Target.WEBHOOK: gone}) == Delivered(delivered=3)
    with pytest.raises(UserError, match="no message 'msg_7'"):
        delivery.replay(set_parts, "msg_7")


def test_a_test_message_goes_to_every_receiver_now(set_parts: Parts) -> None:
    one, two = ToldHook(), ToldHook()
    sent = delivery.send_test(set_parts, {Target.WEBHOOK: one, Target.COMMAND: two})
    assert [target for target, _ in sent] == [Target.WEBHOOK, Target.COMMAND]
    (message,) = one.messages
    assert message.body.startswith(b'{"id":"msg_')
    assert b'"kind":"test"' in message.body
    assert counts(set_parts) == {}
    with pytest.raises(HookError, match="the webhook did not take the test message: HTTP 401"):
        delivery.send_test(set_parts, {Target.WEBHOOK: ToldHook([Answer("HTTP 401")])})
    with pytest.raises(UserError, match="no receiver is configured"):
        delivery.send_test(set_parts, {})
