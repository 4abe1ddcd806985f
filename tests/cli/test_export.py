from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import dialer, document


def test_leads_for_a_crm(home: Path, few: Path) -> None:
    dialer("import", "solar-sales", few)
    assert document("export", "solar-sales", "--crm", "hubspot") == {
        "file": "reports/solar-sales/hubspot.csv",
        "leads": 0,
        "placeholders": 0,
    }
    assert dialer("export", "solar-sales", "--crm", "pipedrive", "--out", "x.csv").stdout == "x.csv\n"
    assert (home / "x.csv").is_file()
    dialer("export", "solar-sales", "--crm", "other", code=2)
