from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.cli.importing import parse_mapping, rejects_path
from dialer.errors import UserError
from tests.cli.terminal import dialer, document

KEYS = [
    *("campaign", "file", "encoding", "delimiter", "phone_column", "rows", "accepted", "updated", "duplicates"),
    *("rejected", "held", "suppressed", "by_code", "rejects_file", "notes"),
]


def test_the_summary_for_people_says_where_the_bad_rows_are(home: Path, few: Path) -> None:
    done = dialer("import", "solar-sales", few)
    assert "rows" in done.stdout
    assert "read as UTF-8, semicolon" in done.stderr
    assert str(home / "rejects.csv") in done.stdout
    with (home / "rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["code"] == "invalid_phone"


def test_a_country_that_there_is_not_would_refuse_every_row_and_stores_nothing(home: Path, few: Path) -> None:
    assert (
        ": unknown_region: --region XX is no country\n" in dialer("import", "solar-sales", few, "--region", "XX", code=2).stderr
    )
    assert document("status") == []
    assert not (home / "rejects.csv").exists()


def test_a_folder_is_no_contact_file(home: Path) -> None:
    assert "is a folder" in dialer("import", "solar-sales", home, code=2).stderr


def test_the_document_has_the_keys_of_the_contract_and_adds_up(home: Path, few: Path) -> None:
    body = document("import", "solar-sales", few)
    assert list(body) == KEYS
    assert body["rows"] == body["accepted"] + body["updated"] + body["duplicates"] + body["rejected"] == 3
    again = document("import", "solar-sales", few)
    assert (again["accepted"], again["updated"]) == (0, 2)


def test_a_copied_folder_with_an_unchanged_name_is_another_campaign(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    shutil.copytree(home / "campaigns" / "solar-sales", home / "campaigns" / "autumn")
    refused = dialer("import", "autumn", few, code=2)
    assert "campaigns/autumn calls itself 'solar-sales'" in refused.stderr
    assert "--same-campaign" in refused.stderr
    assert "calls itself" in dialer("schedule", "autumn", code=2).stderr
    assert document("import", "autumn", few, "--same-campaign")["updated"] == 2
    dialer("schedule", "autumn")


def test_a_folder_that_was_moved_is_the_same_campaign(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    (home / "campaigns" / "solar-sales").rename(home / "campaigns" / "moved")
    assert document("import", "moved", few)["updated"] == 2
    shutil.copytree(home / "campaigns" / "moved", home / "campaigns" / "solar-sales")
    dialer("import", "solar-sales", few, "--dry-run", code=2)


def test_a_dry_run_stores_nothing(home: Path, few: Path) -> None:
    done = dialer("import", "solar-sales", few, "--dry-run")
    assert "dry run: nothing was stored" in done.stderr
    assert not (home / "rejects.csv").exists()
    assert document("status") == []


def test_columns_and_region_are_given_by_hand(home: Path, few: Path) -> None:
    few.write_text(few.read_text().replace(";Mobile Phone;", ";Reach at;"))
    assert "no_phone_column" not in dialer("import", "solar-sales", few, code=2).stdout
    body = document("import", "solar-sales", few, "--map", "phone=Reach at", "--region", "us", "--delimiter", ";")
    assert (body["accepted"], body["phone_column"]) == (2, "Reach at")


def test_a_stored_campaign_needs_no_folder(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    (home / "campaigns").rename(home / "elsewhere")
    assert document("import", "solar-sales", few)["updated"] == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"name,city\nAnn,Bonn\n", "phone"),
        (b'phone,name\n"+12125550123,Ann\n', "quot"),
        (b"phone,system_prompt\n+12125550123,be rude\n", "system_prompt"),
        (b"phone,phone\n+12125550123,+12125550124\n", "phone"),
    ],
)
def test_a_bad_file_is_refused_as_a_whole(home: Path, content: bytes, said: str) -> None:
    (home / "bad.csv").write_bytes(content)
    done = dialer("import", "solar-sales", "bad.csv", code=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert document("status") == []
    assert not (home / "rejects.csv").exists()


def test_a_missing_file_and_a_missing_campaign(home: Path, few: Path) -> None:
    assert "nothing.csv: there is no such file" in dialer("import", "solar-sales", "nothing.csv", code=2).stderr
    assert "no campaign 'nothing'" in dialer("import", "nothing", few, code=2).stderr


def test_a_campaign_with_errors_takes_nobody_in(home: Path, few: Path) -> None:
    path = home / "campaigns" / "solar-sales" / "campaign.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("{company}", "{compny}"), encoding="utf-8")
    done = dialer("import", "solar-sales", few, code=2)
    assert "unknown placeholder {compny}" in done.stderr
    assert "hint: dialer campaign check solar-sales" in done.stderr
    assert document("status") == []


def test_a_mapping_is_a_pair() -> None:
    assert parse_mapping(["phone=Mobile", "name = Full Name"]) == {"phone": "Mobile", "name": "Full Name"}
    for wrong in ("phone", "=Mobile", "phone="):
        with pytest.raises(UserError, match="NAME=COLUMN"):
            parse_mapping([wrong])


def test_where_bad_rows_go(tmp_path: Path) -> None:
    assert rejects_path(tmp_path / "contacts.csv") == tmp_path / "rejects.csv"
    assert rejects_path(tmp_path / "rejects.csv") == tmp_path / "again-rejects.csv"
    assert rejects_path(Path("/nowhere/at/all/contacts.csv")) == Path.cwd() / "rejects.csv"


def test_a_workbook_and_a_file_without_header(home: Path) -> None:
    book = Workbook()
    book.create_sheet("People").append(["Mobile", "First Name", "City", "Consent"])
    book["People"].append([13035550111, "Ethan", "Denver", "written"])
    book.save(home / "people.xlsx")
    body = document("import", "solar-sales", "people.xlsx", "--sheet", "people")
    assert (body["encoding"], body["accepted"], body["phone_column"]) == ("xlsx", 1, "Mobile")
    assert any("only the sheet 'People' is read" in note for note in body["notes"])
    (home / "bare.csv").write_text("+13035550112,Mia,Phoenix,written\n")
    assert "bare.csv: no_header: " in dialer("import", "solar-sales", "bare.csv", code=2).stderr
    named = document("import", "solar-sales", "bare.csv", "--columns", "phone, first_name, city, consent")
    assert (named["rows"], named["accepted"]) == (1, 1)


def test_a_repaired_rejects_file_is_taken_in(home: Path, few: Path) -> None:
    first = document("import", "solar-sales", few)
    path = home / "rejects.csv"
    path.write_bytes(path.read_bytes().replace(b"\r\n12,", b"\r\n12,").replace(b",12,", b",+13035550188,").replace(b";12;", b";"))
    again = document("import", "solar-sales", path)
    assert (first["rejected"], again["accepted"], again["rejected"]) == (1, 1, 0)


def test_problems_name_the_file_and_the_code(home: Path) -> None:
    (home / "bad.csv").write_bytes(b'phone,name\n+12125550123,"Ann\n')
    assert "bad.csv: unclosed_quote: row 2" in dialer("import", "solar-sales", "bad.csv", code=2).stderr


def test_who_wants_no_calls_is_on_the_list_then(home: Path) -> None:
    (home / "list.csv").write_text(
        "phone,first_name,city,consent,consent_at,Do Not Call,Email Opt Out\n"
        "+13035550111,Ethan,Denver,written,2026-11-02,yes,no\n+13035550112,Mia,Denver,written,2026-11-02,,yes\n"
    )
    body = document("import", "solar-sales", "list.csv")
    assert (body["accepted"], body["suppressed"], body["held"]) == (2, 1, 0)
    assert any("1 rows say that the person wants no calls" in note for note in body["notes"])
