"""What a gate sees and what it says; and where the callee may be, by everything that tells a place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from dialer.compliance import places
from dialer.compliance.closed_days import closed_days
from dialer.compliance.facts import Facts, Override
from dialer.compliance.hours import Window, campaign_window, intersect
from dialer.compliance.number import NumberFacts, read_number
from dialer.compliance.rulebook import NarrowerRule, Rulebook, WindowRule, read_window
from dialer.compliance.zones import Whereabouts, Zones, candidate_zones
from dialer.model.campaign import Hours
from dialer.model.decision import Stage, Verdict


@dataclass(frozen=True, slots=True)
class Case:
    """What a gate sees."""

    facts: Facts
    now: datetime
    stage: Stage
    book: Rulebook

    def override(self, rule: str) -> Override | None:
        """The override of this rule that is in force now, if there is one."""
        if not self.facts.overrides or rule not in self.book.may_be_overridden():
            return None
        return next((it for it in self.facts.overrides if it.rule == rule and it.expires_at > self.now), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a gate says. ``not_before`` goes with a wait: this gate allows from then on."""

    rule: str
    verdict: Verdict
    detail: str
    code: str = "allowed"
    not_before: datetime | None = None
    zones: tuple[str, ...] = ()


Gate = Callable[[Case], list[Finding]]


def number_of(facts: Facts) -> NumberFacts:
    """What the number tells."""
    return facts.number or read_number(facts.phone)


def regions_of(facts: Facts) -> tuple[str, ...]:
    """The countries whose rules apply: the number's, and the contact's own where it is another. Empty: none is known."""
    return _jurisdictions(number_of(facts), facts.country, facts.state, facts.postal_code)[0]


def states_of(facts: Facts) -> tuple[str, ...]:
    """The codes of all states that may be the contact's: by area code, postal code and the state that was given. The
    strictest of their rules hold, because nobody knows which one it is.
    """
    return _jurisdictions(number_of(facts), facts.country, facts.state, facts.postal_code)[1]


@lru_cache(maxsize=8192)
def _jurisdictions(number: NumberFacts, country: str, state: str, postal_code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Countries and states. Every gate asks for them, and contacts share them."""
    regions = tuple(dict.fromkeys(region for region in (number.region, country.strip().upper()) if region))
    codes = list(number.states)
    for region in regions:
        codes += [found.code for found in places.states_of_postal_code(region, postal_code)]
        given = places.state_of(region, state)
        codes += [given.code] if given else []
    return regions, tuple(dict.fromkeys(codes))


def zones_of(case: Case) -> Zones:
    """The candidate zones of the case."""
    facts = case.facts
    region = facts.country.strip().upper() or number_of(facts).region
    continental = [row.id for row in case.book.continental if row.binds(facts.campaign.kind)]
    return candidate_zones(
        facts.phone,
        facts.timezone,
        is_marketing=facts.campaign.kind.is_marketing,
        where=Whereabouts(region, facts.state, facts.postal_code),
        is_continental=number_of(facts).region == "US" and any(case.override(rule) is None for rule in continental),
        number_names=number_of(facts).zones,
    )


def window_of(case: Case, at: datetime | None = None) -> Window:
    """The base window, narrowed by the rules of the places and by the campaign; ``at``: around which day (default: now)."""
    campaign, book = case.facts.campaign, case.book
    rule = book.window_for(campaign.kind)
    return _window(
        rule if case.override(rule.id) is None else book.outer,
        (rule, *narrower_of(case)),
        regions_of(case.facts) if case.override(book.holidays.id) is None else None,
        (at or case.now).year,
        campaign.hours,
        campaign.limits.call_s,
    )


@lru_cache(maxsize=4096)
def _window(
    base: WindowRule, rows: tuple[WindowRule, ...], regions: tuple[str, ...] | None, year: int, hours: Hours, call_s: int
) -> Window:
    """The window of all contacts to whom these rules apply. ``regions``: whose public holidays count, None: nobody's."""
    window = read_window(base)
    for row in rows:
        window = intersect(window, read_window(row)) if isinstance(row, NarrowerRule) else window
    closed = [_closed(row, regions, year) for row in rows if regions is not None]
    return campaign_window(hours, Window(window.days, window.guard_s, frozenset().union(*closed)), call_s)


def narrower_of(case: Case) -> list[NarrowerRule]:
    """The rows that shorten the hours at the places of the case."""
    kind, states = case.facts.campaign.kind, states_of(case.facts)
    rows = [row for region in regions_of(case.facts) for row in case.book.narrower_for(kind, region, states)]
    return [row for row in rows if case.override(row.id) is None]


def _closed(row: WindowRule, own: tuple[str, ...], year: int) -> frozenset[date]:
    """The public holidays that a row of windows leaves out; ``own``: the countries of the case."""
    if not row.holidays:
        return frozenset()
    if row.holidays == "state":
        assert isinstance(row, NarrowerRule)
        return closed_days(row.region, row.state, year)
    regions = (row.region,) if isinstance(row, NarrowerRule) else own
    return frozenset().union(*(closed_days(region, "", year) for region in regions))
