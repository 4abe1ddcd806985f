"""The queue of calls: claim, release, hold, redial, finish, rescue.

A claim is one statement. It takes only what may be dialled now: an armed campaign inside its times with room left, a due
call, a number that nobody else is calling. Each claim raises the call's fence, and so does everything that gives the call
away: a holder that comes too late names a fence that is gone, changes nothing and is told so (``False``). These updates name
id and fence and not the state, so that the database finds the row by its key and by nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Update,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
    update,
)

from dialer.model.call import AttemptState, Bucket, CallState, CampaignStatus
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import CallId, CampaignId, ContactId
from dialer.model.phone import PhoneNumber
from dialer.store.brakes import CARRIER, VOICE, of_campaign
from dialer.store.columns import Instant, spelled
from dialer.store.engine import batches, insert_into
from dialer.store.schema import attempts, calls, campaigns, contacts, slowdowns, starts

_CLAIM_LOCK = 0x636C616D  # "clam": the advisory lock of ``lock_claims``
_NOBODY: Mapping[CampaignId, int] = {}
CALLBACK_PRIORITY = 2_000_000_000
"""Above all that a file can ask for: who asked to be called at a minute is called at that minute."""
_FREE: dict[str, Any] = {"owner": None, "lease_until": None, "fence": calls.c.fence + 1}


@dataclass(frozen=True, slots=True)
class NewCall:
    """The intent to reach a contact. ``HELD`` calls say why: ``bucket`` (held or suppressed) and ``hold_code``."""

    contact_id: ContactId
    phone: PhoneNumber
    state: CallState
    due_at: datetime
    bucket: Bucket | None = None
    hold_code: str = ""
    priority: int = 0
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimedCall:
    """A call that is ours until ``lease_until``; ``fence`` proves it in every later write. ``attempts_made``: dials before."""

    call_id: CallId
    campaign_id: CampaignId
    contact_id: ContactId
    phone: PhoneNumber
    fence: int
    lease_until: datetime
    due_at: datetime
    priority: int
    attempts_made: int
    expires_at: datetime | None
    is_callback: bool


def add_calls(tx: Connection, campaign_id: CampaignId, new: Iterable[NewCall]) -> int:
    """Queue or hold one call per contact, and say how many rows were written.

    A contact that has a call keeps it. Until its first dial the call follows the newest facts (a consent that was missing, a
    new priority); one that is claimed, dialled or finished is left alone.
    """
    rows = [
        {
            "campaign_id": campaign_id,
            "contact_id": call.contact_id,
            "phone": call.phone,
            "state": call.state,
            "bucket": call.bucket,
            "hold_code": call.hold_code,
            "due_at": call.due_at,
            "priority": call.priority,
            "expires_at": call.expires_at,
        }
        for call in new
    ]
    insert = following(insert_into(tx, calls)).returning(calls.c.id)
    return sum(1 for part in batches(rows) for _ in tx.execute(insert, part))


def following(new: Any) -> Any:
    """The INSERT completed: a call that is there already and was never dialled follows the newest facts."""
    followed = ("state", "bucket", "hold_code", "due_at", "priority", "expires_at")
    return new.on_conflict_do_update(
        index_elements=["contact_id"],
        set_={name: new.excluded[name] for name in followed},
        where=((calls.c.state == CallState.QUEUED) | (calls.c.state == CallState.HELD)) & (calls.c.attempts_made == 0),
    )


def lock_claims(tx: Connection) -> None:
    """Let no other transaction claim until this one ends, so that the room counted before a claim is still there.

    SQLite has one writer at a time anyhow.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CLAIM_LOCK})


def claim(
    tx: Connection,
    owner: str,
    limit: int,
    now: datetime,
    lease_until: datetime,
    room: Mapping[CampaignId, int],
    open_calls: Mapping[CampaignId, int] = _NOBODY,
) -> list[ClaimedCall]:
    """Take up to ``limit`` due calls for ``owner``: higher priority first, then in turn by campaign, then the longest due.

    The turn of a campaign's next call is the number of calls that it has open (``open_calls``) and one more: who has fewest is
    served first, so that a long queue keeps nobody else waiting.

    ``room`` says how many more calls each campaign may have at once; campaigns that are not in it get none. A number is
    taken once, and not while another call of it is claimed or an attempt to it is open, in whatever campaign.
    """
    free = {campaign_id: places for campaign_id, places in room.items() if places > 0}
    if not free or limit < 1:
        return []
    claimed = tx.execute(claim_statement(tx.dialect.name, owner, limit, now, lease_until, free, open_calls)).mappings()
    return sorted((ClaimedCall(**row) for row in claimed), key=lambda call: (-call.priority, call.due_at, call.call_id))


