"""Settle the attempts that nobody holds any more: ask the carrier what became of them, and never dial again on a guess.

An attempt comes here when its worker died or when the carrier's answer to the dial was lost. What the carrier knows decides:
a call that still lives and is nobody's is ended; an end that it reports is taken as it is; a call it never heard of is proof that
nobody was rung, if the carrier finds calls by our own id; anything else stays unsettled and is listed for a person. A phone that
rang until we ended it says nothing of the contact: the attempt counts for the frequency caps and not against the contact.

What the model used went with the worker. A talk is charged by the length that the carrier tells, as if nothing had been cheap;
where it tells none, by all that was reserved. A phone that only rang is charged the opening that was prepared meanwhile, as if it
had taken every try.

One attempt that cannot be judged, because its rows cannot be read or our code breaks on them, is listed for a person with all
that was reserved for it, and keeps none of the others from being settled.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from dialer.call.verdict import UNANSWERED
from dialer.carriers.base import Carrier
from dialer.conversation.instructions import personalise
from dialer.conversation.opening import TRIES
from dialer.dialing import prices
from dialer.errors import CarrierError
from dialer.model.attempt import CUT_SHORT, AttemptResult, Capabilities, EndCause, Found
from dialer.model.disposition import AnsweredBy, Disposition
from dialer.model.ids import AttemptId, CallId
from dialer.model.phone import PhoneNumber
from dialer.model.template import TemplateError
from dialer.model.transcript import Speaker, Transcript
from dialer.operations import later_prices, wrap_up
from dialer.operations.brakes import NEVER_PLACED
from dialer.operations.gates import Subject
from dialer.operations.parts import Parts
from dialer.operations.start import Steps
from dialer.store import attempts, calls, campaigns, contacts, leases, queue, records
from dialer.store.engine import PartFailed, Tx, apart
from dialer.telemetry import emit

_LOOK_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Orphan:
    """An attempt that we have just taken over. ``opening_cost``: the most that was spent on it before anybody answered."""

    attempt_id: AttemptId
    fence: int
    subject: Subject
    transcript: Transcript
    was_answered: bool
    reserved: Decimal = Decimal(0)
    opening_cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An attempt that we have just taken over and whose rows cannot be read: ``reason`` is what went wrong."""

    attempt_id: AttemptId
    call_id: CallId
    fence: int
    phone: PhoneNumber
    reserved: Decimal
    reason: str


async def settle_lost(parts: Parts, carrier: Carrier, owner: str, steps: Steps) -> int:
    """Take over every expired attempt and settle what the carrier can tell; returns how many were settled.

    A carrier that takes its time is left: what was taken over and not settled is let go by the lane's next renewal.
    """
    settled = 0
    try:
        async with asyncio.timeout(parts.settings.lease_s / 4):
            for orphan in await steps(take_over, parts, owner):
                found = await _ask(carrier, orphan.attempt_id)
                if found is _STILL_OPEN:
                    await steps(look_again, parts, orphan)
                else:
                    settled += await steps(settle_one, parts, orphan, found, carrier.capabilities)
                    await steps(later_prices.expect, parts, carrier, orphan.attempt_id)
    except TimeoutError:
        emit("settling.slow", carrier=carrier.name)
    return settled


_STILL_OPEN = Found("", None, was_answered=False)


async def _ask(carrier: Carrier, attempt_id: AttemptId) -> Found | None:
    """What the carrier knows of an attempt; a call that still lives is ended first. ``_STILL_OPEN``: ask again later."""
    try:
        found = await carrier.find(attempt_id)
        if found is not None and found.ending is None:
            await carrier.end(attempt_id)
            found = await carrier.find(attempt_id)
    except CarrierError:
        return _STILL_OPEN
    return _STILL_OPEN if found is not None and found.ending is None else found


def take_over(parts: Parts, owner: str) -> list[Orphan | Unreadable]:
    """Become the holder of every open attempt whose lease has run out; give back claims that never dialled."""
    now = parts.clock.lease_now()
    until = now + timedelta(seconds=parts.settings.lease_s)
    orphans: list[Orphan | Unreadable] = []
    with parts.store.write() as tx:
        rescued = queue.rescue_claims(tx, now)
        for row in attempts.expired(tx, now):
            fence = attempts.take_over(tx, row.id, owner, now, until)
            if fence is None:
                continue
            try:
                with apart(tx):
                    orphans.append(_orphan(tx, parts, row, fence))
            except PartFailed as failed:
                orphans.append(Unreadable(row.id, row.call_id, fence, row.phone, row.reserved, str(failed)))
    if rescued:
        emit("claims.rescued", count=rescued)
    return orphans


