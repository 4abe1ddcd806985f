"""Let a model read talks afterwards: ask once for each talk, schema, prompt and model; keep what it says; look again.

A reading is a row that waits, is claimed under a lease, tried, and put off or finished; a doubled or lost message changes
nothing. The request is made outside any transaction. What it costs counts against the campaign's budget, and a campaign whose
budget is used up is not read.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from dialer.leads import analysis as forms
from dialer.leads.assess import is_human_reached
from dialer.leads.masking import without_secrets
from dialer.model.campaign import Campaign
from dialer.model.ids import AttemptId
from dialer.model.lead import AnalysisState
from dialer.operations import folders
from dialer.operations.looking_again import look_again, result_of
from dialer.operations.parts import Parts
from dialer.store import analyses, attempts, calls, campaigns, contacts, money, records
from dialer.store.analyses import Key, Reading, Wanted
from dialer.store.engine import Tx
from dialer.telemetry import emit
from dialer.voice.analyst import LIMIT_S
from dialer.voice.base import Analyst
from dialer.wire.openai_responses import Answer, Incomplete, Read, Refused, Rejected, Request, Tokens, Unavailable

DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""After so many tries a reading has failed."""
_FLEX_TRIES = 2
"""Then the ordinary lane is asked: a result that comes too late is worth nothing."""
_LEASE = timedelta(seconds=LIMIT_S + 60)
_BATCH = 50
_SIDE_BY_SIDE = 8
_MILLION = Decimal(1_000_000)
_FLEX_SHARE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Progress:
    """What one round of readings did."""

    done: int = 0
    refused: int = 0
    put_off: int = 0


def wanted(parts: Parts, campaign_name: str | None = None) -> list[int]:
    """Ask for the readings of talks that have ended, and say which may be tried now. Nothing when no model is set."""
    if not parts.settings.analysis_model:
        return []
    now = parts.clock.lease_now()
    with parts.store.read() as tx:
        rows = [row for row in campaigns.listed(tx) if campaign_name in (None, row.name)]
        new = [(row.id, key, attempt_id) for row in rows for key, attempt_id in _unread(tx, parts, row)]
    if new:
        with parts.store.write() as tx:
            for campaign_id, key, attempt_id in new:
                analyses.ask(tx, attempt_id, campaign_id, key, now, parts.clock.now())
    with parts.store.read() as tx:
        return analyses.due(tx, now, _BATCH)


def key_of(campaign: Campaign, model: str) -> Key:
    """Under which name a reading of this campaign by this model is kept."""
    return Key(*forms.hashes(campaign), model)


def _unread(tx: Tx, parts: Parts, row: campaigns.CampaignRow) -> Iterator[tuple[Key, AttemptId]]:
    limit = row.campaign.budget.total
    if limit is not None and money.account(tx, row.id, parts.clock.now()).total >= limit:
        return
    for version_id in analyses.versions(tx, row.id):
        key = key_of(campaigns.version(tx, version_id), parts.settings.analysis_model)
        yield from ((key, attempt_id) for attempt_id in analyses.unread(tx, version_id, key, _BATCH))


def analyse(parts: Parts, analyst: Analyst, analysis_id: int) -> AnalysisState | None:
    """Try one reading. The state that it is in afterwards; None when it is somebody else's or done already."""
    now = parts.clock.lease_now()
    with parts.store.write() as tx:
        claimed = analyses.claim(tx, analysis_id, now, now + _LEASE)
        if claimed is None:
            return None
        request = _request(tx, parts, claimed)
        if request is None:
            analyses.finish(tx, claimed, Reading(AnalysisState.DONE, reason="nothing was said"))
            return AnalysisState.DONE
    answer = analyst.read(request)
    state = _keep(parts, claimed, request, answer)
    emit("analysis.ended", attempt_id=claimed.attempt_id, state=state.value, tries=claimed.tries)
    return state


def analyse_unless_busy(parts: Parts, analyst: Analyst) -> Progress:
    """What a worker does at each tick: one task at a time reads, so that slow answers keep no other task from its child."""
    with parts.store.read() as tx:
        is_busy = analyses.in_flight(tx, parts.clock.lease_now()) > 0
    return Progress() if is_busy else analyse_all(parts, analyst)


