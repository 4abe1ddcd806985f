"""The talk as a machine: what is heard and said goes in, what is to be done comes out.

Theory of operation
===================

``OpeningAsked`` lets the model speak the opening into a buffer while the phone rings; its words are checked against the rendered
text. ``CallAnswered`` lets the buffer be heard at once. From then on the parts of the talk each answer for one thing:

- ``gate``      never two responses at once; a response that does not start is asked for again
- ``speaker``   what the model generates, and whether the opening is the opening
- ``playout``   what is sent and heard (``ledger``), the agent's turns
- ``hearing``   the callee's speech, when we yield to it, guards over his words
- ``deeds``     tools and their results
- ``watch``     silence, machines, length: what happens by time alone
- ``closing``   last words, drained to the mark, a tail, the end
- ``resume``    one new session for one that was lost
- ``stage``     what they share, and the moves that each of them may make

The talk ends with exactly one ``EndTalk``, always the last command. When the leg goes first, it still waits a moment for the
callee's last words: "stop calling me" is often followed by the click.
"""

from collections.abc import Callable
from typing import Any

from dialer.conversation import events as e
from dialer.conversation.cards import mask_cards
from dialer.conversation.deeds import Deeds
from dialer.conversation.gate import Wish, stalled
from dialer.conversation.guards import forbidden_promise
from dialer.conversation.hearing import Hearing
from dialer.conversation.resume import Resume
from dialer.conversation.speaker import MISMATCH
from dialer.conversation.stage import APOLOGY, OPENING_CLIP, Mode, Stage, TalkPlan
from dialer.conversation.tools import Toolbox
from dialer.conversation.watch import Watch
from dialer.model.disposition import AnsweredBy
from dialer.model.voice_errors import Reaction, reaction

BACK_OFF_S = 2.0
"""Pause before the second request when a limit of the account is used up."""
ABANDONED_MS = 2000
OPT_OUT_KEY = "9"


class Talk:
    """One conversation. ``now`` is seconds on a monotonic clock."""

    def __init__(self, plan: TalkPlan) -> None:
        """``plan``: texts, times and policy of this call."""
        self._stage = Stage(plan)
        self._hearing = Hearing(self._stage)
        self._deeds = Deeds(self._stage)
        self._watch = Watch(self._stage, self._hearing)
        self._resume = Resume(self._stage, self._hearing, self._deeds)
        self._campaign = plan.texts.desk.campaign

    @property
    def done(self) -> bool:
        """``EndTalk`` has been given."""
        return self._stage.mode is Mode.DONE

    @property
    def wants_tones(self) -> bool:
        """A machine or a network may be on the line: the callee's audio should be searched for beeps and other tones."""
        stage = self._stage
        is_open = stage.mode in (Mode.TALK, Mode.BEEP, Mode.SCREENING) and stage.closing.is_open
        return is_open and not stage.votes.is_person

    @property
    def first_audio_ms(self) -> int | None:
        """From the answer to our first audio leaving for the carrier."""
        return self._stage.playout.first_audio_ms

    @property
    def had_first_audio(self) -> bool:
        """The callee got something from us within the two seconds after which a call counts as abandoned."""
        return self.first_audio_ms is not None and self.first_audio_ms <= ABANDONED_MS

    @property
    def toolbox(self) -> Toolbox:
        """What the tools have learnt: answers, a promised callback, a summary."""
        return self._stage.toolbox

    def deadline(self) -> float | None:
        """When ``tick`` is due; None when no timer runs."""
        if self.done:
            return None
        parts = (self._stage.voice.gate, self._watch, self._hearing, self._resume)
        times = [part.deadline() for part in parts]
        return min((at for at in times if at is not None), default=None)

    def tick(self, now: float) -> list[e.ConversationCommand]:
        """Let due timers fire; harmless before they are due."""
        if not self.done:
            gate = self._stage.voice.gate
            if gate.tick(now) is not None:
                self._fault("voice_silent", now)
            if response_id := stalled(gate, now):
                self._stage.out.append(e.CancelResponse(response_id))
                self._response_done(e.ResponseDone(response_id, "failed", "stalled"), now)
            if self._resume.is_due(now):
                self._fault("voice_lost", now)
            self._hearing.tick(now)
            self._watch.tick(now)
            self._watch.look(now)
        return self._commands(now)

    def feed(self, event: e.ConversationEvent, now: float) -> list[e.ConversationCommand]:
        """Take one event. After the end everything is late and changes nothing."""
        if not self.done:
            _HANDLERS[type(event)](self, event, now)
            if not self.done:
                self._watch.look(now)
        return self._commands(now)

    def _commands(self, now: float) -> list[e.ConversationCommand]:
        stage = self._stage
        if stage.mode is Mode.SETTLING and not stage.votes.words:
            stage.end(stage.closing.reason or "callee_hung_up", now)
        commands = [*stage.out]
        stage.out.clear()
        return commands

    def _fault(self, reason: str, now: float) -> None:
        """The model cannot go on: apologise from the clip, or through a model that may still be able to, and end."""
        stage = self._stage
        stage.voice.is_reopening = False
        if stage.mode is Mode.BEFORE:
            stage.end(reason, now)
        elif stage.mode is Mode.SETTLING:
            stage.end(stage.closing.reason or "callee_hung_up", now)
        elif reason == "voice_silent" and stage.closing.is_open and APOLOGY not in stage.playout.clips:
            stage.close(reason, stage.plan.texts.sentences.apology, now)
        else:
            stage.close_without_model(reason, now)

    def _lost(self, now: float) -> None:
        """The session is gone. One that was lost for a reason of the account's is not worth another."""
        if not self._stage.voice.is_reopening and not self._resume.lost(now):
            self._fault("voice_lost", now)

    def _response_done(self, event: e.ResponseDone, now: float) -> None:
        asked = reaction(event.code, event.reason)
        pause_s = BACK_OFF_S if asked is Reaction.BACK_OFF else 0.0
        is_retryable = asked not in (Reaction.STOP_CAMPAIGN, Reaction.SESSION_OVER)
        failed = self._stage.voice.response_done(event, now, is_retryable=is_retryable, pause_s=pause_s)
        if isinstance(failed, Wish):
            self._failed(asked, event.code, now)
        elif failed:
            self._fault(failed, now)
        else:
            self._deeds.response_done(event, now)

    def _failed(self, asked: Reaction, code: str, now: float) -> None:
        """A request failed for good."""
        if asked is Reaction.SESSION_OVER:
            self._lost(now)
        elif asked is Reaction.STOP_CAMPAIGN:
            self._fault(f"voice_refused:{code}", now)
        else:
            self._fault("voice_limited" if asked is Reaction.BACK_OFF else "voice_silent", now)

    def _transcript(self, event: e.AgentTranscript, now: float) -> None:
        self._deeds.last_words = event.text
        if mask_cards(event.text) != event.text:
            self._stage.out.append(e.EndLog(event.item_id))
        if not self._stage.voice.transcript(event, now):
            self._fault(MISMATCH, now)
        else:
            self._watch.agent_said(event, now)
            _check_promise(self, event.item_id, now)


