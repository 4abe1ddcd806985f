"""Messages: written with what they tell, claimed by one deliverer at a time, kept until they are settled."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from dialer.model.call import Bucket
from dialer.model.disposition import Disposition
from dialer.model.ids import CampaignId
from dialer.model.outbox import DeliveryState, EventKind, Target
from dialer.store import outbox, queue
from dialer.store.engine import Store
from dialer.store.outbox import ClaimedMessage, NewMessage
from tests.store.rows import NOW, a_contact, begun, minutes, stocked

BOTH = (Target.WEBHOOK, Target.COMMAND)


def a_message(number: int, target: Target = Target.WEBHOOK, campaign_id: CampaignId | None = None) -> NewMessage:
    """A message with a body of its own."""
    body = {"id": f"msg_{number}", "kind": "opt_out", "words": "不要"}
    return NewMessage(f"msg_{number}", EventKind.OPT_OUT, target, campaign_id, None, body)


def filled(tx: Connection, count: int) -> None:
    """``count`` messages, due now."""
    outbox.add(tx, map(a_message, range(count)), NOW)


def claimed(tx: Connection, limit: int = 10, at_minutes: float = 0) -> list[ClaimedMessage]:
    """Claim for a minute."""
    now = NOW + minutes(at_minutes)
    return outbox.claim(tx, BOTH, limit, now, now + minutes(1))


def state_of(tx: Connection, message_id: str) -> outbox.MessageRow:
    """The row of one message."""
    (row,) = [row for row in outbox.listed(tx, None, 1000) if row.id == message_id]
    return row


def test_a_message_is_due_at_once_and_comes_back_as_it_was(store: Store) -> None:
    with store.write() as tx:
        assert outbox.add(tx, [], NOW) == 0
        assert not outbox.has_due(tx, BOTH, NOW)
        assert outbox.add(tx, [a_message(1)], NOW) == 1
    with store.read() as tx:
        assert outbox.has_due(tx, BOTH, NOW)
        assert not outbox.has_due(tx, BOTH, NOW - minutes(1))
    with store.write() as tx:
        (message,) = claimed(tx)
    assert message == ClaimedMessage("msg_1", Target.WEBHOOK, dict(a_message(1).body), 1)


def test_what_is_rolled_back_is_not_told(store: Store) -> None:
    def fill_and_fail() -> None:
        with store.write() as tx:
            filled(tx, 3)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fill_and_fail()
    with store.read() as tx:
        assert outbox.counts(tx) == {}


def test_only_the_messages_of_present_receivers_are_claimed(store: Store) -> None:
    with store.write() as tx:
        outbox.add(tx, [a_message(1), a_message(2, Target.COMMAND)], NOW)
        assert [message.id for message in outbox.claim(tx, [Target.COMMAND], 10, NOW, NOW + minutes(1))] == ["msg_2"]
        assert outbox.claim(tx, [], 10, NOW, NOW + minutes(1)) == []


def test_a_claimed_message_is_claimed_again_only_when_its_lease_is_over(store: Store) -> None:
    with store.write() as tx:
        filled(tx, 1)
        (first,) = claimed(tx)
        assert claimed(tx, at_minutes=0.9) == []
    with store.write() as tx:
        (second,) = claimed(tx, at_minutes=1.1)
        assert (second.id, second.tries) == (first.id, 2)
        assert not outbox.delivered(tx, first, NOW), "the first deliverer comes too late"
        assert not outbox.failed(tx, first, "late", None)
        assert outbox.delivered(tx, second, NOW)
        assert not outbox.delivered(tx, second, NOW)


def test_a_failed_try_waits_for_its_next_and_the_last_one_is_dead(store: Store) -> None:
    with store.write() as tx:
        filled(tx, 1)
        (message,) = claimed(tx)
        assert outbox.failed(tx, message, "HTTP 500", NOW + minutes(5))
        assert claimed(tx, at_minutes=4) == []
        (message,) = claimed(tx, at_minutes=5)
        assert message.tries == 2
        assert outbox.failed(tx, message, "HTTP 410", None)
        assert claimed(tx, at_minutes=600) == []
        row = state_of(tx, "msg_0")
    assert (row.state, row.tries, row.last_error) == (DeliveryState.DEAD, 2, "HTTP 410")


def test_the_longest_due_come_first(store: Store) -> None:
    with store.write() as tx:
        outbox.add(tx, [a_message(1)], NOW)
        outbox.add(tx, [a_message(2)], NOW - minutes(1))
        assert [message.id for message in claimed(tx, limit=1)] == ["msg_2"]


def test_deliverers_side_by_side_never_have_the_same_message(store: Store) -> None:
    with store.write() as tx:
        filled(tx, 60)
    taken: list[str] = []
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        while True:
            with store.write() as tx:
                found = claimed(tx, limit=5)
            if not found:
                return
            taken.extend(message.id for message in found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"msg_{number}" for number in range(60))


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_a_locked_message_is_passed_over_and_not_waited_for(store: Store) -> None:
    with store.write() as tx:
        filled(tx, 4)
    with store.write() as first, store.write() as second:
        mine, theirs = claimed(first, limit=2), claimed(second, limit=4)
    assert {message.id for message in mine} & {message.id for message in theirs} == set()
    assert len(mine) + len(theirs) == 4


def test_the_claim_reads_the_index_of_due_messages(store: Store) -> None:
    with store.write() as tx:
        outbox.add(tx, map(a_message, range(2000)), NOW)
        tx.execute(text("UPDATE outbox SET state = 'delivered', delivered_at = next_try_at WHERE id <> 'msg_7'"))
        if store.dialect == "postgresql":
            tx.execute(text("ANALYZE outbox"))
        statement = outbox.claim_statement(BOTH, 20, NOW, NOW + minutes(1))
        spelled = statement.compile(tx.engine, compile_kwargs={"literal_binds": True})
        plan = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN "
        lines = "\n".join(str(row) for row in tx.exec_driver_sql(plan + str(spelled).replace("%", "%%")))
    assert "ix_outbox_due" in lines


def test_a_replay_starts_anew_under_the_same_id(store: Store) -> None:
    with store.write() as tx:
        filled(tx, 3)
        dead, done, waiting = claimed(tx)
        outbox.failed(tx, dead, "HTTP 410", None)
        outbox.delivered(tx, done, NOW)
        outbox.failed(tx, waiting, "HTTP 500", NOW + timedelta(days=1))
        for message in (dead, done, waiting):
            assert outbox.replay(tx, message.id, NOW + minutes(2))
        assert not outbox.replay(tx, "msg_77", NOW)
        again = {message.id: message.tries for message in claimed(tx, at_minutes=2)}
    assert again == {dead.id: 1, done.id: 1, waiting.id: 2}


def test_a_replay_does_not_disturb_a_try_that_is_under_way(store: Store) -> None:
    with store.write() as tx:
        filled(tx, 1)
        (message,) = claimed(tx)
        assert outbox.replay(tx, message.id, NOW)
        assert claimed(tx) == []
        assert outbox.delivered(tx, message, NOW)


def test_the_dead_of_one_campaign_or_of_all_are_replayed(store: Store) -> None:
    with store.write() as tx:
        one, two = stocked(tx, 1).campaign_id, stocked(tx, 1, "winter", first=1).campaign_id
        outbox.add(tx, [a_message(1, campaign_id=one), a_message(2, campaign_id=two), a_message(3, campaign_id=two)], NOW)
        for message in claimed(tx, limit=3):
            outbox.failed(tx, message, "HTTP 410", None)
        assert [row.campaign for row in outbox.listed(tx, DeliveryState.DEAD, 10)] == ["autumn", "winter", "winter"]
        assert outbox.replay_dead(tx, one, NOW) == 1
        assert outbox.counts(tx) == {DeliveryState.PENDING: 1, DeliveryState.DEAD: 2}
        assert outbox.replay_dead(tx, None, NOW) == 2
        assert outbox.replay_dead(tx, None, NOW) == 0


def test_what_was_delivered_long_ago_is_forgotten(store: Store) -> None:
    with store.write() as tx:
        filled(tx, 2)
        first, second = claimed(tx)
        outbox.delivered(tx, first, NOW)
        outbox.failed(tx, second, "HTTP 410", None)
        assert not outbox.has_old(tx, NOW)
        assert outbox.has_old(tx, NOW + minutes(1))
        assert outbox.forget(tx, NOW + minutes(1)) == 1
        assert outbox.counts(tx) == {DeliveryState.DEAD: 1}


def test_the_end_of_a_call_is_told_with_whose_it_was(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        call, _ = begun(tx, stock)
        assert outbox.finished_calls(tx, [call.call_id]) == []
        queue.finish(tx, call.call_id, call.fence, Bucket.NOT_REACHED, Disposition.BUSY, None, NOW)
        (told,) = outbox.finished_calls(tx, [call.call_id])
    assert told == outbox.FinishedCall(
        id=call.call_id,
        campaign_id=stock.campaign_id,
        phone=call.phone,
        external_id="",
        row=a_contact(0).row,
        bucket=Bucket.NOT_REACHED,
        disposition=Disposition.BUSY,
        outcome=None,
        attempts_made=1,
    )
