"""How the campaigns stand, and what is going on at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dialer.model.call import AttemptState, Bucket, CampaignStatus
from dialer.model.disposition import Disposition
from dialer.model.phone import mask
from dialer.model.transcript import Speaker
from dialer.operations import folders
from dialer.operations.parts import Parts
from dialer.store import attempts, brakes, campaigns, contacts, lanes, overview, queue, simulated_time
from dialer.store.campaigns import CampaignRow
from dialer.store.engine import Tx

_RATE_WINDOW = timedelta(minutes=1)
SETTLED = frozenset(Bucket) - {Bucket.WAITING, Bucket.LIVE}
"""Buckets in which a row stays unless a person does something."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One campaign. ``rows`` are the rows of all its files; ``buckets`` add up to them, empty ones are left out."""

    name: str
    kind: str
    status: CampaignStatus
    reason: str
    version: str
    starts_at: datetime | None
    ends_at: datetime | None
    rows: int
    buckets: Mapping[Bucket, int]
    figures: overview.Figures
    dispositions: Mapping[Disposition, int]
    next_due_at: datetime | None
    waits: Mapping[str, int] = field(default_factory=dict)
    """What calls of the bucket ``waiting`` wait for, by code, where a gate or a limit put them off."""
    slowed_until: datetime | None = None
    """No call starts before then; ``reason`` says why."""

    def as_json(self) -> dict[str, Any]:
        """The document of ``status --json`` for this campaign."""
        return {
            "campaign": self.name,
            "kind": self.kind,
            "status": self.status.value,
            "reason": self.reason,
            "version": self.version,
            "starts_at": _iso(self.starts_at),
            "ends_at": _iso(self.ends_at),
            "rows": self.rows,
            "buckets": {bucket.value: count for bucket, count in self.buckets.items()},
            "attempts": self.figures.attempts,
            "dialed": self.figures.dialed,
            "talks": self.figures.talks,
            "spent": str(self.figures.spent),
            "dispositions": {disposition.value: count for disposition, count in self.dispositions.items()},
            "next_due_at": _iso(self.next_due_at),
            "waits": dict(self.waits),
            "slowed_until": _iso(self.slowed_until),
        }


@dataclass(frozen=True, slots=True)
class LiveCall:
    """One call in progress, with its number masked. ``seconds``: since it came into this state."""

    attempt_id: str
    campaign: str
    number: str
    state: AttemptState
    seconds: float
    speaker: Speaker | None
    words: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that ``watch`` shows. ``per_minute``: dials in the last minute; ``lanes``: how many are at work."""

    at: datetime
    standings: tuple[Standing, ...]
    live: tuple[LiveCall, ...]
    per_minute: int
    lanes: int
    spent: Decimal = field(default=Decimal(0))

    @property
    def is_done(self) -> bool:
        """No campaign is armed or paused, or none of them has anything left to do, and nobody is on the phone."""
        going = (CampaignStatus.ARMED, CampaignStatus.PAUSED)
        open_rows = sum(
            count
            for standing in self.standings
            if standing.status in going
            for bucket, count in standing.buckets.items()
            if bucket not in SETTLED
        )
        return not self.live and not open_rows


def standing(parts: Parts, name: str) -> Standing:
    """How one campaign stands. Raises ``UserError`` when there is none of that name."""
    row = folders.stored(parts, name)
    with parts.store.read() as tx:
        return _standing(tx, row, overview.figures(tx), overview.next_due(tx), now_of(tx, parts))


def standings(parts: Parts) -> list[Standing]:
    """How all campaigns stand, by name."""
    with parts.store.read() as tx:
        return _standings(tx, now_of(tx, parts))


def snapshot(parts: Parts, name: str | None = None) -> Snapshot:
    """All campaigns, or the one named, and the calls in progress, as of one instant."""
    only = None if name is None else folders.stored(parts, name).name
    with parts.store.read() as tx:
        now = now_of(tx, parts)
        found = tuple(item for item in _standings(tx, now) if only in (None, item.name))
        live = tuple(_live(item, now) for item in attempts.open_attempts(tx) if only in (None, item.campaign))
        lease_now = parts.clock.lease_now()
        at_work = sum(lane.lease_until > lease_now for lane in lanes.listed(tx))
        per_minute = overview.dialed_since(tx, now - _RATE_WINDOW)
    return Snapshot(now, found, live, per_minute, at_work, sum((item.figures.spent for item in found), Decimal(0)))


def now_of(tx: Tx, parts: Parts) -> datetime:
    """The campaign instant as far as this process can tell: a simulated time passes in the process that runs the calls.

    Other processes see it by the instant that the lanes publish and by the last dial.
    """
    now = parts.clock.now()
    if not parts.clock.is_simulated:
        return now
    return max(instant for instant in (now, simulated_time.read(tx), overview.last_dialed_at(tx)) if instant is not None)


def _standings(tx: Tx, now: datetime) -> list[Standing]:
    figures, due = overview.figures(tx), overview.next_due(tx)
    return [_standing(tx, row, figures, due, now) for row in campaigns.listed(tx)]


def _standing(
    tx: Tx, row: CampaignRow, figures: Mapping[Any, overview.Figures], due: Mapping[Any, datetime], now: datetime
) -> Standing:
    slowed = brakes.in_force(tx, row.id, now) if row.status is CampaignStatus.ARMED else None
    imports = [item.facts for item in contacts.imports_of(tx, row.id)]
    buckets = dict(queue.counts(tx, row.id))
    buckets[Bucket.REJECTED] = sum(facts.rejected for facts in imports)
    buckets[Bucket.DUPLICATE] = sum(facts.duplicates for facts in imports)
    buckets[Bucket.UPDATED] = sum(facts.updated for facts in imports)
    return Standing(
        name=row.name,
        kind=row.campaign.kind.value,
        status=row.status,
        reason=row.status_reason or (f"{slowed.reason}, until {slowed.until:%H:%M:%S} UTC" if slowed else ""),
        version=row.version_hash[:12],
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        rows=sum(facts.rows for facts in imports),
        buckets={bucket: buckets[bucket] for bucket in Bucket if buckets.get(bucket)},
        figures=figures.get(row.id, overview.Figures()),
        dispositions=overview.dispositions(tx, row.id),
        next_due_at=due.get(row.id),
        waits=overview.waits(tx, row.id, now),
        slowed_until=slowed.until if slowed else None,
    )


def _live(item: attempts.LiveAttempt, now: datetime) -> LiveCall:
    seconds = max(0.0, (now - item.since).total_seconds())
    return LiveCall(item.attempt_id, item.campaign, mask(item.phone), item.state, seconds, item.speaker, item.words)


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
