"""The three sides of an attempt (carrier, voice model, journal) and the tasks that listen to them.

Each foreign failure becomes an event; nothing here decides anything. Audio does not pass through the decisions: frames of the
callee go straight to the model, and to the detector of tones only while a machine may be on the line.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from dialer import errors
from dialer.audio import tone_events as tones
from dialer.audio.framing import FRAME_BYTES, silence
from dialer.audio.network_tones import SitKind
from dialer.audio.tone_watch import ToneWatch
from dialer.call import events as call
from dialer.carriers.base import Carrier, DialRefused, PlacedCall
from dialer.conversation import events as talk
from dialer.model.attempt import EndCause, Ending, Retry
from dialer.model.voice_errors import Reaction, reaction
from dialer.session.clips import CallClips, ClipShelf
from dialer.session.plan import AttemptPlan, Journal
from dialer.voice.base import SessionSetup, VoiceModel, VoiceSession

CLEANUP_S = 5.0
FLUSH = silence(800)
"""Silence after the leg is gone: the model's VAD closes the callee's last turn by it, and it is transcribed."""
LISTEN_BYTES = 5 * FRAME_BYTES
"""Tones are listened for in pieces of 100 ms: that costs a third less than frame by frame, and no signal is that urgent."""
OPT_OUT_TRIES = 3
Event = call.CallEvent | talk.ConversationEvent
_WRONG_NUMBER = (SitKind.INTERCEPT, SitKind.VACANT)


def heard(tone: tones.ToneEvent) -> talk.ConversationEvent:
    """A tone on the line in the conversation's words."""
    match tone:
        case tones.BeepEnded():
            return talk.BeepHeard()
        case tones.SitHeard(kind):
            return talk.ToneHeard(talk.Tone.NO_SUCH_NUMBER if kind in _WRONG_NUMBER else talk.Tone.NETWORK_FAILED)
        case tones.FaxHeard():
            return talk.ToneHeard(talk.Tone.FAX)
        case tones.BusyHeard():
            return talk.ToneHeard(talk.Tone.BUSY)
        case tones.RingbackHeard():
            return talk.ToneHeard(talk.Tone.RINGBACK)
    return talk.DigitPressed(tone.digit)


def setup_of(plan: AttemptPlan) -> SessionSetup:
    """What must be in force in every session of this attempt."""
    language = plan.script.language.partition("-")[0]
    model = plan.campaign.voice.model or plan.default_model
    return SessionSetup(plan.script.instructions, plan.script.tools, plan.script.voice, model, language)


