"""What follows from the end of an attempt: the lead, the next dial or the final bucket, in one transaction with its end."""

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from dialer.compliance.permit import permit
from dialer.conversation.guards import first_opt_out
from dialer.dialing import daytime, prices, redial
from dialer.dialing.numbers import Number
from dialer.leads.assess import assess
from dialer.leads.masking import secrets_of
from dialer.model.attempt import CUT_SHORT, AttemptResult, Retry
from dialer.model.call import Bucket, CampaignStatus
from dialer.model.decision import Stage
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import AttemptId, CallId
from dialer.model.phone import PhoneNumber
from dialer.model.transcript import Speaker, Transcript
from dialer.operations import brakes, concluding, gates, opting_out, outgoing
from dialer.operations.gates import Subject
from dialer.operations.parts import Parts
from dialer.store import attempts, campaigns, contacts, people, queue, records, suppression
from dialer.store.engine import PartFailed, Tx, apart
from dialer.telemetry import emit

NOT_TRIED = redial.FAILURES | {Disposition.CANCELLED}
"""Ends that are no try of a number: our side failed, or broke off."""
_NOTHING = Decimal(0)
_FREE_RINGS = 2
"""So many rings that we broke off, because a worker or an answer was lost, use up none of the contact's attempts."""
_AFTER_BREAKING_OFF = timedelta(minutes=10)
"""The phone rang and we withdrew: it does not ring again at once."""
_UNREACHABLE_TRIES = 2
"""A number that may be out of reach for a day only is tried once more, on another day."""


def finish(
    parts: Parts, subject: Subject, attempt_id: AttemptId, fence: int, result: AttemptResult, *, was_dialled: bool = True
) -> bool:
    """Commit the end of an attempt and what follows. False when the claim was lost meanwhile: then nothing is written.

    ``was_dialled`` is False when the carrier was surely never asked, although the intent had been committed. A cost that the
    result brings stands; else it is worked out from what was counted.
    """
    try:
        final = _commit(parts, subject, attempt_id, fence, result, was_dialled=was_dialled)
    except attempts.LostClaim:
        return False
    tell(attempt_id, final)
    return True


def _commit(
    parts: Parts, subject: Subject, attempt_id: AttemptId, fence: int, result: AttemptResult, *, was_dialled: bool
) -> AttemptResult:
    """The one transaction of ``finish``; the result as it was stored. Raises ``LostClaim``, and ``PartFailed`` for what cannot be
    judged.
    """
    now = parts.clock.now()
    campaign = subject.campaign.campaign
    zone = subject.contact.contact.timezone
    with parts.store.write() as tx, apart(tx):
        transcript = records.transcript(tx, attempt_id)
        assessment = assess(campaign, result, transcript, ended_at=now, zone=zone)
        is_talk = result.disposition is Disposition.ANSWERED_HUMAN
        final = replace(
            result,
            cost=result.cost or _cost(parts, result),
            outcome=assessment.outcome if is_talk else None,
            callback_at=result.callback_at or assessment.callback_at,
            summary=secrets_of(campaign, transcript).hidden(result.summary),
        )
        if not attempts.end(tx, attempt_id, fence, final, now):
            raise attempts.LostClaim(f"attempt {attempt_id} is not ours any more", code="lost_claim", retryable=False)
        talk = concluding.Talk(attempt_id, subject.call_id, subject.campaign.id, subject.contact.contact_id)
        concluding.keep(tx, talk, assessment, result.outcome, now)
        outgoing.attempt_ended(tx, parts, attempt_id, subject.contact, now, assessment)
        swept = _swept(transcript)
        if swept:
            suppress(tx, parts, subject, attempt_id, swept, now)
        follow(tx, parts, replace(subject, fence=fence), attempt_id, final, now, was_dialled=was_dialled)
        if swept:
            suppress(tx, parts, subject, attempt_id, swept, now)  # once more: what follows may have queued the call again
    return final


@dataclass(frozen=True, slots=True)
class Lost:
    """All that need be known of an attempt that nobody can judge."""

    attempt_id: AttemptId
    call_id: CallId
    fence: int
    phone: PhoneNumber
    reserved: Decimal


