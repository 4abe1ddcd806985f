"""A person on the phone, as a machine: when he speaks, waits, presses a key, hangs up. Pure: seconds come in as arguments.

Theory: he has one line at a time. He answers an utterance that was heard to its end, after a moment of thought, unless we go
on speaking: then he answers all of it together. Only his hello does not wait, with most people. What broke off because he
spoke he leaves alone; what broke off by itself he asks for. A silence makes him ask, a longer one makes him hang up.
"""

from dataclasses import dataclass
from typing import Protocol

from dialer.audio.modem import Heard
from dialer.simulation.phones.mind import Mind, Reply
from dialer.simulation.phones.personas import Draw, Person

_HELLO_S = 0.5
_HELLO_OVER_US = 0.6
_THINK_S = (0.6, 1.3)
_BROKEN_OFF_S = 2.5
_HANG_UP_S = 1.0
_ASK_AFTER_S = 11.0
_SILENCE_S = 20.0
_MUTE_SILENCE_S = 45.0
_EARLY_CHARACTERS = (40, 110)
_INTERRUPTS_CHARACTERS = (25, 70)
_BEFORE_CUTTING_IN_S = 0.8


@dataclass(frozen=True, slots=True)
class TheyBegan:
    """We began to speak."""


@dataclass(frozen=True, slots=True)
class TheySaid:
    """Our words so far (``text``), while we speak."""

    text: str


@dataclass(frozen=True, slots=True)
class TheyEnded:
    """Our utterance ended, or broke off."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class LineSaid:
    """His own line (or beep) has been said to its end."""


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a line."""

    text: str


@dataclass(frozen=True, slots=True)
class Beep:
    """Sound the tone of an answering machine."""

    hz: float = 1000.0
    ms: int = 400


@dataclass(frozen=True, slots=True)
class Press:
    """Press a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


CalleeEvent = TheyBegan | TheySaid | TheyEnded | LineSaid
Deed = Say | Beep | Press | HangUp


class Callee(Protocol):
    """Whatever took the call."""

    def feed(self, event: CalleeEvent, now: float) -> list[Deed]:
        """Something was heard; ``now`` is seconds since the answer."""
        ...

    def tick(self, now: float) -> list[Deed]:
        """Time has come to ``deadline()``."""
        ...

    def deadline(self) -> float | None:
        """When to call ``tick`` at the latest; None when he waits for nothing."""
        ...

    @property
    def wants_words(self) -> bool:
        """He listens word by word: ``TheySaid`` is wanted."""
        ...


class Human:
    """A person who talks."""

    def __init__(self, person: Person, persona: str, draw: Draw, answered_at: float = 0.0) -> None:
        self._mind = Mind(person, persona, draw)
        self._draw = draw
        self._next: tuple[float, Reply | None] | None = None
        self._unanswered = ""
        self._is_speaking = False
        self._has_cut_in = False
        self._speaks_over = False
        self._they_speak = False
        self._is_leaving = False
        self._lines = 0
        self._quiet_since = answered_at
        self._has_asked = False
        if persona != "silence":
            self._next = (answered_at + _HELLO_S, Reply(self._mind.say("hello")))

    @property
    def wants_words(self) -> bool:
        """Until he has interrupted or hung up."""
        return self._mind.persona in ("interrupts", "hangs_up_early") and not self._has_cut_in

    def feed(self, event: CalleeEvent, now: float) -> list[Deed]:
        """Something was heard; ``now`` is seconds since the answer."""
        if isinstance(event, LineSaid):
            self._is_speaking = False
            self._quiet_since = now
            if self._is_leaving:
                self._next = (now + _HANG_UP_S, Reply(is_last=True))
        elif isinstance(event, TheyBegan):
            self._they_speak = True
            self._speaks_over = self._is_speaking
            self._has_asked = False
        elif isinstance(event, TheySaid):
            return self._hear_words(event.text, now)
        else:
            self._hear_out(event.heard, now)
        return []

    def tick(self, now: float) -> list[Deed]:
        """Time has come to ``deadline()``."""
        if self._next is not None:
            if now < self._next[0] or self._must_wait:
                return []
            reply, self._next = self._next[1], None
            if reply is None:
                reply, self._unanswered = self._mind.reply(self._unanswered), ""
            return self._do(reply, now)
        if self._must_wait or now < self._quiet_since + self._patience_s:
            return []
        if self._has_asked or self._mind.persona == "silence":
            return [HangUp()]
        self._has_asked = True
        return self._do(Reply(self._mind.say("still_there")), now)

    def deadline(self) -> float | None:
        """When to call ``tick`` at the latest."""
        if self._must_wait:
            return None
        return self._next[0] if self._next is not None else self._quiet_since + self._patience_s

    @property
    def _must_wait(self) -> bool:
        """He does not begin while somebody speaks, but for his hello and when he leaves."""
        is_blunt = self._is_leaving or (not self._lines and self._draw.share("hello over") < _HELLO_OVER_US)
        return self._is_speaking or (self._they_speak and not is_blunt)

    @property
    def _patience_s(self) -> float:
        """How long he bears silence before he does something."""
        if self._mind.persona == "silence":
            return _MUTE_SILENCE_S
        return _SILENCE_S - _ASK_AFTER_S if self._has_asked else _ASK_AFTER_S

    def _hear_words(self, text: str, now: float) -> list[Deed]:
        """React in the middle of our sentence."""
        if self._is_speaking or now < self._quiet_since + _BEFORE_CUTTING_IN_S:
            return []
        if self._mind.persona == "hangs_up_early" and self._has_enough(text, _EARLY_CHARACTERS):
            self._has_cut_in = True
            return [HangUp()]
        if self._mind.persona == "interrupts" and self._has_enough(text, _INTERRUPTS_CHARACTERS):
            self._has_cut_in = True
            return self._do(Reply(self._mind.say("interrupts")), now)
        return []

    def _has_enough(self, text: str, characters: tuple[int, int]) -> bool:
        """He has heard as much of our sentence as he bears. A Chinese sign says as much as three letters."""
        weight = sum(3 if "\u4e00" <= sign <= "\u9fff" else 1 for sign in text)
        return weight >= self._draw.between(*characters, self._mind.persona)

    def _hear_out(self, heard: Heard, now: float) -> None:
        """Our utterance is over: think of an answer."""
        self._they_speak = False
        self._quiet_since = now
        if self._mind.persona == "silence" or self._is_leaving:
            return
        if heard.is_complete:
            self._unanswered = f"{self._unanswered} {heard.text}".strip()
            self._next = (now + self._draw.between(*_THINK_S, "think", self._lines), None)
        elif not self._speaks_over and self._next is None:
            self._next = (now + _BROKEN_OFF_S, Reply(self._mind.say("what")))

    def _do(self, reply: Reply, now: float) -> list[Deed]:
        """Say the line, press the key, go."""
        deeds: list[Deed] = []
        if reply.key:
            deeds.append(Press(reply.key))
            self._quiet_since = now
        if reply.text:
            self._lines += 1
            self._is_speaking = True
            self._speaks_over = self._they_speak
            self._is_leaving = self._is_leaving or reply.is_last
            deeds.append(Say(reply.text))
        elif reply.is_last:
            deeds.append(HangUp())
        return deeds
