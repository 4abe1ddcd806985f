"""The model's socket was lost in the talk: once, another session is opened and told what was heard so far.

A session cannot be resumed at the service: a new socket is an empty conversation. So the turns go back as text items, as heard,
then a note of ours, then a request to go on. What the old session had sent is played to its end meanwhile. Before the answer a
lost session gives the call up instead: nobody has heard anything yet. A talk that is ending is not resumed either.
"""

import json

from dialer.conversation.deeds import Deeds
from dialer.conversation.events import AddNote, AddTurn, ReopenVoice
from dialer.conversation.gate import Wish
from dialer.conversation.hearing import Hearing
from dialer.conversation.stage import Mode, Stage
from dialer.model.transcript import Speaker

RESUME_S = 8.0
"""Seconds without a model, after which the callee has waited long enough."""
MOST_TURNS = 60
NOTE = (
    "The connection was interrupted for a moment, in the middle of this call; the lines above are what was heard so far. Go on"
    " where it stopped: answer the callee's last words, or ask your last question again in short. Do not introduce"
    " yourself again."
)


class Resume:
    """At most one new session in a talk."""

    def __init__(self, stage: Stage, hearing: Hearing, deeds: Deeds) -> None:
        """The parts of the talk that know something of the session."""
        self._stage = stage
        self._hearing = hearing
        self._deeds = deeds
        self._was_tried = False
        self._asked_at = 0.0

    def lost(self, now: float) -> bool:
        """The session is gone; True when another one was asked for."""
        stage = self._stage
        if self._was_tried or stage.mode is not Mode.TALK or not stage.closing.is_open:
            return False
        self._was_tried = stage.voice.is_reopening = True
        self._asked_at = now
        stage.voice.lose(now)
        self._hearing.lose_session()
        self._deeds.lose()
        stage.out.append(ReopenVoice())
        return True

    def reopened(self, now: float) -> None:
        """The new session is there: tell it what was heard, and go on."""
        stage = self._stage
        if not stage.voice.is_reopening or stage.mode is not Mode.TALK:
            return
        stage.voice.is_reopening = False
        self._hearing.begin_session(now)
        stage.out += [AddTurn(speaker, text) for speaker, text in self._heard()]
        stage.out.append(AddNote(NOTE + self._known()))
        stage.voice.gate.come_back(now)
        if not stage.closing.is_open:
            return
        if stage.voice.is_opening_given:
            stage.voice.gate.wish(Wish("resume"), now)
        else:
            stage.voice.interrupt()
            stage.give_opening(now)

    def deadline(self) -> float | None:
        """When the new session is no longer waited for."""
        return self._asked_at + RESUME_S if self._stage.voice.is_reopening else None

    def is_due(self, now: float) -> bool:
        """The new session did not come in time."""
        at = self.deadline()
        return at is not None and now >= at

    def _heard(self) -> list[tuple[Speaker, str]]:
        """The turns, with the words that are on their way to the callee at this moment."""
        stage = self._stage
        lines = []
        for turn in stage.book.turns():
            spoken = stage.playout.items.get(turn.item_id)
            text = turn.text or ("" if spoken is None or spoken.is_dead else spoken.words)
            if text:
                lines.append((turn.speaker, text))
        return lines[-MOST_TURNS:]

    def _known(self) -> str:
        """What the tools have learnt, so that nothing is asked twice."""
        box = self._stage.toolbox
        known: dict[str, object] = {"answers": box.answers} if box.answers else {}
        if box.details:
            known |= {"identity_verified": True, "details": box.details}
        if box.outcome is not None:
            known["outcome"] = box.outcome.value
        return f" Recorded so far: {json.dumps(known, ensure_ascii=False)}" if known else ""
