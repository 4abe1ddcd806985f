"""The callee's side: when he speaks, what he says, and when we yield to him.

His first "hello" overlaps our opening on nearly every call; it must not cut off what he is owed to hear. So speech that begins
within the first 1.5 s of the opening does not interrupt it, unless it goes on for longer than a greeting does.
"""

from collections import Counter

from dialer.conversation.answered_by import asks_to_wait, declines, is_no_such_number, kind_of_greeting
from dialer.conversation.cards import SpreadCards, mask_cards
from dialer.conversation.events import CalleeWords, CalleeWordsFailed, EndLog, SpeechCommitted, SpeechStarted, SpeechStopped
from dialer.conversation.guards import crisis_words, opt_out_phrase
from dialer.conversation.opening import letters
from dialer.conversation.stage import Mode, Stage
from dialer.model.disposition import AnsweredBy
from dialer.model.transcript import Speaker

GRACE_S = 1.5
GREETING_S = 2.5
"""A protected greeting that lasts longer is a person who wants to speak."""
ENDLESS_S = 60.0
"""Sound without the shortest pause for so long is music or noise: nobody speaks without breathing."""
SAME_WORDS = 3
LONG_WORDS = 12
"""Letters (a Han or kana letter counts three) from which on the same words again and again are a recording's: "yes" is not."""
WORDLESS_TURNS = 6


class Monotony:
    """What shows that there is no progress: the same long words again and again, or speech without any words."""

    def __init__(self) -> None:
        self._said: Counter[str] = Counter()
        self._wordless = 0

    def heard(self, text: str) -> bool:
        """A turn came; True when it is one too many of its kind."""
        if not text:
            self._wordless += 1
            return self._wordless >= WORDLESS_TURNS
        self._wordless = 0
        said = letters(text)
        weight = sum(3 if "\u3040" <= letter <= "\u9fff" else 1 for letter in said)
        self._said[said] += weight >= LONG_WORDS
        return self._said[said] >= SAME_WORDS


