"""A test call is kept with its words and its money, and nothing that counts attempts sees it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from dialer.model.attempt import EndCause, Ending
from dialer.model.disposition import AnsweredBy, Disposition
from dialer.model.ids import AttemptId
from dialer.model.transcript import Speaker, ToolCall, Transcript, Turn
from dialer.store import attempts, money, overview, queue, testcalls
from dialer.store.engine import Store
from dialer.store.testcalls import NewTestCall
from tests.store.rows import NOW, Stock, a_phone, a_result, minutes, stocked

OWN = a_phone(77)
WORDS = Transcript(
    (Turn(1, Speaker.AGENT, "Hello.", 0, 900), Turn(2, Speaker.CALLEE, "Hi.", 1000, 1400, latency_ms=300)),
    (ToolCall("c1", "end_call", {"reason": "finished"}, {"ok": True}, 1500, 2),),
)


def a_test_call(stock: Stock, name: str = "a1") -> NewTestCall:
    """One about to be made."""
    return NewTestCall(
        id=AttemptId(name * 16),
        campaign_id=stock.campaign_id,
        script_version_id=stock.version_id,
        instructions_hash="f00",
        row=2,
        phone=OWN,
        from_number=a_phone(1),
        carrier="twilio",
        cost=Decimal("0.9"),
    )


def test_its_steps_are_kept(store: Store) -> None:
    with store.write() as tx:
        new = a_test_call(stocked(tx, 1))
        testcalls.begin(tx, new, NOW)
        begun = testcalls.known(tx, new.id)
        assert begun is not None
        assert (begun.cost, begun.words, begun.ended_at, begun.number) == (Decimal("0.9"), Transcript(), None, 0)
        testcalls.placed(tx, new.id, "CA1")
        testcalls.answered(tx, new.id, NOW + timedelta(seconds=3))
        testcalls.said(tx, new.id, WORDS)
        ending = Ending(EndCause.FAR_HANG_UP, "completed", 200)
        result = a_result(Disposition.ANSWERED_HUMAN, ending=ending, talk_s=9.5, answered_by=AnsweredBy.HUMAN)
        testcalls.end(tx, new.id, result, Decimal("0.03"), NOW + minutes(1))
        done = testcalls.known(tx, new.id)
    assert done is not None
    assert (done.carrier_call_id, done.words, done.cost, done.talk_s) == ("CA1", WORDS, Decimal("0.03"), 9.5)
    assert (done.disposition, done.end_cause, done.sip_code) == (Disposition.ANSWERED_HUMAN, EndCause.FAR_HANG_UP, 200)
    assert (done.answered_at, done.ended_at) == (NOW + timedelta(seconds=3), NOW + minutes(1))


def test_it_is_found_by_its_beginning_its_campaign_and_its_number_while_it_lasts(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 1)
        first, second = a_test_call(stock, "a1"), a_test_call(stock, "a2")
        testcalls.begin(tx, first, NOW)
        testcalls.begin(tx, second, NOW + minutes(1))
        assert testcalls.beginning(tx, "a1a1") == [first.id]
        assert testcalls.beginning(tx, "a") == [first.id, second.id]
        assert [it.id for it in testcalls.of_campaign(tx, stock.campaign_id)] == [first.id, second.id]
        newest = testcalls.open_to(tx, OWN)
        assert newest is not None
        assert newest.id == second.id
        assert testcalls.open_to(tx, OWN, NOW + minutes(2)) is None, "its time is over, whatever became of it"
        assert testcalls.open_to(tx, a_phone(78)) is None
        for new in (first, second):
            testcalls.end(tx, new.id, a_result(), Decimal(0), NOW + minutes(3))
        assert testcalls.open_to(tx, OWN) is None
        assert testcalls.known(tx, AttemptId("b1")) is None


def test_nothing_that_counts_sees_it(store: Store) -> None:
    with store.write() as tx:
        stock = stocked(tx, 2)
        before = queue.counts(tx, stock.campaign_id), money.account(tx, stock.campaign_id, NOW), overview.figures(tx)
        new = a_test_call(stock)
        testcalls.begin(tx, new, NOW)
        testcalls.end(tx, new.id, a_result(), Decimal("0.5"), NOW)
        assert before == (queue.counts(tx, stock.campaign_id), money.account(tx, stock.campaign_id, NOW), overview.figures(tx))
        assert not attempts.of_numbers_since(tx, [OWN], NOW - minutes(1))
        assert not attempts.is_open_to(tx, OWN)
