"""Readings by a model: asked once, kept, paid for, believed only where the words are; a person's word stands above all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from dialer.model.attempt import AttemptResult
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.lead import AnalysisState, Correction, Source
from dialer.model.transcript import Speaker, Turn
from dialer.operations import analysis, looking_again, wrap_up
from dialer.operations.dispatch import Work
from dialer.operations.parts import Parts
from dialer.simulation.responses import KEY, Fault, ResponsesPeer, serve_responses
from dialer.store import analyses, attempts, findings, money, records, suppression
from dialer.store.schema import analyses as rows
from dialer.voice.analyst import ResponsesAnalyst
from tests.operations.stage import OWNER, armed, claimed

MODEL = "gpt-read"


@pytest.fixture
def peer() -> Iterator[ResponsesPeer]:
    with serve_responses() as made:
        yield made


@pytest.fixture
def reading(parts: Parts, peer: ResponsesPeer) -> Parts:
    """Parts with a model that reads."""
    settings = parts.settings.model_copy(update={"analysis_model": MODEL, "analysis_url": peer.url})
    return replace(parts, settings=settings)


def talk(parts: Parts, *lines: str, disposition: Disposition = Disposition.ANSWERED_HUMAN) -> Work:
    """One call that said this, through the real wrap-up."""
    (work,) = claimed(parts, 1)
    now = parts.clock.now()
    new = attempts.NewAttempt(
        attempt_id=work.attempt_id,
        call_id=work.subject.call_id,
        fence=work.subject.fence,
        owner=OWNER,
        lease_until=parts.clock.lease_now() + timedelta(minutes=5),
        phone=work.phone,
        from_number=work.from_number,
        script_version_id=work.subject.campaign.version_id,
        carrier="simulated",
    )
    with parts.store.write() as tx:
        attempts.begin(tx, new, now)
        attempts.answered(tx, work.attempt_id, work.subject.fence, now)
        for seq, line in enumerate(lines, 1):
            speaker = Speaker.AGENT if line.startswith("> ") else Speaker.CALLEE
            text = line.removeprefix("> ")
            records.save_turn(tx, work.attempt_id, Turn(seq, speaker, text, seq * 1000, seq * 1000 + 900, text))
    result = AttemptResult(disposition, answered_by=AnsweredBy.HUMAN, talk_s=30, cost=Decimal("0.05"))
    wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, result)
    return work


def finding(parts: Parts, work: Work) -> findings.Finding:
    with parts.store.read() as tx:
        found = findings.of_attempt(tx, work.attempt_id)
    assert found is not None
    return found


def outcome(parts: Parts, work: Work) -> Outcome | None:
    with parts.store.read() as tx:
        return attempts.get(tx, work.attempt_id).outcome


def claim(value: str, quote: str, turn: int) -> dict[str, object]:
    return {"value": value, "quote": quote, "turn": turn}


def a_document(**changes: object) -> dict[str, object]:
    answers = dict.fromkeys(("owns_home", "monthly_bill", "roof_age", "timeline"))
    return {"outcome": None, "answers": answers, "objections": [], "opt_out": None, "sentiment": None, "summary": None} | changes


def test_a_talk_is_read_once_kept_and_paid_for(reading: Parts, peer: ResponsesPeer) -> None:
    armed(reading)
    work = talk(reading, "> Shall we send someone?", "sure, that could work for us")
    assert outcome(reading, work) is Outcome.CANNOT_TELL
    peer.answers.append(a_document(outcome=claim("interested", "that could work for us", 2), summary="It could work."))
    analyst = ResponsesAnalyst(peer.url, KEY)
    with reading.store.read() as tx:
        before = money.account(tx, work.subject.campaign.id, reading.clock.now()).total
    assert analysis.analyse_all(reading, analyst, "solar-sales") == analysis.Progress(done=1)
    found = finding(reading, work)
    assert (found.outcome, found.source, found.quote.quote if found.quote else "") == (
        Outcome.INTERESTED,
        Source.MODEL,
        "that could work for us",
    )
    assert outcome(reading, work) is Outcome.INTERESTED
    with reading.store.read() as tx:
        lead = records.lead_of_call(tx, work.subject.call_id)
        (readings,) = analyses.of_campaign(tx, work.subject.campaign.id)
        after = money.account(tx, work.subject.campaign.id, reading.clock.now()).total
        assert attempts.get(tx, work.attempt_id).summary == "It could work."
    assert lead is not None
    assert (readings.counts, readings.key.model) == ({"done": 1}, MODEL)
    assert after - before == readings.cost > 0
    assert analysis.wanted(reading) == []
    assert analysis.analyse_all(reading, analyst) == analysis.Progress()
    assert len(peer.requests) == 1


def test_what_a_model_invents_is_not_kept(reading: Parts, peer: ResponsesPeer) -> None:
    armed(reading)
    work = talk(reading, "> Do you want it?", "hm, well")
    answers = a_document()["answers"] | {"monthly_bill": claim("180", "180 dollars", 2)}  # type: ignore[operator]
    peer.answers.append(a_document(outcome=claim("interested", "yes I want it", 2), answers=answers))
    analysis.analyse_all(reading, ResponsesAnalyst(peer.url, KEY))
    found = finding(reading, work)
    assert (found.outcome, found.needs_review) == (Outcome.CANNOT_TELL, True)
    assert [(it.name, it.value, it.needs_review) for it in found.answers] == [("monthly_bill", None, True)]


def test_an_opt_out_that_is_noticed_late_is_final(reading: Parts, peer: ResponsesPeer) -> None:
    armed(reading)
    work = talk(reading, "> Hello", "let this have been the last time")
    peer.answers.append(a_document(opt_out=claim("true", "the last time", 2)))
    analysis.analyse_all(reading, ResponsesAnalyst(peer.url, KEY))
    assert outcome(reading, work) is Outcome.DO_NOT_CALL
    with reading.store.read() as tx:
        listed = suppression.entry(tx, work.phone)
    assert listed is not None
    assert (listed.source, listed.quote) == ("review", "the last time")


def test_without_a_model_nothing_is_asked(parts: Parts) -> None:
    armed(parts)
    work = talk(parts, "> Hello", "hm, well")
    assert analysis.wanted(parts) == []
    assert finding(parts, work).outcome is Outcome.CANNOT_TELL


def test_a_call_without_words_is_not_sent_anywhere(reading: Parts, peer: ResponsesPeer) -> None:
    armed(reading)
    talk(reading, "> Hello", "Hello?")
    assert analysis.analyse_all(reading, ResponsesAnalyst(peer.url, KEY)) == analysis.Progress(done=1)
    assert peer.requests == []


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault(refusal="I cannot"), AnalysisState.REFUSED),
        (Fault(is_incomplete=True), AnalysisState.INCOMPLETE),
        (Fault(401, "invalid_api_key"), AnalysisState.FAILED),
    ],
)
def test_what_is_no_answer_changes_nothing_but_is_kept(
    reading: Parts, peer: ResponsesPeer, fault: Fault, state: AnalysisState
) -> None:
    armed(reading)
    work = talk(reading, "> Hello", "hm, well")
    before = finding(reading, work)
    peer.faults.append(fault)
    assert analysis.analyse_all(reading, ResponsesAnalyst(peer.url, KEY)) == analysis.Progress(refused=1)
    assert finding(reading, work) == before
    with reading.store.read() as tx:
        row = tx.execute(select(rows)).one()
    assert (row.state, bool(row.reason)) == (state, True)


def test_a_busy_service_is_asked_later_and_then_in_the_ordinary_lane(reading: Parts, peer: ResponsesPeer) -> None:
    armed(reading)
    talk(reading, "> Hello", "hm, well")
    analyst = ResponsesAnalyst(peer.url, KEY)
    peer.faults += [Fault(429, "resource_unavailable")] * 20
    (analysis_id,) = analysis.wanted(reading)
    for expected in [AnalysisState.WAITING] * len(analysis.DELAYS) + [AnalysisState.FAILED]:
        assert analysis.analyse(reading, analyst, analysis_id) is expected
        assert analysis.analyse(reading, analyst, analysis_id) is None, "not due, or done"
        if expected is AnalysisState.WAITING:
            assert analysis.wanted(reading) == []
            with reading.store.write() as tx:
                tx.execute(rows.update().values(next_try_at=reading.clock.lease_now()))
    tiers = [request["service_tier"] for request in peer.requests]
    assert tiers == ["flex", "flex"] + ["default"] * (len(analysis.DELAYS) - 1)


def test_a_budget_that_is_used_up_pays_for_no_reading(reading: Parts) -> None:
    armed(reading)
    work = talk(reading, "> Hello", "hm, well")
    with reading.store.write() as tx:
        money.settle(tx, work.subject.campaign.id, reading.clock.now(), Decimal(100))
    assert analysis.wanted(reading) == []


def test_a_correction_wins_over_a_reading_that_comes_later(reading: Parts, peer: ResponsesPeer) -> None:
    armed(reading)
    work = talk(reading, "> Shall we?", "sure, that could work for us")
    told = findings.Corrected(Correction("outcome", "not_interested", "me"), "cannot_tell", "")
    with reading.store.write() as tx:
        findings.correct(tx, work.attempt_id, work.subject.campaign.id, [told], reading.clock.now())
        looking_again.look_again(tx, reading, work.attempt_id, reading.clock.now())
    peer.answers.append(a_document(outcome=claim("interested", "that could work for us", 2)))
    analysis.analyse_all(reading, ResponsesAnalyst(peer.url, KEY))
    assert (finding(reading, work).outcome, finding(reading, work).source) == (Outcome.NOT_INTERESTED, Source.CORRECTED)


def test_one_task_at_a_time_reads(reading: Parts, peer: ResponsesPeer) -> None:
    armed(reading)
    talk(reading, "> Hello", "hm, well")
    talk(reading, "> Hello", "hm, well")
    first, _ = analysis.wanted(reading)
    with reading.store.write() as tx:
        analyses.claim(tx, first, reading.clock.lease_now(), reading.clock.lease_now() + timedelta(minutes=5))
    analyst = ResponsesAnalyst(peer.url, KEY)
    assert analysis.analyse_unless_busy(reading, analyst) == analysis.Progress()
    with reading.store.write() as tx:
        tx.execute(rows.update().values(lease_until=None))
    assert analysis.analyse_unless_busy(reading, analyst) == analysis.Progress(done=2)
