"""Arm, pause, resume and cancel a campaign. Each bites at the next dial: the gates read the status again at that instant."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import ValidationError

from dialer.errors import PolicyRefusal, UserError
from dialer.model.call import Bucket, CampaignStatus
from dialer.model.campaign import Campaign
from dialer.model.disposition import Disposition
from dialer.model.ids import CampaignId
from dialer.model.outbox import EventKind
from dialer.operations import checking, folders, gates, outgoing
from dialer.operations.parts import Parts
from dialer.store import brakes, campaigns, queue
from dialer.store.campaigns import CampaignRow
from dialer.telemetry import emit

NO_RECORDING_NOTICE = "no_recording_notice"
"""Calls held with this code were claimed while recording was on without a word of it; an armed campaign has mended that."""
RECORDING_NEEDS_YES = "recording_needs_yes"
"""Calls held with this code go on once recording is off, or somebody answers for the yes by an override."""
CAMPAIGN_ENDED = "campaign_ended"
"""Calls held with this code were still waiting at the end of their campaign; a later end lets them go on."""

_MENDED_BY_RESUMING = (Disposition.BLOCKED_BUDGET, gates.UNJUDGED)
_MENDED = (*_MENDED_BY_RESUMING, NO_RECORDING_NOTICE, RECORDING_NEEDS_YES, CAMPAIGN_ENDED)


@dataclass(frozen=True, slots=True)
class NewLimits:
    """Limits given when scheduling; None leaves what the campaign says. ``budget`` is the total, in the campaign's currency."""

    concurrency: int | None = None
    cps: float | None = None
    budget: Decimal | None = None
    caller_concurrency: int | None = None
    caller_cps: float | None = None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An armed campaign and what is in its queue."""

    campaign: str
    starts_at: datetime
    ends_at: datetime | None
    waiting: int
    held: int


def schedule(
    parts: Parts,
    name: str,
    starts_at: datetime | None,
    ends_at: datetime | None,
    limits: NewLimits | None = None,
) -> Scheduled:
    """Arm the campaign; scheduling a running one again changes its times and limits.

    Raises ``UserError`` for a limit that is out of bounds, and ``PolicyRefusal`` when its script has errors or when there is
    nobody to call.
    """
    row = folders.stored(parts, name)
    limited = _limited(row.campaign, limits or NewLimits())
    now = parts.clock.now()
    starts_at = starts_at or now
    if ends_at is not None and ends_at <= max(starts_at, now):
        raise UserError(f"--end {ends_at.isoformat()} is not after the start", code="bad_end")
    if row.status is CampaignStatus.CANCELLED:
        raise PolicyRefusal(
            f"campaign {row.name!r} was cancelled for good; to call these people again, give a copy of it another name"
        )
    today = parts.clock.lease_now().date()
    errors = [it.message for it in checking.faults(row.campaign, today, is_recorded=parts.settings.is_recorded)]
    if errors:
        raise PolicyRefusal(f"campaign {row.name!r} is not fit to call: " + "; ".join(errors))
    with parts.store.write() as tx:
        for code in _MENDED:
            queue.unhold(tx, row.id, code)
        counts = queue.counts(tx, row.id)
        waiting = counts.get(Bucket.WAITING, 0)
        held = counts.get(Bucket.HELD, 0) + counts.get(Bucket.SUPPRESSED, 0)
        if not waiting:
            there = ", ".join(f"{count} {bucket.value.replace('_', ' ')}" for bucket, count in sorted(counts.items()))
            raise PolicyRefusal(f"campaign {row.name!r} has nobody to call ({there or 'no list was imported'})")
        if limited != row.campaign:
            campaigns.save_version(tx, limited, now)
        campaigns.arm(tx, row.id, starts_at, ends_at, now)
        brakes.begin_anew(tx, row.id)
    return Scheduled(row.name, starts_at, ends_at, waiting, held)


def _limited(campaign: Campaign, limits: NewLimits) -> Campaign:
    """The campaign with other limits: a version of its own, checked like the file's."""
    body = campaign.model_dump()
    for section, key, value in (
        ("pacing", "concurrency", limits.concurrency),
        ("pacing", "cps", limits.cps),
        ("budget", "total", limits.budget),
        ("pacing", "caller_concurrency", limits.caller_concurrency),
        ("pacing", "caller_cps", limits.caller_cps),
    ):
        if value is not None:
            body[section] |= {key: value}
    try:
        return Campaign.model_validate(body)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UserError(problems, code="bad_limit") from error


def pause(parts: Parts, name: str, reason: str = "asked for") -> CampaignRow:
    """Stop dialling; live calls finish. Raises ``UserError`` when the campaign is not running."""
    row = _in_status(parts, name, {CampaignStatus.ARMED}, "pause")
    return _set(parts, row, CampaignStatus.PAUSED, reason)


def resume(parts: Parts, name: str) -> CampaignRow:
    """Go on after a pause; the breakers begin anew."""
    row = _in_status(parts, name, {CampaignStatus.PAUSED}, "resume")
    return _set(parts, row, CampaignStatus.ARMED, "")


def cancel(parts: Parts, name: str, *, is_now: bool = False) -> int:
    """End the campaign for good; returns how many waiting calls were cancelled.

    Live calls finish; with ``is_now`` they are asked to say goodbye at once (the lanes look at the reason).
    """
    row = _in_status(parts, name, {CampaignStatus.DRAFT, CampaignStatus.ARMED, CampaignStatus.PAUSED}, "cancel")
    now = parts.clock.now()
    with parts.store.write() as tx:
        campaigns.set_status(tx, row.id, CampaignStatus.CANCELLED, END_NOW if is_now else "asked for", now)
        ended = queue.cancel_campaign(tx, row.id, now)
        outgoing.calls_finished(tx, parts, ended, now)
        outgoing.campaign_changed(tx, parts, row.id, EventKind.CAMPAIGN_CANCELLED, now)
    return len(ended)


END_NOW = "asked for, now"


def ended_now(parts: Parts) -> set[CampaignId]:
    """The campaigns whose live calls are to end at once."""
    with parts.store.read() as tx:
        rows = campaigns.listed(tx)
    return {row.id for row in rows if row.status is CampaignStatus.CANCELLED and row.status_reason == END_NOW}


def _in_status(parts: Parts, name: str, allowed: set[CampaignStatus], verb: str) -> CampaignRow:
    row = folders.stored(parts, name)
    if row.status not in allowed:
        raise UserError(f"cannot {verb} campaign {row.name!r}: it is {row.status.value}", code="wrong_status")
    return row


def _set(parts: Parts, row: CampaignRow, status: CampaignStatus, reason: str) -> CampaignRow:
    with parts.store.write() as tx:
        campaigns.set_status(tx, row.id, status, reason, parts.clock.now())
        if status is CampaignStatus.ARMED:
            for code in _MENDED_BY_RESUMING:
                queue.unhold(tx, row.id, code)
            brakes.begin_anew(tx, row.id)
        if status is CampaignStatus.PAUSED:
            outgoing.campaign_changed(tx, parts, row.id, EventKind.CAMPAIGN_PAUSED, parts.clock.now())
        changed = campaigns.get(tx, row.id)
    if status is CampaignStatus.PAUSED:
        emit("campaign.paused", campaign=row.name, reason=reason)
    return changed
