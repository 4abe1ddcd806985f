"""Cells that no spreadsheet runs, in files that every spreadsheet reads."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.call import Bucket
from dialer.model.disposition import Disposition
from dialer.model.lead import Evidence, EvidencedAnswer, Grade, Source
from dialer.reports.csvs import (
    ATTEMPT_COLUMNS,
    BOM,
    attempt_cells,
    contact_cells,
    contact_header,
    lead_cells,
    lead_header,
    line,
    local_text,
    safe,
    table,
    unescaped,
)
from dialer.reports.data import LeadRow, ProblemRow
from tests.support.report_rows import a_contact_row, a_finding, a_lead, a_person, an_attempt_row
from tests.support.results import a_campaign

HOSTILE = [
    "=1+1",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1+1",
    "'=1",
    "\u200b=1",
    "+12125550101x",
    "=cmd|'/c calc'!A0",
]


def contacts_csv(columns, answers, rows):
    return table(contact_header(columns, answers), (contact_cells(columns, answers, row) for row in rows))


def attempts_csv(rows):
    return table(ATTEMPT_COLUMNS, map(attempt_cells, rows))


def leads_csv(campaign, rows):
    answers = tuple(campaign.answers)
    return table(lead_header(answers), (lead_cells(answers, row) for row in rows))


def read(pieces):
    text = "".join(pieces)
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


@pytest.mark.parametrize("cell", HOSTILE)
def test_formulas_are_disarmed(cell):
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [*HOSTILE, "''", "'quoted'", "plain", ""])
def test_the_escaping_can_be_undone(cell):
    assert unescaped(safe(cell)) == cell


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_whatever_was_escaped_comes_back(cell):
    assert unescaped(safe(cell)) == cell


@pytest.mark.parametrize("cell", ["+12125550101", "a=b", "", "5", "Maria", "'quoted'", "1-2", "微软"])
def test_ordinary_cells_stay_as_they_are(cell):
    assert safe(cell) == cell


def test_other_values():
    assert safe(None) == ""
    assert safe(12) == "12"
    assert safe("a\x00b") == "a\ufffdb"
    assert safe("+123") == "'+123"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_any_text_survives_the_way_through_a_reader(cells):
    text = line(cells)
    assert text.endswith("\r\n")
    (found,) = csv.reader(io.StringIO(text, newline=""))
    assert found == [safe(cell) for cell in cells]
    assert not any(cell.lstrip()[:1] in {"=", "@", "-"} for cell in found if cell)


def test_contacts_keep_their_columns_and_gain_results():
    lead = a_lead()
    problem = ProblemRow("contacts.csv", 4, Bucket.REJECTED, "invalid_phone", "Phone", "12", "short", "fix", {"Name": "=x"})
    held = a_contact_row(5, Bucket.HELD, reason="blocked_consent", cells={"Name": "Bo"})
    rows = [a_contact_row(2, lead=lead), problem, held]
    found = read(contacts_csv(("Name", "Phone", "dialer_bucket"), ("need", "budget"), rows))
    assert list(found[0])[:5] == ["Name", "Phone", "dialer_file", "dialer_row", "dialer_bucket"]
    assert len({len(row) for row in found}) == 1
    assert [row["dialer_bucket"] for row in found] == ["reached", "rejected", "held"]
    assert found[0]["dialer_score"] == "80"
    assert found[0]["dialer_answer_need"] == "a new roof"
    assert found[0]["dialer_answer_budget"] == ""
    assert found[0]["dialer_last_attempt_at"] == "2026-11-24T10:00:00-05:00"
    assert (found[1]["Name"], found[1]["dialer_reason"]) == ("'=x", "invalid_phone")
    assert (found[2]["Phone"], found[2]["dialer_reason"], found[2]["dialer_score"]) == ("", "blocked_consent", "")


def test_a_lead_without_a_quote_leaves_the_cell_empty():
    (row,) = read(contacts_csv(("Name",), (), [a_contact_row(lead=a_lead(quote=None, needs_review=True))]))
    assert (row["dialer_quote"], row["dialer_needs_review"]) == ("", "yes")
    (lead,) = read(leads_csv(a_campaign(), [LeadRow(a_person(), a_lead(quote=None), "a1")]))
    assert (lead["quote"], lead["quote_at_ms"]) == ("", "")


def test_attempts_name_refused_ones_too():
    rows = [an_attempt_row(), an_attempt_row(3, Disposition.BLOCKED_HOURS, dialed_at=None, ended_at=None)]
    nowhere = an_attempt_row(4, None)
    found = read(
        attempts_csv(
            [
                *rows,
                replace(nowhere, person=a_person(4, zone="")),
            ]
        )
    )
    assert found[0]["dialed_at"] == "2026-11-24T14:58:00+00:00"
    assert found[0]["dialed_at_local"] == "2026-11-24T09:58:00-05:00"
    assert found[0]["phone"] == "+12125550102"
    assert (found[1]["dialed_at"], found[1]["disposition"]) == ("", "blocked_hours")
    assert found[2]["dialed_at_local"] == ""


def test_leads_tell_why():
    (row,) = read(leads_csv(a_campaign(), [LeadRow(a_person(), a_lead(Grade.WARM), "a1")]))
    assert row["score_reasons"] == "wants an offer (+40); named a need (+10)"
    assert (row["grade"], row["answer_need"], row["answer_size"], row["needs_review"]) == ("warm", "a new roof", "", "no")
    assert row["due_at"] == "2026-11-24T14:00:00-05:00"


def test_times_have_an_offset():
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert local_text(at, "Asia/Shanghai") == "2026-07-01T20:00:00+08:00"
    assert local_text(at, "") == "2026-07-01T12:00:00+00:00"
    assert local_text(None, "") == ""


def test_answers_of_people_who_are_no_leads_are_there_too():
    answers = (EvidencedAnswer("need", "a roof", Source.MODEL, Evidence(2, "a roof", 1000)),)
    row = a_contact_row(finding=a_finding(answers=answers, source=Source.MODEL, needs_review=True))
    (found,) = read(contacts_csv(("Name",), ("need",), [row]))
    assert (found["dialer_answer_need"], found["dialer_outcome_source"]) == ("a roof", "model")
    assert (found["dialer_quote"], found["dialer_needs_review"]) == ("Yes, send me an offer", "yes")
