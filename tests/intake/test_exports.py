"""Files as the named products and as Excel in China, Europe and the US write them, with people and numbers made up."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from dialer.errors import UserError
from dialer.intake.columns import map_columns
from dialer.intake.reader import Table, open_table
from dialer.intake.rows import read_contacts
from dialer.model.campaign import Campaign
from dialer.model.contact import Contact, RowProblem
from tests.support.builders import a_campaign

EXPORTS = Path(__file__).parents[1] / "samples" / "exports"
VICIDIAL = [
    *("vendor_lead_code", "source_id", "list_id", "phone_code", "phone_number", "title", "first_name", "middle_initial"),
    *("last_name", "address1", "address2", "address3", "city", "state", "province"),
    *("postal_code", "country_code", "gender", "date_of_birth", "alt_phone", "email"),
]


def taken_in(name: str, campaign: Campaign, **options: Any) -> tuple[Table, list[Contact | RowProblem]]:
    table = open_table(io.BytesIO((EXPORTS / name).read_bytes()), region=campaign.regions[0], **options)
    return table, list(read_contacts(table, map_columns(table.header, campaign.variables), campaign))


def numbers(results: list[Contact | RowProblem]) -> list[tuple[str, ...]]:
    return [result.numbers for result in results if isinstance(result, Contact)]


def refused(results: list[Contact | RowProblem]) -> list[tuple[int, str]]:
    return [(result.row, result.code) for result in results if isinstance(result, RowProblem)]


@pytest.mark.parametrize(
    ("name", "options", "accepted", "problems"),
    [
        (
            "hubspot.csv",
            {},
            [("+12125550101", "+19175550102"), ("+13125550103",)],
            [(4, "invalid_phone"), (5, "duplicate")],
        ),
        ("salesforce.csv", {}, [("+12125550111", "+19175550112"), ("+13125550113",)], [(4, "extension")]),
        ("pipedrive.csv", {}, [("+12065550122", "+12065550121"), ("+12065550123",)], [(4, "damaged_number")]),
        ("google.csv", {}, [("+14155550131", "+14155550132", "+14155550133"), ("+14155550134",)], [(5, "missing_phone")]),
        ("vicidial.txt", {"columns": VICIDIAL}, [("+16025550141", "+16025550142"), ("+447400123456",)], [(3, "extension")]),
        ("retell.csv", {}, [("+17025550151",), ("+17025550152",)], []),
        ("vapi.csv", {}, [("+17735550161",), ("+17735550162",)], []),
        ("elevenlabs.csv", {}, [("+16175550171",), ("+16175550172",)], []),
        ("bolna.csv", {}, [("+14045550181",), ("+14045550182",)], [(4, "invalid_phone")]),
        ("excel_sep_line.csv", {}, [("+12125550195",), ("+12125550196",)], []),
        ("excel_unicode_text.txt", {}, [("+12125550197",), ("+12125550198",)], []),
    ],
)
def test_exports_of_products(
    name: str, options: dict[str, Any], accepted: list[tuple[str, ...]], problems: list[tuple[int, str]]
) -> None:
    _, results = taken_in(name, a_campaign(regions=["US", "GB"]), **options)
    assert (numbers(results), refused(results)) == (accepted, problems)


def test_what_else_hubspot_and_salesforce_say() -> None:
    _, results = taken_in("hubspot.csv", a_campaign())
    ann = results[0]
    assert isinstance(ann, Contact)
    assert (ann.external_id, ann.display_name, ann.company, ann.email) == ("101", "Ann Lee", "Acme Ltd", "ann@example.com")
    assert ann.opt_out == ""
    table, results = taken_in("salesforce.csv", a_campaign())
    zoe, ben = results[:2]
    assert isinstance(zoe, Contact)
    assert isinstance(ben, Contact)
    assert (table.encoding.name, zoe.display_name, zoe.company, zoe.state, zoe.opt_out) == (
        *("windows-1252", "Zoë Núñez", "Café Central", "NY", ""),
    )
    assert ben.opt_out == "Do Not Call = 1"
    assert [record.row for record in table.footer] == [10, 11, 12, 13, 14]


def test_columns_that_would_override_the_agent_are_refused() -> None:
    with pytest.raises(UserError, match="'first_message' could override the agent"):
        taken_in("elevenlabs_overrides.csv", a_campaign())


def test_a_chinese_crm() -> None:
    table, results = taken_in("chinese_crm.csv", a_campaign(regions=["CN"], language="zh"))
    assert table.encoding.name == "gb18030"
    assert numbers(results) == [("+8613812345678", "+861012345678"), ("+8613912345678",)]
    assert refused(results) == [(4, "damaged_number")]
    assert [result.opt_out for result in results if isinstance(result, Contact)] == ["", "拒绝来电 = 是"]
    assert [record.row for record in table.footer] == [5]


def test_excel_in_china() -> None:
    typed = {"due": {"type": "date", "column": "预约日期"}, "amount": {"type": "money", "column": "金额"}}
    _, results = taken_in("excel_china.csv", a_campaign(regions=["CN"], language="zh", variables=typed))
    assert numbers(results) == [("+8613812345601",), ("+8613812345602",)]
    assert [result.variables for result in results if isinstance(result, Contact)] == [
        {"due": "2026-12-01", "amount": "1200"},
        {"due": "2026-12-02", "amount": "800"},
    ]


def test_excel_in_germany() -> None:
    typed = {"due": {"type": "date", "column": "Termin"}, "amount": {"type": "money", "column": "Betrag"}}
    campaign = a_campaign(regions=["DE"], language="de", variables=typed | {"street": {"column": "Straße"}})
    table, results = taken_in("excel_germany.csv", campaign)
    assert (table.said, numbers(results)) == ("WINDOWS-1252, semicolon", [("+4915123456789",), ("+4915123456780",)])
    assert refused(results) == [(4, "blocked_number_type")]
    assert [result.variables for result in results if isinstance(result, Contact)] == [
        {"due": "2026-12-31", "amount": "1200.50", "street": "Hauptstraße 1"},
        {"due": "2026-04-03", "amount": "80.00", "street": "Am Tor 2; Hof"},
    ]


def test_excel_in_the_us() -> None:
    typed = {"due": {"type": "date", "column": "Visit"}, "amount": {"type": "money", "column": "Amount"}}
    _, results = taken_in("excel_us.csv", a_campaign(variables=typed))
    assert numbers(results) == [("+12125550191",), ("+13125550192",), ("+13125550193",)]
    assert refused(results) == [(3, "damaged_number")]
    assert [result.variables["due"] for result in results if isinstance(result, Contact)] == [
        "2026-12-31",
        "2027-01-02",
        "2027-01-02",
    ]


def test_a_workbook_of_excel() -> None:
    book, content = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in (["Name", "Phone", "Visit"], ["Ann", 12125550101, None], ["Bo", 13125550102.0, None], ["Cy", 2.5, None]):
        sheet.append(row)
    sheet["B5"], sheet["A5"] = "'+1 303 555 0103", "Di"
    book.save(content)
    table = open_table(content)
    results = list(read_contacts(table, map_columns(table.header, {}), a_campaign()))
    assert numbers(results) == [("+12125550101",), ("+13125550102",), ("+13035550103",)]
    assert refused(results) == [(4, "invalid_phone")]
