"""Why each call was or was not allowed, linked so that no record can be changed unseen.

A record is the row's own columns as one text (``body_of``): who edits a column breaks the link. The phone number is not part of
it, only its keyed hash, so that a person can be erased and the chain stays whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from dialer.compliance.chain import Link, Linked, canonical
from dialer.model.decision import Decision, RuleVerdict, Stage
from dialer.model.ids import AttemptId, CallId, CampaignId, ContactId
from dialer.model.phone import PhoneNumber
from dialer.store import bulk, chain
from dialer.store.keys import hashed, hasher, ring_of
from dialer.store.schema import decisions

_ABOUT = ("campaign_id", "contact_id", "call_id", "attempt_id")
_PLAIN = ("number", "stage", "verdict", "code", "rules", "zones", "basis")
_INSTANTS = ("next_allowed_at", "decided_at")


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A stored decision with what it was about. ``seq``: its place in its chain; None for one from before there were chains."""

    decision: Decision
    campaign_id: CampaignId
    phone: PhoneNumber
    contact_id: ContactId | None = None
    call_id: CallId | None = None
    attempt_id: AttemptId | None = None
    seq: int | None = None


def chain_of(campaign_id: CampaignId, stage: Stage) -> str:
    """The chain of a decision. Imports have their own: one that reads a long file must not keep the campaign from dialling."""
    return f"campaign:{campaign_id}:import" if stage is Stage.IMPORT else f"campaign:{campaign_id}"


def save(tx: Connection, rows: Sequence[DecisionRow]) -> None:
    """Store decisions, each at the next place of its chain. Raises ``StoreError`` without the database's key."""
    if not rows:
        return
    hashed = hasher(tx)
    by_chain: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        values = _values(row, hashed(row.phone))
        by_chain.setdefault(chain_of(row.campaign_id, row.decision.stage), []).append(values)
    for name, records in by_chain.items():
        links = chain.append(tx, name, [body_of(record) for record in records])
        linked = [(*record.values(), name, link.seq, link.digest, link.mac) for record, link in zip(records, links, strict=True)]
        bulk.put(tx, decisions, (*records[0], "chain", "seq", "digest", "mac"), linked)


def body_of(values: Mapping[str, Any]) -> str:
    """The text of a record, from its columns."""
    body = {name: values[name] for name in (*_ABOUT, *_PLAIN)}
    return canonical(body | {name: _iso(values[name]) for name in _INSTANTS})


def of_phone(tx: Connection, phone: PhoneNumber) -> list[DecisionRow]:
    """Every decision about a number, over all campaigns, the oldest first."""
    return list(_rows(tx, decisions.c.phone == phone))


def of_call(tx: Connection, call_id: CallId) -> list[DecisionRow]:
    """Every decision about a call, the oldest first."""
    return list(_rows(tx, decisions.c.call_id == call_id))


def of_campaign(tx: Connection, campaign_id: CampaignId) -> Iterator[DecisionRow]:
    """Every decision of a campaign, the oldest first, streamed."""
    yield from _rows(tx, decisions.c.campaign_id == campaign_id)


def linked(tx: Connection, name: str) -> Iterator[Linked]:
    """The records of a chain as they are linked, in order, streamed."""
    query = select(decisions).where(decisions.c.chain == name).order_by(decisions.c.seq, decisions.c.id)
    for row in tx.execute(query, execution_options={"yield_per": 500}).mappings():
        yield Linked(body_of(dict(row)), Link(row["seq"], row["digest"], row["mac"]))


def chain_names(tx: Connection) -> set[str]:
    """The chains that decisions say they are in."""
    return set(tx.execute(select(decisions.c.chain).where(decisions.c.chain.is_not(None)).distinct()).scalars())


def unlinked(tx: Connection) -> tuple[int, int]:
    """How many records are in no chain, and how many of these were stored after the first that is in one (none, honestly)."""
    is_free = decisions.c.chain.is_(None)
    first = select(func.min(decisions.c.id)).where(~is_free).scalar_subquery()
    free = tx.execute(select(func.count()).where(is_free)).scalar_one()
    late = tx.execute(select(func.count()).where(is_free, decisions.c.id > first)).scalar_one()
    return free, late


def misnamed(tx: Connection) -> Iterator[tuple[CampaignId, int | None]]:
    """Records whose plain number is not the one that they are about: campaign and place. The number is found by its plain form,
    which is no part of the record, so that a person can be erased; an erased one (empty) is no fault.
    """
    key = ring_of(tx).key(tx)
    columns = (decisions.c.campaign_id, decisions.c.seq, decisions.c.phone, decisions.c.number)
    query = select(*columns).where(decisions.c.number != "", decisions.c.phone != "").order_by(decisions.c.id)
    for row in tx.execute(query, execution_options={"yield_per": 500}):
        if hashed(key, row.phone) != row.number:
            yield row.campaign_id, row.seq


def _values(row: DecisionRow, number: str) -> dict[str, Any]:
    decision = row.decision
    return {name: getattr(row, name) for name in _ABOUT} | {
        "phone": row.phone,
        "number": number,
        "stage": decision.stage.value,
        "verdict": decision.verdict.value,
        "code": decision.code,
        "rules": msgspec.to_builtins(decision.rules),
        "zones": list(decision.zones),
        "next_allowed_at": decision.next_allowed_at,
        "decided_at": decision.decided_at,
        "basis": dict(decision.basis),
    }


def _rows(tx: Connection, condition: ColumnElement[bool]) -> Iterator[DecisionRow]:
    query = select(decisions).where(condition).order_by(decisions.c.decided_at, decisions.c.id)
    for row in tx.execute(query, execution_options={"yield_per": 500}):
        decision = Decision(
            verdict=row.verdict,
            code=row.code,
            stage=row.stage,
            decided_at=row.decided_at,
            rules=msgspec.convert(row.rules, tuple[RuleVerdict, ...]),
            zones=tuple(row.zones),
            next_allowed_at=row.next_allowed_at,
            basis=row.basis or {},
        )
        about = {name: getattr(row, name) for name in _ABOUT}
        yield DecisionRow(decision, phone=row.phone, seq=row.seq, **about)


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat()
