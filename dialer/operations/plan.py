"""The dry run: who would be called, when, from which number, for how much; who never, and why. Nothing is dialled or stored."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dialer.compliance.case import Case, window_of
from dialer.compliance.hours import Window, next_open
from dialer.compliance.permit import Facts, permit, reason_text
from dialer.compliance.rulebook import shipped_rulebook
from dialer.dialing import caller_id, prices
from dialer.dialing.forecast import Forecast, Planned, forecast
from dialer.model.call import CallState
from dialer.model.decision import Decision, Stage, Verdict
from dialer.model.phone import PhoneNumber, mask
from dialer.operations import folders, gates
from dialer.operations.parts import Parts
from dialer.operations.status import now_of
from dialer.store import contacts, overview
from dialer.store.campaigns import CampaignRow
from dialer.store.engine import Tx, batches

_SHUT = Window(((),) * 7)


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One contact that would be called. ``earliest_at``: the gates allow from then on; ``starts_at``: when its turn comes."""

    row: int
    name: str
    number: str
    zone: str
    earliest_at: datetime
    starts_at: datetime | None
    from_number: str
    cost: Decimal
    why_later: str

    def as_json(self) -> dict[str, Any]:
        """One line of ``plan --json``; the number is masked."""
        return {
            "row": self.row,
            "name": self.name,
            "number": self.number,
            "zone": self.zone,
            "earliest_at": self.earliest_at.isoformat(),
            "earliest_local": local(self.earliest_at, self.zone),
            "starts_at": None if self.starts_at is None else self.starts_at.isoformat(),
            "starts_local": None if self.starts_at is None else local(self.starts_at, self.zone),
            "from": self.from_number,
            "expected_cost": str(self.cost),
            "why_later": self.why_later,
        }


@dataclass(frozen=True, slots=True)
class NeverCalled:
    """One contact that would not be called as it stands: the code, and the reason in words."""

    row: int
    name: str
    number: str
    code: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """One line of ``plan --json``; the number is masked."""
        return {"row": self.row, "name": self.name, "number": self.number, "code": self.code, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole dry run. ``cost`` and ``by_day`` count first attempts only: redials depend on who answers."""

    campaign: str
    at: datetime
    calls: tuple[PlannedCall, ...]
    never: tuple[NeverCalled, ...]
    done: int
    by_day: tuple[tuple[date, int], ...]
    first_at: datetime | None
    finish_at: datetime | None
    cost: Decimal
    worst_cost: Decimal

    @property
    def by_code(self) -> dict[str, int]:
        """How many are never called for each reason."""
        return dict(sorted(Counter(item.code for item in self.never).items()))

    def as_json(self) -> dict[str, Any]:
        """The document of ``plan --json``."""
        return {
            "campaign": self.campaign,
            "at": self.at.isoformat(),
            "calls": [item.as_json() for item in self.calls],
            "never": [item.as_json() for item in self.never],
            "done": self.done,
            "by_day": {day.isoformat(): count for day, count in self.by_day},
            "by_code": self.by_code,
            "first_at": None if self.first_at is None else self.first_at.isoformat(),
            "finish_at": None if self.finish_at is None else self.finish_at.isoformat(),
            "expected_cost": str(self.cost),
            "worst_cost": str(self.worst_cost),
        }


@dataclass(frozen=True, slots=True)
class _Placed(Planned):
    """A planned call with the window that its rules leave."""

    window: Window = _SHUT


@dataclass(frozen=True, slots=True)
class _Judged:
    call: overview.CallRow
    contact: contacts.ContactRow
    from_number: PhoneNumber
    facts: Facts
    decision: Decision


def local(instant: datetime, zone: str) -> str:
    """The wall clock in ``zone``: ``Mon 2026-11-23 10:15``."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")


