"""The dry run: who would be called, when, from which number, for how much; who never, and why. Nothing is dialled or stored."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from dialer.compliance.caps import free_at
from dialer.compliance.case import Case, window_of
from dialer.compliance.gates import caps_of, last_instant
from dialer.compliance.hours import Window, next_open
from dialer.compliance.permit import Facts, permit, reason_text
from dialer.compliance.rulebook import shipped_rulebook
from dialer.dialing import caller_id, prices, redial
from dialer.dialing.forecast import Forecast, Planned, forecast
from dialer.model.call import CallState
from dialer.model.contact import Contact
from dialer.model.decision import Decision, Stage, Verdict
from dialer.model.phone import mask
from dialer.operations import folders, gates
from dialer.operations.parts import Parts
from dialer.operations.status import now_of
from dialer.store import contacts, overview
from dialer.store.campaigns import CampaignRow
from dialer.store.engine import Tx, batches

_Again = Callable[[Planned, Sequence[datetime]], datetime | None]


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
    """The whole dry run. ``cost``, ``by_day`` and ``finish_at`` count first attempts only: redials depend on who answers.
    ``most_dials`` and ``latest_finish_at``: how many it comes to, and until when, if nobody ever answers.
    """

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
    most_dials: int
    latest_finish_at: datetime | None

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
            "most_dials": self.most_dials,
            "latest_finish_at": None if self.latest_finish_at is None else self.latest_finish_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged(Planned):
    """One contact that may be called: what its line shows, and what a forecast must know. A long list has many of them, so that
    neither the contact nor the decision is kept.
    """

    row: int
    name: str
    number: str
    from_number: str
    why_later: str
    window: Window
    dialled: tuple[datetime, ...]
    caps: tuple[tuple[str, int, timedelta], ...]
    redials: tuple[timedelta, ...]
    until: datetime | None


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
    may = [item for item in judged if isinstance(item, _Judged)]
    model = row.campaign.voice.model or parts.settings.voice_model
    price = prices.expected(row.campaign, model, parts.settings.carrier)
    seen, at_most = _forecast(may, row, price), _forecast(may, row, price, _again)
    return Plan(
        campaign=row.name,
        at=now,
        calls=tuple(_line(item, start, price) for item, start in zip(may, seen.starts, strict=True)),
        never=tuple(item for item in judged if isinstance(item, NeverCalled)),
        done=len(everybody) - len(open_calls),
        by_day=seen.by_day,
        first_at=seen.first_at,
        finish_at=seen.finish_at,
        cost=seen.cost,
        worst_cost=prices.worst_case(row.campaign, model, parts.settings.carrier) * len(may),
        most_dials=at_most.dials,
        latest_finish_at=at_most.finish_at,
    )


def _judge(
    tx: Tx, parts: Parts, row: CampaignRow, calls: list[overview.CallRow], now: datetime
) -> Iterator[_Judged | NeverCalled]:
    @cache
    def redials(made: int, numbers: int) -> tuple[timedelta, ...]:
        return redial.unanswered(row.campaign, made, numbers)

    for batch in batches(calls):
        known = contacts.many(tx, [call.contact_id for call in batch])
        subjects = [_subject(row, call, known[call.contact_id]) for call in batch]
        for call, subject, facts in zip(batch, subjects, gates.facts_of_many(tx, parts, subjects, now), strict=True):
            decision = permit(facts, now, Stage.SCHEDULE)
            if decision.verdict in (Verdict.ALLOW, Verdict.WAIT):
                yield _judged(call, subject, facts, decision, redials(call.attempts_made, len(subject.contact.contact.numbers)))
            else:
                yield _never(subject.contact.contact, decision)


def _subject(row: CampaignRow, call: overview.CallRow, contact: contacts.ContactRow) -> gates.Subject:
    from_number = caller_id.choose(row.campaign, call.phone)
    return gates.Subject(call.id, call.fence, contact, row, from_number, call.is_callback, call.expires_at, call.phone)


def _judged(
    call: overview.CallRow, subject: gates.Subject, facts: Facts, decision: Decision, redials: tuple[timedelta, ...]
) -> _Judged:
    contact, now = subject.contact.contact, decision.decided_at
    case = Case(facts, now, Stage.SCHEDULE, shipped_rulebook())
    return _Judged(
        # The gates' own instant, and not before a redial falls due.
        earliest=max(decision.next_allowed_at or now, call.due_at),
        zone=contact.timezone or (decision.zones[0] if decision.zones else "Etc/UTC"),
        zones=decision.zones,
        row=contact.row,
        name=contact.display_name,
        number=mask(contact.phone),
        from_number=subject.caller_id,
        why_later=reason_text(decision) if decision.verdict is Verdict.WAIT else "",
        window=window_of(case),
        dialled=facts.attempts_at,
        caps=tuple(caps_of(case)),
        redials=redials,
        until=last_instant(facts),
    )


def _forecast(may: list[_Judged], row: CampaignRow, price: Decimal, again: _Again = lambda _, starts: None) -> Forecast:
    pacing = row.campaign.pacing
    return forecast(
        may,
        concurrency=pacing.concurrency,
        cps=pacing.cps,
        expected_s=prices.shipped_prices().rhythm.expected_talk_s,
        expected_cost=price,
        reopen=_reopen,
        again=again,
    )


def _reopen(planned: Planned, at: datetime) -> datetime | None:
    """The next opening, unless the contact or the campaign has ended by then."""
    assert isinstance(planned, _Judged)
    opening = next_open(planned.window, planned.zones, at)
    return None if opening is None or (planned.until is not None and opening >= planned.until) else opening


def _again(planned: Planned, starts: Sequence[datetime]) -> datetime | None:
    """When the next dial falls due if nobody answered the last one: after the redial's delay, as soon as the caps allow it."""
    assert isinstance(planned, _Judged)
    if len(starts) > len(planned.redials):
        return None
    due = starts[-1] + planned.redials[len(starts) - 1]
    dials = (*planned.dialled, *starts)
    free = [free_at(dials, allowed, period) for _, allowed, period in planned.caps]
    return max([due, *(instant for instant in free if instant is not None)])


def _line(item: _Judged, start: datetime | None, price: Decimal) -> PlannedCall:
    return PlannedCall(
        item.row,
        item.name,
        item.number,
        item.zone,
        item.earliest,
        start,
        item.from_number,
        price,
        item.why_later,
    )


def _never(contact: Contact, decision: Decision) -> NeverCalled:
    return NeverCalled(contact.row, contact.display_name, mask(contact.phone), decision.code, reason_text(decision))
