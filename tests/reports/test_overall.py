"""All campaigns on one page, one table, one document."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

from dialer.model.call import CampaignStatus
from dialer.model.lead import Grade
from dialer.reports.csvs import BOM
from dialer.reports.overall import Line, Overall, overall_csv, overall_html, overall_json, overall_values, total_of
from tests.reports.test_html import checked, words_of
from tests.support.report_rows import NOW

SOLAR = Line(
    "solar-sales", "sales", CampaignStatus.DONE, "", 30, 32, 32, 21, 12, 900.0, Decimal("0.75"), NOW, NOW, {Grade.HOT: 6}
)
NEW = Line("=new<b>", "reminder", CampaignStatus.DRAFT, contacts=5, leads={})
FOUND = Overall([SOLAR, NEW], [replace(SOLAR, version="17901c897e00", contacts=None, leads=None)], NOW)


def test_sums_are_those_of_the_lines():
    total = total_of([SOLAR, SOLAR, NEW])
    assert (total.contacts, total.dials, total.talks, total.positive, total.cost) == (65, 64, 42, 24, Decimal("1.50"))
    assert total.leads == {Grade.HOT: 12, Grade.WARM: 0, Grade.COLD: 0}
    assert FOUND.total.dials == 32


def test_the_page_is_safe_and_has_intervals():
    text = overall_html(FOUND)
    checked(text)
    said = " ".join(words_of(text).split())
    assert "57 % (37–76 %)" in said
    assert "=new<b>" in said
    assert "– (–) few" in said
    assert "solar-sales 17901c897e" in said


def test_the_table_is_safe_and_unknown_is_empty():
    rows = list(csv.DictReader(io.StringIO("".join(overall_csv(FOUND)).removeprefix(BOM), newline="")))
    assert [row["campaign"] for row in rows] == ["solar-sales", "'=new<b>", "solar-sales"]
    assert (rows[0]["positive_rate"], rows[0]["hot"], rows[0]["cost"]) == ("0.5714", "6", "0.7500")
    assert (rows[1]["positive_rate"], rows[1]["hot"], rows[2]["hot"], rows[2]["contacts"]) == ("", "0", "", "")


def test_the_document_has_null_for_unknown():
    values = overall_values(FOUND)
    assert values["campaigns"][1]["positive_rate"] is None
    assert values["versions"][0]["script_version"] == "17901c897e00"
    assert values["total"]["campaign"] is None
    assert overall_json(values).endswith("}\n")
