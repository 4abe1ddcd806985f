"""Each figure of a report is that of the database, and each value that it shows has its words or its tool call."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from dialer.leads.assess import assess
from dialer.leads.evidence import find_evidence
from dialer.model.attempt import AttemptResult
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.lead import Analysis, Claim
from dialer.operations.parts import Parts
from dialer.operations.report import write_report
from dialer.store.schema import attempts, contacts, leads
from tests.operations.stage import armed, claimed
from tests.operations.test_report import an_end
from tests.support.results import a_campaign, a_result, a_tool_call, a_transcript

ENDS = [
    (Disposition.ANSWERED_HUMAN, "yes send me an offer"),
    (Disposition.ANSWERED_HUMAN, "call me back later"),
    (Disposition.ANSWERED_HUMAN, "stop calling me"),
    (Disposition.ANSWERED_HUMAN, "it is too expensive"),
    (Disposition.NO_ANSWER, ""),
    (Disposition.BUSY, ""),
    (Disposition.VOICEMAIL, "leave a message"),
    (Disposition.SCREENED, "state your name"),
]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("ends", [ENDS[:1], ENDS[1:4], ENDS[4:], ENDS], ids=["one", "talks", "machines", "all"])
def test_every_sum_is_that_of_the_database(parts: Parts, tmp_path: Path, ends: list[tuple[Disposition, str]]) -> None:
    armed(parts)
    for work, (disposition, words) in zip(claimed(parts, len(ends)), ends, strict=False):
        by = {Disposition.VOICEMAIL: AnsweredBy.VOICEMAIL, Disposition.SCREENED: AnsweredBy.SCREENING}
        human = AnsweredBy.HUMAN if disposition is Disposition.ANSWERED_HUMAN else AnsweredBy.UNKNOWN
        an_end(parts, work, AttemptResult(disposition, answered_by=by.get(disposition, human), talk_s=30), words)
    values = write_report(parts.store, "solar-sales", tmp_path, parts.clock.now()).summary
    with parts.store.read() as tx:
        made = tx.execute(select(func.count(), func.count(attempts.c.dialed_at), func.sum(attempts.c.cost))).one()
        people = tx.execute(select(func.count()).select_from(contacts)).scalar_one()
        made_leads = tx.execute(select(func.count()).select_from(leads)).scalar_one()
        counted = tx.execute(select(attempts.c.disposition, func.count()).group_by(attempts.c.disposition))
        ways = {row[0]: row[1] for row in counted}
    assert (values["attempts"], values["dialled"]) == (made[0], made[1])
    assert Decimal(values["spend"]["total"]) == (made[2] or 0).quantize(Decimal("0.0001"))
    assert sum(Decimal(cost) for cost in values["spend_by_day"].values()) == Decimal(values["spend"]["total"])
    assert values["dispositions"] == {word.value: count for word, count in ways.items()}
    assert sum(values["buckets"].values()) == values["rows"] == len(rows_of(tmp_path / "contacts.csv"))
    assert values["leads"]["total"] == made_leads == len(rows_of(tmp_path / "leads.csv"))
    for name in ("by_attempt", "by_version", "by_weekday_and_hour", "by_hour", "by_weekday"):
        without_zone = 0 if name in ("by_attempt", "by_version") else values["dials_without_zone"]
        assert sum(row["dials"] for row in values[name]) + without_zone == values["dialled"], name
        assert sum(row["talked"] for row in values[name]) == values["conversations"] or without_zone, name
    assert people == values["rows"] - sum(values["buckets"][name] for name in ("rejected", "duplicate", "updated"))
    assert len(rows_of(tmp_path / "attempts.csv")) == made[0]
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == values


WORDS = st.sampled_from(
    ["yes", "no", "6000", "a roof", "hello", "call me later", "send me an offer", "too expensive", "true", "small"]
)
NAMES = st.sampled_from(["need", "budget", "size", "unheard"])
CLAIMS = st.builds(Claim, WORDS, WORDS, st.integers(0, 9))
OUTCOMES = st.sampled_from(["interested", "not_interested", "callback", "sale", "do_not_call"])


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.booleans(), WORDS), max_size=8),
    st.lists(st.tuples(NAMES, WORDS, WORDS, st.integers(0, 9)), max_size=4),
    st.none() | st.tuples(OUTCOMES, WORDS, st.integers(0, 9)),
    st.dictionaries(NAMES, CLAIMS, max_size=3),
    st.sampled_from([Disposition.ANSWERED_HUMAN, Disposition.VOICEMAIL, Disposition.SCREENED, Disposition.IVR]),
)
def test_no_value_and_no_decision_is_ever_invented(lines, told, claimed_outcome, claims, disposition) -> None:  # type: ignore[no-untyped-def]
    calls = tuple(a_tool_call("record_answer", after, name=name, value=value, quote=quote) for name, value, quote, after in told)
    transcript = a_transcript(*(f"> {text}" if is_agent else text for is_agent, text in lines), calls=calls)
    outcome = Claim(*claimed_outcome) if claimed_outcome else None
    is_human = disposition is Disposition.ANSWERED_HUMAN
    result = a_result(disposition, answered_by=AnsweredBy.HUMAN if is_human else AnsweredBy.VOICEMAIL)
    found = assess(a_campaign(), result, transcript, analysis=Analysis(outcome=outcome, answers=claims))
    said = {turn.seq: turn for turn in transcript.turns if turn.speaker.value == "callee"}
    for answer in found.answers:
        if answer.value is not None:
            assert answer.evidence is not None
            assert answer.evidence.turn_seq in said
            assert find_evidence(transcript, answer.evidence.quote) is not None
        else:
            assert answer.needs_review
    if not said or all(turn.text == "hello" for turn in said.values()) or not is_human:
        assert (found.outcome, found.lead) == (Outcome.CANNOT_TELL, None)
    if found.outcome in (Outcome.INTERESTED, Outcome.SALE):
        assert found.quote is not None
        assert found.quote.turn_seq in said
