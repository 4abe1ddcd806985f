"""One attempt from its claim to its committed end: the session does the talking, the journal below commits each step."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from dialer.call.events import Permitted, Refused
from dialer.compliance.permit import refusal_disposition
from dialer.compliance.zones import candidate_zones
from dialer.conversation.events import RecordOptOut
from dialer.conversation.instructions import Personalised, personalise
from dialer.errors import StoreError
from dialer.model.attempt import AttemptResult, DialOrder
from dialer.model.campaign import Redial
from dialer.model.decision import Stage
from dialer.model.disposition import Disposition
from dialer.model.template import TemplateError
from dialer.model.transcript import ToolCall, Turn
from dialer.operations import brakes, dispatch, gates, later_prices, outgoing, replay, wrap_up
from dialer.operations.dispatch import Pace, Work
from dialer.operations.parts import Lines, Parts
from dialer.operations.start import LEAST_WAIT, DialInTime, Start, Steps
from dialer.session.attempt import AttemptPlan, run_attempt
from dialer.session.log import AttemptLog
from dialer.store import attempts, leases, queue, records
from dialer.telemetry import emit

_LONGEST_WAIT = timedelta(seconds=5)
"""The rate may be changed meanwhile."""
_PREPARED_S = 120.0
_CLOSED_S = 120.0
_BAD_DATA = (ValueError, LookupError, TypeError, ArithmeticError)
"""What values of one contact bring about while its words are put together: it would be the same at every try."""
"""An attempt that outlives the limits of its own machine by this much is stuck: it is ended and left to the rescue."""


async def carry_out(parts: Parts, lines: Lines, work: Work, pace: Pace, steps: Steps, stop: asyncio.Event) -> None:
    """Run one attempt and commit its end. The supervisor of a call: an error of ours leaves it to the rescue, never to chance."""
    emit("attempt.started", attempt_id=work.attempt_id, campaign=work.subject.campaign.name, phone=work.phone)
    log = AttemptLog()
    try:
        journal = DatabaseJournal(parts, work, pace, steps, lines.carrier.name)
        try:
            plan = plan_of(parts, work)
        except (TemplateError, *_BAD_DATA) as error:
            await steps(_put_aside, parts, work, error)
            return
        journal.instructions_hash = plan.script.text_hash
        async with asyncio.timeout(_PREPARED_S + plan.order.ring_s + plan.order.call_s + _CLOSED_S):
            carrier = DialInTime(lines.carrier, journal.start)
            result = await run_attempt(plan, carrier, lines.voice, journal, stop, log, lines.clips)
        await steps(journal.close, result)
        await steps(later_prices.expect, parts, lines.carrier, work.attempt_id)
    except Exception as error:  # noqa: BLE001  # the supervisor of a call: see its docstring
        emit("attempt.failed", attempt_id=work.attempt_id, error=f"{type(error).__name__}: {error}")
        await _give_up(parts, work, steps)
    finally:
        pace.gone(work)
    await steps(replay.keep, parts, work.attempt_id, log)


async def _give_up(parts: Parts, work: Work, steps: Steps) -> None:
    """Leave the attempt to the rescue now; if not even that can be written, the lane's next renewal sees to it."""
    try:
        await steps(_let_go, parts, work)
    except StoreError as error:
        emit("attempt.failed", attempt_id=work.attempt_id, error=str(error))


def plan_of(parts: Parts, work: Work) -> AttemptPlan:
    """Everything that the session needs, rendered for this contact."""
    campaign = work.subject.campaign.campaign
    order = DialOrder(work.attempt_id, work.phone, work.from_number, campaign.limits.ring_s, campaign.limits.call_s)
    return AttemptPlan(
        order=order,
        campaign=campaign,
        script=script_of(parts, work),
        default_model=parts.settings.voice_model,
        is_last_attempt=work.number >= campaign.redial.get(Disposition.VOICEMAIL, Redial()).attempts,
    )