class Hearing:
    """What is known of the callee's speech."""

    def __init__(self, stage: Stage) -> None:
        """``stage``: what the parts of the talk share."""
        self._stage = stage
        self._protected: str = ""
        self._offset_ms = 0
        self._monotony = Monotony()
        self._cards = SpreadCards()
        self.speaking_since: float | None = None
        self.asked_us_to_wait = False
        """By his last words: silence after them is no absence."""
        self.heard_at = 0.0
        """When the callee was last heard to begin or stop."""

    @property
    def is_speaking(self) -> bool:
        """The callee is speaking now."""
        return self.speaking_since is not None

    def speech_started(self, event: SpeechStarted, now: float) -> None:
        """He begins: yield to him, unless it is the first hello over our opening."""
        stage = self._stage
        self.speaking_since = self.heard_at = now
        stage.votes.words.expect(event.item_id)
        stage.machines.beep_at = None
        start_ms = min(self._offset_ms + event.audio_start_ms, stage.playout.ms(now))
        stage.book.began(event.item_id, Speaker.CALLEE, start_ms)
        if stage.mode is not Mode.TALK:
            return
        if stage.closing.is_open and self._is_over_opening(now):
            self._protected = event.item_id
        elif stage.closing.give_way() or (stage.closing.is_open and stage.voice.is_busy(now)):
            self._yield()

    def speech_stopped(self, event: SpeechStopped, now: float) -> None:
        """He pauses."""
        stage = self._stage
        self.speaking_since, self.heard_at = None, now
        end_ms = min(self._offset_ms + event.audio_end_ms, stage.playout.ms(now))
        stage.book.stopped(event.item_id, end_ms)
        stage.playout.stopped_ms = end_ms

    def committed(self, event: SpeechCommitted, now: float) -> None:
        """His turn is complete: the model answers, unless our opening is still being heard."""
        stage = self._stage
        stage.votes.words.expect(event.item_id)
        if event.item_id == self._protected and stage.voice.is_busy(now):
            stage.playout.stopped_ms = None
            return
        if not self.is_speaking:
            stage.reply(now)

    def words(self, event: CalleeWords, now: float) -> None:
        """His words are known, late: guards first, then the record, then who he is."""
        stage = self._stage
        stage.votes.words.came(event.item_id)
        text = _without_card(self._stage, self._cards, event, now)
        phrase = opt_out_phrase(text)
        stage.book.callee_said(event.item_id, text, stage.playout.ms(now))
        is_one_too_many = self._monotony.heard(text)
        self.asked_us_to_wait = asks_to_wait(text) or (self.asked_us_to_wait and not text)
        if not text:
            if is_one_too_many:
                self._no_progress(now)
            return
        if phrase:
            stage.votes.turns_with_words += 1
            stage.opted_out("phrase", text, now)
        elif crisis_words(text):
            stage.votes.turns_with_words += 1
            stage.guard("crisis", crisis_words(text), now)
            stage.voice.interrupt()
            stage.close("crisis", stage.plan.texts.sentences.crisis, now)
        else:
            self._who(text, now)
            if is_one_too_many:
                self._no_progress(now)

    def words_failed(self, event: CalleeWordsFailed) -> None:
        """Nobody will ever know what he said."""
        self._stage.votes.words.came(event.item_id)
        self._stage.votes.has_speech = True

    def lose_session(self) -> None:
        """The model's session is gone: nobody hears him now, and words that have not come will not come."""
        stage = self._stage
        stage.votes.has_speech |= stage.votes.words.give_up()
        self.speaking_since, self._protected = None, ""

    def begin_session(self, now: float) -> None:
        """A new session counts his audio from its own beginning."""
        self._offset_ms = self._stage.playout.ms(now)

    def deadline(self) -> float | None:
        """When a protected greeting has become more than a greeting, or a sound more than speech."""
        if self.speaking_since is None or self._stage.mode is not Mode.TALK:
            return None
        if self._protected:
            return self.speaking_since + GREETING_S
        return self.speaking_since + ENDLESS_S if self._stage.closing.is_open else None

    def tick(self, now: float) -> None:
        """Yield to a greeting that does not end; end at a sound that does not."""
        at = self.deadline()
        if at is None or now < at:
            return
        if self._protected:
            self._yield()
        else:
            self._no_progress(now)

    def _yield(self) -> None:
        self._protected = ""
        self._stage.voice.interrupt()

    def _is_over_opening(self, now: float) -> bool:
        """The opening has not been heard for long enough to be interrupted by a hello."""
        voice = self._stage.voice
        return voice.is_busy(now) and (voice.opening_at is None or now < voice.opening_at + GRACE_S)

    def _no_progress(self, now: float) -> None:
        stage = self._stage
        if stage.closing.is_open and stage.mode in (Mode.TALK, Mode.SCREENING):
            stage.voice.interrupt()
            stage.close("no_progress", stage.plan.texts.sentences.goodbye, now)

    def _who(self, text: str, now: float) -> None:
        """A machine's phrase, a screener's patience, or a person."""
        stage = self._stage
        if stage.votes.kind is AnsweredBy.SCREENING and declines(text):
            return
        if is_no_such_number(text):
            stage.machines.nobody("no_such_number", now)
            return
        kind = None if stage.votes.is_person else kind_of_greeting(text)
        if kind is None:
            if stage.mode is Mode.SCREENING:
                if not asks_to_wait(text):
                    stage.votes.turns_with_words += 1
                    stage.machines.person_came(now)
                return
            stage.votes.turns_with_words += 1
        elif kind is AnsweredBy.SCREENING and stage.mode is Mode.SCREENING:
            if not stage.voice.is_busy(now):
                stage.machines.answer_screener(now)
        elif kind is AnsweredBy.IVR and stage.mode is Mode.SCREENING:
            stage.machines.answer_menu(now)
        else:
            stage.machines.reported(kind, now)


def _without_card(stage: Stage, cards: SpreadCards, event: CalleeWords, now: float) -> str:
    """The words with card digits masked, those of earlier turns too; nothing of such a number stays in the log either."""
    text = mask_cards(event.text.strip())
    spread = cards.heard(event.item_id, text)
    for item_id, masked in spread:
        stage.book.callee_said(item_id, masked, stage.playout.ms(now))
    if spread:
        text = spread[-1][1]
    if text != event.text.strip():
        stage.guard("card", "", now)
        stage.out.append(EndLog(spread[0][0] if spread else event.item_id))
    return text
