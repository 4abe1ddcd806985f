"""The report over all campaigns: the database sums up, the page compares campaigns and script versions."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from dialer.errors import UserError
from dialer.model.disposition import Outcome
from dialer.operations.report import ReportPaths, write_text
from dialer.reports import overall
from dialer.reports.labels import LANGUAGES
from dialer.reports.overall import Line, Overall
from dialer.store import campaigns, totals
from dialer.store.campaigns import CampaignRow
from dialer.store.engine import Store, Tx
from dialer.store.totals import Sums


def write_overall(store: Store, directory: Path, now: datetime, language: str = "") -> ReportPaths:
    """Write ``report.html``, ``campaigns.csv`` and ``report.json`` over all campaigns. Raises ``UserError`` for a bad folder.

    The page is in ``language`` (``en`` or ``zh``); without one in the campaigns' own where they share it, else in English.
    """
    if language not in ("", *LANGUAGES):
        raise UserError(f"no page in {language!r}", code="unknown_language", hint=f"one of: {', '.join(LANGUAGES)}")
    with store.read() as tx:
        found = _read(tx, now)
    found = replace(found, language=language or found.language)
    values = overall.overall_values(found)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_text(directory / "campaigns.csv", overall.overall_csv(found))
        write_text(directory / "report.json", [overall.overall_json(values)])
        write_text(directory / "report.html", [overall.overall_html(found)])
    except OSError as error:
        raise UserError(f"{error.filename or directory}: {error.strerror}", code="unwritable_folder") from error
    return ReportPaths(tuple(directory / name for name in ("report.html", *found.files)), values)


def _read(tx: Tx, now: datetime) -> Overall:
    rows = campaigns.listed(tx)
    positive = {row.id: _positive(row) for row in rows}
    sums = totals.by_version(tx, positive)
    people, leads = totals.contact_counts(tx), totals.lead_counts(tx)
    lines, versions = [], []
    for row in rows:
        own = [_line(row, item) for item in sums if item.campaign_id == row.id]
        versions += own
        lines.append(replace(_sum(row, own), contacts=people.get(row.id, 0), leads=leads.get(row.id, {})))
    spoken = {row.campaign.language for row in rows}
    return Overall(lines, versions, now, spoken.pop() if len(spoken) == 1 else "en")


def _positive(row: CampaignRow) -> list[Outcome]:
    return [word for word, rule in row.campaign.outcomes.items() if rule.category == "positive"]


def _line(row: CampaignRow, found: Sums) -> Line:
    same = ("version", "attempts", "dials", "talks", "positive", "talk_s", "cost", "first_at", "last_at")
    return Line(row.name, row.campaign.kind.value, row.status, **{name: getattr(found, name) for name in same})


def _sum(row: CampaignRow, lines: list[Line]) -> Line:
    found = overall.total_of(lines)
    first = [line.first_at for line in lines if line.first_at]
    last = [line.last_at for line in lines if line.last_at]
    return replace(
        found,
        campaign=row.name,
        kind=row.campaign.kind.value,
        status=row.status,
        first_at=min(first, default=None),
        last_at=max(last, default=None),
    )