def leave_to_person(parts: Parts, lost: Lost) -> bool:
    """End an attempt that cannot be judged: ``unknown``, with all that was reserved for it, and its call listed for a person.

    An opt-out that can be read stands. False when the claim was lost meanwhile: then nothing is written.
    """
    now, result = parts.clock.now(), AttemptResult(Disposition.UNKNOWN, reason="unreadable", cost=lost.reserved)
    with parts.store.write() as tx:
        if not attempts.end(tx, lost.attempt_id, lost.fence, result, now):
            return False
        queue.finish(tx, lost.call_id, lost.fence, Bucket.UNSETTLED, result.disposition, None, now)
        with contextlib.suppress(PartFailed), apart(tx):
            if swept := _swept(records.transcript(tx, lost.attempt_id)):
                quote, source = swept["quote"], swept["source"]
                suppression.add(tx, lost.phone, swept["reason"], source, now, quote=quote, attempt_id=lost.attempt_id)
                people.cancel(tx, lost.phone, now)
        with contextlib.suppress(PartFailed), apart(tx):
            outgoing.calls_finished(tx, parts, [lost.call_id], now)
    tell(lost.attempt_id, result)
    return True


def _swept(transcript: Transcript) -> dict[str, str]:
    """The proof of an opt-out whose words stand in the transcript, whatever the live layers made of them; empty without one."""
    quote = first_opt_out(turn.text for turn in transcript.turns if turn.speaker is Speaker.CALLEE)
    return {"reason": "opt_out", "source": "sweep", "quote": quote} if quote else {}


def _cost(parts: Parts, result: AttemptResult) -> Decimal:
    """What the model and the carrier bill by what was counted."""
    settings = parts.settings
    return prices.cost(result.usage, settings.voice_model, result.talk_s, settings.carrier, settings.transcription_model)


def tell(attempt_id: AttemptId, result: AttemptResult) -> None:
    """Report a committed end."""
    outcome = result.outcome.value if result.outcome else None
    emit("attempt.ended", attempt_id=attempt_id, disposition=result.disposition.value, outcome=outcome, reason=result.reason)


def follow(
    tx: Tx,
    parts: Parts,
    subject: Subject,
    attempt_id: AttemptId,
    result: AttemptResult,
    now: datetime,
    *,
    was_dialled: bool = True,
) -> None:
    """Queue the next dial or put the call into its final bucket; empty the number's other queues where the outcome says so.

    What the end means for the whole campaign comes first: one that stops by it takes none of its calls with it. Raises
    ``LostClaim`` when the call has been given away: then nothing of its end may be kept.
    """
    brakes.after_attempt(tx, parts, subject.campaign.id, attempt_id, result, now, was_dialled=was_dialled)
    step = _next_step(tx, subject, result, now, was_dialled=was_dialled)
    if isinstance(step, redial.Again):
        due_at = _into_window(tx, parts, subject, step, now)
        told = (step.is_callback, result.disposition, result.outcome)
        is_ours = queue.requeue(tx, subject.call_id, subject.fence, due_at, *told, phone=step.phone)
    else:
        is_ours = queue.finish(tx, subject.call_id, subject.fence, step.bucket, result.disposition, result.outcome, now)
    if not is_ours:
        raise attempts.LostClaim(f"call {subject.call_id} is not ours any more", code="lost_claim", retryable=False)
    if isinstance(step, redial.Final):
        outgoing.calls_finished(tx, parts, [subject.call_id], now)
    if result.outcome is Outcome.DO_NOT_CALL:
        suppress(tx, parts, subject, attempt_id, {"reason": "opt_out", "source": "transcript", "quote": ""}, now)
    elif step.is_for_number:
        outgoing.calls_finished(tx, parts, queue.cancel_number(tx, subject.phone, now), now)


