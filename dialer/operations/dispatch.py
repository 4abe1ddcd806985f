"""Take due calls from the queue, ask the gates, and hand on what may be dialled."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from dialer.config import Settings
from dialer.dialing import caller_id, pacing
from dialer.dialing.budget import Stop
from dialer.model.call import CampaignStatus
from dialer.model.decision import Stage
from dialer.model.ids import AttemptId, CampaignId
from dialer.model.phone import PhoneNumber
from dialer.operations import brakes, gates, numbers
from dialer.operations.gates import Subject
from dialer.operations.parts import Parts
from dialer.store import callers, campaigns, contacts, queue, starts
from dialer.store.campaigns import CampaignRow
from dialer.store.engine import PartFailed, Tx, apart

_CARRIER_CPS = 1.0
"""What carriers give an account that has not asked for more."""
_AHEAD = timedelta(seconds=2)
"""Claim no more than can be started within so many seconds: what is claimed and not dialled may miss its window."""

_CALLER_AGAIN = timedelta(seconds=5)
_NUMBER_AGAIN = timedelta(minutes=15)
"""Every caller ID rests, is used up for today, or may not be shown."""
"""Calls of other caller IDs have their turn meanwhile."""


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed call whose gates were open a moment ago, with the id of the attempt to come."""

    attempt_id: AttemptId
    subject: Subject
    phone: PhoneNumber
    from_number: PhoneNumber
    owner: str
    number: int
    """The ordinal of this attempt for its call, from 1."""
    turn: str
    """Calls of one turn wait for each other in a lane: those of a campaign, or where caller IDs have rates those of one."""


class Pace:
    """The calls of this lane that wait for their start: one at a time of each turn asks the database for it."""

    def __init__(self, lanes: int) -> None:
        """``lanes``: how many share the rates now."""
        self._lanes = lanes
        self._waiting: dict[CampaignId, set[AttemptId]] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    def share(self, lanes: int) -> None:
        """So many lanes share the rates from now on."""
        self._lanes = lanes

    def room(self, row: CampaignRow, open_calls: int, most_cps: float | None = None) -> int:
        """How many more calls of this campaign may be claimed now: those that can start soon, at ``most_cps`` at most."""
        own = row.campaign.pacing
        soon = ceil(min(own.cps, most_cps or own.cps) / self._lanes * _AHEAD.total_seconds())
        return max(0, min(own.concurrency - open_calls, soon - len(self._waiting.get(row.id, ()))))

    def claimed(self, work: Work) -> None:
        """One more call waits for its start."""
        self._waiting.setdefault(work.subject.campaign.id, set()).add(work.attempt_id)

    def gone(self, work: Work) -> None:
        """This call waits no more: it has started, or was given back."""
        self._waiting.get(work.subject.campaign.id, set()).discard(work.attempt_id)

    def is_waiting(self, work: Work) -> bool:
        """It has not started yet."""
        return work.attempt_id in self._waiting.get(work.subject.campaign.id, ())

    @asynccontextmanager
    async def turn(self, work: Work) -> AsyncIterator[None]:
        """While the block lasts this call is the next one of its turn in this lane."""
        async with self._turns.setdefault(work.turn, asyncio.Lock()):
            yield
        self.gone(work)


def rates(parts: Parts, row: CampaignRow, from_number: PhoneNumber) -> dict[str, float]:
    """The rates that a start from ``from_number`` must keep, by what they limit."""
    found = {starts.of_campaign(row.id): row.campaign.pacing.cps, **account_rates(parts, from_number)}
    if row.campaign.pacing.caller_cps:
        found[starts.of_caller(from_number, row.id)] = row.campaign.pacing.caller_cps
    return found


def account_rates(parts: Parts, from_number: PhoneNumber) -> dict[str, float]:
    """The rates of the carrier account and of one caller ID, whatever is called for whichever campaign."""
    settings, account_cps = parts.settings, carrier_cps(parts.settings)
    found = {} if account_cps is None else {f"carrier:{settings.carrier}": account_cps}
    if settings.caller_cps:
        found[starts.of_caller(from_number)] = settings.caller_cps
    return found


def carrier_cps(settings: Settings) -> float | None:
    """Call starts per second of the carrier account; None: no limit."""
    return settings.carrier_cps or (None if settings.carrier == "simulated" else _CARRIER_CPS)


def _most_cps(parts: Parts, row: CampaignRow) -> float | None:
    """The most starts per second that carrier account and caller IDs leave a campaign; None: no limit."""
    settings, own = parts.settings, row.campaign.pacing
    each = min((cps for cps in (settings.caller_cps, own.caller_cps) if cps), default=None)
    limits = (carrier_cps(settings), None if each is None else each * len(row.campaign.caller_ids))
    return min((cps for cps in limits if cps is not None), default=None)


def wait(tx: Tx, parts: Parts, work: Work, *, is_start: bool) -> timedelta:
    """How long this call must wait for its start, by the rates in force now. Zero: it may start.

    With ``is_start`` nobody else can start meanwhile: follow it by ``started`` in the same transaction.
    """
    row = campaigns.get(tx, work.subject.campaign.id)
    limits = rates(parts, row, work.from_number)
    last = starts.locked(tx, limits) if is_start else starts.last(tx, limits)
    now = parts.clock.now()  # read behind the lock: who waited for it must not start in the past
    return max(pacing.next_start(last.get(key), cps, now) - now for key, cps in limits.items())


