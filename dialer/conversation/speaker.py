"""Our side of the talk: what is asked for, what is generated, and whether it is what was asked for.

Speech of the model comes in bursts. Before the answer the opening waits in a buffer; after it every piece goes straight to the
carrier. What the model says in a response that nobody wants any more is dropped, whenever it comes, and the model is told that
nothing of it was heard: else it would believe that it had said it.
"""

from dialer.conversation.events import (
    AgentAudio,
    AgentAudioDone,
    AgentTranscript,
    AgentWords,
    ClipReady,
    ConversationCommand,
    ResponseDone,
    ResponseStarted,
    TruncateHeard,
)
from dialer.conversation.gate import FAILED, ResponseGate, Wish
from dialer.conversation.opening import OpeningCheck
from dialer.conversation.playout import Playout, Spoken

OPENING = "opening"
MISMATCH = "opening_mismatch"


class Unheard:
    """Items of which nothing was or will be heard. The model must not believe that it has said them."""

    def __init__(self, out: list[ConversationCommand]) -> None:
        self._out = out
        self._items: dict[str, str] = {}

    def dropped(self, item_id: str, response_id: str, active: str) -> None:
        """An item was dropped; while its response is still active, the model is told at its end."""
        if response_id == active:
            self._items[item_id] = active
        else:
            self._out.append(TruncateHeard(item_id, 0))

    def over(self, response_id: str) -> None:
        """A response is over: tell of its items."""
        for item_id in [item for item, response in self._items.items() if response == response_id]:
            del self._items[item_id]
            self._out.append(TruncateHeard(item_id, 0))

    def forget(self) -> None:
        """The session that knew them is gone."""
        self._items.clear()


class AgentVoice:
    """Everything that we say in one call."""

    def __init__(self, out: list[ConversationCommand], playout: Playout, opening: str) -> None:
        """``out``: where commands are put; ``opening``: the rendered first words."""
        self._playout = playout
        self._unheard = Unheard(out)
        self._opening = OpeningCheck(opening)
        self._wish = Wish("")
        self.gate = ResponseGate(out)
        self.opening_at: float | None = None
        """When the opening was begun to be played."""
        self.is_opening_given = False
        """The whole opening, as it was rendered, is with the carrier or was heard."""
        self.is_reopening = False
        """The model's session was lost, and another one is being opened."""

    def is_busy(self, now: float) -> bool:
        """Something of ours is asked for, generated or heard."""
        return not self.gate.is_idle or self._playout.is_busy(now)

    def say_opening(self, now: float) -> None:
        """Speak the opening (anew)."""
        self._opening = OpeningCheck(self._opening.text)
        self.opening_at = None
        self.is_opening_given = False
        self.gate.wish(Wish(OPENING, self._opening.text), now)

    def play_opening(self, clip: ClipReady, now: float) -> None:
        """The opening is a clip."""
        self.opening_at, self.is_opening_given = now, True
        self._playout.play_clip(clip, now)

    def interrupt(self) -> None:
        """Yield: nothing that is not heard yet will be."""
        active = self.gate.active_id
        unheard = self._playout.drop()
        self.gate.drop()
        for item_id in unheard:
            self._unheard.dropped(item_id, self._playout.items[item_id].response_id, active)

    def lose(self, now: float) -> None:
        """The model's session is gone. What it has sent is still heard."""
        self._playout.lose_session(now)
        self._unheard.forget()
        self._wish = Wish("")
        self.gate.lose()

    def started(self, event: ResponseStarted, now: float) -> None:
        """A response begins."""
        wish = self.gate.started(event.response_id, event.metadata.get("purpose", ""), now)
        if wish is not None:
            self._wish = wish

    def audio(self, event: AgentAudio, now: float) -> None:
        """A piece of speech: played, kept for later or dropped."""
        spoken = self._item(event.response_id, event.item_id)
        if spoken is None:
            if not self._playout.ledger.has(event.item_id):
                self._unheard.dropped(event.item_id, event.response_id, event.response_id)
            return
        if spoken.is_complete:
            return
        self.gate.stirred_at = now
        spoken.received_bytes += len(event.mulaw)
        spoken.held.append(event.mulaw)
        self.release(now)

    def audio_done(self, event: AgentAudioDone, now: float) -> None:
        """An item's audio is complete: a mark goes behind it."""
        spoken = self._item(event.response_id, event.item_id)
        if spoken is not None:
            spoken.is_complete = True
            if spoken.held:
                self.release(now)
            else:
                self._playout.release(event.item_id, now)

    def words(self, event: AgentWords, now: float) -> None:
        """A piece of the transcript."""
        spoken = self._item(event.response_id, event.item_id)
        if spoken is not None:
            self.gate.stirred_at = now
            spoken.words += event.delta
            if spoken.purpose == OPENING:
                self._opening.grew(event.delta)
                self.release(now)

    def transcript(self, event: AgentTranscript, now: float) -> bool:
        """The whole transcript of an item; False when it should have been the opening and is not, for the second time."""
        spoken = self._item(event.response_id, event.item_id)
        if spoken is None or spoken.is_worded:
            return True
        spoken.words, spoken.is_worded = event.text, True
        if spoken.purpose != OPENING or self._opening.is_verified:
            return True
        if not self._opening.completed(event.text):
            return self._again(now)
        self.is_opening_given = True
        self.release(now)
        return True

    def response_done(self, event: ResponseDone, now: float, *, is_retryable: bool, pause_s: float = 0.0) -> Wish | str | None:
        """A response is over. Returns the wish that failed for good, ``MISMATCH``, or None."""
        if event.status == "completed":
            self._opening.response_over()
        was_opening = not self.gate.is_unwanted and self.gate.active_id == event.response_id and self._wish.purpose == OPENING
        self._unheard.over(event.response_id)
        # An opening that is whole needs no second try, whatever its response came to.
        status = "completed" if was_opening and self._opening.is_verified else event.status
        failed = self.gate.done(event.response_id, status, now, is_retryable=is_retryable, pause_s=pause_s)
        if was_opening and not self._opening.is_verified:
            if status != FAILED and not self._again(now):
                return MISMATCH
            for item_id in self._playout.drop():
                self._unheard.dropped(item_id, event.response_id, "")
            self._opening.forget()
            self.opening_at = None
        self.gate.release(now)
        return failed

    def _item(self, response_id: str, item_id: str) -> Spoken | None:
        """The item, if anybody still wants it."""
        items = self._playout.items
        if item_id not in items:
            if response_id != self.gate.active_id or self.gate.is_unwanted:
                return None
            items[item_id] = Spoken(response_id, self._wish.purpose)
        spoken = items[item_id]
        return None if spoken.is_dead else spoken

    def _again(self, now: float) -> bool:
        """The model did not say the opening: drop it and ask once more; False when that was done before."""
        self.interrupt()
        self.opening_at = None
        if not self._opening.may_retry():
            return False
        self.gate.wish(Wish(OPENING, self._opening.text), now)
        return True

    def release(self, now: float) -> None:
        """Hand over to the carrier what may be heard."""
        if self._playout.answered_at is None:
            return
        for item_id in self._playout.waiting():
            if self._playout.items[item_id].purpose == OPENING:
                if not self._opening.may_sound:
                    continue
                self.opening_at = self.opening_at or now
            self._playout.release(item_id, now)
