"""Attempts: the intent to dial is committed here before the carrier is asked, and every later step by its fence.

A number with an open attempt refuses a second one, and so does a call: unique partial indexes see to it, whoever races.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from dialer.errors import StoreError
from dialer.model.attempt import AttemptResult, EndCause, Usage
from dialer.model.call import AttemptState, CallState
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.ids import AttemptId, CallId, CampaignId, ScriptVersionId
from dialer.model.phone import PhoneNumber, mask
from dialer.model.transcript import Speaker
from dialer.store import money
from dialer.store.columns import spelled
from dialer.store.engine import batches, insert_into
from dialer.store.schema import attempts, calls, campaigns, turns


class LostClaim(StoreError):
    """The call is not ours any more: its lease ran out and somebody else has it, or it was given away. Dial nothing."""


class NumberBusy(StoreError):
    """Another attempt to this number, or of this call, is open. Dial nothing; the call may be released for later."""


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """One dial about to be made. ``instructions_hash`` names what the model was verified to have been told; ``reserved`` is
    the most that it may cost, which nobody else can spend while it is open.
    """

    attempt_id: AttemptId
    call_id: CallId
    fence: int
    owner: str
    lease_until: datetime
    phone: PhoneNumber
    from_number: PhoneNumber
    script_version_id: ScriptVersionId
    carrier: str
    instructions_hash: str = ""
    reserved: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A stored attempt. ``number`` is 1 for the call's first dial; ``dialed_at`` is None when a gate refused."""

    id: AttemptId
    call_id: CallId
    campaign_id: CampaignId
    phone: PhoneNumber
    from_number: PhoneNumber
    number: int
    state: AttemptState
    fence: int
    owner: str | None
    lease_until: datetime | None
    script_version_id: ScriptVersionId
    instructions_hash: str
    carrier: str
    carrier_call_id: str
    dialed_at: datetime | None
    placed_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    disposition: Disposition | None
    outcome: Outcome | None
    answered_by: AnsweredBy | None
    end_cause: EndCause | None
    hangup_cause: str
    sip_code: int | None
    reason: str
    ring_s: float
    talk_s: float
    answer_to_audio_ms: int | None
    usage: Usage
    cost: Decimal
    reserved: Decimal
    callback_at: datetime | None
    summary: str
    is_excused: bool


@dataclass(frozen=True, slots=True)
class PastDial:
    """What the frequency caps must know of one dial; ``disposition`` is None while it is open."""

    campaign_id: CampaignId
    dialed_at: datetime
    disposition: Disposition | None
    outcome: Outcome | None
    talk_s: float


@dataclass(frozen=True, slots=True)
class LiveAttempt:
    """One line of ``watch``: who is being called, since when it is in this state, and the words heard last."""

    attempt_id: AttemptId
    campaign: str
    phone: PhoneNumber
    state: AttemptState
    since: datetime
    answered_at: datetime | None
    speaker: Speaker | None
    words: str


def begin(tx: Connection, new: NewAttempt, now: datetime) -> int:
    """Put the intent to dial on record and make the call active; the attempt's ordinal within its call.

    Raises ``LostClaim`` when the call is no longer claimed under ``new.fence``, and ``NumberBusy`` when another attempt to the
    number is open; nothing is changed then. The dial may be made once the transaction is committed.
    """
    campaign_id, number = _claimed(tx, new)
    row = {**asdict(new), "id": new.attempt_id, "campaign_id": campaign_id, "number": number, "dialed_at": now}
    del row["attempt_id"]
    intent = insert_into(tx, attempts).values(**row, state=AttemptState.DIALING).on_conflict_do_nothing()
    if tx.execute(intent.returning(attempts.c.id)).scalar_one_or_none() is None:
        raise NumberBusy(f"an attempt to {mask(new.phone)} is open", code="number_busy", retryable=True)
    values = {"state": CallState.ACTIVE, "attempts_made": number, "owner": new.owner, "lease_until": new.lease_until}
    tx.execute(update(calls).where(calls.c.id == new.call_id).values(values))
    return number


def is_intent(tx: Connection, attempt_id: AttemptId, fence: int) -> bool:
    """Whether this very intent to dial is on record and nothing has followed it: a commit may succeed and its answer be lost."""
    mine = (attempts.c.id == attempt_id, attempts.c.fence == fence, attempts.c.state == spelled(AttemptState.DIALING))
    return tx.execute(select(attempts.c.id).where(*mine)).scalar_one_or_none() is not None


