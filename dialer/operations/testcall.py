"""One marked call to one's own phone, with the words that a contact of the campaign would hear.

It is carried out by this process, with the real carrier and the real voice model, and is kept apart: it has a table of its own
and no row among the calls and attempts, so no count, bucket, cap, budget, lead or report of the campaign knows of it. What it
costs is on record with it. The gates that protect anybody (the do-not-call list, the kind of number, the number shown, the
recording notice) are asked like before any dial, the carrier account's pace is kept, and whoever asks in it not to be called
again is on the list like any other callee.
"""

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from dialer.call.events import Permitted
from dialer.compliance.facts import Facts
from dialer.compliance.opening import is_recorded_unsaid
from dialer.compliance.permit import permit, reason_text
from dialer.compliance.rulebook import shipped_rulebook
from dialer.compliance.zones import candidate_zones
from dialer.conversation.events import RecordOptOut
from dialer.conversation.guards import first_opt_out
from dialer.conversation.instructions import Personalised, personalise
from dialer.dialing import caller_id, pacing, prices
from dialer.errors import PolicyRefusal, UserError, VoiceError
from dialer.model.attempt import AttemptResult, DialOrder
from dialer.model.decision import Decision, Stage
from dialer.model.disposition import Disposition, Outcome
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.model.transcript import Speaker, ToolCall, Transcript, Turn
from dialer.operations import dispatch, folders, gates, lookup, numbers, opting_out, shared_time
from dialer.operations.parts import Lines, Parts
from dialer.session.attempt import AttemptPlan, run_attempt
from dialer.store import attempts, contacts, database_clock, records, starts, suppression, testcalls
from dialer.store.campaigns import CampaignRow
from dialer.store.contacts import ContactRow
from dialer.store.engine import Tx
from dialer.store.testcalls import KnownTestCall, NewTestCall

T = TypeVar("T")
Tell = Callable[[str, str], None]
"""Told how it goes: what happened (dialling, answered, agent, callee, tool), and the number or the words."""
_LOOK_S = 0.2
_MARGIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A test call that may be made as far as can be told before. ``at_most``: what it may cost."""

    id: AttemptId
    campaign: CampaignRow
    contact: ContactRow
    phone: PhoneNumber
    from_number: PhoneNumber
    at_most: Decimal

    def tester(self) -> ContactRow:
        """Who is called: nobody of the list, whoever's words are said. His wishes are about his own number alone."""
        return replace(self.contact, contact=replace(self.contact.contact, phone=self.phone, other_phones=()))

    def intent(self, instructions_hash: str, carrier: str) -> NewTestCall:
        """What is put on record before the dial."""
        return NewTestCall(
            id=self.id,
            campaign_id=self.campaign.id,
            script_version_id=self.campaign.version_id,
            instructions_hash=instructions_hash,
            row=self.contact.contact.row,
            phone=self.phone,
            from_number=self.from_number,
            carrier=carrier,
            cost=self.at_most,
        )


def prepare(parts: Parts, name: str, to: str, row: int, region: str = "US") -> Wanted:
    """What would be dialled. Raises ``UserError`` for a bad number or row, ``PolicyRefusal`` when a gate refuses."""
    shared_time.catch_up(parts)
    campaign, phone, now = folders.stored(parts, name), lookup.read_phone(to, region), parts.clock.now()
    with parts.store.write() as tx:
        contact = contacts.of_row(tx, campaign.id, row)
        if contact is None:
            raise UserError(f"{campaign.name} has no contact of row {row}", code="no_row", hint=f"dialer plan {campaign.name}")
        shown = caller_id.choose_among(campaign.campaign, phone, numbers.standings(tx, parts, now))
        if shown is None:
            raise PolicyRefusal(f"none of the caller IDs of {campaign.name} may be shown now: dialer numbers list")
        at_most = gates.reserve_of(parts, campaign)
        wanted = Wanted(AttemptId(uuid.uuid4().hex), campaign, contact, phone, shown, at_most)
        decision = _ask(tx, parts, wanted)
    _require(decision)
    return wanted


def make(parts: Parts, wanted: Wanted, tell: Tell, is_asked_to_end: Callable[[], bool]) -> KnownTestCall:
    """Make the call and return what is on record of it.

    Raises ``PolicyRefusal`` when a gate has closed meanwhile, and the error of a line that did not come up.
    """
    with asyncio.Runner(loop_factory=parts.clock.new_event_loop) as runner:
        return runner.run(_make(parts, wanted, tell, is_asked_to_end))


