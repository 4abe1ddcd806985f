"""What happens by time alone: silence, a goodbye that nobody follows up, a machine without a beep, a talk that is too long."""

from collections import Counter

from dialer.conversation.closing import Phase
from dialer.conversation.events import AgentTranscript
from dialer.conversation.fixed import is_goodbye
from dialer.conversation.gate import Wish
from dialer.conversation.hearing import Hearing
from dialer.conversation.opening import letters
from dialer.conversation.stage import Mode, Stage
from dialer.model.disposition import AnsweredBy

AFTER_GOODBYE_S = 3.0
WAIT_S = 45.0
"""A callee who asked us to wait is left in peace for so long."""
BEEP_SILENCE_S = 8.0
MACHINE_S = 60.0
SCREENING_S = 40.0
SETTLE_S = 2.5
POLITE_S = 15.0
"""So long before the limit the goodbye begins."""
SAME_SENTENCE = 3


class Watch:
    """The clocks of one talk."""

    def __init__(self, stage: Stage, hearing: Hearing) -> None:
        """``stage``: what the parts of the talk share."""
        limits = stage.plan.texts.desk.campaign.limits
        self._stage = stage
        self._hearing = hearing
        self._silence_s = limits.silence_s
        self._talk_s = max(limits.call_s - POLITE_S, limits.call_s / 2)
        self._quiet_since: float | None = None
        self._mark_at: float | None = None
        """When a mark that is missing is no longer waited for."""
        self._has_asked = False
        self._said_goodbye = False
        self._has_waited = False
        """The end was put off for words that were still being transcribed."""
        self._sentences: Counter[str] = Counter()

    def agent_said(self, event: AgentTranscript, now: float) -> None:
        """Listen to ourselves: a goodbye without the tool, and the same sentence again and again."""
        stage = self._stage
        self._said_goodbye = is_goodbye(event.text, stage.plan.texts.language)
        said = letters(event.text)
        self._sentences[said] += 1
        if said and self._sentences[said] >= SAME_SENTENCE and stage.closing.is_open:
            stage.voice.interrupt()
            stage.close("no_progress", stage.plan.texts.sentences.goodbye, now)

    def line_rings(self) -> None:
        """The callee is being put through: silence begins anew."""
        self._quiet_since = None

    def callee_spoke(self) -> None:
        """He is there, and our goodbye was not the last word."""
        self._has_asked = self._said_goodbye = False

    def look(self, now: float) -> None:
        """Note whether anybody is heard, after every event and tick."""
        ledger = self._stage.playout.ledger
        self._mark_at = ledger.given_up_at() if ledger.is_sounding(now) else None
        is_busy = self._stage.voice.is_busy(now)
        if is_busy:
            self._stage.closing.went_loud()
        else:
            self._stage.closing.went_quiet(now)
        if self._has_waited and not self._stage.votes.words and self._stage.closing.phase is Phase.TAIL:
            self._stage.closing.wait_until(now)
        if is_busy or self._hearing.is_speaking or self._stage.voice.is_reopening:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now

    def deadline(self) -> float | None:
        """When time alone may change something."""
        stage = self._stage
        closing = None if stage.mode is Mode.SETTLING else stage.closing.deadline()
        times = [at for at in (closing, self._mode_deadline(), self._mark_at) if at is not None]
        return min(times) if times else None

    def tick(self, now: float) -> None:
        """Do what is due."""
        stage = self._stage
        self.look(now)
        if stage.closing.is_due(now) and stage.mode is not Mode.SETTLING:
            if stage.closing.phase is Phase.HANDING_OVER:
                self.transfer_failed(now)
            elif stage.votes.words and not self._has_waited:
                # "Stop calling me" may have been said over our goodbye.
                self._has_waited = True
                stage.closing.wait_until(now + SETTLE_S)
            else:
                stage.over(now)
            return
        at = self._mode_deadline()
        if at is not None and now >= at:
            self._mode_due(now)

    def transfer_failed(self, now: float) -> None:
        """The callee is still with us: say so and end."""
        stage = self._stage
        if stage.mode is Mode.SETTLING:
            return
        stage.closing.desk = ""
        stage.close("transfer_failed", stage.plan.texts.sentences.apology, now)

    def _mode_deadline(self) -> float | None:
        stage = self._stage
        if stage.mode is Mode.SETTLING:
            return stage.mode_at + SETTLE_S
        if not stage.closing.is_open:
            return None
        if stage.mode is Mode.TALK:
            end = (stage.playout.answered_at or 0.0) + self._talk_s
            return end if self._quiet_since is None else min(end, self._quiet_since + self._patience())
        if stage.mode is Mode.BEEP:
            cap = stage.mode_at + MACHINE_S
            quiet = max(self._hearing.heard_at, stage.mode_at) + BEEP_SILENCE_S
            return cap if self._hearing.is_speaking else min(cap, quiet)
        return stage.mode_at + SCREENING_S if stage.mode is Mode.SCREENING else None

    def _patience(self) -> float:
        if self._said_goodbye:
            return AFTER_GOODBYE_S
        return max(WAIT_S, self._silence_s) if self._hearing.asked_us_to_wait and not self._has_asked else self._silence_s

    def _mode_due(self, now: float) -> None:
        stage = self._stage
        texts = stage.plan.texts.sentences
        if stage.mode is Mode.SETTLING:
            stage.end(stage.closing.reason or "callee_hung_up", now)
        elif stage.mode is Mode.SCREENING:
            stage.close((stage.votes.kind or AnsweredBy.SCREENING).value, "", now)
        elif stage.mode is Mode.BEEP:
            if now >= stage.mode_at + MACHINE_S:
                stage.close(AnsweredBy.VOICEMAIL.value, "", now)
            else:
                stage.machines.leave_message(now)
        elif now >= (stage.playout.answered_at or 0.0) + self._talk_s:
            stage.close("max_length", texts.goodbye, now)
        elif self._said_goodbye:
            stage.close("goodbye", "", now)
        elif self._has_asked:
            stage.close("silence", texts.goodbye, now)
        else:
            self._has_asked = True
            self._quiet_since = None
            stage.voice.gate.wish(Wish("still_there", texts.still_there), now)