def started(tx: Tx, parts: Parts, work: Work, now: datetime) -> None:
    """This call starts now: no other one of its campaign, carrier account and caller ID does so too soon after it."""
    row = campaigns.get(tx, work.subject.campaign.id)
    limits = rates(parts, row, work.from_number)
    starts.take(tx, limits, now, {key: now + pacing.gap(cps) - _AHEAD for key, cps in limits.items()})


def claim(parts: Parts, owner: str, free: int, pace: Pace) -> list[Work]:
    """Claim up to ``free`` due calls in one statement; those that a gate refuses go back with the reason stored.

    A look comes first: an idle lane takes no write lock.
    """
    now = parts.clock.now()
    with parts.store.read() as tx:
        due_at = queue.next_due_at(tx, now)
    if due_at is None or due_at > now:
        return []
    until = parts.clock.lease_now() + timedelta(seconds=parts.settings.lease_s)
    with parts.store.write() as tx:
        queue.lock_claims(tx)
        open_calls = queue.open_by_campaign(tx)
        rows = {row.id: row for row in campaigns.listed(tx) if _may_claim(tx, row, now)}
        places = caller_id.Places(parts.settings.caller_calls or None, callers.shown(tx))
        room = {row.id: _room(pace, places, row, open_calls.get(row.id, 0), _most_cps(parts, row)) for row in rows.values()}
        room = {row_id: _affordable(tx, parts, rows[row_id], most, now) for row_id, most in room.items() if most > 0}
        free = min(free, parts.settings.voice_calls - sum(open_calls.values()))
        taken = queue.claim(tx, owner, free, now, until, room, open_calls)
        own = numbers.standings(tx, parts, now, [call.call_id for call in taken]) if taken else {}
        work: list[Work] = []
        for call in taken:
            found = _admit_apart(tx, parts, call, rows[call.campaign_id], owner, places, own)
            if found is not None:
                work.append(found)
                own = caller_id.once_more(own, found.from_number)
        callers.show(tx, {found.subject.call_id: found.from_number for found in work})
    for found in work:
        pace.claimed(found)
    return work


def _may_claim(tx: Tx, row: CampaignRow, now: datetime) -> bool:
    """It is armed, nothing slows it, and its next start is not far."""
    if row.status is not CampaignStatus.ARMED or brakes.in_force(tx, row.id, now) is not None:
        return False
    claim_at = starts.claim_at(tx, row.id)
    return claim_at is None or claim_at <= now


def _room(pace: Pace, shown: caller_id.Places, row: CampaignRow, open_calls: int, most_cps: float | None) -> int:
    """How many more calls of this campaign may be claimed now, by its own limits and those of its caller IDs."""
    places, left = pace.room(row, open_calls, most_cps), shown.left(row.id, row.campaign)
    return places if left is None else min(places, left)


def _affordable(tx: Tx, parts: Parts, row: CampaignRow, places: int, now: datetime) -> int:
    """As many of ``places`` as there is money for. A campaign that has calls to make and no money for any stops here."""
    if not queue.has_due(tx, row.id, now):
        return 0
    paid = gates.places(tx, parts, row, now)
    if isinstance(paid, Stop):
        brakes.out_of_money(tx, parts, row, paid, now)
        return 0
    return places if paid is None else min(places, paid)


def _admit_apart(
    tx: Tx,
    parts: Parts,
    call: queue.ClaimedCall,
    row: CampaignRow,
    owner: str,
    shown: caller_id.Places,
    own: Mapping[str, caller_id.Standing],
) -> Work | None:
    """One call of the batch. Whatever cannot be read or judged of it holds it, with the reason, and none of the others."""
    try:
        with apart(tx):
            return _admit(tx, parts, call, row, owner, shown, own)
    except PartFailed as failed:
        gates.hold_unjudged(tx, parts, call, failed)
        return None


def _admit(
    tx: Tx,
    parts: Parts,
    call: queue.ClaimedCall,
    row: CampaignRow,
    owner: str,
    shown: caller_id.Places,
    own: Mapping[str, caller_id.Standing],
) -> Work | None:
    contact, now = contacts.get(tx, call.contact_id), parts.clock.now()
    if call.phone not in contact.contact.numbers:
        # A later import took this number away from the contact.
        queue.release(tx, call.call_id, call.fence, now, "number_changed", phone=contact.contact.phone)
        return None
    from_number = caller_id.choose_among(row.campaign, call.phone, own)
    if from_number is None:
        queue.release(tx, call.call_id, call.fence, now + _NUMBER_AGAIN, "no_caller_id")
        return None
    subject = Subject(call.call_id, call.fence, contact, row, from_number, call.is_callback, call.expires_at, call.phone)
    decision = gates.ask(tx, parts, subject, Stage.CLAIM)
    if not decision.is_allowed:
        gates.put_away(tx, parts, subject, decision, now)
        return None
    if not shown.take(row.id, row.campaign, from_number):
        queue.release(tx, call.call_id, call.fence, now + _CALLER_AGAIN, "caller_busy")
        return None
    is_by_caller = parts.settings.caller_cps or row.campaign.pacing.caller_cps
    turn = starts.of_caller(from_number, row.id) if is_by_caller else starts.of_campaign(row.id)
    return Work(AttemptId(uuid.uuid4().hex), subject, call.phone, from_number, owner, call.attempts_made + 1, turn)


def is_all_done(parts: Parts) -> bool:
    """No armed campaign has a call that is queued, claimed or in progress."""
    with parts.store.read() as tx:
        return not queue.open_by_campaign(tx) and queue.next_due_at(tx, parts.clock.now()) is None
