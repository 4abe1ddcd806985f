"""Runs one attempt: two cores decide, this driver waits, performs and reports.

``run_attempt`` owns all tasks of the attempt. Whatever ends it (a verdict, a cancellation, a bug), the leg and the model's
session are closed and the call is hung up before it returns.
"""

import asyncio
from collections import deque
from dataclasses import replace
from typing import Any, get_args

from dialer import errors
from dialer.call import events as call
from dialer.call.machine import CallMachine
from dialer.carriers.base import Carrier, PlacedCall
from dialer.conversation import events as talk
from dialer.conversation.stage import TalkPlan
from dialer.conversation.talk import Talk
from dialer.model.attempt import AttemptResult
from dialer.session.clips import ClipShelf
from dialer.session.event_codec import Ticked
from dialer.session.inbox import Inbox
from dialer.session.log import AttemptLog, Setup
from dialer.session.measures import Measures
from dialer.session.plan import AttemptPlan, Journal
from dialer.session.sides import Event, Sides, setup_of
from dialer.voice.base import VoiceModel

__all__ = ["AttemptPlan", "Journal", "run_attempt"]

_CALL_EVENTS = frozenset(get_args(call.CallEvent))
_VOICE_COMMANDS = get_args(talk.VoiceCommand)


async def run_attempt(
    plan: AttemptPlan,
    carrier: Carrier,
    voice: VoiceModel,
    journal: Journal,
    stop: asyncio.Event,
    log: AttemptLog | None = None,
    clips: ClipShelf | None = None,
) -> AttemptResult:
    """Run one attempt to its one disposition. ``stop`` set: end politely now. ``log``, when given, receives all events;
    ``clips`` are the fixed sentences that lie ready as sound, shared by the calls of a process.

    Raises what the journal raises, and our own bugs; the call is hung up by then.
    """
    inbox: Inbox[Event] = Inbox()
    sides = Sides(carrier, voice, journal, inbox.post, clips)
    try:
        async with asyncio.TaskGroup() as group:
            attempt = _Attempt(plan, sides, inbox, group, log or AttemptLog())
            sides.start(group, sides.write_on())
            sides.start(group, _await_stop(stop, inbox))
            finish = await attempt.drive()
            await sides.finish()
    except ExceptionGroup as many:
        raise many.exceptions[0] from many
    finally:
        inbox.close()
        await sides.clean_up()
    attempt.measures.usage += sides.clips.usage
    return attempt.measures.result(finish, attempt.talk, asyncio.get_running_loop().time())


async def _await_stop(stop: asyncio.Event, inbox: Inbox[Event]) -> None:
    await stop.wait()
    inbox.post(call.CancelAsked("shutdown"))