def plan(parts: Parts, name: str) -> Plan:
    """Ask the gates about every call that is not finished, and place the allowed ones on the time line.

    Raises ``UserError`` when the campaign is not stored.
    """
    row = folders.stored(parts, name)
    with parts.store.read() as tx:
        now = now_of(tx, parts)
        everybody = list(overview.calls_of_campaign(tx, row.id))
        open_calls = [call for call in everybody if call.state in (CallState.HELD, CallState.QUEUED)]
        judged = list(_judge(tx, parts, row, open_calls, now))
    may, never = _parted(judged)
    model = row.campaign.voice.model or parts.settings.voice_model
    price = prices.expected(row.campaign, model, parts.settings.carrier)
    seen = _placed(may, row, now, price)
    return Plan(
        campaign=row.name,
        at=now,
        calls=tuple(_line(item, start, price, now) for item, start in zip(may, seen.starts, strict=True)),
        never=tuple(_never(item) for item in never),
        done=len(everybody) - len(open_calls),
        by_day=seen.by_day,
        first_at=seen.first_at,
        finish_at=seen.finish_at,
        cost=seen.cost,
        worst_cost=prices.worst_case(row.campaign, model, parts.settings.carrier) * len(may),
    )


def _judge(tx: Tx, parts: Parts, row: CampaignRow, calls: list[overview.CallRow], now: datetime) -> Iterator[_Judged]:
    for batch in batches(calls):
        known = contacts.many(tx, [call.contact_id for call in batch])
        for call in batch:
            contact = known[call.contact_id]
            from_number = caller_id.choose(row.campaign, call.phone)
            subject = gates.Subject(call.id, call.fence, contact, row, from_number, call.is_callback, call.expires_at, call.phone)
            facts = gates.facts_of(tx, parts, subject)
            yield _Judged(call, contact, from_number, facts, permit(facts, now, Stage.SCHEDULE))


def _parted(judged: list[_Judged]) -> tuple[list[_Judged], list[_Judged]]:
    """Who may be called, now or later, and who may not."""
    may: list[_Judged] = []
    never: list[_Judged] = []
    for item in judged:
        (may if item.decision.verdict in (Verdict.ALLOW, Verdict.WAIT) else never).append(item)
    return may, never


def _placed(may: list[_Judged], row: CampaignRow, now: datetime, price: Decimal) -> Forecast:
    pacing = row.campaign.pacing
    return forecast(
        [_planned(item, now) for item in may],
        concurrency=pacing.concurrency,
        cps=pacing.cps,
        expected_s=prices.shipped_prices().rhythm.expected_talk_s,
        expected_cost=price,
        reopen=_reopen,
    )


def _planned(item: _Judged, now: datetime) -> _Placed:
    zones = item.decision.zones
    window = window_of(Case(item.facts, now, Stage.SCHEDULE, shipped_rulebook()))
    return _Placed(_earliest(item, now), _zone(item), zones, window)


def _reopen(planned: Planned, at: datetime) -> datetime | None:
    return next_open(planned.window, planned.zones, at) if isinstance(planned, _Placed) else at


def _earliest(item: _Judged, now: datetime) -> datetime:
    """The gates' own instant, and not before a redial falls due."""
    return max(item.decision.next_allowed_at or now, item.call.due_at)


def _zone(item: _Judged) -> str:
    return item.contact.contact.timezone or (item.decision.zones[0] if item.decision.zones else "Etc/UTC")


def _line(item: _Judged, start: datetime | None, price: Decimal, now: datetime) -> PlannedCall:
    contact = item.contact.contact
    later = reason_text(item.decision) if item.decision.verdict is Verdict.WAIT else ""
    return PlannedCall(
        contact.row,
        contact.display_name,
        mask(contact.phone),
        _zone(item),
        _earliest(item, now),
        start,
        item.from_number,
        price,
        later,
    )


def _never(item: _Judged) -> NeverCalled:
    contact = item.contact.contact
    decision = item.decision
    return NeverCalled(contact.row, contact.display_name, mask(contact.phone), decision.code, reason_text(decision))
