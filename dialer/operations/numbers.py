"""Our own numbers: which may be shown now, which must rest, and how each of them fares."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dialer.dialing.caller_id import Standing, Tally, why_tired
from dialer.model.ids import CallId
from dialer.model.phone import PhoneNumber
from dialer.operations.parts import Parts
from dialer.store import caller_numbers, callers, campaigns
from dialer.store.caller_numbers import CallerNumber
from dialer.store.engine import Tx

RECENT = timedelta(days=7)
BEFORE = timedelta(days=28)
"""How far back the weeks reach with which the last days are compared."""
REST = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Fare:
    """One number: what holds for it, and how its calls went today, lately and before."""

    row: CallerNumber
    today: Tally
    recent: Tally
    before: Tally
    is_known: bool


def standings(tx: Tx, parts: Parts, now: datetime, taken: Collection[CallId] = ()) -> Mapping[str, Standing]:
    """What holds for each number now. A real carrier with a verified list shows no number that is not on it.

    A cap is exact over all workers: who claims asks behind the lock of claims, and calls that wait for their dial are counted.
    ``taken`` are those that are just being claimed: which number they show is still to be said.
    """
    rows = caller_numbers.listed(tx)
    if not rows:
        return {}
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    has_caps = any(row.daily_cap is not None for row in rows)
    today = caller_numbers.tallies(tx, midnight, now + timedelta(seconds=1)) if has_caps else {}
    waiting = callers.claimed(tx, taken) if has_caps else {}
    is_strict = parts.settings.carrier != "simulated" and any(row.verified_at for row in rows)
    found = {}
    for row in rows:
        used = today.get(row.number, Tally()).dials + waiting.get(row.number, 0)
        left = None if row.daily_cap is None else max(0, row.daily_cap - used)
        rests = row.rests_until is not None and row.rests_until > now
        is_foreign = is_strict and row.verified_at is None
        found[str(row.number)] = Standing(row.weight, may_be_shown=not (rests or is_foreign), left=left)
    if is_strict:
        unknown = {number for campaign in campaigns.listed(tx) for number in campaign.campaign.caller_ids} - set(found)
        found |= {number: Standing(may_be_shown=False) for number in unknown}
    return found


def rest_tired(tx: Tx, now: datetime) -> list[PhoneNumber]:
    """Let the numbers rest that people stopped answering; those that rest already are left alone."""
    recent = caller_numbers.tallies(tx, now - RECENT, now)
    before = caller_numbers.tallies(tx, now - BEFORE, now - RECENT)
    rested = []
    known = {row.number: row for row in caller_numbers.listed(tx)}
    for number, tally in recent.items():
        row = known.get(number, CallerNumber(number))
        has_rested_lately = row.rests_until is not None and row.rests_until > now - RECENT
        reason = "" if has_rested_lately else why_tired(tally, before.get(number, Tally()))
        if reason:
            caller_numbers.put(tx, number, rests_until=now + REST, rest_reason=reason)
            rested.append(number)
    return rested


def fares(parts: Parts) -> list[Fare]:
    """Every number that is known or is shown by a campaign."""
    now = parts.clock.now()
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with parts.store.read() as tx:
        rows = {row.number: row for row in caller_numbers.listed(tx)}
        spans = [(midnight, now), (now - RECENT, now), (now - BEFORE, now - RECENT)]
        today, recent, before = (caller_numbers.tallies(tx, *span) for span in spans)
        shown = {PhoneNumber(number) for row in campaigns.listed(tx) for number in row.campaign.caller_ids}
    empty = Tally()
    return [
        Fare(
            rows.get(number, CallerNumber(number)),
            today.get(number, empty),
            recent.get(number, empty),
            before.get(number, empty),
            number in rows,
        )
        for number in sorted(shown | set(rows))
    ]


def change(parts: Parts, number: PhoneNumber, **changes: object) -> None:
    """Set what holds for a number."""
    with parts.store.write() as tx:
        caller_numbers.put(tx, number, **changes)


def verified(parts: Parts, numbers: Iterable[str]) -> None:
    """The carrier said that these, and no others, may be shown."""
    now, may = parts.clock.now(), set(numbers)
    with parts.store.write() as tx:
        for row in caller_numbers.listed(tx):
            if row.number not in may:
                caller_numbers.put(tx, row.number, verified_at=None)
        for number in sorted(may):
            caller_numbers.put(tx, PhoneNumber(number), verified_at=now)