def _not_reopened(talk: Talk, _: e.ReopenFailed, now: float) -> None:
    if talk._stage.voice.is_reopening:
        talk._fault("voice_lost", now)


def _answered(talk: Talk, _: e.CallAnswered, now: float) -> None:
    stage = talk._stage
    if stage.mode is not Mode.BEFORE:
        return
    stage.enter(Mode.TALK, now)
    if stage.voice.gate.is_idle and not stage.playout.waiting():
        stage.give_opening(now)
    stage.playout.answered_at = now
    stage.voice.release(now)


def _words(talk: Talk, event: e.AgentWords, now: float) -> None:
    talk._stage.voice.words(event, now)
    _check_promise(talk, event.item_id, now)


def _check_promise(talk: Talk, item_id: str, now: float) -> None:
    """What the campaign forbids must not be heard; the words of a burst are known before most of it has sounded."""
    stage = talk._stage
    rule = talk._campaign.guards
    spoken = stage.playout.items.get(item_id)
    if spoken is None or spoken.is_dead or spoken.is_checked:
        return
    phrase = forbidden_promise(spoken.words, rule.forbidden)
    if not phrase:
        return
    spoken.is_checked = True
    stage.guard("forbidden", phrase, now)
    if rule.then == "end" and stage.mode is Mode.TALK:
        stage.voice.interrupt()
        stage.close("forbidden_promise", stage.plan.texts.sentences.correction, now)


def _speech_started(talk: Talk, event: e.SpeechStarted, now: float) -> None:
    talk._watch.callee_spoke()
    talk._hearing.speech_started(event, now)


def _opening_asked(talk: Talk, _: e.OpeningAsked, now: float) -> None:
    if talk._stage.mode is Mode.BEFORE and talk._stage.voice.gate.is_idle:
        talk._stage.voice.say_opening(now)


def _digit(talk: Talk, event: e.DigitPressed, now: float) -> None:
    talk._stage.votes.has_speech = True
    if event.digit == OPT_OUT_KEY:
        talk._stage.opted_out("keypad", OPT_OUT_KEY, now)


def _machine(talk: Talk, event: e.MachineReported, now: float) -> None:
    if event.is_beep:
        talk._stage.machines.beep_at = now
    if talk._stage.votes.carrier_says(event.answered_by, is_beep=event.is_beep):
        talk._stage.machines.reported(event.answered_by, now)


def _end_asked(talk: Talk, event: e.EndAsked, now: float) -> None:
    stage = talk._stage
    if stage.mode is Mode.BEFORE:
        stage.end(event.reason, now)
    elif stage.closing.is_open:
        stage.close(event.reason, stage.plan.texts.sentences.goodbye, now)


