"""The streams that the reports are made of, on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import event

from dialer.model.attempt import AttemptResult, EndCause, Ending, Usage
from dialer.model.call import Bucket, CallState
from dialer.model.contact import RowProblem
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.lead import Evidence, EvidencedAnswer, Grade, Lead, ScoreReason, Source
from dialer.model.transcript import Speaker, ToolCall, Turn
from dialer.reports.data import ContactRow, ProblemRow
from dialer.store import attempts, campaigns, contacts, queue, records, results, suppression
from tests.store.rows import NOW, a_contact, a_dial, a_result, add_problems, begun, claim, minutes, some_facts, stocked, upsert

LEAD = Lead(
    Outcome.INTERESTED,
    80,
    Grade.HOT,
    (ScoreReason(80, "wants it"),),
    (EvidencedAnswer("need", "a roof", Source.TOOL, Evidence(2, "a roof", 900)),),
    Evidence(2, "a roof", 900),
    "Call today",
    NOW,
    needs_review=True,
)


def zone_of(phone, timezone):
    return timezone or "America/New_York"


def a_talk(tx, stock, outcome=Outcome.INTERESTED):
    """One call that a human took, with words, a tool call and a lead."""
    claimed, new = begun(tx, stock)
    attempts.placed(tx, new.attempt_id, new.fence, "CA1", NOW)
    attempts.answered(tx, new.attempt_id, new.fence, NOW + minutes(0.1))
    records.save_turn(tx, new.attempt_id, Turn(2, Speaker.CALLEE, "a roof", 900, 1500, "a roof"))
    records.save_turn(tx, new.attempt_id, Turn(1, Speaker.AGENT, "Hello", 0, 800, "Hello", latency_ms=400))
    records.save_tool_call(tx, new.attempt_id, ToolCall("c1", "set_outcome", {"outcome": outcome.value}, {"ok": True}, 1600, 2))
    ended = AttemptResult(
        Disposition.ANSWERED_HUMAN,
        outcome,
        AnsweredBy.HUMAN,
        Ending(EndCause.FAR_HANG_UP, "BYE", 200),
        talk_s=41.5,
        answer_to_audio_ms=30,
        usage=Usage(text_in=5),
        cost=Decimal("0.041"),
        summary="wants a roof",
        callback_at=NOW + minutes(90) if outcome is Outcome.CALLBACK else None,
    )
    attempts.end(tx, new.attempt_id, new.fence, ended, NOW + minutes(1))
    return claimed, new


def test_a_conversation_is_told_in_full(store):
    with store.write() as tx:
        stock = stocked(tx, 2)
        claimed, new = a_talk(tx, stock)
        records.save_lead(
            tx,
            LEAD,
            call_id=claimed.call_id,
            campaign_id=stock.campaign_id,
            contact_id=stock.contact_ids[0],
            attempt_id=new.attempt_id,
            now=NOW,
        )
        queue.finish(
            tx, claimed.call_id, claimed.fence, Bucket.REACHED, Disposition.ANSWERED_HUMAN, Outcome.INTERESTED, NOW + minutes(1)
        )
    with store.read() as tx:
        first, second = results.file_rows(tx, stock.campaign_id, zone_of)
        (attempt,) = results.attempt_rows(tx, stock.campaign_id, zone_of)
        (talk,) = results.transcript_rows(tx, stock.campaign_id, zone_of)
    assert isinstance(first, ContactRow)
    assert (first.bucket, first.dials, first.has_answer, first.has_talk) == (Bucket.REACHED, 1, True, True)
    assert (first.outcome, first.cost, first.summary, first.talk_s) == (
        Outcome.INTERESTED,
        Decimal("0.041"),
        "wants a roof",
        41.5,
    )
    assert (first.lead, first.lead_attempt_id, first.due_at) == (LEAD, new.attempt_id, None)
    assert (first.person.name, first.person.zone, first.person.row) == ("Maria 0", "America/New_York", 2)
    assert list(first.cells) == ["Mobile", "First"]
    assert isinstance(second, ContactRow)
    assert (second.bucket, second.dials, second.has_talk, second.cost, second.lead) == (
        Bucket.WAITING,
        0,
        False,
        Decimal(0),
        None,
    )
    assert second.due_at == NOW
    assert (attempt.disposition, attempt.usage.text_in, attempt.end_cause, attempt.sip_code) == (
        Disposition.ANSWERED_HUMAN,
        5,
        "far_hang_up",
        200,
    )
    assert len(attempt.script_hash) == 64
    assert talk.attempt == attempt
    assert [turn.text for turn in talk.transcript.turns] == ["Hello", "a roof"]
    assert talk.transcript.tool_calls[0].arguments == {"outcome": "interested"}


def test_what_was_said_survives_a_later_attempt_that_reached_nobody(store):
    with store.write() as tx:
        stock = stocked(tx, 1)
        claimed, _ = a_talk(tx, stock, Outcome.CALLBACK)
        queue.requeue(tx, claimed.call_id, claimed.fence, NOW, True, Disposition.ANSWERED_HUMAN, Outcome.CALLBACK)
        (again,) = claim(tx, stock)
        new = a_dial(again, stock, "1")
        attempts.begin(tx, new, NOW + minutes(5))
        attempts.end(tx, new.attempt_id, new.fence, a_result(), NOW + minutes(6))
        queue.requeue(tx, again.call_id, again.fence, NOW + minutes(60), True, Disposition.NO_ANSWER, None)
    with store.read() as tx:
        (row,) = results.file_rows(tx, stock.campaign_id, zone_of)
        numbers = [attempt.number for attempt in results.attempt_rows(tx, stock.campaign_id, zone_of)]
    assert isinstance(row, ContactRow)
    assert (row.outcome, row.disposition, row.dials, row.is_callback) == (Outcome.CALLBACK, Disposition.NO_ANSWER, 2, True)
    assert (row.bucket, row.due_at, row.callback_at) == (Bucket.WAITING, NOW + minutes(60), NOW + minutes(90))
    assert numbers == [1, 2]


def test_refused_rows_stand_once_and_in_the_order_of_the_file(store):
    def problem(row, code):
        return RowProblem(row, "Mobile", "12", code, "too short", "give all digits", {"Mobile": "12"})

    with store.write() as tx:
        stock = stocked(tx, 2)
        bad = [problem(1, "invalid_phone"), problem(1, "missing_variable"), problem(3, "duplicate")]
        add_problems(tx, stock.import_id, bad)
        queue_held = upsert(tx, stock.campaign_id, stock.import_id, [a_contact(7)], NOW)
        queue.add_calls(
            tx,
            stock.campaign_id,
            [
                queue.NewCall(
                    contact_id=queue_held[0].contact_id,
                    phone=a_contact(7).phone,
                    state=CallState.HELD,
                    bucket=Bucket.HELD,
                    hold_code="blocked_consent",
                    due_at=NOW,
                )
            ],
        )
        upsert(tx, stock.campaign_id, stock.import_id, [a_contact(8)], NOW)
    with store.read() as tx:
        rows = list(results.file_rows(tx, stock.campaign_id, zone_of))
    assert [(row.row if isinstance(row, ProblemRow) else row.person.row, row.bucket) for row in rows] == [
        (1, Bucket.REJECTED),
        (2, Bucket.WAITING),
        (3, Bucket.WAITING),
        (3, Bucket.DUPLICATE),
        (9, Bucket.HELD),
        (10, Bucket.WAITING),
    ]
    assert isinstance(rows[4], ContactRow)
    assert rows[4].reason == "blocked_consent"


def test_a_refused_attempt_gives_the_reason_for_not_calling(store):
    with store.write() as tx:
        stock = stocked(tx, 1)
        (claimed,) = claim(tx, stock)
        attempts.record_refused(tx, a_dial(claimed, stock), Disposition.BLOCKED_CAPS, "CAPS-1", NOW)
        queue.finish(tx, claimed.call_id, claimed.fence, Bucket.BLOCKED, Disposition.BLOCKED_CAPS, None, NOW)
    with store.read() as tx:
        (row,) = results.file_rows(tx, stock.campaign_id, zone_of)
        (attempt,) = results.attempt_rows(tx, stock.campaign_id, zone_of)
        assert list(results.transcript_rows(tx, stock.campaign_id, zone_of)) == []
    assert isinstance(row, ContactRow)
    assert (row.bucket, row.reason, row.dials) == (Bucket.BLOCKED, "blocked_caps", 0)
    assert (attempt.dialed_at, attempt.disposition, attempt.usage) == (None, Disposition.BLOCKED_CAPS, Usage())


def test_opt_outs_are_those_of_this_campaign(store):
    with store.write() as tx:
        stock, other = stocked(tx, 2), stocked(tx, 1, "spring", first=5)
        _, new = a_talk(tx, stock, Outcome.DO_NOT_CALL)
        phone = a_contact(0).phone
        suppression.add(tx, phone, reason="opt_out", source="tool", quote="stop calling", attempt_id=new.attempt_id, now=NOW)
        suppression.add(tx, a_contact(1).phone, reason="manual", source="list", quote="", attempt_id=None, now=NOW)
    with store.read() as tx:
        (row,) = results.opt_out_rows(tx, stock.campaign_id, zone_of)
        assert results.opt_out_rows(tx, other.campaign_id, zone_of) == []
    assert (row.person.phone, row.quote, row.source, row.at) == (phone, "stop calling", "tool", NOW)


def test_the_head_has_the_files_in_order(store):
    with store.write() as tx:
        stock = stocked(tx, 1)
        contacts.record_import(tx, some_facts(stock.campaign_id, header=("Phone", "Mobile")), NOW + timedelta(days=1))
    with store.read() as tx:
        found = results.head(tx, campaigns.get(tx, stock.campaign_id))
    assert [item.rows for item in found.imports] == [4, 4]
    assert found.columns == ("Mobile", "First", "Phone")
    assert found.campaign.name == "autumn"


def test_what_was_said_last_is_looked_up_for_each_contact_by_an_index(store):
    """A ranking of all attempts that SQLite reads anew for each contact costs the square of the list."""
    if store.dialect != "sqlite":
        return  # Postgres joins a ranking by a hash: nothing to be avoided
    with store.write() as tx:
        stock = stocked(tx, 2)
        a_talk(tx, stock)
    asked = []
    with store.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        assert len(list(results.file_rows(tx, stock.campaign_id, zone_of))) == 2
        assert results.opt_out_rows(tx, stock.campaign_id, zone_of) == []
        looked_up = [query for query in asked if " AS said " in query[0]]
        assert len(looked_up) == 2
        for text, values in looked_up:
            plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            assert [step for step in plan if step.startswith("SEARCH said ")] != [], plan
            assert [step for step in plan if step.startswith("SCAN")] == [], plan
