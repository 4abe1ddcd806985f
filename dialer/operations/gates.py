"""Ask all gates about one call, with facts read in the same transaction, and carry out what a refusal means for the call."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from dialer.compliance.opening import is_recorded_unsaid
from dialer.compliance.permit import Facts, permit, refusal_disposition
from dialer.compliance.rulebook import shipped_rulebook
from dialer.dialing import budget, prices
from dialer.model.call import Bucket
from dialer.model.decision import Decision, RuleVerdict, Stage, Verdict
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import AttemptId, CallId, CampaignId
from dialer.model.phone import PhoneNumber
from dialer.operations import brakes, legal_facts, outgoing
from dialer.operations.parts import Parts
from dialer.store import attempts, calls, campaigns, consents, contacts, database_clock, money, queue, records
from dialer.store.campaigns import CampaignRow
from dialer.store.contacts import ContactRow
from dialer.store.engine import PartFailed, Tx, apart
from dialer.store.queue import ClaimedCall
from dialer.telemetry import emit

NUMBER_BUSY = "number_busy"
UNJUDGED = "gate_failed"
"""Calls held with this code could not be judged; whoever arms or resumes the campaign has looked, and they are judged anew."""
_MANY = 5
"""Of fewer calls that cannot be judged nothing is said about the others."""
_BUSY_AGAIN = timedelta(minutes=5)
_MONEY_AGAIN = timedelta(seconds=30)
_CAPS_WINDOW = timedelta(days=61)
"""The longest look back of any frequency rule (60 days after a refusal), and a day for zones."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The call that the gates are asked about."""

    call_id: CallId
    fence: int
    contact: ContactRow
    campaign: CampaignRow
    caller_id: str
    is_callback: bool
    expires_at: datetime | None
    phone: PhoneNumber
    """Which of the contact's numbers it dials."""


def facts_of(tx: Tx, parts: Parts, subject: Subject) -> Facts:
    """Read everything that the gates judge: suppression, the history of the number over all campaigns, money.

    Campaign and contact are read again: a pause, a new end or a consent taken back since the claim bites at the dial.
    The reservation of a call is its worst case, by the version of the campaign that it will run; what the open attempts have
    reserved and what the other claims of the campaign may come to counts as spent.
    """
    fresh = replace(subject, contact=contacts.get(tx, subject.contact.contact_id))
    (facts,) = facts_of_many(tx, parts, [fresh], parts.clock.now())
    return facts


def facts_of_many(tx: Tx, parts: Parts, subjects: Sequence[Subject], now: datetime) -> Iterator[Facts]:
    """As ``facts_of``, for calls of one campaign and one version, in order, whose contacts were read in this transaction. What is
    the same for all of them is read once, and what is not in as many statements as for one.
    """
    campaign = subjects[0].campaign
    row = campaigns.get(tx, campaign.id)
    reserve = reserve_of(parts, campaign)
    account = money.account(tx, row.id, now)
    promised = account.reserved + reserve * max(0, queue.claimed(tx, row.id) - 1)
    same: dict[str, Any] = {
        "campaign": row.campaign,
        "status": row.status,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "spent": account.total + promised,
        "spent_today": account.today + promised,
        "reserve": reserve,
        "is_recorded": parts.settings.is_recorded,
        "is_recorded_unsaid": parts.settings.is_recorded and is_recorded_unsaid(campaign.campaign, shipped_rulebook()),
        "clock_skew_s": database_clock.skew_s(tx, parts.clock.lease_now()),
    }
    everybody = {phone for subject in subjects for phone in (subject.phone, *subject.contact.contact.numbers)}
    dials = attempts.of_numbers_since(tx, everybody, now - _CAPS_WINDOW)
    dialled = [(subject.contact.contact, subject.phone) for subject in subjects]
    for subject, legal in zip(subjects, legal_facts.of_numbers(tx, row.id, dialled, now), strict=True):
        yield _facts(subject, same | legal, dials)


