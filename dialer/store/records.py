"""What was said, done, decided and found out. Written as it happens; writing the same thing again changes nothing."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select

from dialer.model.decision import Decision
from dialer.model.ids import AttemptId, CallId, CampaignId, ContactId
from dialer.model.lead import Evidence, EvidencedAnswer, Lead, ScoreReason
from dialer.model.phone import PhoneNumber
from dialer.model.transcript import ToolCall, Transcript, Turn
from dialer.store import decisions
from dialer.store.decisions import DecisionRow
from dialer.store.engine import insert_into
from dialer.store.schema import leads, tool_calls, turns

_TURN = tuple(Turn.__dataclass_fields__)
_TOOL_CALL = tuple(ToolCall.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A stored lead with what it came from."""

    lead: Lead
    call_id: CallId
    campaign_id: CampaignId
    contact_id: ContactId
    attempt_id: AttemptId
    updated_at: datetime


def save_turn(tx: Connection, attempt_id: AttemptId, turn: Turn) -> None:
    """Store a turn, or its corrected form (a barge-in shortens what was heard): the last one written stands."""
    new = insert_into(tx, turns).values(attempt_id=attempt_id, **asdict(turn))
    said = {name: new.excluded[name] for name in _TURN if name != "seq"}
    tx.execute(new.on_conflict_do_update(index_elements=["attempt_id", "seq"], set_=said))


def save_tool_call(tx: Connection, attempt_id: AttemptId, tool_call: ToolCall) -> bool:
    """Store a tool call with its result, once. False when it is on record already: the first result stands."""
    row = {name: getattr(tool_call, name) for name in _TOOL_CALL}
    row |= {"arguments": dict(tool_call.arguments), "result": dict(tool_call.result)}
    new = insert_into(tx, tool_calls).values(attempt_id=attempt_id, **row)
    new = new.on_conflict_do_nothing(index_elements=["attempt_id", "call_id"])
    return tx.execute(new.returning(tool_calls.c.id)).scalar_one_or_none() is not None


def transcript(tx: Connection, attempt_id: AttemptId) -> Transcript:
    """The words and deeds of an attempt, in order; empty when there are none."""
    spoken = select(*(turns.c[name] for name in _TURN)).where(turns.c.attempt_id == attempt_id).order_by(turns.c.seq)
    done = select(*(tool_calls.c[name] for name in _TOOL_CALL)).where(tool_calls.c.attempt_id == attempt_id)
    done = done.order_by(tool_calls.c.after_seq, tool_calls.c.at_ms, tool_calls.c.id)
    return Transcript(
        turns=tuple(Turn(**row) for row in tx.execute(spoken).mappings()),
        tool_calls=tuple(ToolCall(**row) for row in tx.execute(done).mappings()),
    )


def save_decision(
    tx: Connection,
    decision: Decision,
    *,
    campaign_id: CampaignId,
    phone: PhoneNumber,
    contact_id: ContactId | None = None,
    call_id: CallId | None = None,
    attempt_id: AttemptId | None = None,
) -> None:
    """Store why a call was or was not allowed. Many at once: ``decisions.save``."""
    decisions.save(tx, [DecisionRow(decision, campaign_id, phone, contact_id, call_id, attempt_id)])


def decisions_of_phone(tx: Connection, phone: PhoneNumber) -> list[DecisionRow]:
    """Every decision about a number, over all campaigns, the oldest first."""
    return decisions.of_phone(tx, phone)


def decisions_of_call(tx: Connection, call_id: CallId) -> list[DecisionRow]:
    """Every decision about a call, the oldest first."""
    return decisions.of_call(tx, call_id)


def save_lead(
    tx: Connection,
    lead: Lead,
    *,
    call_id: CallId,
    campaign_id: CampaignId,
    contact_id: ContactId,
    attempt_id: AttemptId,
    now: datetime,
) -> None:
    """Store the lead of a call; a later attempt's lead takes the place of an earlier one's."""
    row: dict[str, Any] = {
        "campaign_id": campaign_id,
        "contact_id": contact_id,
        "attempt_id": attempt_id,
        "outcome": lead.outcome,
        "score": lead.score,
        "grade": lead.grade,
        "reasons": msgspec.to_builtins(lead.reasons),
        "answers": msgspec.to_builtins(lead.answers),
        "quote": msgspec.to_builtins(lead.quote),
        "next_step": lead.next_step,
        "due_at": lead.due_at,
        "needs_review": lead.needs_review,
        "updated_at": now,
    }
    new = insert_into(tx, leads).values(call_id=call_id, **row)
    tx.execute(new.on_conflict_do_update(index_elements=["call_id"], set_={name: new.excluded[name] for name in row}))


def withdraw_lead(tx: Connection, call_id: CallId) -> bool:
    """A later talk of the same call made no lead: what an earlier one promised holds no longer. False: there was none."""
    return tx.execute(delete(leads).where(leads.c.call_id == call_id)).rowcount == 1


def lead_of_call(tx: Connection, call_id: CallId) -> LeadRow | None:
    """The lead that a call made, if it made one."""
    row = tx.execute(select(leads).where(leads.c.call_id == call_id)).one_or_none()
    if row is None:
        return None
    lead = Lead(
        outcome=row.outcome,
        score=row.score,
        grade=row.grade,
        reasons=msgspec.convert(row.reasons, tuple[ScoreReason, ...]),
        answers=msgspec.convert(row.answers, tuple[EvidencedAnswer, ...]),
        quote=msgspec.convert(row.quote, Evidence | None),
        next_step=row.next_step,
        due_at=row.due_at,
        needs_review=row.needs_review,
    )
    return LeadRow(lead, row.call_id, row.campaign_id, row.contact_id, row.attempt_id, row.updated_at)
