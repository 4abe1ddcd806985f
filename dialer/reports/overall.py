"""The report over all campaigns: one row each, one row for each script version with its interval, and the sums."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from dialer.model.call import CampaignStatus
from dialer.model.lead import Grade
from dialer.reports.aggregate import SMALL
from dialer.reports.csvs import local_text, table
from dialer.reports.html import Show, assets, environment
from dialer.reports.labels import Words
from dialer.reports.worked import Share, wilson

COLUMNS = (
    "campaign", "kind", "status", "script_version", "contacts", "attempts", "dials", "talks", "positive", "talk_rate",
    "positive_rate", "positive_low", "positive_high", "hot", "warm", "cold", "talk_s", "cost", "first_dial_at", "last_dial_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """What one campaign, or one of its script versions, came to. ``contacts`` and ``leads`` are of the campaign alone."""

    campaign: str
    kind: str
    status: CampaignStatus
    version: str = ""
    contacts: int | None = None
    attempts: int = 0
    dials: int = 0
    talks: int = 0
    positive: int = 0
    talk_s: float = 0.0
    cost: Decimal = Decimal(0)
    first_at: datetime | None = None
    last_at: datetime | None = None
    leads: Mapping[Grade, int] | None = None

    @property
    def reached(self) -> Share:
        """Dials that a human took."""
        return wilson(self.talks, self.dials)

    @property
    def won(self) -> Share:
        """Talks that ended positive."""
        return wilson(self.positive, self.talks)


@dataclass(frozen=True, slots=True)
class Overall:
    """All campaigns, and all script versions in the order of their campaigns."""

    campaigns: Sequence[Line]
    versions: Sequence[Line]
    generated_at: datetime
    language: str = "en"
    files: Sequence[str] = field(default=("campaigns.csv", "report.json"))

    @property
    def total(self) -> Line:
        """The sums over all campaigns."""
        return total_of(self.campaigns)


def total_of(every: Sequence[Line]) -> Line:
    """The sums of some lines, without a name."""
    return Line(
        campaign="",
        kind="",
        status=CampaignStatus.DONE,
        contacts=sum(line.contacts or 0 for line in every),
        attempts=sum(line.attempts for line in every),
        dials=sum(line.dials for line in every),
        talks=sum(line.talks for line in every),
        positive=sum(line.positive for line in every),
        talk_s=sum(line.talk_s for line in every),
        cost=sum((line.cost for line in every), Decimal(0)),
        leads={grade: sum((line.leads or {}).get(grade, 0) for line in every) for grade in Grade},
    )


def overall_html(found: Overall, currency: str = "USD") -> str:
    """The page."""
    words = Words(found.language)
    template = environment().get_template("overall.html.j2")
    return template.render(page=found, total=found.total, t=words, show=Show(words, currency), small=SMALL, **assets())


def overall_csv(found: Overall) -> Iterator[str]:
    """Campaigns, then script versions, under the same header; what a row does not have is empty."""
    return table(COLUMNS, (_cells(line) for line in (*found.campaigns, *found.versions)))


def overall_values(found: Overall) -> dict[str, Any]:
    """The contents of ``report.json``: generated_at, campaigns, versions, total; unknown is null."""
    return {
        "generated_at": found.generated_at.isoformat(timespec="seconds"),
        "campaigns": [_values(line) for line in found.campaigns],
        "versions": [_values(line) for line in found.versions],
        "total": _values(found.total),
    }


def overall_json(values: Mapping[str, Any]) -> str:
    """The file's text."""
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def _values(line: Line) -> dict[str, Any]:
    cells = dict(zip(COLUMNS, _cells(line), strict=True))
    cells["cost"] = f"{line.cost:.4f}"
    return {name: None if value == "" else value for name, value in cells.items()}


def _cells(line: Line) -> list[object]:
    leads = line.leads or {}
    rates = (line.reached.value, line.won.value, line.won.low, line.won.high)
    return [
        line.campaign,
        line.kind,
        line.status.value if line.campaign else "",
        line.version,
        line.contacts,
        line.attempts,
        line.dials,
        line.talks,
        line.positive,
        *(None if rate is None else f"{rate:.4f}" for rate in rates),
        *(leads.get(grade, 0) if line.leads is not None else None for grade in Grade),
        line.talk_s,
        line.cost,
        local_text(line.first_at, ""),
        local_text(line.last_at, ""),
    ]