def made(parts: Parts, name: str) -> list[KnownTestCall]:
    """The test calls of a campaign, the oldest first."""
    campaign = folders.stored(parts, name)
    with parts.store.read() as tx:
        return testcalls.of_campaign(tx, campaign.id)


async def _make(parts: Parts, wanted: Wanted, tell: Tell, is_asked_to_end: Callable[[], bool]) -> KnownTestCall:
    stop = asyncio.Event()
    with ThreadPoolExecutor(1, thread_name_prefix="testcall-db") as database:
        lines = await parts.open_lines()
        watch = asyncio.create_task(_pass_on(is_asked_to_end, stop))
        try:
            journal = OwnJournal(parts, wanted, lines.carrier.name, tell, database)
            plan = _plan_of(parts, wanted)
            journal.instructions_hash = plan.script.text_hash
            return await _carry_out(lines, plan, journal, stop)
        finally:
            watch.cancel()
            await lines.close()


async def _carry_out(lines: Lines, plan: AttemptPlan, journal: "OwnJournal", stop: asyncio.Event) -> KnownTestCall:
    try:
        result = await run_attempt(plan, lines.carrier, lines.voice, journal, stop, clips=lines.clips)
    except BaseException:
        # Nothing but the worst is known of it then; the carrier's own limits end the call.
        await journal.close(AttemptResult(Disposition.UNKNOWN, reason="broken_off"))
        raise
    known = await journal.close(result)
    if known is None:
        raise VoiceError(f"nobody was dialled: {result.disposition.value} ({result.reason})", retryable=False)
    return known


async def _pass_on(is_asked_to_end: Callable[[], bool], stop: asyncio.Event) -> None:
    while not stop.is_set():
        await asyncio.sleep(_LOOK_S)
        if is_asked_to_end():
            stop.set()


def _plan_of(parts: Parts, wanted: Wanted) -> AttemptPlan:
    campaign = wanted.campaign.campaign
    order = DialOrder(wanted.id, wanted.phone, wanted.from_number, campaign.limits.ring_s, campaign.limits.call_s)
    return AttemptPlan(order, campaign, _script_of(parts, wanted), default_model=parts.settings.voice_model)


def _script_of(parts: Parts, wanted: Wanted) -> Personalised:
    """As it is for the contact of the row, in his own zone."""
    contact, campaign = wanted.contact.contact, wanted.campaign.campaign
    zones = candidate_zones(contact.phone, contact.timezone, is_marketing=campaign.kind.is_marketing)
    return personalise(campaign, contact, parts.clock.now(), contact.timezone or next(iter(zones.names), "UTC"))


def _ask(tx: Tx, parts: Parts, wanted: Wanted) -> Decision:
    """Ask the gates and store what they say."""
    now, campaign = parts.clock.now(), wanted.campaign.campaign
    facts = Facts(
        campaign=campaign,
        phone=wanted.phone,
        is_suppressed=bool(suppression.suppressed(tx, [wanted.phone], wanted.campaign.id)),
        status=wanted.campaign.status,
        reserve=wanted.at_most,
        is_recorded_unsaid=parts.settings.is_recorded and is_recorded_unsaid(campaign, shipped_rulebook()),
        caller_id=wanted.from_number,
        clock_skew_s=database_clock.skew_s(tx, parts.clock.lease_now()),
    )
    decision = permit(facts, now, Stage.TEST)
    records.save_decision(tx, decision, campaign_id=wanted.campaign.id, phone=wanted.phone, attempt_id=wanted.id)
    return decision


def _require(decision: Decision) -> None:
    if not decision.is_allowed:
        raise PolicyRefusal(reason_text(decision))


