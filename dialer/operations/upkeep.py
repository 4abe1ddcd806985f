"""What the beat asks for: give back what dead workers held, expire what is too late, finish campaigns that are done."""

from datetime import UTC, datetime, timedelta

from dialer.model.call import Bucket, CampaignStatus
from dialer.model.disposition import Disposition
from dialer.model.ids import CampaignId
from dialer.model.outbox import EventKind
from dialer.operations import numbers, outgoing, scheduling, shared_time
from dialer.operations.parts import Parts
from dialer.store import attempts, calls, campaigns, event_logs, queue, starts
from dialer.store.campaigns import CampaignRow
from dialer.store.engine import Tx
from dialer.telemetry import emit

JUDGE_AGAIN = timedelta(hours=1)
_JUDGED = "numbers judged"
KEEP_LOGS = timedelta(days=30)
"""How long a call can be replayed. A log has every word of it, and nobody reads old ones."""
ASK_AGAIN = timedelta(minutes=5)
"""Writing a report takes less."""


def tidy(parts: Parts) -> list[CampaignId]:
    """One round of upkeep; returns the campaigns whose reports are to be written now: those that have come to their end.

    What is asked for may be lost on its way. So it is asked again after a while, until the report is there.
    """
    shared_time.catch_up(parts)
    now, lease_now = parts.clock.now(), parts.clock.lease_now()
    finished = []
    with parts.store.write() as tx:
        rescued = queue.rescue_claims(tx, lease_now)
        for row in campaigns.listed(tx):
            if row.status is CampaignStatus.ARMED:
                outgoing.calls_finished(tx, parts, calls.expire(tx, row.id, now), now)
                if is_finished(tx, row, now):
                    left = calls.hold_waiting(tx, row.id, scheduling.CAMPAIGN_ENDED)
                    why = f"its end has come, {left} calls were not made" if left else "nothing is left to dial"
                    campaigns.set_status(tx, row.id, CampaignStatus.DONE, why, now)
                    outgoing.campaign_changed(tx, parts, row.id, EventKind.CAMPAIGN_DONE, now)
                    finished.append(row)
            elif row.status is CampaignStatus.CANCELLED:
                # A call that went back to the queue at that very moment.
                outgoing.calls_finished(tx, parts, queue.cancel_campaign(tx, row.id, now), now)
        _list_stranded(tx, parts, now, lease_now)
        _look_hourly(tx, now)
        unreported = campaigns.unreported(tx, lease_now - ASK_AGAIN)
        campaigns.report_asked(tx, unreported, lease_now)
    if rescued:
        emit("claims.rescued", count=rescued)
    for row in finished:
        emit("campaign.done", campaign=row.name)
    return unreported


def _list_stranded(tx: Tx, parts: Parts, now: datetime, lease_now: datetime) -> None:
    """A call in progress without an attempt would be in progress for ever: a person must look."""
    for call in queue.stranded(tx, lease_now):
        ends = [row for row in attempts.of_call(tx, call.call_id) if row.disposition is not None]
        disposition, outcome = (ends[-1].disposition, ends[-1].outcome) if ends else (None, None)
        queue.finish(tx, call.call_id, call.fence, Bucket.UNSETTLED, disposition or Disposition.UNKNOWN, outcome, now)
        outgoing.calls_finished(tx, parts, [call.call_id], now)
        emit("call.stranded", call_id=call.call_id)


def unreported(parts: Parts) -> list[CampaignId]:
    """The campaigns that are done and have no report yet, whoever was asked for it."""
    with parts.store.read() as tx:
        return campaigns.unreported(tx, datetime.max.replace(tzinfo=UTC))


def _look_hourly(tx: Tx, now: datetime) -> None:
    """Once an hour: do our own numbers fare well, and which event logs have been kept for long enough?"""
    last = starts.locked(tx, [_JUDGED])[_JUDGED]
    if last is None or now - last >= JUDGE_AGAIN:
        starts.take(tx, [_JUDGED], now, {})
        numbers.rest_tired(tx, now)
        event_logs.forget(tx, now - KEEP_LOGS)


def is_finished(tx: Tx, row: CampaignRow, now: datetime) -> bool:
    """Nothing waits and nothing is live; or its end has come and nothing is live."""
    counts = queue.counts(tx, row.id)
    if counts.get(Bucket.LIVE, 0):
        return False
    return not counts.get(Bucket.WAITING, 0) or (row.ends_at is not None and now >= row.ends_at)