def _orphan(tx: Tx, parts: Parts, row: attempts.AttemptRow, fence: int) -> Orphan:
    """Everything that its end will be judged by, the version of the campaign that it ran among it."""
    contact = contacts.get(tx, calls.contact_of(tx, row.call_id))
    ran = campaigns.version(tx, row.script_version_id)
    campaign = replace(campaigns.get(tx, row.campaign_id), campaign=ran, version_id=row.script_version_id)
    is_callback = calls.is_callback(tx, row.call_id)
    late_at = contact.contact.expires_at
    subject = Subject(row.call_id, fence, contact, campaign, row.from_number, is_callback, late_at, row.phone)
    words, was_answered = records.transcript(tx, row.id), row.answered_at is not None
    return Orphan(row.id, fence, subject, words, was_answered, row.reserved, _opening_cost(parts, subject, row))


def _opening_cost(parts: Parts, subject: Subject, row: attempts.AttemptRow) -> Decimal:
    """What the opening may have cost that is prepared while the phone rings: asked for once the dial is known to be placed.

    A clip is made before anybody is dialled, by whichever call is the first to need it: perhaps by this one.
    """
    campaign, settings = subject.campaign.campaign, parts.settings
    if campaign.voice.prewarm == "answer" or (campaign.voice.prewarm == "ring" and row.placed_at is None):
        return Decimal(0)
    try:
        opening = personalise(campaign, subject.contact.contact, parts.clock.now(), "UTC").opening
    except TemplateError:
        return row.reserved
    model = campaign.voice.model or settings.voice_model
    return min(row.reserved, prices.opening_at_most(campaign, model, settings.carrier, opening, TRIES))


def judge(orphan: Orphan, found: Found | None, capabilities: Capabilities) -> AttemptResult:
    """What is known of a lost attempt, as a result; its cost is what ``charged`` makes of it."""
    if found is None:
        if capabilities.finds_by == "our_id" and not orphan.was_answered:
            return AttemptResult(Disposition.CARRIER_FAILED, reason=NEVER_PLACED)
        return AttemptResult(Disposition.UNKNOWN, reason="carrier_cannot_tell")
    if found.ending is not None and not found.was_answered and not orphan.was_answered:
        if found.ending.cause is EndCause.NEAR_HANG_UP:
            return AttemptResult(Disposition.CANCELLED, ending=found.ending, reason=CUT_SHORT)
        return AttemptResult(UNANSWERED[found.ending.cause], ending=found.ending, reason="settled_with_carrier")
    heard_ms = max((turn.end_ms for turn in orphan.transcript.turns), default=0)
    talk_s = heard_ms / 1000 if found.talk_s is None else found.talk_s
    cut = AttemptResult(Disposition.UNKNOWN, ending=found.ending, reason=CUT_SHORT, talk_s=talk_s)
    if any(turn.speaker is Speaker.CALLEE for turn in orphan.transcript.turns):
        return replace(cut, disposition=Disposition.ANSWERED_HUMAN, answered_by=AnsweredBy.HUMAN)
    return cut


def charged(parts: Parts, orphan: Orphan, found: Found | None, result: AttemptResult) -> AttemptResult:
    """The result with what the attempt may have cost: nobody was left to count what the model used."""
    if found is None:
        may_have_talked = result.disposition is Disposition.UNKNOWN
        return replace(result, cost=orphan.reserved if may_have_talked else orphan.opening_cost)
    if not (found.was_answered or orphan.was_answered):
        return replace(result, cost=orphan.opening_cost)
    if found.talk_s is None:
        return replace(result, cost=orphan.reserved)
    settings, campaign = parts.settings, orphan.subject.campaign.campaign
    talk = prices.at_most(campaign, settings.voice_model, settings.carrier, found.talk_s)
    return replace(result, cost=max(talk, orphan.opening_cost))


def settle_one(parts: Parts, orphan: Orphan | Unreadable, found: Found | None, capabilities: Capabilities) -> bool:
    """Judge an orphan and commit its end; one that cannot be judged is left to a person, and the others go on."""
    if isinstance(orphan, Orphan):
        try:
            return settle(parts, orphan, charged(parts, orphan, found, judge(orphan, found, capabilities)))
        except PartFailed as failed:
            subject = orphan.subject
            orphan = Unreadable(orphan.attempt_id, subject.call_id, orphan.fence, subject.phone, orphan.reserved, str(failed))
    emit("attempt.failed", attempt_id=orphan.attempt_id, error=orphan.reason)
    lost = wrap_up.Lost(orphan.attempt_id, orphan.call_id, orphan.fence, orphan.phone, orphan.reserved)
    return wrap_up.leave_to_person(parts, lost)


def settle(parts: Parts, orphan: Orphan, result: AttemptResult) -> bool:
    """Commit the end of an orphan like any other end."""
    is_ours = wrap_up.finish(parts, orphan.subject, orphan.attempt_id, orphan.fence, result)
    if is_ours:
        emit("attempt.settled", attempt_id=orphan.attempt_id, disposition=result.disposition.value, reason=result.reason)
    return is_ours


def look_again(parts: Parts, orphan: Orphan | Unreadable) -> None:
    """Leave an orphan for the next look, in a few seconds."""
    call_id = orphan.subject.call_id if isinstance(orphan, Orphan) else orphan.call_id
    with parts.store.write() as tx:
        leases.let_go(tx, call_id, orphan.fence, parts.clock.lease_now() + _LOOK_AGAIN)
