"""The pages in a real browser: nothing leaves them, the script works under their policy, and axe finds nothing serious."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dialer.model.call import Bucket
from dialer.model.disposition import Disposition, Outcome
from dialer.model.lead import Grade
from dialer.reports.data import TranscriptRow
from dialer.reports.html import report_html
from tests.support.browser import asked, axe, browser, dumped
from tests.support.report_rows import (
    a_contact_row,
    a_finding,
    a_head,
    a_lead,
    a_page,
    an_attempt_row,
    an_import,
)
from tests.support.results import a_campaign, a_transcript

HOSTILE = '<img src=x onerror="document.title=1">=cmd|1\u202e'


def a_report(folder: Path, language: str = "en", name: str = HOSTILE) -> Path:
    """A page with every section and hostile words in it."""
    grades = list(Grade) * 4
    contacts = [a_contact_row(row, lead=a_lead(grade), finding=a_finding()) for row, grade in enumerate(grades, 2)]
    contacts += [a_contact_row(30 + row, Bucket.HELD, reason="no_consent") for row in range(8)]
    contacts += [a_contact_row(50, outcome=Outcome.CANNOT_TELL), a_contact_row(51, outcome=Outcome.APPOINTMENT_MOVED)]
    contacts = [replace(row, person=replace(row.person, name=f"{name} {row.person.row}")) for row in contacts]
    attempts = [an_attempt_row(row) for row in range(2, 14)] + [an_attempt_row(14, Disposition.NO_ANSWER, number=2)]
    talks = [TranscriptRow(row, a_transcript("> Hello", f"it is too expensive {name}")) for row in attempts[:3]]
    page = a_page(a_head(a_campaign(language=language), an_import(len(contacts))), contacts, attempts, talks)
    path = folder / "report.html"
    path.write_text(report_html(page), encoding="utf-8")
    return path


def test_the_script_works_under_the_policy_and_hostile_words_stay_words(tmp_path: Path) -> None:
    browser()
    page = a_report(tmp_path)
    found = dumped(page)
    assert 'type="search"' in found
    assert 'class="sort"' in found
    assert "<img" not in found
    assert "<title>solar-sales" in found


def test_no_request_leaves_the_page(tmp_path: Path) -> None:
    browser()
    script = (
        "window.answer = function () { return performance.getEntriesByType('resource').map(function (it) { return it.name; }); };"
    )
    assert asked(a_report(tmp_path), script) == []


@pytest.mark.parametrize(("language", "width"), [("en", 1200), ("zh", 400)])
def test_axe_finds_nothing_serious(tmp_path: Path, language: str, width: int) -> None:
    browser()
    script = (
        axe() + ";window.answer = function () { return axe.run(document).then(function (found) { return found.violations.map("
    )
    script += "function (it) { return [it.impact, it.id, it.nodes.length, it.nodes[0].html.slice(0, 120)]; }); }); };"
    found = asked(a_report(tmp_path, language, "Maria"), script, width=width)
    assert [item for item in found if item[0] in ("serious", "critical")] == []
