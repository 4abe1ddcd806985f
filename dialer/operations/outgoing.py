"""Put results into the outbox, in the transaction that makes them. Nothing is written when nobody wants to be told."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from dialer.config import Settings
from dialer.leads.assess import Assessment
from dialer.model.ids import AttemptId, CallId, CampaignId
from dialer.model.outbox import EventKind, Target
from dialer.model.phone import PhoneNumber
from dialer.operations.parts import Parts
from dialer.store import attempts, campaigns, outbox, queue
from dialer.store.contacts import ContactRow
from dialer.store.engine import Tx, batches
from dialer.store.outbox import FinishedCall, NewMessage
from dialer.wire import webhook


def targets(settings: Settings) -> tuple[Target, ...]:
    """Who is told: nobody, the webhook, the command, or both."""
    wanted = ((Target.WEBHOOK, settings.webhook_url), (Target.COMMAND, settings.hook_command))
    return tuple(target for target, is_set in wanted if is_set)


def attempt_ended(
    tx: Tx, parts: Parts, attempt_id: AttemptId, contact: ContactRow, now: datetime, assessment: Assessment | None = None
) -> None:
    """One dial has its disposition. Call it once the row says so."""
    if targets(parts.settings):
        _result(tx, parts, EventKind.ATTEMPT_ENDED, attempt_id, contact, now, assessment)


def result_changed(
    tx: Tx, parts: Parts, attempt_id: AttemptId, contact: ContactRow, now: datetime, assessment: Assessment
) -> None:
    """What a talk comes to is another thing than was told. Call it once its rows say so."""
    if targets(parts.settings):
        _result(tx, parts, EventKind.RESULT_CHANGED, attempt_id, contact, now, assessment)


def _result(
    tx: Tx,
    parts: Parts,
    kind: EventKind,
    attempt_id: AttemptId,
    contact: ContactRow,
    now: datetime,
    assessment: Assessment | None,
) -> None:
    row = attempts.get(tx, attempt_id)
    sections = {
        "contact": _contact(contact),
        "attempt": {name: getattr(row, name) for name in webhook.ATTEMPT},
        "answers": webhook.answers(assessment.answers) if assessment else {},
        "lead": webhook.lead(assessment.lead) if assessment else None,
    }
    name = campaigns.get(tx, row.campaign_id).name
    _put(tx, parts, kind, now, name, row.campaign_id, attempt_id, [sections])


def calls_finished(tx: Tx, parts: Parts, call_ids: Iterable[CallId], now: datetime) -> None:
    """These calls are in their final buckets. Call it once their rows say so."""
    if not targets(parts.settings):
        return
    for batch in batches(call_ids):
        found = sorted(outbox.finished_calls(tx, batch), key=_campaign_of)
        for campaign_id, calls in groupby(found, key=_campaign_of):
            name = campaigns.get(tx, campaign_id).name
            _put(tx, parts, EventKind.CALL_FINISHED, now, name, campaign_id, None, map(_end_of, calls))


def opted_out(
    tx: Tx,
    parts: Parts,
    contact: ContactRow,
    phone: PhoneNumber,
    attempt_id: AttemptId,
    proof: Mapping[str, str],
    now: datetime,
) -> None:
    """A callee asked not to be called again at ``phone``; ``proof``: reason, source and quote."""
    if targets(parts.settings):
        sections = {"contact": {**_contact(contact), "phone": phone}, "attempt": {"id": attempt_id}, "opt_out": proof}
        name = campaigns.get(tx, contact.campaign_id).name
        _put(tx, parts, EventKind.OPT_OUT, now, name, contact.campaign_id, attempt_id, [sections])


def campaign_changed(tx: Tx, parts: Parts, campaign_id: CampaignId, kind: EventKind, now: datetime) -> None:
    """A campaign is done, paused or cancelled. Call it once its row says so."""
    if targets(parts.settings):
        row = campaigns.get(tx, campaign_id)
        calls = {bucket.value: count for bucket, count in queue.counts(tx, campaign_id).items()}
        sections = {"status": {"status": row.status, "reason": row.status_reason, "calls": calls}}
        _put(tx, parts, kind, now, row.name, campaign_id, None, [sections])


def new_id() -> str:
    """The id of a message: nobody has had it before."""
    return f"msg_{uuid.uuid4().hex}"


def _put(
    tx: Tx,
    parts: Parts,
    kind: EventKind,
    now: datetime,
    campaign: str,
    campaign_id: CampaignId,
    attempt_id: AttemptId | None,
    told: Iterable[Mapping[str, Any]],
) -> None:
    """One message for each receiver and each of ``told``."""
    wanted = targets(parts.settings)
    ids = ((new_id(), target, sections) for sections in told for target in wanted)
    messages = (
        NewMessage(message_id, kind, target, campaign_id, attempt_id, webhook.body(message_id, kind, now, campaign, sections))
        for message_id, target, sections in ids
    )
    outbox.add(tx, messages, parts.clock.lease_now())


def _campaign_of(call: FinishedCall) -> CampaignId:
    return call.campaign_id


def _end_of(call: FinishedCall) -> dict[str, Any]:
    return {
        "contact": {"phone": call.phone, "external_id": call.external_id, "row": call.row},
        "call": {name: getattr(call, name) for name in webhook.CALL},
    }


def _contact(row: ContactRow) -> dict[str, Any]:
    contact = row.contact
    return {"phone": contact.phone, "external_id": contact.external_id, "row": contact.row}
