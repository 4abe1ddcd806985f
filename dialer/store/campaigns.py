"""Campaigns and their frozen script versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select, update

from dialer.errors import StoreError
from dialer.model.call import CampaignStatus
from dialer.model.campaign import Campaign
from dialer.model.ids import CampaignId, ScriptVersionId
from dialer.store.engine import insert_into
from dialer.store.schema import campaigns, script_versions


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A stored campaign with its active version. Calls are claimed from ``starts_at`` on and before ``ends_at`` (None: open)."""

    id: CampaignId
    name: str
    status: CampaignStatus
    status_reason: str
    version_id: ScriptVersionId
    version_hash: str
    campaign: Campaign
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime
    updated_at: datetime
    folder: str = ""
    """Where it was imported from, as an absolute path; empty when that is not known."""


def save_version(tx: Connection, campaign: Campaign, now: datetime) -> CampaignRow:
    """Store ``campaign`` under its name and make it the active version; an unchanged text is no new version.

    Status and schedule of a campaign that was there before stay as they are.
    """
    new = insert_into(tx, campaigns).values(
        name=campaign.name, kind=campaign.kind, status=CampaignStatus.DRAFT, created_at=now, updated_at=now
    )
    saved = new.on_conflict_do_update(
        index_elements=[campaigns.c.name], set_={"kind": new.excluded.kind, "updated_at": new.excluded.updated_at}
    )
    campaign_id = CampaignId(tx.execute(saved.returning(campaigns.c.id)).scalar_one())
    version_hash = campaign.version_hash()
    version_new = insert_into(tx, script_versions).values(
        campaign_id=campaign_id, hash=version_hash, body=campaign.canonical_json(), created_at=now
    )
    tx.execute(version_new.on_conflict_do_nothing(index_elements=["campaign_id", "hash"]))
    version_id = select(script_versions.c.id).where(
        script_versions.c.campaign_id == campaign_id, script_versions.c.hash == version_hash
    )
    tx.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(active_version_id=version_id.scalar_subquery()))
    return get(tx, campaign_id)


def find(tx: Connection, name: str) -> CampaignRow | None:
    """The campaign of that name, if there is one."""
    row = tx.execute(_select().where(campaigns.c.name == name)).one_or_none()
    return None if row is None else _campaign_row(row)


def get(tx: Connection, campaign_id: CampaignId) -> CampaignRow:
    """The campaign with that id. Raises ``StoreError`` (``not_found``)."""
    row = tx.execute(_select().where(campaigns.c.id == campaign_id)).one_or_none()
    if row is None:
        raise StoreError(f"there is no campaign {campaign_id}", code="not_found", retryable=False)
    return _campaign_row(row)


def listed(tx: Connection) -> list[CampaignRow]:
    """All campaigns, by name."""
    return [_campaign_row(row) for row in tx.execute(_select().order_by(campaigns.c.name))]


def version(tx: Connection, version_id: ScriptVersionId) -> Campaign:
    """The campaign as it was frozen under ``version_id``. Raises ``StoreError`` (``not_found``)."""
    body = tx.execute(select(script_versions.c.body).where(script_versions.c.id == version_id)).scalar_one_or_none()
    if body is None:
        raise StoreError(f"there is no script version {version_id}", code="not_found", retryable=False)
    return _parsed(body)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One frozen version of a campaign."""

    version_id: ScriptVersionId
    hash: str
    campaign: Campaign
    created_at: datetime


def versions(tx: Connection, campaign_id: CampaignId) -> list[VersionRow]:
    """All versions of a campaign, the oldest first."""
    found = tx.execute(select(script_versions).where(script_versions.c.campaign_id == campaign_id).order_by(script_versions.c.id))
    return [VersionRow(row.id, row.hash, _parsed(row.body), row.created_at) for row in found]


def set_folder(tx: Connection, campaign_id: CampaignId, folder: str) -> None:
    """Remember where the campaign was imported from."""
    tx.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(folder=folder))


def arm(tx: Connection, campaign_id: CampaignId, starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> None:
    """Let calls be claimed from ``starts_at`` (None: at once) until ``ends_at`` (None: until they are done)."""
    values = {"status": CampaignStatus.ARMED, "status_reason": "", "starts_at": starts_at, "ends_at": ends_at}
    _change(tx, campaign_id, {**values, "updated_at": now})


def set_status(tx: Connection, campaign_id: CampaignId, status: CampaignStatus, reason: str, now: datetime) -> None:
    """Change whether calls may be claimed; it bites at the next claim and the next dial. Who is done wants a report."""
    unreported = {"report_asked_at": None, "report_written_at": None} if status is CampaignStatus.DONE else {}
    _change(tx, campaign_id, {"status": status, "status_reason": reason, "updated_at": now, **unreported})


def unreported(tx: Connection, asked_before: datetime) -> list[CampaignId]:
    """The campaigns that are done, whose report is not written and was not asked for since ``asked_before``; by id."""
    is_due = or_(campaigns.c.report_asked_at.is_(None), campaigns.c.report_asked_at < asked_before)
    wanting = (campaigns.c.status == CampaignStatus.DONE, campaigns.c.report_written_at.is_(None), is_due)
    return list(tx.execute(select(campaigns.c.id).where(*wanting).order_by(campaigns.c.id)).scalars())


def report_asked(tx: Connection, campaign_ids: Sequence[CampaignId], lease_now: datetime) -> None:
    """Somebody is about to be asked for these reports."""
    tx.execute(update(campaigns).where(campaigns.c.id.in_(campaign_ids)).values(report_asked_at=lease_now))


def report_written(tx: Connection, campaign_id: CampaignId, updated_at: datetime, now: datetime) -> bool:
    """The report is there of what the campaign was at ``updated_at``. False: it has changed since then, or is not done."""
    same = (campaigns.c.id == campaign_id, campaigns.c.updated_at == updated_at, campaigns.c.status == CampaignStatus.DONE)
    return tx.execute(update(campaigns).where(*same).values(report_written_at=now)).rowcount == 1


def _change(tx: Connection, campaign_id: CampaignId, values: dict[str, Any]) -> None:
    changed = tx.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(values))
    if changed.rowcount == 0:
        raise StoreError(f"there is no campaign {campaign_id}", code="not_found", retryable=False)


def _select() -> Select[Any]:
    active = script_versions.c.id == campaigns.c.active_version_id
    return select(campaigns, script_versions.c.hash, script_versions.c.body).join_from(campaigns, script_versions, active)


def _campaign_row(row: Row[Any]) -> CampaignRow:
    return CampaignRow(
        id=row.id,
        name=row.name,
        status=row.status,
        status_reason=row.status_reason,
        version_id=row.active_version_id,
        version_hash=row.hash,
        campaign=_parsed(row.body),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        folder=row.folder,
    )


@lru_cache(maxsize=64)
def _parsed(body: str) -> Campaign:
    """Campaigns are frozen, so one object serves all who ask for the same text."""
    return Campaign.model_validate_json(body)
