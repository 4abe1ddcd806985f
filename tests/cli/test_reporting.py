from __future__ import annotations

import json
from pathlib import Path

from tests.cli.terminal import dialer, document


def test_the_report_is_written_where_it_says(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    lines = dialer("report", "solar-sales").stdout.splitlines()
    assert all(Path(line).is_file() for line in lines)
    assert lines[0] == str(Path("reports/solar-sales/report.html"))
    assert dialer("report", "solar-sales", "--dir", "elsewhere").stdout.startswith("elsewhere/report.html")


def test_the_document_is_the_one_of_the_file(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    body = document("report", "solar-sales")
    assert body == json.loads((home / "reports" / "solar-sales" / "report.json").read_text(encoding="utf-8"))


def test_an_unknown_campaign(home: Path) -> None:
    assert "no campaign" in dialer("report", "nothing", code=2).stderr


def test_one_report_over_all_campaigns(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    lines = dialer("report", "--all").stdout.splitlines()
    assert lines[0] == str(Path("reports/all/report.html"))
    assert document("report", "--all")["campaigns"][0]["campaign"] == "solar-sales"
    dialer("report", "--all", "--language", "zh")
    assert '<html lang="zh' in Path("reports/all/report.html").read_text(encoding="utf-8")
    dialer("report", code=2)
    dialer("report", "solar-sales", "--all", code=2)
    dialer("report", "solar-sales", "--language", "zh", code=2)
    dialer("report", "--all", "--language", "fr", code=2)
