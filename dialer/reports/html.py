"""The page: one self-contained file. Nothing remote, and a policy in it that forbids all but our own style and script.

Everything that is not ours goes through the template's escaping; bars are rectangles in percent, so that they need
neither script nor style attributes and the policy can name the one style sheet and the one script by their hashes. The
script only filters and sorts what is there: without it the page reads the same.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from dialer.reports import charts
from dialer.reports.aggregate import SMALL, Summary
from dialer.reports.data import CampaignHead, MethodRow, OptOutRow
from dialer.reports.heard import Heard
from dialer.reports.labels import Words
from dialer.reports.lists import CAP, Lists
from dialer.reports.worked import Share, Worked, wilson

UNKNOWN = "–"
_E164 = re.compile(r"\+[0-9]{6,15}")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Page:
    """What the page is made of. ``files`` are the names of the files beside it, ``report_id`` names this state of the data."""

    head: CampaignHead
    summary: Summary
    lists: Lists
    opt_outs: Sequence[OptOutRow]
    files: Sequence[str]
    generated_at: datetime
    worked: Worked
    objections: Sequence[Heard] = ()
    observations: Sequence[Heard] = ()
    method: MethodRow = field(default_factory=MethodRow)
    report_id: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: ``percent`` of the whole width, ``share`` of the base as text, ``is_small`` when the base is small."""

    key: str
    count: int
    percent: float
    share: str
    is_small: bool


def report_html(page: Page) -> str:
    """Render the page in the campaign's language."""
    words = Words(page.head.campaign.language)
    env = environment()
    summary, worked = page.summary, page.worked
    return env.get_template("report.html.j2").render(
        page=page,
        campaign=page.head.campaign,
        summary=summary,
        worked=worked,
        t=words,
        show=Show(words, summary.spend.currency),
        todos=page.lists.todos,
        funnel=bars([(step.name, step.count) for step in summary.funnel], summary.rows),
        outcomes=bars(list(summary.outcomes.items())),
        dispositions=bars(list(summary.dispositions.items())),
        not_called=bars(list(summary.not_called.items())),
        weekdays=[slot for slot in summary.weekdays if slot.dials],
        hours=[slot for slot in summary.hours if slot.dials],
        squares=charts.squares(worked.cells),
        whiskers=charts.whiskers(worked.attempts),
        first_columns=charts.latency_columns(worked.first_bins),
        turn_columns=charts.latency_columns(worked.turn_bins),
        day_columns=charts.columns([(day[5:], cost, "") for day, cost in worked.days[-_MOST_DAYS:]], step=48),
        wilson=wilson,
        small=SMALL,
        cap=CAP,
        **assets(),
    )


@cache
def assets() -> dict[str, str]:
    """The style and the script of all pages, with the hashes by which their policy lets them in."""
    style, script = (environment().get_template(name).render() for name in ("report.css", "report.js"))
    return {"style": style, "style_hash": _digest(style), "script": script, "script_hash": _digest(script)}


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def environment() -> Environment:
    """The templates, with everything escaped and no name left undefined."""
    return Environment(
        loader=PackageLoader("dialer.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def bars(counts: Sequence[tuple[Any, int]], base: int | None = None) -> list[Bar]:
    """Bars in the given order. Shares are of ``base``, or of the sum; the longest bar is as wide as its share of the
    largest."""
    whole = sum(count for _, count in counts) if base is None else base
    largest = max([count for _, count in counts] + [1])
    return [Bar(str(key), count, round(100 * count / largest, 2), share(count, whole), whole < SMALL) for key, count in counts]


def share(count: int, base: int) -> str:
    """A share in percent, or "–" when there is nothing to have a share of."""
    return f"{100 * count / base:.0f} %" if base else UNKNOWN


@dataclass(frozen=True, slots=True)
class Show:
    """How values are written on the page."""

    words: Words
    currency: str

    def number(self, value: int | None) -> str:
        """With thousands separators; "–" for unknown."""
        return UNKNOWN if value is None else f"{value:,}"

    def money(self, amount: Decimal | None) -> str:
        """Two digits, or four for amounts of a few cents; "–" for unknown."""
        if amount is None:
            return UNKNOWN
        digits = 2 if amount == 0 or amount >= Decimal("0.1") else 4
        sign = "$" if self.currency == "USD" else f"{self.currency} "
        return f"{sign}{amount:,.{digits}f}"

    def ms(self, value: int | None) -> str:
        """Milliseconds, from one second on as seconds."""
        if value is None:
            return UNKNOWN
        return f"{value / 1000:.1f} s" if value >= 1000 else f"{value} ms"

    def duration(self, seconds: float) -> str:
        """Minutes and seconds."""
        whole = round(seconds)
        return f"{whole // 60}:{whole % 60:02d}"

    def moment(self, at: datetime | None, zone: str = "") -> str:
        """Local date and time with its zone; UTC when no zone is known."""
        if at is None:
            return UNKNOWN
        local = at.astimezone(ZoneInfo(zone or "UTC"))
        time = f"{local:%H:%M} {_zone_name(local, zone)}"
        if self.words.is_chinese:
            return f"{local.month}月{local.day}日 {self.words(f'weekday.{local.weekday()}')} {time}"
        return f"{_WEEKDAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}, {time}"

    def slot(self, text: str) -> str:
        """An ISO local time of an appointment as people write it; as it is when it is none."""
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return text or UNKNOWN
        if self.words.is_chinese:
            return f"{at.month}月{at.day}日 {self.words(f'weekday.{at.weekday()}')} {at:%H:%M}"
        return f"{_WEEKDAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}, {at:%H:%M}"

    def answer(self, value: str | None, kind: str) -> str:
        """An answer as people say it; "–" when it is not proven."""
        if value is None:
            return UNKNOWN
        return self.words(f"answer.{value}") if kind == "boolean" else value

    def link(self, phone: str) -> str | None:
        """The address that dials, for a number in E.164 only."""
        return f"tel:{phone}" if _E164.fullmatch(phone) else None

    def share(self, count: int, base: int) -> str:
        """A share in percent."""
        return share(count, base)

    def interval(self, found: Share) -> str:
        """The 95 % interval of a share in percent."""
        if found.low is None or found.high is None:
            return UNKNOWN
        return f"{100 * found.low:.0f}–{100 * found.high:.0f} %"

    def lost(self, lost: Mapping[str, int]) -> str:
        """Where people were lost, the most first, as one line."""
        gap = "，" if self.words.is_chinese else ", "
        return gap.join(f"{self.words(name)} {count:,}" for name, count in lost.items())


def _zone_name(local: datetime, zone: str) -> str:
    """``EST`` in America, where everybody reads it; else the offset, because such names are used twice (CST)."""
    name = local.strftime("%Z")
    if not zone or (zone.startswith("America/") and name.isalpha()):
        return name
    minutes = int((local.utcoffset() or local - local).total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