def _facts(subject: Subject, told: Mapping[str, Any], dials: Mapping[PhoneNumber, Sequence[attempts.PastDial]]) -> Facts:
    contact = subject.contact.contact
    # Laws count the calls to a person: a dial of any of their numbers is one.
    mine = {subject.phone, *contact.numbers}
    history = sorted((past for phone in mine for past in dials.get(phone, ())), key=attrgetter("dialed_at"))
    return Facts(
        **told,
        phone=subject.phone,
        timezone=contact.timezone,
        consent=contact.consent,
        not_before=None if subject.is_callback else contact.not_before,
        expires_at=subject.expires_at,
        attempts_at=tuple(past.dialed_at for past in history),
        last_talk_at=_last(history, lambda past: past.disposition is Disposition.ANSWERED_HUMAN),
        last_refusal_at=_last(history, lambda past: past.outcome is Outcome.NOT_INTERESTED),
        last_abandoned_at=_last(history, lambda past: past.disposition is Disposition.ABANDONED),
        is_callback=subject.is_callback,
        caller_id=subject.caller_id,
    )


def reserve_of(parts: Parts, row: CampaignRow) -> Decimal:
    """The most that one call of this version of a campaign may cost."""
    return prices.worst_case(row.campaign, parts.settings.voice_model, parts.settings.carrier)


def places(tx: Tx, parts: Parts, row: CampaignRow, now: datetime) -> int | budget.Stop | None:
    """For how many more calls the campaign has money; None: no limit. ``Stop``: for none, also when all open ones are settled."""
    account, reserve = money.account(tx, row.id, now), reserve_of(parts, row)
    reserved = account.reserved + reserve * queue.claimed(tx, row.id)
    return budget.places(row.campaign.budget, account.total, account.today, reserved, reserve)


def _last(history: list[attempts.PastDial], is_it: Callable[[attempts.PastDial], bool]) -> datetime | None:
    return max((past.dialed_at for past in history if is_it(past)), default=None)


def ask(tx: Tx, parts: Parts, subject: Subject, stage: Stage, attempt_id: AttemptId | None = None) -> Decision:
    """Evaluate all gates now and store the decision with its reasons, whatever it is."""
    now = parts.clock.now()
    decision = permit(facts_of(tx, parts, subject), now, stage)
    if decision.is_allowed and stage is Stage.DIAL:
        for phone in dict.fromkeys((subject.phone, *subject.contact.contact.numbers)):
            consents.used(tx, phone, now)
    _save(tx, subject, decision, attempt_id)
    return decision


def ask_apart(tx: Tx, parts: Parts, subject: Subject, stage: Stage, attempt_id: AttemptId) -> Decision:
    """As ``ask``; facts that cannot be read or judged are a hold with its reason on record, and not an error."""
    try:
        with apart(tx):
            return ask(tx, parts, subject, stage, attempt_id)
    except PartFailed as failed:
        decision = _unjudged(parts, stage, failed)
        emit("call.unjudged", call_id=subject.call_id, error=str(failed))
        _save(tx, subject, decision, attempt_id)
        return decision


def hold_unjudged(tx: Tx, parts: Parts, call: ClaimedCall, failed: PartFailed) -> None:
    """Put a claimed call aside whose facts cannot be read or judged: nothing is known of it, so it is not dialled."""
    decision = _unjudged(parts, Stage.CLAIM, failed)
    records.save_decision(
        tx, decision, phone=call.phone, campaign_id=call.campaign_id, call_id=call.call_id, contact_id=call.contact_id
    )
    queue.hold(tx, call.call_id, call.fence, decision.code)
    emit("call.unjudged", call_id=call.call_id, error=str(failed))
    _stop_if_many(tx, parts, call.campaign_id, str(failed))


