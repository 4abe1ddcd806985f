"""The machine's report: stable keys, unknown is null."""

import json
from dataclasses import replace
from decimal import Decimal

from dialer.model.call import Bucket
from dialer.model.disposition import Disposition, Outcome
from dialer.reports.data import MethodRow, TranscriptRow
from dialer.reports.jsons import Details, Totals, report_json, report_values, transcript_line
from dialer.reports.worked import Tried, wilson
from tests.support.report_rows import NOW, a_contact_row, a_head, a_lead, a_summary, a_worked, an_attempt_row, an_import
from tests.support.results import a_campaign, a_tool_call, a_transcript

KEYS = [
    "campaign",
    "kind",
    "language",
    "company",
    "status",
    "generated_at",
    "period",
    "imports",
    "rows",
    "buckets",
    "adds_up",
    "funnel",
    "dispositions",
    "outcomes",
    "not_called",
    "attempts",
    "dialled",
    "refused",
    "redials",
    "conversations",
    "leads",
    "opt_outs",
    "callbacks",
    "needs_review",
    "spend",
    "latency",
    "by_hour",
    "by_weekday",
    "dials_without_zone",
    "chain_heads",
]


def values(rows, attempts=()):
    head = a_head(a_campaign(), an_import(len(rows), rejected=1))
    return report_values(head, a_summary(head, list(rows), list(attempts)), Totals(1, 2, 3), NOW)


def test_every_key_is_there_and_the_text_says_the_same():
    found = values(
        [a_contact_row(lead=a_lead()), a_contact_row(3, outcome=Outcome.DO_NOT_CALL)],
        [an_attempt_row(), an_attempt_row(3, Disposition.BLOCKED_DNC, dialed_at=None)],
    )
    assert list(found) == KEYS
    assert json.loads(report_json(found)) == found
    assert (found["rows"], found["adds_up"]) == (3, True)
    assert found["buckets"] == {bucket.value: 0 for bucket in Bucket} | {"reached": 2, "rejected": 1}
    assert found["dispositions"] == {"answered_human": 1, "blocked_dnc": 1}
    assert found["outcomes"] == {"interested": 1, "do_not_call": 1}
    assert found["leads"] == {"total": 1, "hot": 1, "warm": 0, "cold": 0}
    assert (found["opt_outs"], found["callbacks"], found["needs_review"]) == (1, 2, 3)
    assert found["spend"]["per_lead"] == "0.0824"
    assert found["funnel"][1] == {"step": "eligible", "count": 2, "of": 3, "lost": {"rejected": 1}}
    assert found["latency"]["answer_to_audio_ms"]["p50"] == 24


def test_unknown_is_null():
    found = values([])
    assert found["period"] == {"first_dial_at": None, "last_dial_at": None}
    assert found["spend"]["per_dial"] is None
    assert found["latency"]["turn_ms"] == {"n": 0, "p50": None, "p95": None, "p99": None, "max": None}


def test_a_transcript_is_one_line_whatever_was_said():
    said = a_transcript("> Hello", "one\ntwo\u2028three\x85", calls=(a_tool_call("end_call", reason="bye"),))
    text = transcript_line(TranscriptRow(an_attempt_row(), said))
    assert len(text.splitlines()) == 1
    found = json.loads(text)
    assert found["turns"][1]["text"] == "one\ntwo\u2028three\x85"
    assert found["tool_calls"][0]["arguments"] == {"reason": "bye"}
    assert (found["disposition"], found["number"]) == ("answered_human", 1)
    assert json.loads(transcript_line(TranscriptRow(an_attempt_row(dialed_at=None), said)))["dialed_at"] is None


def test_details_are_added_and_unknown_is_null():
    head = a_head(a_campaign(), an_import(1))
    attempts = [an_attempt_row(), an_attempt_row(3, Disposition.NO_ANSWER, number=2)]
    readings = (("m", "s", "p", {"done": 1}, Decimal("0.5")),)
    details = Details(a_worked(head, attempts, []), (), (), MethodRow({"": 2, "tool": 1}, (("tool", 1, 0),), readings))
    values = report_values(head, a_summary(head, [], attempts), Totals(0, 0, 0), NOW, details)
    assert values["by_attempt"][0]["talked_interval"] == [0.2065, 1.0]
    assert [row["attempt"] for row in values["by_attempt"]] == [1, 2]
    assert values["by_version"][0]["positive"] == 1
    assert values["sources"] == {"none": 2, "tool": 1}
    assert values["corrections"] == {"tool": {"agreed": 1, "changed": 0}}
    assert values["analysis"] == [{"model": "m", "schema": "s", "prompt": "p", "talks": {"done": 1}, "cost": "0.5000"}]
    empty = Tried("1", wilson(0, 0), wilson(0, 0))
    nothing = Details(replace(details.worked, attempts=(empty,)), (), (), MethodRow())
    assert report_values(head, a_summary(head, []), Totals(0, 0, 0), NOW, nothing)["by_attempt"][0]["talked_interval"] == [
        None,
        None,
    ]