class Sides:
    """The connections of one attempt. ``post`` receives every event."""

    def __init__(
        self, carrier: Carrier, voice: VoiceModel, journal: Journal, post: Callable[[Event], None], clips: ClipShelf | None = None
    ) -> None:
        self.journal = journal
        self.clips = CallClips(clips, voice, post)
        self.session: VoiceSession | None = None
        self.placed: PlacedCall | None = None
        self._carrier = carrier
        self._voice = voice
        self._post = post
        self._writes: asyncio.Queue[Coroutine[Any, Any, None]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, group: asyncio.TaskGroup, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside the cores until the attempt is over."""
        self._tasks.append(group.create_task(work))

    async def open_model(self, plan: AttemptPlan) -> None:
        """Open and verify the model's session, then listen to it. Its clip first, where the campaign opens with one."""
        try:
            if plan.campaign.voice.prewarm == "clip":
                await self.clips.fetch("opening", plan.script.opening, setup_of(plan))
            session = self.session = await self._voice.open(setup_of(plan))
        except errors.VoiceError as error:
            asked = Reaction.STOP_CAMPAIGN if error.fatal_for_campaign else reaction(error.code)
            is_limit = asked is Reaction.BACK_OFF or error.code == "http_429"
            self._post(call.ModelFailed(error.code or str(error), asked is Reaction.STOP_CAMPAIGN, is_limit))
            return
        self._post(call.ModelReady())
        await self._listen(session)

    async def reopen_model(self, plan: AttemptPlan) -> None:
        """Another session for one that was lost, with the same settings, compared again."""
        lost, self.session = self.session, None
        if lost is not None:
            await self.attempt(lost.close())
        try:
            session = await self._voice.open(setup_of(plan))
        except errors.VoiceError as error:
            self._post(talk.ReopenFailed(error.code or str(error)))
            return
        self.session = session
        self._post(talk.VoiceReopened())
        await self._listen(session)

    async def _listen(self, session: VoiceSession) -> None:
        """What a session says, as long as it is the one in use."""
        async for event in session.events():
            if session is self.session:
                self._post(event)

    async def ask_permit(self) -> None:
        """Ask the gates and commit the intent."""
        self._post(await self.journal.permit())

    async def dial(self, plan: AttemptPlan) -> None:
        """Place the call, then listen to its progress."""
        try:
            self.placed = await self._carrier.place(plan.order)
        except errors.PlaceLost as error:
            self._post(call.PlaceLost(error.code or "place_lost"))
            return
        except DialRefused as error:
            self._post(call.LegEnded(error.ending))
            return
        except errors.CarrierError as error:
            cause = EndCause.CARRIER_FAULT if error.retryable else EndCause.CONFIGURATION
            self._post(call.LegEnded(Ending(cause, error.code or str(error), ruled=Retry.CARRIER_FAULT)))
            return
        await self.journal.placed(self.placed.carrier_call_id)
        self._post(call.Placed())
        async for event in self.placed.events():
            self._post(event)

    async def hear(self, wants_tones: Callable[[], bool]) -> None:
        """Listen to the leg until it closes; the callee's audio goes to the model. Fifty times a second: nothing more in it."""
        assert self.placed is not None
        watch, unheard = ToneWatch(), bytearray()
        async for event in self.placed.leg.events():
            if isinstance(event, talk.LegAudio):
                if (session := self.session) is not None:
                    await session.append(event.mulaw)
                unheard += event.mulaw
                if len(unheard) >= LISTEN_BYTES:
                    if wants_tones():
                        for tone in watch.feed(bytes(unheard)):
                            self._post(heard(tone))
                    unheard.clear()
            elif isinstance(event, talk.LegClosed):
                self._post(talk.LegClosed(event.reason, await self.heard_ms()))
                if self.session is not None:
                    await self.session.append(FLUSH)
            else:
                self._post(event)

    async def heard_ms(self) -> int | None:
        """All of our audio that was played, where the carrier knows it exactly."""
        if self.placed is None or not self._carrier.capabilities.has_exact_heard:
            return None
        try:
            return await self.placed.leg.clear()
        except errors.CarrierError:
            return None

    async def attempt(self, work: Awaitable[object]) -> bool:
        """Await ``work``; False when the other side refused: its own listener tells what came of it."""
        try:
            await work
        except (errors.CarrierError, errors.VoiceError):
            return False
        return True

    def write(self, work: Coroutine[Any, Any, None]) -> None:
        """Commit in the background, in order."""
        self._writes.put_nowait(work)

    async def write_on(self) -> None:
        """The background writer."""
        while True:
            await (await self._writes.get())
            self._writes.task_done()

    async def commit_opt_out(self, command: talk.RecordOptOut) -> None:
        """Suppress the number now; a database that hiccups is asked again before the attempt is given up with an error."""
        for left in reversed(range(OPT_OUT_TRIES)):
            try:
                await self.journal.record_opt_out(command)
                return
            except errors.StoreError as error:
                if left == 0 or not error.retryable:
                    raise
                await asyncio.sleep(1)

    async def finish(self) -> None:
        """Let the writer end its work, then end all tasks."""
        await self._writes.join()
        for task in self._tasks:
            task.cancel()

    async def clean_up(self) -> None:
        """Whatever happened: no open line, no open session, no forgotten work."""
        async with asyncio.timeout(CLEANUP_S):
            if self.placed is not None:
                await self.attempt(self.placed.leg.close())
                await self.attempt(self.placed.hang_up())
            if self.session is not None:
                await self.attempt(self.session.close())
            while not self._writes.empty():
                self._writes.get_nowait().close()
