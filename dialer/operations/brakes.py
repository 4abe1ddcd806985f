"""Stop or slow a campaign by itself, in the transaction that saw why: an empty account, breakers, a limit used up, money."""

from datetime import UTC, datetime, timedelta

from dialer.dialing import breaker
from dialer.dialing.breaker import Slowdown
from dialer.dialing.budget import Stop
from dialer.model.attempt import AttemptResult
from dialer.model.call import CampaignStatus
from dialer.model.disposition import Disposition
from dialer.model.ids import AttemptId, CampaignId
from dialer.model.outbox import EventKind
from dialer.operations import outgoing
from dialer.operations.parts import Parts
from dialer.store import attempts, brakes, campaigns
from dialer.store.campaigns import CampaignRow
from dialer.store.engine import Tx
from dialer.telemetry import emit

NEVER_PLACED = "never_placed"
"""Why an attempt of a dead worker failed: the carrier was not asked, so it says nothing of the carrier."""


def after_attempt(
    tx: Tx,
    parts: Parts,
    campaign_id: CampaignId,
    attempt_id: AttemptId,
    result: AttemptResult,
    now: datetime,
    *,
    was_dialled: bool,
) -> None:
    """Judge what one more end means for the campaign and for the accounts. Call it once the attempt's row says so."""
    if result.is_fatal_for_campaign:
        pause(tx, parts, campaign_id, f"voice: {result.reason or 'refused'}", now)
        return
    if result.is_carrier_misconfigured and result.ending is not None:
        pause(tx, parts, campaign_id, f"carrier: {result.ending.hangup_cause}", now)
        return
    if result.should_back_off:
        _slow(tx, brakes.VOICE, result.reason or "limit", now)
        return
    if result.is_carrier_limited and result.ending is not None:
        _slow(tx, brakes.CARRIER, result.ending.hangup_cause, now)
        return
    is_fine = was_dialled and not result.disposition.is_blocked
    if is_fine and result.disposition not in (Disposition.CANCELLED, Disposition.UNKNOWN):
        for account, failure in ((brakes.VOICE, Disposition.VOICE_FAILED), (brakes.CARRIER, Disposition.CARRIER_FAILED)):
            if result.disposition is not failure:
                _speed_up(tx, account, attempt_id)
    if result.reason != NEVER_PLACED:
        before = brakes.watch(tx, campaign_id)
        watch = breaker.note(before, result.disposition, was_dialled=was_dialled)
        if watch != before:
            brakes.keep_watch(tx, campaign_id, watch)
            reason = breaker.tripped(watch)
            if reason is not None:
                pause(tx, parts, campaign_id, reason, now)


def pause(tx: Tx, parts: Parts, campaign_id: CampaignId, reason: str, now: datetime) -> None:
    """Stop an armed campaign until a person has looked; one that is not armed is left as it is."""
    row = campaigns.get(tx, campaign_id)
    if row.status is CampaignStatus.ARMED:
        campaigns.set_status(tx, campaign_id, CampaignStatus.PAUSED, reason, now)
        outgoing.campaign_changed(tx, parts, campaign_id, EventKind.CAMPAIGN_PAUSED, now)
        emit("campaign.paused", campaign=row.name, reason=reason)


def out_of_money(tx: Tx, parts: Parts, row: CampaignRow, stop: Stop, now: datetime) -> None:
    """Nothing more can be reserved: the campaign pauses until it is given more; at the limit of a day only until the next one."""
    reason = f"budget: {stop.reason}"
    if stop.limit == "per_day":
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        brakes.slow(tx, brakes.of_campaign(row.id), Slowdown(1, midnight, reason))
    else:
        pause(tx, parts, row.id, reason, now)


def _slow(tx: Tx, account: str, reason: str, now: datetime) -> None:
    before = brakes.slowdown(tx, account)
    after = breaker.back_off(before, f"{account}: {reason}", now)
    if after != before:
        brakes.slow(tx, account, after)
        emit(f"{account}.slowed", reason=after.reason, until=after.until.isoformat())


def _speed_up(tx: Tx, account: str, attempt_id: AttemptId) -> None:
    """An attempt that began after the slowdown went well."""
    slowed = brakes.slowdown(tx, account)
    if slowed is not None and breaker.is_over(slowed, attempts.get(tx, attempt_id).dialed_at):
        brakes.clear(tx, account)


def in_force(tx: Tx, campaign_id: CampaignId, now: datetime) -> Slowdown | None:
    """What keeps this campaign from starting calls at ``now``."""
    return brakes.in_force(tx, campaign_id, now)
