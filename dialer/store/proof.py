"""What an evidence package is made from, beside the decisions: the attempts of a campaign and the scripts that they ran."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from dialer.model.decision import Stage, Verdict
from dialer.model.ids import AttemptId, CampaignId
from dialer.store.schema import attempts, decisions, script_versions


def attempts_of(tx: Connection, campaign_id: CampaignId) -> list[AttemptId]:
    """Every attempt of a campaign, the oldest first."""
    query = select(attempts.c.id).where(attempts.c.campaign_id == campaign_id).order_by(attempts.c.call_id, attempts.c.id)
    return list(tx.execute(query).scalars())


def unallowed(tx: Connection) -> list[AttemptId]:
    """The attempts that were dialled although no record allows it: none, as long as no record was taken away."""
    allows = (decisions.c.stage == Stage.DIAL, decisions.c.verdict == Verdict.ALLOW, decisions.c.attempt_id.is_not(None))
    allowed = select(decisions.c.attempt_id).where(*allows)
    query = select(attempts.c.id).where(attempts.c.dialed_at.is_not(None), attempts.c.id.not_in(allowed))
    return list(tx.execute(query.order_by(attempts.c.call_id, attempts.c.id)).scalars())


def script_of(tx: Connection, attempt_id: AttemptId) -> str:
    """The hash of the script version that an attempt ran."""
    ran = script_versions.c.id == attempts.c.script_version_id
    found: str = tx.execute(select(script_versions.c.hash).join(attempts, ran).where(attempts.c.id == attempt_id)).scalar_one()
    return found


def scripts_of(tx: Connection, campaign_id: CampaignId) -> Iterator[tuple[str, str]]:
    """Every script version of a campaign: its hash, and its text."""
    query = select(script_versions.c.hash, script_versions.c.body).where(script_versions.c.campaign_id == campaign_id)
    for row in tx.execute(query.order_by(script_versions.c.id)):
        yield row.hash, row.body