class _Attempt:
    """The driver of both cores."""

    def __init__(self, plan: AttemptPlan, sides: Sides, inbox: Inbox[Event], group: asyncio.TaskGroup, log: AttemptLog) -> None:
        self._plan = plan
        self._sides = sides
        self._inbox = inbox
        self._group = group
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._machine = CallMachine(ring_s=plan.order.ring_s, call_s=plan.order.call_s)
        talk_plan = TalkPlan(plan.script, plan.script.rendered_at, self._loop.time(), plan.may_leave_message)
        self.talk = Talk(talk_plan)
        log.begin(Setup(plan.order.ring_s, plan.order.call_s, talk_plan))
        self.measures = Measures()

    async def drive(self) -> call.Finish:
        """Feed both cores until the call machine is done."""
        self._inbox.post(call.Began())
        commands: deque[Any] = deque()
        while True:
            commands += await self._next()
            while commands:
                command = commands.popleft()
                if isinstance(command, call.Finish):
                    return command
                commands += await self._perform(command)

    async def _next(self) -> list[Any]:
        """The commands of the next event or timer."""
        # What has come goes before what is due; only who waits asks for deadlines.
        due = None if self._inbox else self._deadline()
        event = await self._inbox.take(due)
        if isinstance(event, talk.AgentAudio):
            return self._feed(self._burst(event))
        if event is not None:
            return self._feed(event)
        now = max(self._loop.time(), due or 0.0)
        return [*self._tick(self._machine, "call", now), *self._tick(self.talk, "talk", now)]

    def _burst(self, first: talk.AgentAudio) -> talk.AgentAudio:
        """The model speaks faster than it is heard: pieces of one item that have come together are one piece."""
        pieces = [first.mulaw]
        while isinstance(piece := self._inbox.follower(), talk.AgentAudio) and piece.item_id == first.item_id:
            pieces.append(piece.mulaw)
            self._inbox.drop()
        return replace(first, mulaw=b"".join(pieces))

    def _deadline(self) -> float | None:
        times = [at for at in (self._machine.deadline(), self.talk.deadline()) if at is not None]
        return min(times, default=None)

    def _feed(self, event: Event) -> list[Any]:
        now = self._loop.time()
        self._log.add(now, event)
        self.measures.note(event, now)
        core: Any = self._machine if type(event) in _CALL_EVENTS else self.talk
        return self._log.gave(core.feed(event, now))

    def _tick(self, core: CallMachine | Talk, name: str, now: float) -> list[Any]:
        due = core.deadline()
        if due is None or now < due:
            return []
        self._log.add(now, Ticked(name, due))
        return self._log.gave(core.tick(now))

    async def _perform(self, command: Any) -> list[Any]:
        """Do one command; what comes back at once is fed at once."""
        sides = self._sides
        match command:
            case talk.Play(_, mulaw) if sides.placed is not None:  # first, because it is nearly all of them
                await sides.attempt(sides.placed.leg.play(mulaw))
            case call.OpenModel():
                sides.start(self._group, sides.open_model(self._plan))
            case call.AskPermit():
                sides.start(self._group, sides.ask_permit())
            case call.Dial():
                sides.start(self._group, sides.dial(self._plan))
                sides.start(
                    self._group, sides.clips.fetch_if_kept("apology", self._plan.script.sentences.apology, setup_of(self._plan))
                )
            case call.PrepareOpening():
                if self._plan.campaign.voice.prewarm == "ring":
                    return self._feed(talk.OpeningAsked())
            case call.StartTalk():
                sides.write(sides.journal.answered())
                sides.start(self._group, sides.hear(lambda: self.talk.wants_tones))
                return self._feed(talk.CallAnswered())
            case call.WindUpTalk(reason):
                return self._feed(talk.EndAsked(reason))
            case call.StopTalk():
                return self._feed(talk.LegClosed("stopped", await sides.heard_ms()))
            case call.HangUp() if sides.placed is not None:
                await sides.attempt(sides.placed.hang_up())
            case call.CloseModel() if sides.session is not None:
                await sides.attempt(sides.session.close())
            case _:
                return await self._perform_talk(command)
        return []

    async def _perform_talk(self, command: Any) -> list[Any]:
        """Commands of the conversation."""
        sides = self._sides
        match command:
            case talk.RecordOptOut():
                await sides.commit_opt_out(command)
            case talk.RecordTurn(turn):
                sides.write(sides.journal.record_turn(turn))
            case talk.RecordToolCall(tool_call):
                sides.write(sides.journal.record_tool_call(tool_call))
            case talk.EndLog(item_id):
                self._log.end_before(item_id)
            case talk.ReopenVoice():
                sides.start(self._group, sides.reopen_model(self._plan))
            case talk.EndTalk(reason, answered_by, outcome, is_left):
                return self._feed(call.TalkEnded(answered_by, outcome, reason, is_left, self.talk.had_first_audio))
            case _ if isinstance(command, _VOICE_COMMANDS) and sides.session is not None:
                await sides.attempt(sides.session.send(command))
            case _ if sides.placed is not None:
                return await self._perform_leg(command, sides.placed)
        return []

    async def _perform_leg(self, command: Any, placed: PlacedCall) -> list[Any]:
        """Commands towards the callee."""
        match command:
            case talk.PlayClip(name):
                await self._sides.attempt(placed.leg.play(self._sides.clips.sounds[name]))
            case talk.Mark(name):
                await self._sides.attempt(placed.leg.mark(name))
            case talk.SendDigits(digits):
                await self._sides.attempt(placed.send_digits(digits))
            case talk.ClearPlayout():
                try:
                    return self._feed(talk.PlayoutCleared(await placed.leg.clear()))
                except errors.CarrierError:
                    return []
            case talk.Transfer(desk):
                self._sides.start(self._group, self._transfer(desk, placed))
        return []

    async def _transfer(self, desk: str, placed: PlacedCall) -> None:
        """Hand over, beside the talk: carriers take their time. The desk's announcement has been spoken by us."""
        target = self._plan.campaign.transfer[desk]
        summary = self._summary() if target.mode == "warm" else None
        if not await self._sides.attempt(placed.transfer(target.number, "", summary=summary)):
            self._inbox.post(talk.TransferFailed(desk))

    def _summary(self) -> str:
        """What the desk is told before it takes the call: for whom we call, what was answered, and why he wants somebody."""
        toolbox = self.talk.toolbox
        told = (f"{name.replace('_', ' ')}: {value}" for name, value in toolbox.answers.items())
        return ". ".join([self._plan.campaign.company, *told, *([toolbox.summary] if toolbox.summary else [])]) + "."