def _next_step(
    tx: Tx, subject: Subject, result: AttemptResult, now: datetime, *, was_dialled: bool
) -> redial.Again | redial.Final:
    """What follows, by the campaign's rules and by whether the campaign itself goes on.

    An attempt that failed with the voice account counts for nothing: the call goes back to the queue, which the account's
    slowdown or the campaign's pause keeps shut. An attempt that we broke off ourselves (a worker that had to go, a database
    that was away) says nothing about the contact: the call goes on in the queue. Only a cancelled campaign takes it out. A talk
    that we broke off is left to a person, unless something was agreed in it.
    """
    past = _counted(attempts.of_call(tx, subject.call_id))
    last = past[-1].disposition if past and _is_in_vain(result) else None
    disposition = last or result.disposition
    tally = Counter(row.disposition for row in past if row.disposition is not None and not row.disposition.is_blocked)
    broken_off = tally.pop(Disposition.CANCELLED, 0)
    is_over = campaigns.get(tx, subject.campaign.id).status is CampaignStatus.CANCELLED
    is_broken_off = disposition is Disposition.CANCELLED and broken_off < redial.MOST_ATTEMPTS
    if (is_broken_off or result.is_excused) and not is_over:
        return redial.Again(now + _AFTER_BREAKING_OFF if was_dialled else now, subject.is_callback)
    if result.is_excused:
        return redial.Final(Bucket.CANCELLED)
    if result.reason == CUT_SHORT and result.outcome is Outcome.CANNOT_TELL:
        return redial.Final(Bucket.UNSETTLED)
    ruled = result.ending.ruled if result.ending is not None else None
    if ruled is Retry.NEVER:
        disposition = Disposition.INVALID_NUMBER  # the carrier's word on this number is as good as its absence
    elif ruled is Retry.LATER and disposition is Disposition.INVALID_NUMBER and tally[disposition] < _UNREACHABLE_TRIES:
        return redial.Again(now + redial.DEFAULT_DELAY, subject.is_callback)
    numbers = _numbers(tx, subject, past)
    step = redial.next_step(
        subject.campaign.campaign,
        disposition,
        result.outcome,
        attempts_made=tally.total(),
        now=now,
        callback_at=result.callback_at,
        attempts_by_disposition=tally,
        was_callback=subject.is_callback,
        numbers=numbers,
        phone=subject.phone,
    )
    if isinstance(step, redial.Again) and is_over:
        is_talk = result.disposition is Disposition.ANSWERED_HUMAN
        return redial.Final(Bucket.REACHED if is_talk else Bucket.CANCELLED)
    mine = {subject.phone, *(number.phone for number in numbers)}
    if isinstance(step, redial.Again) and suppression.suppressed(tx, mine, subject.campaign.id):
        return redial.Final(Bucket.SUPPRESSED)  # while it rang, somebody put one of their numbers on a list
    return step


def _counted(rows: Sequence[attempts.AttemptRow]) -> list[attempts.AttemptRow]:
    """The ends that count for what follows. Who was rung in vain again and again was rung: the first few times are free."""
    counted, rung_in_vain = [], 0
    for row in rows:
        if row.disposition is None or row.is_excused:
            continue
        rung_in_vain += _is_in_vain(row)
        is_free = rung_in_vain <= _FREE_RINGS or not _is_in_vain(row)
        counted.append(row if is_free else replace(row, disposition=Disposition.NO_ANSWER))
    return counted


def _is_in_vain(end: attempts.AttemptRow | AttemptResult) -> bool:
    """The phone may have rung, and we were gone before anybody took the call."""
    return end.disposition is Disposition.CANCELLED and end.reason == CUT_SHORT


def _numbers(tx: Tx, subject: Subject, past: Sequence[attempts.AttemptRow]) -> list[Number]:
    """The contact's numbers with their tries."""
    campaign = subject.campaign.campaign
    numbers = contacts.get(tx, subject.contact.contact_id).contact.numbers
    ends = [(row.phone, row.disposition) for row in past if row.disposition is not None]
    counts = Counter(phone for phone, end in ends if end not in NOT_TRIED and not end.is_blocked)
    closed = {row.phone for row in past if redial.closes(campaign, row.disposition, row.outcome)}
    return [Number(phone, counts[phone], phone in closed) for phone in numbers]


def _into_window(tx: Tx, parts: Parts, subject: Subject, step: redial.Again, now: datetime) -> datetime:
    """Move the next dial to the first instant that the gates allow, so that ``plan`` and ``status`` tell the truth.

    Where another time of day is wanted, that is the first one that stays in its part of the day; else the soonest of all.
    """
    subject = replace(subject, phone=step.phone or subject.phone)
    facts = replace(gates.facts_of(tx, parts, subject), is_callback=step.is_callback, reserve=_NOTHING)

    def allowed(not_before: datetime) -> tuple[datetime, str]:
        decision = permit(replace(facts, not_before=not_before), now, Stage.SCHEDULE)
        return decision.next_allowed_at or max(not_before, now), next(iter(decision.zones), "")

    soonest, zone = allowed(step.not_before)
    if step.has_other_time and zone:
        tried = [row.dialed_at for row in attempts.of_call(tx, subject.call_id) if row.dialed_at is not None]
        for proposal in daytime.proposals(soonest, tried, zone):
            at, _ = allowed(proposal)
            if daytime.part_of(at, zone) is daytime.part_of(proposal, zone):
                return at
    return soonest


def suppress(tx: Tx, parts: Parts, subject: Subject, attempt_id: AttemptId, proof: Mapping[str, str], now: datetime) -> None:
    """The callee of this attempt asked never to be called again. ``proof``: reason, source and quote."""
    contact = contacts.get(tx, subject.contact.contact_id)
    opting_out.suppress(tx, parts, opting_out.Asked(contact, subject.phone, subject.campaign.name, attempt_id, proof), now)