class OwnJournal:
    """Where the steps of a test call are committed: in its own table and in no other."""

    def __init__(self, parts: Parts, wanted: Wanted, carrier: str, tell: Tell, database: ThreadPoolExecutor) -> None:
        self.instructions_hash = ""
        self._parts = parts
        self._wanted = wanted
        self._carrier = carrier
        self._tell = tell
        self._database = database
        self._is_begun = False
        self._turns: dict[int, Turn] = {}
        self._deeds: dict[str, ToolCall] = {}

    async def permit(self) -> Permitted:
        """Wait for the account's pace, ask the gates at this instant, put the dial on record. Raises ``PolicyRefusal``."""
        wait = await self._step(self._begin)
        while wait:
            await asyncio.sleep(wait.total_seconds())
            wait = await self._step(self._begin)
        self._tell("dialling", f"{self._wanted.phone} from {self._wanted.from_number}")
        return Permitted()

    async def placed(self, carrier_call_id: str) -> None:
        """The carrier confirmed the dial."""
        await self._step(self._write, testcalls.placed, carrier_call_id)

    async def answered(self) -> None:
        """Somebody or something answered."""
        await self._step(self._write, testcalls.answered, self._parts.clock.now())
        self._tell("answered", "")

    async def record_turn(self, turn: Turn) -> None:
        """A turn as heard so far; the same seq again replaces it."""
        before, self._turns[turn.seq] = self._turns.get(turn.seq), turn
        await self._step(self._write, testcalls.said, self._words())
        if before is None or before.text != turn.text:
            self._tell(turn.speaker.value, turn.text)

    async def record_tool_call(self, tool_call: ToolCall) -> None:
        """A tool call and our answer to it."""
        self._deeds.setdefault(tool_call.call_id, tool_call)
        await self._step(self._write, testcalls.said, self._words())
        self._tell("tool", tool_call.name)

    async def record_opt_out(self, command: RecordOptOut) -> None:
        """Suppress the number before the conversation goes on."""
        await self._step(self._opt_out, command.layer, command.quote)

    async def close(self, result: AttemptResult) -> KnownTestCall | None:
        """Put the end on record. None: it never came to the dial, and nothing is on record."""
        return await self._step(self._close, result)

    async def _step(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, function, *arguments)

    def _begin(self) -> timedelta:
        """Zero: the dial is on record and may be made; else how long to wait for the pace."""
        parts, wanted = self._parts, self._wanted
        limits = dispatch.account_rates(parts, wanted.from_number)
        refusal: Decision | None = None
        with parts.store.write() as tx:
            last, now = starts.locked(tx, limits), parts.clock.now()
            waits = (pacing.next_start(last.get(key), cps, now) - now for key, cps in limits.items())
            wait = max(waits, default=timedelta(0))
            if wait:
                return wait
            self._require_free(tx)
            decision = _ask(tx, parts, wanted)
            if decision.is_allowed:
                starts.take(tx, limits, now, {})
                testcalls.begin(tx, wanted.intent(self.instructions_hash, self._carrier), now)
                self._is_begun = True
            else:
                refusal = decision
        if refusal is not None:
            _require(refusal)
        return timedelta(0)

    def _require_free(self, tx: Tx) -> None:
        """No phone is rung by two calls at once."""
        phone, limits = self._wanted.phone, self._wanted.campaign.campaign.limits
        longest = timedelta(seconds=limits.ring_s + limits.call_s) + _MARGIN
        if attempts.is_open_to(tx, phone) or testcalls.open_to(tx, phone, self._parts.clock.now() - longest):
            raise PolicyRefusal(f"another call to {phone} is in progress")

    def _words(self) -> Transcript:
        return Transcript(tuple(self._turns[seq] for seq in sorted(self._turns)), tuple(self._deeds.values()))

    def _write(self, step: Callable[..., None], *arguments: object) -> None:
        with self._parts.store.write() as tx:
            step(tx, self._wanted.id, *arguments)

    def _opt_out(self, source: str, quote: str) -> None:
        wanted = self._wanted
        proof = {"reason": "opt_out", "source": source, "quote": quote}
        asked = opting_out.Asked(wanted.tester(), wanted.phone, wanted.campaign.name, wanted.id, proof)
        with self._parts.store.write() as tx:
            opting_out.suppress(tx, self._parts, asked, self._parts.clock.now())

    def _close(self, result: AttemptResult) -> KnownTestCall | None:
        if not self._is_begun:
            return None
        settings = self._parts.settings
        spoken = (settings.voice_model, result.talk_s, settings.carrier, settings.transcription_model)
        is_known = result.disposition is not Disposition.UNKNOWN
        cost = prices.cost(result.usage, *spoken) if is_known else self._wanted.at_most
        quote = first_opt_out(turn.text for turn in self._turns.values() if turn.speaker is Speaker.CALLEE)
        if quote or result.outcome is Outcome.DO_NOT_CALL:
            self._opt_out("sweep", quote or "")
        with self._parts.store.write() as tx:
            testcalls.end(tx, self._wanted.id, result, cost, self._parts.clock.now())
            return testcalls.known(tx, self._wanted.id)
