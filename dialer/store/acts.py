"""What people did to the rules and lists, each act linked to the one before: who, what, why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from dialer.compliance.chain import Link, Linked, canonical
from dialer.store import chain
from dialer.store.schema import acts

CHAIN = "acts"


@dataclass(frozen=True, slots=True)
class Act:
    """One act. ``number`` is a keyed hash, ``campaign`` a name; ``detail``: JSON values without personal data."""

    done_at: datetime
    actor: str
    act: str
    reason: str
    number: str = ""
    campaign: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> str:
        """The text that is linked."""
        values = {name: getattr(self, name) for name in Act.__dataclass_fields__}
        return canonical(values | {"detail": dict(self.detail), "done_at": self.done_at.astimezone(UTC).isoformat()})


def record(tx: Connection, act: Act) -> None:
    """Store an act in the transaction that does it."""
    (link,) = chain.append(tx, CHAIN, [act.body()])
    values = {name: getattr(act, name) for name in Act.__dataclass_fields__} | {"detail": dict(act.detail)}
    tx.execute(insert(acts).values(**values, chain=CHAIN, seq=link.seq, digest=link.digest, mac=link.mac))


def of_number(tx: Connection, number: str) -> list[Act]:
    """What was done about a number, the oldest first."""
    return [_act(row) for row in tx.execute(select(acts).where(acts.c.number == number).order_by(acts.c.seq))]


def listed(tx: Connection, limit: int = 50) -> list[Act]:
    """The newest acts, the newest first."""
    return [_act(row) for row in tx.execute(select(acts).order_by(acts.c.seq.desc()).limit(limit))]


def linked(tx: Connection) -> Iterator[Linked]:
    """Every act as it is linked, in order, streamed."""
    for row in tx.execute(select(acts).order_by(acts.c.seq, acts.c.id), execution_options={"yield_per": 500}):
        yield Linked(_act(row).body(), Link(row.seq, row.digest, row.mac))


def _act(row: Any) -> Act:
    return Act(**{name: getattr(row, name) for name in Act.__dataclass_fields__})