def script_of(parts: Parts, work: Work) -> Personalised:
    """The opening, instructions and tools of this attempt, in the contact's own zone and language."""
    contact = work.subject.contact.contact
    campaign = work.subject.campaign.campaign
    zones = candidate_zones(work.phone, contact.timezone, is_marketing=campaign.kind.is_marketing)
    return personalise(campaign, contact, parts.clock.now(), contact.timezone or zones.names[0])


def _put_aside(parts: Parts, work: Work, error: Exception) -> None:
    """Hold a call that cannot be prepared. The error's own words may quote the contact: of them only the variable is told."""
    name = getattr(error, "name", "")
    with parts.store.write() as tx:
        gates.hold_unprepared(tx, parts, work.subject, type(error).__name__ + (f": {{{name}}}" if name else ""))


def _let_go(parts: Parts, work: Work) -> None:
    """Give up the lease at once: a lane that goes on renewing it would keep the call from its rescue."""
    with parts.store.write() as tx:
        leases.let_go(tx, work.subject.call_id, work.subject.fence, parts.clock.lease_now())


class DatabaseJournal:
    """Commits the steps of one attempt, each in its own short transaction."""

    def __init__(self, parts: Parts, work: Work, pace: Pace, steps: Steps, carrier: str) -> None:
        self._parts = parts
        self._work = work
        self._pace = pace
        self._steps = steps
        self._carrier = carrier
        self._is_begun = False
        self._is_put_away = False
        self.start = Start(parts, work, steps)
        self.instructions_hash = ""

    async def permit(self) -> Permitted | Refused:
        """Wait for the pace, then in one transaction take the start, ask all gates at this instant, and commit the intent."""
        async with self._pace.turn(self._work):
            answer: Permitted | Refused | timedelta = await self._steps(self._permit)
            while isinstance(answer, timedelta):
                await asyncio.sleep(answer.total_seconds())
                answer = await self._steps(self._permit)
        return answer

    def _permit(self) -> Permitted | Refused | timedelta:
        """The answer of the gates, or how long to wait for the pace before they are asked."""
        with self._parts.store.read() as tx:
            wait = dispatch.wait(tx, self._parts, self._work, is_start=False)
        if wait > LEAST_WAIT:
            return min(wait, _LONGEST_WAIT)
        subject = self._work.subject
        self.start.prepare()
        try:
            with self._parts.store.write() as tx:
                wait = self.start.wait(tx)
                if wait:
                    return wait
                now = self._parts.clock.now()
                slowed = brakes.in_force(tx, subject.campaign.id, now)
                if slowed is not None:
                    queue.release(tx, subject.call_id, subject.fence, slowed.until, "slowed")
                    self._is_put_away = True
                    return Refused(Disposition.CANCELLED, "slowed")
                decision = gates.ask_apart(tx, self._parts, subject, Stage.DIAL, self._work.attempt_id)
                if decision.is_allowed:
                    reserved = gates.reserve_of(self._parts, subject.campaign)
                    attempts.begin(tx, replace(self._new(), reserved=reserved), now)
                    self.start.take(tx, now, decision.start_until)
                    self._is_begun = True
                    return Permitted()
                disposition = refusal_disposition(decision)
                attempts.record_refused(tx, self._new(), disposition, decision.code, now)
                outgoing.attempt_ended(tx, self._parts, self._work.attempt_id, subject.contact, now)
                gates.put_away(tx, self._parts, subject, decision, now)
                self._is_put_away = True
                return Refused(disposition, decision.code)
        except attempts.LostClaim:
            with self._parts.store.read() as tx:
                self._is_begun = attempts.is_intent(tx, self._work.attempt_id, subject.fence)
            if self._is_begun:
                return Permitted()  # committed before, with the database's answer lost
            self._is_put_away = True
            return Refused(Disposition.CANCELLED, "lost_claim")
        except attempts.NumberBusy:
            with self._parts.store.write() as tx:
                gates.put_off_busy(tx, self._parts, subject, decision, self._work.attempt_id)
            self._is_put_away = True
            return Refused(Disposition.CANCELLED, gates.NUMBER_BUSY)

    async def placed(self, carrier_call_id: str) -> None:
        """The carrier confirmed the dial."""
        await self._steps(self._stepped, attempts.placed, carrier_call_id, self._parts.clock.now())

    async def answered(self) -> None:
        """Somebody or something answered."""
        await self._steps(self._stepped, attempts.answered, self._parts.clock.now())

    async def record_turn(self, turn: Turn) -> None:
        """A turn as heard so far; the same seq again replaces it."""
        await self._steps(self._keep, records.save_turn, turn)

    async def record_tool_call(self, tool_call: ToolCall) -> None:
        """A tool call and our answer to it."""
        await self._steps(self._keep, records.save_tool_call, tool_call)

    async def record_opt_out(self, command: RecordOptOut) -> None:
        """Suppress the number and empty its queues before the conversation goes on."""
        await self._steps(self._opt_out, command)

    def close(self, result: AttemptResult) -> None:
        """Commit the end: what the gates or a lost claim settled already stays as it is."""
        work, subject = self._work, self._work.subject
        if self._is_put_away:
            return
        if not self._is_begun:
            self._close_undialled(result)
        elif result.disposition is Disposition.UNKNOWN:
            with self._parts.store.write() as tx:
                attempts.lost(tx, work.attempt_id, subject.fence, result.reason)
                settle_at = self._parts.clock.lease_now() + timedelta(seconds=self._parts.settings.settle_s)
                leases.let_go(tx, subject.call_id, subject.fence, settle_at)
        else:
            wrap_up.finish(self._parts, subject, work.attempt_id, subject.fence, result, was_dialled=self.start.is_dialled)

    def _close_undialled(self, result: AttemptResult) -> None:
        """The model did not come up, or the attempt was broken off before the gates were asked."""
        subject, now = self._work.subject, self._parts.clock.now()
        try:
            with self._parts.store.write() as tx:
                excused = result.is_excused
                attempts.record_refused(tx, self._new(), result.disposition, result.reason, now, is_excused=excused)
                outgoing.attempt_ended(tx, self._parts, self._work.attempt_id, subject.contact, now)
                wrap_up.follow(tx, self._parts, subject, self._work.attempt_id, result, now, was_dialled=False)
        except attempts.LostClaim:
            return
        wrap_up.tell(self._work.attempt_id, result)

    def _new(self) -> attempts.NewAttempt:
        subject = self._work.subject
        return attempts.NewAttempt(
            attempt_id=self._work.attempt_id,
            call_id=subject.call_id,
            fence=subject.fence,
            owner=self._work.owner,
            lease_until=self._parts.clock.lease_now() + timedelta(seconds=self._parts.settings.lease_s),
            phone=self._work.phone,
            from_number=self._work.from_number,
            script_version_id=subject.campaign.version_id,
            carrier=self._carrier,
            instructions_hash=self.instructions_hash,
        )

    def _stepped(self, step: Callable[..., bool], *arguments: object) -> None:
        with self._parts.store.write() as tx:
            if not step(tx, self._work.attempt_id, self._work.subject.fence, *arguments):
                raise StoreError("another worker has taken this attempt over", code="lost_claim", retryable=False)

    def _keep(self, save: Callable[..., object], value: object) -> None:
        with self._parts.store.write() as tx:
            save(tx, self._work.attempt_id, value)

    def _opt_out(self, command: RecordOptOut) -> None:
        with self._parts.store.write() as tx:
            now = self._parts.clock.now()
            proof = {"reason": "opt_out", "source": command.layer, "quote": command.quote}
            wrap_up.suppress(tx, self._parts, self._work.subject, self._work.attempt_id, proof, now)
