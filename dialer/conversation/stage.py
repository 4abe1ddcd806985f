"""What the parts of a talk share, and the moves that all of them may make: end it, yield to an opt-out, find a machine."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from dialer.conversation.answered_by import Votes
from dialer.conversation.cards import mask_cards
from dialer.conversation.closing import Closing, Phase
from dialer.conversation.events import (
    AddNote,
    ConversationCommand,
    EndTalk,
    RecordOptOut,
    RecordToolCall,
    SendDigits,
    Transfer,
)
from dialer.conversation.gate import Wish
from dialer.conversation.instructions import Personalised
from dialer.conversation.playout import Playout
from dialer.conversation.speaker import AgentVoice
from dialer.conversation.tools import Scene, Toolbox
from dialer.conversation.turns import TurnBook
from dialer.model.disposition import AnsweredBy, Outcome
from dialer.model.transcript import ToolCall

MESSAGE = "voicemail"
APOLOGY = "apology"
"""The clip that ends a call which the model cannot end itself."""
OPENING_CLIP = "opening"
MENU_TRIES = 2
PUT_THROUGH = "The call screener has connected a person, who now hears the opening. From here on you are talking to that person."


class Mode(Enum):
    """What kind of talk it is at the moment."""

    BEFORE = auto()
    """Not answered yet."""
    TALK = auto()
    BEEP = auto()
    """A machine was recognised; a message is to be left after its beep."""
    SCREENING = auto()
    """A call screener was told who we are, or a menu got its keys; a person may come."""
    SETTLING = auto()
    """The leg is gone; the last words are still being transcribed."""
    DONE = auto()


@dataclass(frozen=True, slots=True)
class TalkPlan:
    """All that a talk is given. ``started_at`` is the aware UTC instant of ``started_s`` on the talk's own clock."""

    texts: Personalised
    started_at: datetime
    started_s: float
    may_leave_message: bool = False


@dataclass(frozen=True, slots=True)
class OptOut:
    """That the callee asked not to be called again, and how we know."""

    layer: str
    quote: str


class Stage:
    """The shared state of one talk."""

    def __init__(self, plan: TalkPlan) -> None:
        """``plan``: texts, times and policy of this call."""
        self.plan = plan
        self.out: list[ConversationCommand] = []
        self.book = TurnBook(self.out)
        self.playout = Playout(self.out, self.book)
        self.voice = AgentVoice(self.out, self.playout, plan.texts.opening)
        self.votes = Votes()
        self.toolbox = Toolbox(plan.texts.desk)
        self.closing = Closing()
        self.mode = Mode.BEFORE
        self.mode_at = 0.0
        self.opt_out: OptOut | None = None
        self.machines = Machines(self)

    def enter(self, mode: Mode, now: float) -> None:
        """Change the kind of talk."""
        self.mode, self.mode_at = mode, now

    def scene(self, now: float) -> Scene:
        """The state of the call as tools see it."""
        instant = self.plan.started_at + timedelta(seconds=now - self.plan.started_s)
        return Scene(instant, self.votes.kind, self.votes.is_person)

    def reply(self, now: float) -> None:
        """Let the model answer, unless the talk is ending or it is a machine's turn."""
        if self.mode is Mode.TALK and self.closing.is_open:
            self.voice.gate.wish(Wish("reply"), now)

    def guard(self, kind: str, words: str, now: float) -> None:
        """A guard was hit: that stands in the transcript."""
        at_ms, seq = self.playout.ms(now), self.book.last_seq
        record = ToolCall(f"guard-{kind}-{seq}-{at_ms}", f"guard_{kind}", {"words": words}, {"ok": True}, at_ms, seq)
        self.out.append(RecordToolCall(record))

    def close_without_model(self, reason: str, now: float) -> None:
        """The model can say no more: the apology from the clip, if words of ours are due and it is there, and the end."""
        owes_words = self.mode is Mode.TALK and (self.closing.is_open or not self.voice.gate.is_idle)
        self.voice.gate.drop()
        self.voice.lose(now)
        if owes_words and APOLOGY in self.playout.clips:
            self.playout.play_clip(self.playout.clips[APOLOGY], now)
        audible_until = self.playout.ledger.idle_at()
        self.closing.begin(reason, now=now, audible_until=audible_until, is_firm=True, is_short=True)

    def close(self, reason: str, text: str, now: float, *, is_firm: bool = True, purpose: str = "closing") -> None:
        """Begin the end: ``text`` is said word for word (nothing when empty), heard, and then the talk is over."""
        if self.mode in (Mode.SETTLING, Mode.DONE):
            return
        if text:
            self.voice.gate.wish(Wish(purpose, text, is_firm=True), now)
        audible_until = self.playout.ledger.idle_at()
        self.closing.begin(reason, now=now, audible_until=audible_until, is_firm=is_firm, is_short=not text)

    def opted_out(self, layer: str, quote: str, now: float) -> None:
        """Commit it before anything else, confirm it in our own words, and end."""
        if self.opt_out is not None:
            return
        self.opt_out = OptOut(layer, mask_cards(quote))
        self.out.insert(0, RecordOptOut(layer, self.opt_out.quote, self.playout.ms(now)))
        self.voice.interrupt()
        self.close("opt_out", self.plan.texts.sentences.opt_out, now)

    def give_opening(self, now: float) -> None:
        """The first words, from their clip where the campaign wants one and it is there."""
        clip = self.playout.clips.get(OPENING_CLIP)
        if clip is not None:
            self.voice.play_opening(clip, now)
        else:
            self.voice.say_opening(now)

    def over(self, now: float) -> None:
        """The last words were heard, or waited for long enough."""
        if self.closing.desk and self.closing.phase is not Phase.HANDING_OVER:
            self.out.append(Transfer(self.closing.desk))
            is_warm = self.plan.texts.desk.campaign.transfer[self.closing.desk].mode == "warm"
            self.closing.hand_over(now, is_warm=is_warm)
            return
        self.end(self.closing.reason, now)

    def end(self, reason: str, now: float) -> None:
        """Close the books: the last command."""
        self.playout.leg_closed(now)
        self.enter(Mode.DONE, now)
        is_left = MESSAGE in self.playout.played
        answered_by = self.votes.conclude()
        self.out.append(EndTalk(reason, answered_by, self.outcome(reason, answered_by), is_message_left=is_left))

    def outcome(self, reason: str, answered_by: AnsweredBy) -> Outcome | None:
        """What the talk came to. Nothing decisive without a word of the callee; a machine decides nothing."""
        if self.opt_out is not None:
            return Outcome.DO_NOT_CALL
        if answered_by not in (AnsweredBy.HUMAN, AnsweredBy.UNKNOWN):
            return None
        if self.votes.turns_with_words and self.toolbox.outcome is not None:
            return self.toolbox.outcome
        is_early = reason == "callee_hung_up" and answered_by is AnsweredBy.HUMAN
        return Outcome.HUNG_UP_EARLY if is_early else Outcome.CANNOT_TELL