def hold_unprepared(tx: Tx, parts: Parts, subject: Subject, error: str) -> None:
    """Put a claimed call aside that cannot be prepared, such as one whose words lack a value: it would fail again and again."""
    why = RuleVerdict("SCRIPT", Verdict.HOLD, f"the call could not be prepared ({error})")
    _save(tx, subject, Decision(Verdict.HOLD, UNJUDGED, Stage.CLAIM, parts.clock.now(), (why,)), None)
    queue.hold(tx, subject.call_id, subject.fence, UNJUDGED)
    emit("call.unprepared", call_id=subject.call_id, error=error)
    _stop_if_many(tx, parts, subject.campaign.id, error)


def _stop_if_many(tx: Tx, parts: Parts, campaign_id: CampaignId, error: str) -> None:
    """A few rows of a file may be beyond us. Where it is as many as were dialled it is no single row: nobody must find a campaign
    at its end with its whole list held.
    """
    unjudged, tried = calls.held_and_tried(tx, campaign_id, UNJUDGED)
    if unjudged >= _MANY and unjudged >= tried:
        brakes.pause(tx, parts, campaign_id, f"facts: {unjudged} calls could not be judged ({error})", parts.clock.now())


def _unjudged(parts: Parts, stage: Stage, failed: PartFailed) -> Decision:
    why = RuleVerdict("FACTS", Verdict.HOLD, f"what the rules judge by could not be read ({failed})")
    return Decision(Verdict.HOLD, UNJUDGED, stage, parts.clock.now(), (why,))


def put_off_busy(tx: Tx, parts: Parts, subject: Subject, allowed: Decision, attempt_id: AttemptId) -> None:
    """The gates were open and the number is being called by another attempt: what is stored is that the call waits."""
    again_at = parts.clock.now() + _BUSY_AGAIN
    busy = RuleVerdict("ONCE-1", Verdict.WAIT, "another attempt to this number is open")
    decision = Decision(
        Verdict.WAIT, NUMBER_BUSY, allowed.stage, allowed.decided_at, (*allowed.rules, busy), allowed.zones, again_at
    )
    _save(tx, subject, decision, attempt_id)
    queue.release(tx, subject.call_id, subject.fence, again_at, NUMBER_BUSY)


def _save(tx: Tx, subject: Subject, decision: Decision, attempt_id: AttemptId | None) -> None:
    records.save_decision(
        tx,
        decision,
        phone=subject.phone,
        campaign_id=subject.campaign.id,
        call_id=subject.call_id,
        contact_id=subject.contact.contact_id,
        attempt_id=attempt_id,
    )


def put_away(tx: Tx, parts: Parts, subject: Subject, decision: Decision, now: datetime) -> None:
    """Give a refused claim back: wait for its time, hold it for a person, or finish it for good."""
    if decision.code == Disposition.BLOCKED_BUDGET:
        # Open calls may leave some of what is reserved for them; whether the campaign must stop is decided when claiming.
        queue.release(tx, subject.call_id, subject.fence, now + _MONEY_AGAIN, decision.code)
    elif decision.verdict is Verdict.WAIT:
        again_at = decision.next_allowed_at or now + timedelta(hours=1)
        queue.release(tx, subject.call_id, subject.fence, again_at, decision.code)
    elif decision.verdict is Verdict.HOLD:
        queue.hold(tx, subject.call_id, subject.fence, decision.code)
    else:
        disposition = refusal_disposition(decision)
        queue.finish(tx, subject.call_id, subject.fence, bucket_of(disposition), disposition, None, now)
        outgoing.calls_finished(tx, parts, [subject.call_id], now)


def bucket_of(disposition: Disposition) -> Bucket:
    """Where a call that was refused for good is counted."""
    if disposition is Disposition.BLOCKED_DNC:
        return Bucket.SUPPRESSED
    return Bucket.CANCELLED if disposition is Disposition.CANCELLED else Bucket.BLOCKED
