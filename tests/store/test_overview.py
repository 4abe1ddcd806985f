"""What people look up, on both databases."""

from __future__ import annotations

from decimal import Decimal

from dialer.model.call import Bucket, CallState
from dialer.model.disposition import Disposition, Outcome
from dialer.store import attempts, overview, queue
from dialer.store.engine import Store
from tests.store.rows import NOW, a_dial, a_phone, a_result, begun, claim, minutes, stocked


def test_the_calls_of_a_campaign_come_in_the_order_of_the_queue(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 3)
        stocked(tx, 1, "other", first=50)
        (taken,) = claim(tx, stock)
        queue.release(tx, taken.call_id, taken.fence, NOW + minutes(5))
        found = list(overview.calls_of_campaign(tx, stock.campaign_id))
    assert [call.due_at for call in found] == sorted(call.due_at for call in found)
    assert (len(found), found[-1].id, found[-1].state) == (3, taken.call_id, CallState.QUEUED)
    assert found[-1].fence > taken.fence


def test_the_calls_and_attempts_of_a_number(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        _, new = begun(tx, stock)
        assert [call.phone for call in overview.calls_of_phone(tx, new.phone)] == [new.phone]
        assert overview.attempts_of_phone(tx, new.phone) == [new.attempt_id]
        assert overview.attempts_of_phone(tx, a_phone(99)) == []


def test_attempts_by_the_beginning_of_their_id(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 3)
        for claimed in claim(tx, stock, 3):
            attempts.begin(tx, a_dial(claimed, stock), NOW)
        assert len(overview.attempts_beginning(tx, "0000")) == 2
        assert len(overview.attempts_beginning(tx, "0000", 9)) == 3
        assert overview.attempts_beginning(tx, "%") == []


def test_figures_dispositions_and_the_longest_talk(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 4)
        assert overview.figures(tx) == {}
        assert overview.longest_talk(tx, stock.campaign_id) is None
        results = [
            a_result(cost=Decimal("0.01")),
            a_result(Disposition.ANSWERED_HUMAN, outcome=Outcome.INTERESTED, cost=Decimal("0.05"), talk_s=20),
            a_result(Disposition.ANSWERED_HUMAN, talk_s=40),
        ]
        made = []
        for claimed, result in zip(claim(tx, stock, 3), results, strict=True):
            new = a_dial(claimed, stock)
            attempts.begin(tx, new, NOW)
            attempts.end(tx, new.attempt_id, new.fence, result, NOW)
            queue.finish(tx, claimed.call_id, claimed.fence, Bucket.REACHED, result.disposition, result.outcome, NOW)
            made.append(new.attempt_id)
        (refused,) = claim(tx, stock)
        attempts.record_refused(tx, a_dial(refused, stock), Disposition.BLOCKED_HOURS, "HOURS-1", NOW)
        figures = overview.figures(tx)[stock.campaign_id]
        assert (figures.attempts, figures.dialed, figures.talks, figures.spent) == (4, 3, 2, Decimal("0.06"))
        found = overview.dispositions(tx, stock.campaign_id)
        assert next(iter(found.items())) == (Disposition.ANSWERED_HUMAN, 2)
        assert found[Disposition.BLOCKED_HOURS] == 1
        assert overview.longest_talk(tx, stock.campaign_id) == made[2]


def test_dials_since_and_the_next_due_call(store: Store) -> None:
    with store.write() as tx:
        assert overview.last_dialed_at(tx) is None
        assert overview.next_due(tx) == {}
        stock = stocked(tx, 2)
        begun(tx, stock)
        assert overview.next_due(tx) == {stock.campaign_id: NOW}
        assert (overview.dialed_since(tx, NOW), overview.dialed_since(tx, NOW + minutes(1))) == (1, 0)
        assert overview.last_dialed_at(tx) == NOW