class Machines:
    """What is done when a machine, a menu, a screener or the network itself has answered."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._menu_tries = 0
        self.beep_at: float | None = None
        """When a beep was heard that no speech has followed."""

    def reported(self, kind: AnsweredBy, now: float) -> None:
        """A witness names who answered; act on it when it is news."""
        if not self._stage.votes.report(kind) or self._stage.mode not in (Mode.TALK, Mode.SCREENING, Mode.BEEP):
            return
        if kind is AnsweredBy.HUMAN:
            if self._stage.mode is Mode.SCREENING:
                self.person_came(now)
            return
        if not self._stage.closing.is_open:
            return
        self._stage.voice.interrupt()
        if kind is AnsweredBy.SCREENING:
            self._stage.enter(Mode.SCREENING, now)
            self.answer_screener(now)
        elif kind is AnsweredBy.VOICEMAIL and self._stage.plan.may_leave_message and self._stage.plan.texts.voicemail_message:
            self._stage.enter(Mode.BEEP, now)
            if self.beep_at is not None:
                self.leave_message(now)
        elif kind is AnsweredBy.IVR:
            self.answer_menu(now)
        else:
            self._stage.close(kind.value, "", now)

    def nobody(self, reason: str, now: float) -> None:
        """The network itself speaks: there is no callee on this line, neither a person nor a machine of his."""
        if (
            self._stage.votes.is_person
            or not self._stage.closing.is_open
            or self._stage.mode not in (Mode.TALK, Mode.SCREENING, Mode.BEEP)
        ):
            return
        self._stage.votes.kind = AnsweredBy.UNKNOWN
        self._stage.voice.interrupt()
        self._stage.close(reason, "", now)

    def answer_menu(self, now: float) -> None:
        """Press the campaign's keys, twice at most; without any, hang up."""
        keys = self._stage.plan.texts.desk.campaign.menu.press
        self._menu_tries += 1
        if not keys or self._menu_tries > MENU_TRIES:
            self._stage.close(AnsweredBy.IVR.value, "", now)
            return
        self._stage.out.append(SendDigits(keys))
        self._stage.enter(Mode.SCREENING, now)

    def answer_screener(self, now: float) -> None:
        """Say in one sentence who calls and why."""
        self._stage.voice.gate.wish(Wish("screening", self._stage.plan.texts.screening_answer, is_firm=True), now)

    def person_came(self, now: float) -> None:
        """The screener put a person through: he hears the opening from its beginning."""
        self._stage.votes.kind, self._stage.votes.was_put_through = AnsweredBy.HUMAN, True
        self._stage.out.append(AddNote(PUT_THROUGH))
        self._stage.enter(Mode.TALK, now)
        self._stage.give_opening(now)

    def leave_message(self, now: float) -> None:
        """Speak after the beep, once."""
        if self._stage.closing.is_open:
            self._stage.close("message_left", self._stage.plan.texts.voicemail_message, now, purpose=MESSAGE)
