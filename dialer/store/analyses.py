"""What a model was asked about talks. A reading is named by (attempt, schema, prompt, model) and paid for once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, exists, func, or_, select, update

from dialer.model.call import AttemptState
from dialer.model.disposition import Disposition
from dialer.model.ids import AttemptId, CampaignId, ScriptVersionId
from dialer.model.lead import AnalysisState
from dialer.store.columns import spelled
from dialer.store.engine import insert_into
from dialer.store.schema import analyses, attempts, script_versions


@dataclass(frozen=True, slots=True)
class Key:
    """Which form was asked for, in which words, of which model."""

    schema_hash: str
    prompt_hash: str
    model: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reading that is asked for. ``tries`` counts the one under way."""

    id: int
    attempt_id: AttemptId
    campaign_id: CampaignId
    key: Key
    tries: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How a reading ended. Tokens and money are those of its last try."""

    state: AnalysisState
    document: Any = None
    reason: str = ""
    tier: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Readings:
    """All readings of a campaign under one key: how many in each state, and what they cost."""

    key: Key
    counts: dict[str, int]
    cost: Decimal


def versions(tx: Connection, campaign_id: CampaignId) -> list[ScriptVersionId]:
    """The script versions of a campaign: each has a form of its own."""
    query = select(script_versions.c.id).where(script_versions.c.campaign_id == campaign_id)
    return list(tx.execute(query.order_by(script_versions.c.id)).scalars())


def unread(tx: Connection, version_id: ScriptVersionId, key: Key, limit: int) -> list[AttemptId]:
    """Talks that ran a script version, ended, for which this reading was never asked; the oldest first."""
    asked = exists().where(analyses.c.attempt_id == attempts.c.id, *_is(key))
    query = select(attempts.c.id).where(
        attempts.c.script_version_id == version_id,
        attempts.c.campaign_id == _campaign_of(version_id),  # the column that has an index
        attempts.c.state == spelled(AttemptState.ENDED),
        attempts.c.disposition == spelled(Disposition.ANSWERED_HUMAN),
        ~asked,
    )
    return list(tx.execute(query.order_by(attempts.c.ended_at, attempts.c.id).limit(limit)).scalars())


def ask(tx: Connection, attempt_id: AttemptId, campaign_id: CampaignId, key: Key, now: datetime, at: datetime) -> None:
    """Note that this reading is wanted; asking again changes nothing. ``now`` is the world's instant, ``at`` the campaign's."""
    new = insert_into(tx, analyses).values(
        attempt_id=attempt_id,
        campaign_id=campaign_id,
        schema_hash=key.schema_hash,
        prompt_hash=key.prompt_hash,
        model=key.model,
        state=AnalysisState.WAITING,
        next_try_at=now,
        created_at=at,
    )
    names = ["attempt_id", "schema_hash", "prompt_hash", "model"]
    tx.execute(new.on_conflict_do_nothing(index_elements=names))


def due(tx: Connection, now: datetime, limit: int) -> list[int]:
    """Readings that may be tried now."""
    query = select(analyses.c.id).where(*_is_due(now)).order_by(analyses.c.next_try_at, analyses.c.id)
    return list(tx.execute(query.limit(limit)).scalars())


def in_flight(tx: Connection, now: datetime) -> int:
    """How many readings somebody holds at this moment."""
    query = select(func.count()).where(analyses.c.state == spelled(AnalysisState.WAITING), analyses.c.lease_until > now)
    return int(tx.execute(query).scalar_one())


def claim(tx: Connection, analysis_id: int, now: datetime, lease_until: datetime) -> Wanted | None:
    """Take one for a try. None when somebody has it, or it is done: a doubled message changes nothing."""
    changed = (
        update(analyses)
        .where(analyses.c.id == analysis_id, *_is_due(now))
        .values(lease_until=lease_until, tries=analyses.c.tries + 1)
        .returning(analyses)
    )
    row = tx.execute(changed).one_or_none()
    if row is None:
        return None
    return Wanted(row.id, row.attempt_id, row.campaign_id, Key(row.schema_hash, row.prompt_hash, row.model), row.tries)


def finish(tx: Connection, wanted: Wanted, reading: Reading) -> bool:
    """Keep how it ended. False when another try has taken its place meanwhile."""
    changes = {name: getattr(reading, name) for name in Reading.__dataclass_fields__} | {"lease_until": None}
    changed = update(analyses).where(*_is_ours(wanted)).values(changes)
    return tx.execute(changed).rowcount == 1


def put_off(tx: Connection, wanted: Wanted, reason: str, next_try_at: datetime) -> bool:
    """Try again later. False when another try has taken its place meanwhile."""
    changes = {"lease_until": None, "next_try_at": next_try_at, "reason": reason}
    return tx.execute(update(analyses).where(*_is_ours(wanted)).values(changes)).rowcount == 1


def last_document(tx: Connection, attempt_id: AttemptId) -> Any:
    """The model's newest answer about an attempt, as it came; None when there is none."""
    is_done = analyses.c.state == spelled(AnalysisState.DONE)
    query = select(analyses.c.document).where(analyses.c.attempt_id == attempt_id, is_done)
    return tx.execute(query.order_by(analyses.c.id.desc()).limit(1)).scalar_one_or_none()


def documents(tx: Connection, attempt_ids: Sequence[str]) -> dict[str, Any]:
    """The newest answer about each of these attempts that has one."""
    is_done = analyses.c.state == spelled(AnalysisState.DONE)
    query = select(analyses.c.attempt_id, analyses.c.document).where(analyses.c.attempt_id.in_(attempt_ids), is_done)
    return {row.attempt_id: row.document for row in tx.execute(query.order_by(analyses.c.id))}


def of_campaign(tx: Connection, campaign_id: CampaignId) -> list[Readings]:
    """What models were asked about a campaign's talks, by schema, prompt and model."""
    named = (analyses.c.schema_hash, analyses.c.prompt_hash, analyses.c.model)
    columns = (*named, analyses.c.state, func.count().label("readings"), func.sum(analyses.c.cost).label("spent"))
    query = select(*columns).where(analyses.c.campaign_id == campaign_id).group_by(*named, analyses.c.state).order_by(*named)
    found: dict[Key, Readings] = {}
    for row in tx.execute(query):
        key = Key(row.schema_hash, row.prompt_hash, row.model)
        before = found.get(key, Readings(key, {}, Decimal(0)))
        found[key] = Readings(key, before.counts | {row.state.value: row.readings}, before.cost + (row.spent or 0))
    return list(found.values())


def _campaign_of(version_id: ScriptVersionId) -> Any:
    return select(script_versions.c.campaign_id).where(script_versions.c.id == version_id).scalar_subquery()


def _is(key: Key) -> tuple[Any, ...]:
    return (analyses.c.schema_hash == key.schema_hash, analyses.c.prompt_hash == key.prompt_hash, analyses.c.model == key.model)


def _is_due(now: datetime) -> tuple[Any, ...]:
    is_free = or_(analyses.c.lease_until.is_(None), analyses.c.lease_until <= now)
    return (analyses.c.state == spelled(AnalysisState.WAITING), analyses.c.next_try_at <= now, is_free)


def _is_ours(wanted: Wanted) -> tuple[Any, ...]:
    return (
        analyses.c.id == wanted.id,
        analyses.c.tries == wanted.tries,
        analyses.c.state == spelled(AnalysisState.WAITING),
    )