def _beep(talk: Talk, _: e.BeepHeard, now: float) -> None:
    stage = talk._stage
    stage.machines.beep_at = now
    if stage.mode is Mode.BEEP:
        stage.machines.leave_message(now)
    else:
        stage.machines.reported(AnsweredBy.VOICEMAIL, now)


def _refused(talk: Talk, event: e.VoiceRefused, now: float) -> None:
    """An error of the service. One about our request for a response names it; the others that matter are the session's."""
    asked = reaction(event.code, event.kind, event.message)
    gate = talk._stage.voice.gate
    if asked is Reaction.WAIT_FOR_TURN:
        if gate.lost_race(now) is not None:
            talk._fault("voice_silent", now)
    elif asked is Reaction.STOP_CAMPAIGN:
        talk._fault(f"voice_refused:{event.code or event.kind}", now)
    elif asked is Reaction.SESSION_OVER:
        talk._lost(now)
    elif asked is not Reaction.IGNORE and event.event_id.startswith("create-"):
        pause_s = BACK_OFF_S if asked is Reaction.BACK_OFF else 0.0
        if gate.refused(now, is_retryable=True, pause_s=pause_s) is not None:
            talk._failed(asked, event.code, now)


def _tone(talk: Talk, event: e.ToneHeard, now: float) -> None:
    """Networks and machines; tones mean nothing any more when a person has been talking."""
    stage = talk._stage
    match event.tone:
        case e.Tone.FAX:
            stage.machines.reported(AnsweredBy.FAX, now)
        case e.Tone.RINGBACK:
            talk._watch.line_rings()
        case e.Tone.BUSY if stage.votes.is_person or stage.votes.turns_with_words:
            # He has put the phone down, and his exchange tells us so.
            if stage.closing.is_open:
                stage.close("callee_hung_up", "", now)
        case e.Tone.BUSY:
            stage.machines.nobody("busy_tone", now)
        case _:
            stage.machines.nobody(event.tone.value, now)


def _clip(talk: Talk, event: e.ClipReady, _: float) -> None:
    if event.name != OPENING_CLIP or talk._campaign.voice.prewarm == "clip":
        talk._stage.playout.clips[event.name] = event


def _leg_closed(talk: Talk, event: e.LegClosed, now: float) -> None:
    """Close the books, but wait for words that are still on their way."""
    stage = talk._stage
    if stage.mode is Mode.SETTLING:
        return
    if stage.closing.desk and stage.closing.reason == "transferred":
        stage.toolbox.transferred()
    stage.playout.leg_closed(now, event.heard_ms)
    stage.voice.gate.drop()
    stage.enter(Mode.SETTLING, now)


def _ignored(_: Talk, __: e.ConversationEvent, ___: float) -> None:
    """Events that the talk has no use for: the shell has used them, or they are echoes of our own requests."""


_HANDLERS: dict[type, Callable[[Talk, Any, float], None]] = {
    e.SessionCreated: _ignored,
    e.SessionUpdated: _ignored,
    e.ItemTruncated: _ignored,
    e.RateLimited: _ignored,
    e.LegAudio: _ignored,
    e.ResponseStarted: lambda talk, event, now: talk._stage.voice.started(event, now),
    e.AgentAudio: lambda talk, event, now: talk._stage.voice.audio(event, now),
    e.AgentAudioDone: lambda talk, event, now: talk._stage.voice.audio_done(event, now),
    e.AgentWords: _words,
    e.AgentTranscript: Talk._transcript,
    e.ToolCalled: lambda talk, event, now: talk._deeds.called(event, now),
    e.ResponseDone: Talk._response_done,
    e.SpeechStarted: _speech_started,
    e.SpeechStopped: lambda talk, event, now: talk._hearing.speech_stopped(event, now),
    e.SpeechCommitted: lambda talk, event, now: talk._hearing.committed(event, now),
    e.CalleeWords: lambda talk, event, now: talk._hearing.words(event, now),
    e.CalleeWordsFailed: lambda talk, event, _: talk._hearing.words_failed(event),
    e.VoiceRefused: _refused,
    e.VoiceLost: lambda talk, _, now: talk._lost(now),
    e.VoiceReopened: lambda talk, _, now: talk._resume.reopened(now),
    e.ReopenFailed: _not_reopened,
    e.ClipReady: _clip,
    e.ToneHeard: _tone,
    e.MarkPlayed: lambda talk, event, now: talk._stage.playout.mark_played(event.name, now),
    e.DigitPressed: _digit,
    e.MachineReported: _machine,
    e.LegClosed: _leg_closed,
    e.OpeningAsked: _opening_asked,
    e.CallAnswered: _answered,
    e.PlayoutCleared: lambda talk, event, now: talk._stage.playout.cleared(event.heard_ms, now),
    e.BeepHeard: _beep,
    e.EndAsked: _end_asked,
    e.TransferFailed: lambda talk, _, now: talk._watch.transfer_failed(now),
}
