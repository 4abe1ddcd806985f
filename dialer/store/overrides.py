"""Rules that a named person has widened: for whom, until when, why."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from dialer.compliance.facts import Override
from dialer.model.ids import CampaignId
from dialer.store.schema import overrides


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """A stored override. ``campaign_id`` None: all campaigns."""

    override: Override
    campaign_id: CampaignId | None
    created_at: datetime
    revoked_at: datetime | None
    revoked_by: str


def add(
    tx: Connection, rule: str, campaign_id: CampaignId | None, actor: str, reason: str, expires_at: datetime, now: datetime
) -> Override:
    """Widen a rule until ``expires_at``."""
    values = {"rule": rule, "actor": actor, "reason": reason, "expires_at": expires_at}
    new = insert(overrides).values(**values, campaign_id=campaign_id, created_at=now)
    return Override(tx.execute(new.returning(overrides.c.id)).scalar_one(), rule, actor, reason, expires_at)


def revoke(tx: Connection, override_id: int, by: str, now: datetime) -> OverrideRow | None:
    """End an override now; None when there is none that stands."""
    standing = (overrides.c.id == override_id, overrides.c.revoked_at.is_(None))
    if tx.execute(update(overrides).where(*standing).values(revoked_at=now, revoked_by=by)).rowcount != 1:
        return None
    return next(row for row in listed(tx) if row.override.id == override_id)


def in_force(tx: Connection, campaign_id: CampaignId, now: datetime) -> tuple[Override, ...]:
    """What is widened for a campaign now."""
    mine = or_(overrides.c.campaign_id == campaign_id, overrides.c.campaign_id.is_(None))
    query = select(overrides).where(mine, overrides.c.revoked_at.is_(None), overrides.c.expires_at > now)
    return tuple(_override(row) for row in tx.execute(query.order_by(overrides.c.id)))


def listed(tx: Connection) -> list[OverrideRow]:
    """All that were ever given, the oldest first."""
    rows = tx.execute(select(overrides).order_by(overrides.c.id))
    return [OverrideRow(_override(row), row.campaign_id, row.created_at, row.revoked_at, row.revoked_by) for row in rows]


def _override(row: object) -> Override:
    return Override(**{name: getattr(row, name) for name in Override.__dataclass_fields__})
