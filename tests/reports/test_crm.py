"""Leads under the headers of a CRM, safe as every other file."""

import csv
import io

import pytest

from dialer.model.disposition import Outcome
from dialer.model.lead import Grade
from dialer.reports.crm import FORMS, PLACEHOLDER, Crm, Filled, crm_csv, fields
from dialer.reports.csvs import BOM
from dialer.reports.data import LeadRow
from tests.support.report_rows import a_lead, a_person

ANSWERS = ("need", "budget")


def read(crm, *rows, mapping=None):
    filled = Filled()
    text = "".join(crm_csv(crm, "solar-sales", ANSWERS, mapping or {}, rows, filled))
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline=""))), filled.placeholders


@pytest.mark.parametrize("crm", list(Crm))
def test_every_column_has_a_field_that_exists(crm):
    assert set(FORMS[crm].columns.values()) - {""} <= set(fields(ANSWERS))
    (row,), _ = read(crm, LeadRow(a_person(), a_lead(), "a"))
    assert list(row) == list(FORMS[crm].columns)


def test_salesforce_gets_what_it_requires():
    rows = [LeadRow(a_person(name="Maria", company=""), a_lead(Grade.WARM), "a"), LeadRow(a_person(name=""), a_lead(), "b")]
    found, placeholders = read(Crm.SALESFORCE, *rows)
    assert [(row["First Name"], row["Last Name"], row["Company"], row["Rating"]) for row in found] == [
        ("", "Maria", PLACEHOLDER, "Warm"),
        ("", PLACEHOLDER, "Harbor Dental", "Hot"),
    ]
    assert placeholders == 2


def test_the_note_says_what_was_said_and_what_is_next():
    (row,), _ = read(Crm.PIPEDRIVE, LeadRow(a_person(), a_lead(), "a"))
    assert row["Lead - Title"] == "Maria Perez 2: interested"
    assert row["Note"].startswith('interested; "Yes, send me an offer this week"; need: a new roof; Call within')
    (bare,), _ = read(Crm.HUBSPOT, LeadRow(a_person(), a_lead(outcome=Outcome.SALE, quote=None, answers=()), "a"))
    assert (bare["Lifecycle Stage"], bare["Message"].partition(";")[0]) == ("Opportunity", "sale")


def test_columns_are_mapped_and_added():
    mapping = {"Lead Status": "grade", "Roof": "answer_need", "Email": ""}
    (row,), _ = read(Crm.HUBSPOT, LeadRow(a_person(email="a@example.com"), a_lead(), "a"), mapping=mapping)
    assert (row["Lead Status"], row["Roof"], row["Email"]) == ("hot", "a new roof", "")


def test_no_cell_is_a_formula():
    (row,), _ = read(Crm.HUBSPOT, LeadRow(a_person(name="=cmd() +1", company="@x"), a_lead(), "a"))
    assert (row["First Name"], row["Last Name"], row["Company Name"]) == ("'=cmd()", "'+1", "'@x")