def analyse_all(parts: Parts, analyst: Analyst, campaign_name: str | None = None) -> Progress:
    """Try everything that is due, a few side by side, until nothing is. Raises ``UserError`` for an unknown campaign."""
    if campaign_name is not None:
        folders.stored(parts, campaign_name)
    counts = {"done": 0, "refused": 0, "put_off": 0}
    while due := wanted(parts, campaign_name):
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            states = list(pool.map(lambda analysis_id: analyse(parts, analyst, analysis_id), due))
        for state in states:
            name = "put_off" if state is AnalysisState.WAITING else "done" if state is AnalysisState.DONE else "refused"
            counts[name] += state is not None
    return Progress(**counts)


def _request(tx: Tx, parts: Parts, claimed: Wanted) -> Request | None:
    """What to ask about a talk; None when no human said anything, so that there is nothing to read."""
    row = attempts.get(tx, claimed.attempt_id)
    transcript = records.transcript(tx, claimed.attempt_id)
    if not is_human_reached(result_of(row, None), transcript):
        return None
    campaign = campaigns.version(tx, row.script_version_id)
    zone = contacts.get(tx, calls.contact_of(tx, row.call_id)).contact.timezone
    began_at = row.answered_at.isoformat(timespec="seconds") if row.answered_at else ""
    is_flex = parts.settings.analysis_tier == "flex" and claimed.tries <= _FLEX_TRIES
    return Request(
        model=claimed.key.model,
        instructions=forms.instructions(campaign),
        text=forms.transcript_text(campaign, without_secrets(campaign, transcript), began_at=began_at, zone=zone),
        schema_name=forms.SCHEMA_NAME,
        schema=forms.schema_of(campaign),
        tier="flex" if is_flex else "default",
    )


def _keep(parts: Parts, claimed: Wanted, request: Request, answer: Answer) -> AnalysisState:
    """Store what came of a try, pay for it, and look at the talk again when it was read."""
    with parts.store.write() as tx:
        if isinstance(answer, Unavailable) and claimed.tries <= len(DELAYS):
            analyses.put_off(tx, claimed, answer.reason, _next_try(parts.clock.lease_now(), claimed.tries, answer.retry_after_s))
            return AnalysisState.WAITING
        reading = _reading(parts, request, answer)
        if not analyses.finish(tx, claimed, reading):
            return AnalysisState.WAITING
        row = attempts.get(tx, claimed.attempt_id)
        if reading.cost and row.dialed_at is not None:
            money.settle(tx, claimed.campaign_id, row.dialed_at, reading.cost)
        if reading.state is AnalysisState.DONE:
            look_again(tx, parts, claimed.attempt_id, parts.clock.now())
    return reading.state


def _reading(parts: Parts, request: Request, answer: Answer) -> Reading:
    if isinstance(answer, Unavailable | Rejected):
        return Reading(AnalysisState.FAILED, reason=answer.reason, tier=request.tier)
    states = {Read: AnalysisState.DONE, Refused: AnalysisState.REFUSED, Incomplete: AnalysisState.INCOMPLETE}
    tier = answer.tier or request.tier if isinstance(answer, Read) else request.tier
    return Reading(
        states[type(answer)],
        document=dict(answer.document) if isinstance(answer, Read) else None,
        reason="" if isinstance(answer, Read) else answer.reason,
        tier=tier,
        input_tokens=answer.tokens.input,
        output_tokens=answer.tokens.output,
        cost=_cost(parts, answer.tokens, tier),
    )


def _cost(parts: Parts, tokens: Tokens, tier: str) -> Decimal:
    settings = parts.settings
    prices = (Decimal(str(settings.analysis_input_price)), Decimal(str(settings.analysis_output_price)))
    amount = (tokens.input * prices[0] + tokens.output * prices[1]) / _MILLION
    return amount * _FLEX_SHARE if tier == "flex" else amount


def _next_try(now: datetime, tries: int, retry_after_s: float | None) -> datetime:
    return now + max(DELAYS[tries - 1], timedelta(seconds=retry_after_s or 0))