def claim_statement(
    dialect: str,
    owner: str,
    limit: int,
    now: datetime,
    lease_until: datetime,
    room: Mapping[CampaignId, int],
    open_calls: Mapping[CampaignId, int] = _NOBODY,
) -> Update:
    """The one statement of ``claim``; of its own so that a test can ask the databases for their plans.

    Each campaign contributes its own head of the queue: one with much due and little room hides nobody behind it.
    """
    heads = [
        _in_turn(_head(dialect, campaign_id, min(places, limit), now), open_calls.get(campaign_id, 0))
        for campaign_id, places in sorted(room.items())
    ]
    due = union_all(*heads).cte("due")
    order = (due.c.priority.desc(), due.c.turn, due.c.due_at, due.c.id)
    nth = func.row_number().over(partition_by=due.c.phone, order_by=order).label("nth")
    once = select(due.c.id, due.c.priority, due.c.turn, due.c.due_at, nth).subquery("once")
    first = select(once.c.id).where(once.c.nth == 1)
    first = first.order_by(once.c.priority.desc(), once.c.turn, once.c.due_at, once.c.id).limit(limit)
    taken = {"state": CallState.CLAIMED, "owner": owner, "lease_until": lease_until, "fence": calls.c.fence + 1, "hold_code": ""}
    return update(calls).where(calls.c.id.in_(first)).values(taken).returning(*_claimed_columns())


def _in_turn(head: Subquery, open_calls: int) -> Select[Any]:
    """The calls of one campaign, each with its turn."""
    order = (head.c.priority.desc(), head.c.due_at, head.c.id)
    return select(head, (func.row_number().over(order_by=order) + open_calls).label("turn"))


def _claimed_columns() -> list[ColumnElement[Any]]:
    names = [name for name in ClaimedCall.__dataclass_fields__ if name != "call_id"]
    return [calls.c.id.label("call_id"), *(calls.c[name] for name in names)]


def _head(dialect: str, campaign_id: CampaignId, places: int, now: datetime) -> Subquery:
    """The first due calls of one campaign, locked; those that another transaction has locked are passed over."""
    # The sign keeps SQLite from ix_calls_due, for which it would have to look at every due call and sort them all.
    due_at = calls.c.due_at if dialect == "postgresql" else literal_column("+calls.due_at", Instant())
    other = calls.alias("other")
    is_armed = exists().where(
        campaigns.c.id == campaign_id,
        campaigns.c.status == CampaignStatus.ARMED,
        or_(campaigns.c.starts_at.is_(None), campaigns.c.starts_at <= now),
        or_(campaigns.c.ends_at.is_(None), campaigns.c.ends_at > now),
    )
    is_ringing = exists().where(attempts.c.phone == calls.c.phone, attempts.c.state != spelled(AttemptState.ENDED))
    is_taken = exists().where(other.c.phone == calls.c.phone, _is_held_by_a_lane(other.c.state))
    due = select(calls.c.id, calls.c.phone, calls.c.priority, calls.c.due_at).where(
        calls.c.campaign_id == campaign_id,
        calls.c.state == spelled(CallState.QUEUED),
        due_at <= now,
        is_armed,
        ~is_ringing,
        ~is_taken,
    )
    due = due.order_by(calls.c.priority.desc(), calls.c.due_at, calls.c.id).limit(places)
    return due.with_for_update(of=calls, skip_locked=True).subquery()


def _is_held_by_a_lane(state: ColumnElement[CallState]) -> ColumnElement[bool]:
    return state.in_([spelled(CallState.CLAIMED), spelled(CallState.ACTIVE)])


def open_by_campaign(tx: Connection) -> dict[CampaignId, int]:
    """How many calls of each campaign are claimed or active; campaigns without any are left out."""
    query = select(calls.c.campaign_id, func.count()).where(_is_held_by_a_lane(calls.c.state))
    return {row[0]: row[1] for row in tx.execute(query.group_by(calls.c.campaign_id))}


def claimed(tx: Connection, campaign_id: CampaignId) -> int:
    """How many calls of a campaign are claimed and not dialled."""
    mine = (calls.c.campaign_id == campaign_id, calls.c.state == spelled(CallState.CLAIMED))
    return int(tx.execute(select(func.count()).select_from(calls).where(*mine)).scalar_one())