def record_refused(
    tx: Connection, new: NewAttempt, disposition: Disposition, reason: str, now: datetime, *, is_excused: bool = False
) -> None:
    """Put a gate's refusal at the instant of dialling on record: an attempt that ended before it began.

    The call stays claimed; what becomes of it is decided next. ``is_excused``: it does not count for the call. Raises
    ``LostClaim``.
    """
    campaign_id, number = _claimed(tx, new)
    row = {**asdict(new), "id": new.attempt_id, "campaign_id": campaign_id, "number": number, "ended_at": now}
    del row["attempt_id"], row["owner"], row["lease_until"]
    ended = {"state": AttemptState.ENDED, "disposition": disposition, "reason": reason, "is_excused": is_excused}
    tx.execute(insert(attempts).values(**row, **ended))


def placed(tx: Connection, attempt_id: AttemptId, fence: int, carrier_call_id: str, at: datetime) -> bool:
    """The carrier confirmed the dial, be it late. False: the fence is stale or the attempt has ended."""
    state = _forward(AttemptState.PLACED, AttemptState.DIALING, AttemptState.UNKNOWN)
    return _step(tx, attempt_id, fence, {"state": state, "carrier_call_id": carrier_call_id, "placed_at": at})


def answered(tx: Connection, attempt_id: AttemptId, fence: int, at: datetime) -> bool:
    """Somebody or something answered. False: the fence is stale or the attempt has ended."""
    return _step(tx, attempt_id, fence, {"state": AttemptState.LIVE, "answered_at": at})


def lost(tx: Connection, attempt_id: AttemptId, fence: int, reason: str) -> bool:
    """The carrier's answer was lost: only reconciliation settles it. False: the fence is stale or the attempt has ended."""
    return _step(tx, attempt_id, fence, {"state": AttemptState.UNKNOWN, "reason": reason})


def end(tx: Connection, attempt_id: AttemptId, fence: int, result: AttemptResult, at: datetime) -> bool:
    """Settle an attempt, once, and its money with it. False: the fence is stale or it has been settled before."""
    ending = result.ending
    values = {
        "state": AttemptState.ENDED,
        "ended_at": at,
        "owner": None,
        "lease_until": None,
        "disposition": result.disposition,
        "outcome": result.outcome,
        "answered_by": result.answered_by,
        "end_cause": ending.cause.value if ending else None,
        "hangup_cause": ending.hangup_cause if ending else "",
        "sip_code": ending.sip_code if ending else None,
        "reason": result.reason,
        "ring_s": result.ring_s,
        "talk_s": result.talk_s,
        "answer_to_audio_ms": result.answer_to_audio_ms,
        "usage": asdict(result.usage),
        "cost": result.cost,
        "callback_at": result.callback_at,
        "summary": result.summary,
        "is_excused": result.is_excused,
    }
    if not _step(tx, attempt_id, fence, values):
        return False
    if result.cost:
        mine = select(attempts.c.campaign_id, attempts.c.dialed_at).where(attempts.c.id == attempt_id)
        campaign_id, dialed_at = tx.execute(mine).one()
        money.settle(tx, campaign_id, dialed_at, result.cost)
    return True


def expired(tx: Connection, lease_now: datetime) -> list[AttemptRow]:
    """Open attempts whose holder let the lease run out, the oldest dial first: their fate must be asked of the carrier."""
    query = select(attempts).where(attempts.c.lease_until < lease_now, attempts.c.state != spelled(AttemptState.ENDED))
    return [_attempt_row(row) for row in tx.execute(query.order_by(attempts.c.dialed_at, attempts.c.id)).mappings()]


def take_over(tx: Connection, attempt_id: AttemptId, owner: str, lease_now: datetime, lease_until: datetime) -> int | None:
    """Become the holder of an expired attempt and of its call. The new fence; None when it is held or settled after all."""
    taken = {"owner": owner, "lease_until": lease_until, "fence": attempts.c.fence + 1}
    orphan = (attempts.c.id == attempt_id, attempts.c.lease_until < lease_now, attempts.c.ended_at.is_(None))
    statement = update(attempts).where(*orphan).values(taken).returning(attempts.c.call_id, attempts.c.fence)
    row = tx.execute(statement).one_or_none()
    if row is None:
        return None
    call = {"owner": owner, "lease_until": lease_until, "fence": row.fence}
    tx.execute(update(calls).where(calls.c.id == row.call_id).values(call))
    return int(row.fence)


