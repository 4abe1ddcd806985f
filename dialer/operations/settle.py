"""Settle the attempts that nobody holds any more: ask the carrier what became of them, and never dial again on a guess.

An attempt comes here when its worker died or when the carrier's answer to the dial was lost. What the carrier knows decides:
a call that still lives and is nobody's is ended; an end that it reports is taken as it is; a call it never heard of is proof that
nobody was rung, if the carrier finds calls by our own id; anything else stays unsettled and is listed for a person. A phone that
rang until we ended it says nothing of the contact: the attempt counts for the frequency caps and not against the contact.

What the model used went with the worker. A talk is charged by the length that the carrier tells, as if nothing had been cheap;
where it tells none, by all that was reserved.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from dialer.call.verdict import UNANSWERED
from dialer.carriers.base import Carrier
from dialer.dialing import prices
from dialer.errors import CarrierError
from dialer.model.attempt import CUT_SHORT, AttemptResult, Capabilities, EndCause, Found
from dialer.model.disposition import AnsweredBy, Disposition
from dialer.model.ids import AttemptId
from dialer.model.transcript import Speaker, Transcript
from dialer.operations import wrap_up
from dialer.operations.brakes import NEVER_PLACED
from dialer.operations.gates import Subject
from dialer.operations.parts import Parts
from dialer.operations.start import Steps
from dialer.store import attempts, calls, campaigns, contacts, leases, queue, records
from dialer.telemetry import emit

_LOOK_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Orphan:
    """An attempt that we have just taken over."""

    attempt_id: AttemptId
    fence: int
    subject: Subject
    transcript: Transcript
    was_answered: bool
    reserved: Decimal = Decimal(0)


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
                    result = charged(parts, orphan, found, judge(orphan, found, carrier.capabilities))
                    settled += await steps(settle, parts, orphan, result)
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


def take_over(parts: Parts, owner: str) -> list[Orphan]:
    """Become the holder of every open attempt whose lease has run out; give back claims that never dialled."""
    now = parts.clock.lease_now()
    until = now + timedelta(seconds=parts.settings.lease_s)
    orphans = []
    with parts.store.write() as tx:
        rescued = queue.rescue_claims(tx, now)
        for row in attempts.expired(tx, now):
            fence = attempts.take_over(tx, row.id, owner, now, until)
            if fence is None:
                continue
            contact = contacts.get(tx, calls.contact_of(tx, row.call_id))
            campaign = campaigns.get(tx, row.campaign_id)
            is_callback = calls.is_callback(tx, row.call_id)
            late_at = contact.contact.expires_at
            subject = Subject(row.call_id, fence, contact, campaign, row.from_number, is_callback, late_at, row.phone)
            words, was_answered = records.transcript(tx, row.id), row.answered_at is not None
            orphans.append(Orphan(row.id, fence, subject, words, was_answered, row.reserved))
    if rescued:
        emit("claims.rescued", count=rescued)
    return orphans


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
        return replace(result, cost=orphan.reserved) if may_have_talked else result
    if not (found.was_answered or orphan.was_answered):
        return result
    if found.talk_s is None:
        return replace(result, cost=orphan.reserved)
    settings, campaign = parts.settings, orphan.subject.campaign.campaign
    return replace(result, cost=prices.at_most(campaign, settings.voice_model, settings.carrier, found.talk_s))


def settle(parts: Parts, orphan: Orphan, result: AttemptResult) -> bool:
    """Commit the end of an orphan like any other end."""
    is_ours = wrap_up.finish(parts, orphan.subject, orphan.attempt_id, orphan.fence, result)
    if is_ours:
        emit("attempt.settled", attempt_id=orphan.attempt_id, disposition=result.disposition.value, reason=result.reason)
    return is_ours


def look_again(parts: Parts, orphan: Orphan) -> None:
    """Leave an orphan for the next look, in a few seconds."""
    with parts.store.write() as tx:
        leases.let_go(tx, orphan.subject.call_id, orphan.fence, parts.clock.lease_now() + _LOOK_AGAIN)