def has_due(tx: Connection, campaign_id: CampaignId, now: datetime) -> bool:
    """Whether a queued call of the campaign is due."""
    mine = (calls.c.campaign_id == campaign_id, calls.c.state == spelled(CallState.QUEUED), calls.c.due_at <= now)
    return tx.execute(select(calls.c.id).where(*mine).limit(1)).one_or_none() is not None


def unhold(tx: Connection, campaign_id: CampaignId, code: str) -> int:
    """Queue the calls that were held for ``code``: it is mended. Says how many."""
    held = (calls.c.campaign_id == campaign_id, calls.c.state == spelled(CallState.HELD), calls.c.hold_code == code)
    values = {"state": CallState.QUEUED, "bucket": None, "hold_code": ""}
    return tx.execute(update(calls).where(*held).values(values)).rowcount


def next_due_at(tx: Connection, now: datetime) -> datetime | None:
    """When an armed campaign next has a call to claim: ``now`` or earlier if it has one already, None if it never will.

    Slowdowns and the pace count: who must not start for a while has nothing to claim.
    """
    first_due = (
        select(func.min(calls.c.due_at))
        .where(calls.c.campaign_id == campaigns.c.id, calls.c.state == spelled(CallState.QUEUED))
        .scalar_subquery()
    )
    slowed = {row.key: row.until for row in tx.execute(select(slowdowns.c.key, slowdowns.c.until))}
    paced = {row.key: row.claim_at for row in tx.execute(select(starts.c.key, starts.c.claim_at))}
    query = select(campaigns.c.id, campaigns.c.starts_at, campaigns.c.ends_at, first_due.label("due_at"))
    moments = []
    for campaign_id, starts_at, ends_at, due_at in tx.execute(query.where(campaigns.c.status == CampaignStatus.ARMED)):
        if due_at is None:
            continue
        own = of_campaign(campaign_id)
        limits = (due_at, starts_at, slowed.get(VOICE), slowed.get(CARRIER), slowed.get(own), paced.get(own))
        moment = max(limit for limit in limits if limit is not None)
        if ends_at is None or max(moment, now) < ends_at:
            moments.append(moment)
    return min(moments, default=None)


def release(
    tx: Connection, call_id: CallId, fence: int, due_at: datetime, code: str = "", *, phone: PhoneNumber | None = None
) -> bool:
    """Give a claimed call back undialled, to be claimed again from ``due_at`` on; ``code`` says what it waits for.

    With ``phone`` it is another number of the contact that is dialled next.
    """
    values = {"state": CallState.QUEUED, "due_at": due_at, "hold_code": code}
    return _write(tx, call_id, fence, values if phone is None else {**values, "phone": phone})


def hold(tx: Connection, call_id: CallId, fence: int, code: str, bucket: Bucket = Bucket.HELD) -> bool:
    """Put a claimed call aside until a person mends what ``code`` names."""
    return _write(tx, call_id, fence, {"state": CallState.HELD, "bucket": bucket, "hold_code": code})


def requeue(
    tx: Connection,
    call_id: CallId,
    fence: int,
    due_at: datetime,
    is_callback: bool,
    disposition: Disposition,
    outcome: Outcome | None,
    *,
    phone: PhoneNumber | None = None,
) -> bool:
    """Queue another attempt after one that ended with ``disposition``; with ``phone`` at another number of the contact.

    A callback goes before everybody else, anything else has the contact's own priority again.
    """
    own = select(contacts.c.priority).where(contacts.c.id == calls.c.contact_id).scalar_subquery()
    values: dict[str, Any] = {"due_at": due_at, "is_callback": is_callback, "disposition": disposition, "outcome": outcome}
    values["priority"] = CALLBACK_PRIORITY if is_callback else own
    if phone is not None:
        values["phone"] = phone
    return _write(tx, call_id, fence, {"state": CallState.QUEUED, **values})


def finish(
    tx: Connection,
    call_id: CallId,
    fence: int,
    bucket: Bucket,
    disposition: Disposition,
    outcome: Outcome | None,
    now: datetime,
) -> bool:
    """End a call for good."""
    values = {"bucket": bucket, "disposition": disposition, "outcome": outcome, "finished_at": now}
    return _write(tx, call_id, fence, {"state": CallState.DONE, **values})


def _write(tx: Connection, call_id: CallId, fence: int, values: Mapping[str, Any]) -> bool:
    """Change the call and give it away, if the fence is still ours."""
    mine = update(calls).where(calls.c.id == call_id, calls.c.fence == fence)
    return tx.execute(mine.values({**values, **_FREE})).rowcount == 1