def get(tx: Connection, attempt_id: AttemptId) -> AttemptRow:
    """The attempt with that id. Raises ``StoreError`` (``not_found``)."""
    row = known(tx, attempt_id)
    if row is None:
        raise StoreError(f"there is no attempt {attempt_id}", code="not_found", retryable=False)
    return row


def known(tx: Connection, attempt_id: AttemptId) -> AttemptRow | None:
    """The attempt with that id, if there is one."""
    row = tx.execute(select(attempts).where(attempts.c.id == attempt_id)).mappings().one_or_none()
    return None if row is None else _attempt_row(row)


def of_call(tx: Connection, call_id: CallId) -> list[AttemptRow]:
    """All attempts of a call, refused ones too, in order."""
    order = (attempts.c.number, func.coalesce(attempts.c.dialed_at, attempts.c.ended_at), attempts.c.id)
    query = select(attempts).where(attempts.c.call_id == call_id).order_by(*order)
    return [_attempt_row(row) for row in tx.execute(query).mappings()]


def of_numbers_since(tx: Connection, phones: Iterable[PhoneNumber], since: datetime) -> dict[PhoneNumber, list[PastDial]]:
    """Every dial of these numbers from ``since`` on, over all campaigns, open ones too, the oldest first; numbers without one are
    left out.
    """
    found: dict[PhoneNumber, list[PastDial]] = {}
    columns = (attempts.c[name] for name in PastDial.__dataclass_fields__)
    query = select(attempts.c.phone, *columns).where(attempts.c.dialed_at >= since).order_by(attempts.c.dialed_at)
    for batch in batches(phones):
        for phone, *past in tx.execute(query.where(attempts.c.phone.in_(batch))):
            found.setdefault(phone, []).append(PastDial(*past))
    return found


def is_open_to(tx: Connection, phone: PhoneNumber) -> bool:
    """Whether an attempt to this number is open, in whatever campaign."""
    mine = (attempts.c.phone == phone, attempts.c.state != spelled(AttemptState.ENDED))
    return tx.execute(select(attempts.c.id).where(*mine).limit(1)).first() is not None


def open_attempts(tx: Connection) -> list[LiveAttempt]:
    """What is going on at this moment, the oldest dial first."""
    said = turns.alias("said")
    last_seq = select(func.max(said.c.seq)).where(said.c.attempt_id == attempts.c.id).correlate(attempts).scalar_subquery()
    since = func.coalesce(attempts.c.answered_at, attempts.c.placed_at, attempts.c.dialed_at).label("since")
    query = (
        select(
            attempts.c.id.label("attempt_id"),
            campaigns.c.name.label("campaign"),
            attempts.c.phone,
            attempts.c.state,
            since,
            attempts.c.answered_at,
            turns.c.speaker,
            func.coalesce(turns.c.text, "").label("words"),
        )
        .join_from(attempts, campaigns, campaigns.c.id == attempts.c.campaign_id)
        .outerjoin(turns, (turns.c.attempt_id == attempts.c.id) & (turns.c.seq == last_seq))
        .where(attempts.c.state != spelled(AttemptState.ENDED))
        .order_by(attempts.c.dialed_at, attempts.c.id)
    )
    return [LiveAttempt(**row) for row in tx.execute(query).mappings()]


def _claimed(tx: Connection, new: NewAttempt) -> tuple[CampaignId, int]:
    """Lock the call that ``new`` belongs to: its campaign and the ordinal of its next dial."""
    mine = (calls.c.id == new.call_id, calls.c.fence == new.fence, calls.c.state == spelled(CallState.CLAIMED))
    row = tx.execute(select(calls.c.campaign_id, calls.c.attempts_made).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise LostClaim(f"call {new.call_id} is not claimed under fence {new.fence}", code="lost_claim", retryable=False)
    return row.campaign_id, row.attempts_made + 1


def _step(tx: Connection, attempt_id: AttemptId, fence: int, values: Mapping[str, Any]) -> bool:
    """One step of an open attempt, if the fence is still ours."""
    mine = (attempts.c.id == attempt_id, attempts.c.fence == fence, attempts.c.ended_at.is_(None))
    return tx.execute(update(attempts).where(*mine).values(values)).rowcount == 1


def _forward(state: AttemptState, *before: AttemptState) -> Any:
    """``state``, but never a step back: only from one of ``before``."""
    return case((attempts.c.state.in_(before), state), else_=attempts.c.state)


def _attempt_row(row: Mapping[Any, Any]) -> AttemptRow:
    cause = row["end_cause"]
    return AttemptRow(**{**row, "usage": Usage(**(row["usage"] or {})), "end_cause": None if cause is None else EndCause(cause)})
