"""What comes after an attempt: another one, or the bucket in which the call ends.

Order of judgement: what can never be redialled (unknown, refused, cancelled, an invalid number), then our own
failures, then what a person said, then the campaign's ``[redial.<disposition>]``. Delays are added to instants in
UTC: a day is 24 hours. The gates are asked again at every further attempt, so nothing here needs to know about hours
or caps.

A contact may have several numbers. Where nobody could be reached on one, the next one is tried soon after; when each has had
its try, the rule's delay passes and a new round begins. ``attempts`` counts for each number. A number that is closed (invalid,
or a person said that it is the wrong one) is never tried again. What a person said or did on one number is not undone on
another: who declined the call, or heard our message, is called again on the same number or not at all.

Every sequence ends: no call has more than ``MOST_ATTEMPTS`` attempts that count, nor more failures than the failure
rule allows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dialer.dialing.numbers import Number, following
from dialer.model.call import Bucket
from dialer.model.campaign import Campaign, OutcomeRule, Redial
from dialer.model.disposition import Disposition, Outcome
from dialer.model.phone import PhoneNumber

MOST_ATTEMPTS = 10
"""The end of every sequence, callbacks included (the most that ``[redial]`` can ask for)."""
DEFAULT_DELAY = timedelta(hours=24)
"""Before a further attempt when the campaign names no delay, and before a callback without a time."""
AFTER_ABANDONED = timedelta(hours=72)
"""Least delay after we stayed silent to somebody who answered (FREQ-3; Ofcom's 72 hours)."""
FAILURES = frozenset({Disposition.CARRIER_FAILED, Disposition.VOICE_FAILED})
"""Our side failed: such an attempt does not use up one of the contact's."""
FAILURE_RULE = Redial(attempts=3, delays=(timedelta(minutes=10),))
"""Two more tries after a failure of ours, ten minutes apart, unless the campaign says otherwise."""

MOVES_ON = frozenset({Disposition.NO_ANSWER, Disposition.BUSY, Disposition.VOICEMAIL, Disposition.IVR, Disposition.FAX})
"""Nobody was reached on this number: another one may do better."""

_NO_TALLY: Mapping[Disposition, int] = {}
_ENDS = {
    Disposition.UNKNOWN: Bucket.UNSETTLED,
    Disposition.CANCELLED: Bucket.CANCELLED,
    Disposition.INVALID_NUMBER: Bucket.NOT_REACHED,
    Disposition.BLOCKED_DNC: Bucket.SUPPRESSED,
}


@dataclass(frozen=True, slots=True)
class Again:
    """Queue the call again. ``is_callback``: the contact asked for it. ``phone``: at another number than before.

    ``has_other_time``: rather in another part of the day. ``is_for_number``: the number just dialled is not for anybody.
    """

    not_before: datetime
    is_callback: bool = False
    phone: PhoneNumber | None = None
    has_other_time: bool = False
    is_for_number: bool = False


@dataclass(frozen=True, slots=True)
class Final:
    """The call is over. ``is_for_number``: no other call of this campaign to the same number should be made either."""

    bucket: Bucket
    is_for_number: bool = False


def next_step(
    campaign: Campaign,
    disposition: Disposition,
    outcome: Outcome | None,
    attempts_made: int,
    now: datetime,
    *,
    callback_at: datetime | None = None,
    attempts_by_disposition: Mapping[Disposition, int] = _NO_TALLY,
    was_callback: bool = False,
    numbers: Sequence[Number] = (),
    phone: PhoneNumber | None = None,
) -> Again | Final:
    """Decide what follows an attempt that has just ended.

    ``attempts_made`` counts all attempts of this call, this one included; ``attempts_by_disposition`` says how they
    ended, so that our own failures are left out of the contact's count. ``was_callback``: this attempt was a callback
    that the contact asked for, which the next one stays when our side failed. ``numbers`` are all of the contact's and
    ``phone`` the one just dialled, its tries including this one; without them the contact has one. ``now`` is aware UTC.
    """
    if disposition.is_blocked and disposition not in _ENDS:
        return Final(Bucket.BLOCKED)
    others = [number for number in numbers if number.phone != phone]
    if disposition is Disposition.INVALID_NUMBER:
        return _elsewhere(campaign, disposition, others, attempts_made, now) or Final(_ENDS[disposition], is_for_number=True)
    if disposition in _ENDS:
        return Final(_ENDS[disposition])
    failures = sum(attempts_by_disposition.get(kind, 0) for kind in FAILURES)
    if disposition in FAILURES:
        rule = campaign.redial.get(disposition, FAILURE_RULE)
        step = _again(rule, max(failures, 1) if attempts_by_disposition else attempts_made, now)
        return Again(step.not_before, was_callback) if isinstance(step, Again) else step
    counted = attempts_made - failures
    if disposition is Disposition.ANSWERED_HUMAN:
        return _after_talk(campaign, outcome, counted, now, callback_at, others)
    rule = campaign.redial.get(disposition, Redial())
    if counted >= MOST_ATTEMPTS:
        return Final(Bucket.NOT_REACHED)
    here = next((number for number in numbers if number.phone == phone), None)
    if here is None or not others:
        step = _again(rule, counted, now)
    elif disposition in MOVES_ON:
        step = _round(rule, here, numbers, now)
    else:
        step = _again(rule, here.tries, now)
    if disposition is Disposition.ABANDONED and isinstance(step, Again):
        return Again(max(step.not_before, now + AFTER_ABANDONED))
    return step


def unanswered(campaign: Campaign, attempts_made: int, numbers: int = 1) -> tuple[timedelta, ...]:
    """How long after each further dial the next one falls due while nobody answers any of so many numbers: one delay for each
    redial that is still to come after the next dial. For a forecast: the rounds are taken as even.
    """
    delays: list[timedelta] = []
    made, start = attempts_made + 1, datetime.min.replace(tzinfo=UTC)
    while True:
        tries = [made // numbers + (place < made % numbers) for place in range(numbers)]
        known = [Number(PhoneNumber(str(place)), count) for place, count in enumerate(tries)]
        here = known[(made - 1) % numbers].phone
        step = next_step(campaign, Disposition.NO_ANSWER, None, made, start, numbers=known, phone=here)
        if isinstance(step, Final):
            return tuple(delays)
        delays.append(step.not_before - start)
        made += 1


def closes(campaign: Campaign, disposition: Disposition | None, outcome: Outcome | None) -> bool:
    """Whether an attempt that ended so closes its number for the call."""
    return disposition is Disposition.INVALID_NUMBER or _is_for_number(_rule_of(campaign, outcome), outcome)


def _rule_of(campaign: Campaign, outcome: Outcome | None) -> OutcomeRule | None:
    return campaign.outcomes.get(outcome) if outcome is not None else None


def _is_for_number(rule: OutcomeRule | None, outcome: Outcome | None) -> bool:
    return outcome is Outcome.DO_NOT_CALL or (rule is not None and rule.final_for_number)


def _after_talk(
    campaign: Campaign,
    outcome: Outcome | None,
    counted: int,
    now: datetime,
    callback_at: datetime | None,
    others: Sequence[Number],
) -> Again | Final:
    """A human was reached. What they asked for goes before the campaign's flags; ``do_not_call`` goes before
    everything.
    """
    rule = _rule_of(campaign, outcome)
    if _is_for_number(rule, outcome):
        is_open = outcome is not Outcome.DO_NOT_CALL and rule is not None and not rule.final_for_contact
        other = _elsewhere(campaign, Disposition.ANSWERED_HUMAN, others, counted, now) if is_open else None
        return other or Final(Bucket.REACHED, is_for_number=True)
    if counted >= MOST_ATTEMPTS:
        return Final(Bucket.REACHED)
    if callback_at is not None:
        return Again(max(callback_at, now), is_callback=True)
    if outcome is Outcome.CALLBACK:
        return Again(now + DEFAULT_DELAY, is_callback=True)
    if rule is None or rule.final_for_contact:
        return Final(Bucket.REACHED)
    step = _again(campaign.redial.get(Disposition.ANSWERED_HUMAN, Redial()), counted, now)
    return step if isinstance(step, Again) else Final(Bucket.REACHED)


def _again(rule: Redial, counted: int, now: datetime) -> Again | Final:
    """One more attempt while the rule has any left, after the delay of its place in the list (the last one repeats)."""
    if counted >= min(rule.attempts, MOST_ATTEMPTS):
        return Final(Bucket.NOT_REACHED)
    return Again(now + _delay(rule, counted), has_other_time=rule.other_time)


def _delay(rule: Redial, counted: int) -> timedelta:
    delays = rule.delays or (DEFAULT_DELAY,)
    return delays[min(max(counted, 1), len(delays)) - 1]


def _round(rule: Redial, here: Number, numbers: Sequence[Number], now: datetime) -> Again | Final:
    """The next number of this round; when each has had its turn, a new round after the rule's delay."""
    number = following(numbers)
    if number is None or number.tries >= min(rule.attempts, MOST_ATTEMPTS):
        return Final(Bucket.NOT_REACHED)
    phone = number.phone if number.phone != here.phone else None
    if phone is not None and number.tries < here.tries:
        return Again(now + rule.next_number, phone=phone)
    return Again(now + _delay(rule, here.tries), phone=phone, has_other_time=rule.other_time)


def _elsewhere(campaign: Campaign, disposition: Disposition, others: Sequence[Number], made: int, now: datetime) -> Again | None:
    """The number just dialled is closed: go on with one that has tries left, soon if it has not been tried yet."""
    number = following(others)
    rules = [campaign.redial.get(kind, Redial()) for kind in sorted(MOVES_ON)]
    rule = max(rules, key=lambda one: one.attempts)
    if number is None or made >= MOST_ATTEMPTS or number.tries >= rule.attempts:
        return None
    soon = campaign.redial.get(disposition, Redial()).next_number
    delay = _delay(rule, number.tries) if number.tries else soon
    return Again(now + delay, phone=number.phone, is_for_number=True)
