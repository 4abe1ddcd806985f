"""One report over all campaigns: its sums are those of the campaigns' own reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import UserError
from dialer.operations import overall
from dialer.operations.parts import Parts
from dialer.operations.report import write_report
from tests.operations.stage import armed
from tests.operations.test_report import a_run


def test_the_sums_are_those_of_the_campaigns(parts: Parts, tmp_path: Path) -> None:
    a_run(parts)
    armed(parts, "clinic-reminder")
    own = write_report(parts.store, "solar-sales", tmp_path / "own", parts.clock.now()).summary
    found = overall.write_overall(parts.store, tmp_path / "all", parts.clock.now())
    assert all(path.is_file() for path in found.files)
    lines = {line["campaign"]: line for line in found.summary["campaigns"]}
    assert lines["clinic-reminder"]["dials"] == 0
    solar = lines["solar-sales"]
    assert (solar["dials"], solar["talks"], solar["cost"]) == (own["dialled"], own["conversations"], own["spend"]["total"])
    assert (solar["hot"], solar["warm"]) == (own["leads"]["hot"], own["leads"]["warm"])
    assert [row["dials"] for row in own["by_version"]] == [line["dials"] for line in found.summary["versions"]]
    assert found.summary["total"]["dials"] == own["dialled"]


def test_a_folder_that_cannot_be_written(parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="file"):
        overall.write_overall(parts.store, tmp_path / "file", parts.clock.now())


def test_the_page_speaks_the_language_that_all_campaigns_share_or_the_one_that_is_asked_for(parts: Parts, tmp_path: Path) -> None:
    def page(language: str = "") -> str:
        return overall.write_overall(parts.store, tmp_path, parts.clock.now(), language).page.read_text(encoding="utf-8")

    armed(parts, "market-promotion")
    assert '<html lang="zh' in page()
    assert '<html lang="en' in page("en")
    armed(parts)
    assert '<html lang="en' in page()
    chinese = page("zh")
    assert '<html lang="zh' in chinese
    assert "各脚本版本" in chinese or "脚本版本" in chinese
    with pytest.raises(UserError, match="'fr'") as caught:
        page("fr")
    assert caught.value.hint == "one of: en, zh"
