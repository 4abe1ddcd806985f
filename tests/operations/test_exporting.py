"""Leads for other systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import UserError
from dialer.operations import exporting
from dialer.operations.parts import Parts
from dialer.reports.crm import Crm
from tests.operations.test_report import a_run


def test_the_leads_lie_beside_the_report(parts: Parts) -> None:
    a_run(parts)
    done = exporting.export(parts, "solar-sales", Crm.SALESFORCE, ["Rating=score"])
    assert done.path == parts.settings.reports_dir / "solar-sales" / "salesforce.csv"
    assert (done.leads, len(done.path.read_text(encoding="utf-8").splitlines())) == (1, 2)
    assert done.placeholders == 1, "the list has no company"


@pytest.mark.parametrize(
    ("mapping", "said"), [("Rating", "THEIRS=OURS"), ("=grade", "THEIRS=OURS"), ("Rating=colour", "no 'colour'")]
)
def test_a_mapping_that_makes_no_sense(parts: Parts, mapping: str, said: str) -> None:
    a_run(parts)
    with pytest.raises(UserError, match=said):
        exporting.export(parts, "solar-sales", Crm.SALESFORCE, [mapping])


def test_a_folder_that_cannot_be_written(parts: Parts, tmp_path: Path) -> None:
    a_run(parts)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="file"):
        exporting.export(parts, "solar-sales", Crm.HUBSPOT, [], tmp_path / "file" / "leads.csv")