def rescue_claims(tx: Connection, lease_now: datetime) -> int:
    """Give calls back whose holder let the lease run out before it asked the carrier. Says how many."""
    lost = update(calls).where(calls.c.lease_until < lease_now, calls.c.state == spelled(CallState.CLAIMED))
    return tx.execute(lost.values({"state": CallState.QUEUED, **_FREE})).rowcount


def stranded(tx: Connection, lease_now: datetime) -> list[ClaimedCall]:
    """Active calls without an open attempt whose holder let the lease run out before it said what becomes of the call."""
    is_open = exists().where(attempts.c.call_id == calls.c.id, attempts.c.state != spelled(AttemptState.ENDED))
    query = select(*_claimed_columns()).where(
        calls.c.lease_until < lease_now, calls.c.state == spelled(CallState.ACTIVE), ~is_open
    )
    return [ClaimedCall(**row) for row in tx.execute(query.order_by(calls.c.id)).mappings()]


def renew(tx: Connection, owner: str, lease_until: datetime) -> int:
    """Extend the leases of all calls and open attempts of ``owner``. Says how many calls it still has."""
    tx.execute(update(attempts).where(attempts.c.owner == owner).values(lease_until=lease_until))
    return tx.execute(update(calls).where(calls.c.owner == owner).values(lease_until=lease_until)).rowcount


def cancel_campaign(tx: Connection, campaign_id: CampaignId, now: datetime) -> list[CallId]:
    """End all queued and held calls of a campaign; a suppressed one stays suppressed. Says which."""
    bucket = case((calls.c.bucket == Bucket.SUPPRESSED, Bucket.SUPPRESSED), else_=Bucket.CANCELLED)
    values = {"bucket": bucket, **ended_undialled(Disposition.CANCELLED, now)}
    ended = tx.execute(waiting().where(calls.c.campaign_id == campaign_id).values(values).returning(calls.c.id))
    return sorted(ended.scalars())


def cancel_number(tx: Connection, phone: PhoneNumber, now: datetime) -> list[CallId]:
    """End all queued and held calls to a number, over all campaigns, as suppressed. Says which."""
    values = {"bucket": Bucket.SUPPRESSED, **ended_undialled(Disposition.BLOCKED_DNC, now)}
    ended = tx.execute(waiting().where(calls.c.phone == phone).values(values).returning(calls.c.id))
    return sorted(ended.scalars())


def waiting() -> Update:
    """A change of calls that nobody has claimed: queued or held."""
    return update(calls).where(calls.c.state.in_([CallState.QUEUED, CallState.HELD]))


def ended_undialled(disposition: Disposition, now: datetime) -> dict[str, Any]:
    """A call that had attempts keeps the disposition of the last one."""
    last = func.coalesce(calls.c.disposition, disposition.value)
    return {"state": CallState.DONE, "disposition": last, "finished_at": now, **_FREE}


def counts(tx: Connection, campaign_id: CampaignId) -> dict[Bucket, int]:
    """How many calls of a campaign stand in each bucket; they add up to its calls. Empty buckets are left out."""
    query = select(calls.c.state, calls.c.bucket, func.count()).where(calls.c.campaign_id == campaign_id)
    totals: dict[Bucket, int] = {}
    for state, bucket, number in tx.execute(query.group_by(calls.c.state, calls.c.bucket)):
        counted = bucket_of(state, bucket)
        totals[counted] = totals.get(counted, 0) + number
    return totals


def bucket_of(state: CallState, bucket: Bucket | None) -> Bucket:
    """Where a call in ``state`` is counted; ``bucket`` is what its row says."""
    if state is CallState.QUEUED:
        return Bucket.WAITING
    if state in (CallState.CLAIMED, CallState.ACTIVE):
        return Bucket.LIVE
    return bucket or Bucket.HELD


def has_open_work(tx: Connection) -> bool:
    """Whether anything is still to be done: a queued call of an armed campaign, a call in a lane, an open attempt."""
    armed = select(campaigns.c.id).where(campaigns.c.status == CampaignStatus.ARMED)
    queued = exists().where(calls.c.state == spelled(CallState.QUEUED), calls.c.campaign_id.in_(armed))
    in_a_lane = exists().where(_is_held_by_a_lane(calls.c.state))
    unsettled = exists().where(attempts.c.state != spelled(AttemptState.ENDED))
    return bool(tx.execute(select(or_(queued, in_a_lane, unsettled))).scalar_one())
