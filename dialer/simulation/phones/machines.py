"""Machines that take a call: the answering machine and the call screener. Pure, like ``callee``."""

from dialer.simulation.phones.callee import (
    Beep,
    Callee,
    CalleeEvent,
    Deed,
    HangUp,
    Human,
    LineSaid,
    Say,
    TheyBegan,
    TheyEnded,
)
from dialer.simulation.phones.mind import Mind
from dialer.simulation.phones.personas import Draw, Person

_GREETING_S = 0.4
_BEFORE_BEEP_S = 0.3
_RECORDING_S = 25.0
_SILENCE_S = 8.0
_PROMPT_S = 0.4
_REASON_CHARACTERS = 10
_SCREENER_PATIENCE_S = 12.0
_CONNECTING_S = (2.0, 6.0)
_PUT_THROUGH = 0.7


class AnsweringMachine:
    """Greets, beeps, records for a while, hangs up. It never listens to what is said."""

    wants_words = False

    def __init__(self, person: Person, draw: Draw) -> None:
        self._steps: list[tuple[float, Deed]] = [
            (_GREETING_S, Say(Mind(person, "voicemail", draw).say("voicemail"))),
            (_BEFORE_BEEP_S, Beep()),
        ]
        self._at: float | None = _GREETING_S
        self._until: float | None = None

    def feed(self, event: CalleeEvent, now: float) -> list[Deed]:
        """The greeting ends, the beep ends, somebody speaks or stops."""
        if isinstance(event, LineSaid):
            if self._steps:
                self._at = now + self._steps[0][0]
            else:
                self._until = now + _RECORDING_S
                self._at = now + _SILENCE_S
        elif self._until is not None and isinstance(event, TheyBegan):
            self._at = self._until
        elif self._until is not None and isinstance(event, TheyEnded):
            self._at = min(now + _SILENCE_S, self._until)
        return []

    def tick(self, now: float) -> list[Deed]:
        """The next step: greeting, beep, the end."""
        if self._at is None or now < self._at:
            return []
        self._at = None
        return [self._steps.pop(0)[1]] if self._steps else [HangUp()]

    def deadline(self) -> float | None:
        """When the next step is due."""
        return self._at


class Screener:
    """Asks for name and reason, then puts the person through or says that he is not available."""

    def __init__(self, person: Person, draw: Draw) -> None:
        self._person = person
        self._draw = draw
        self._mind = Mind(person, "screener", draw)
        self._human: Callee | None = None
        self._is_speaking = True
        self._is_told = False
        self._is_answered = False
        self._is_leaving = False
        self._at: float | None = _PROMPT_S
        self._next: str = "screener"

    @property
    def wants_words(self) -> bool:
        """Only the person behind it may."""
        return self._human is not None and self._human.wants_words

    def feed(self, event: CalleeEvent, now: float) -> list[Deed]:
        """Listen for a name and a reason: what began before the question had been asked is no answer to it."""
        if self._human is not None:
            return self._human.feed(event, now)
        if isinstance(event, LineSaid):
            self._is_speaking = False
            self._line_said(now)
        elif isinstance(event, TheyBegan):
            self._is_answered = self._is_listening
        elif isinstance(event, TheyEnded) and self._is_answered and len(event.heard.text) >= _REASON_CHARACTERS:
            self._is_told, self._is_answered = True, False
            self._at, self._next = now + _PROMPT_S, "connecting"
        return []

    @property
    def _is_listening(self) -> bool:
        """The question has been asked and not been answered."""
        return not (self._is_told or self._is_speaking)

    def _line_said(self, now: float) -> None:
        """What comes after each line of its own."""
        if self._is_leaving:
            self._at, self._next = now + _PROMPT_S, ""
        elif self._is_told:
            self._at, self._next = now + self._draw.between(*_CONNECTING_S, "connecting"), "person"
        else:
            self._at, self._next = now + _SCREENER_PATIENCE_S, ""

    def tick(self, now: float) -> list[Deed]:
        """The next line, the person, or the end."""
        if self._human is not None:
            return self._human.tick(now)
        if self._at is None or now < self._at:
            return []
        step, self._at = self._next, None
        if step == "person":
            if self._draw.share("put through") < _PUT_THROUGH:
                self._human = Human(self._person, self._draw.pick(("agrees", "hesitates"), "behind"), self._draw, now)
                return []
            step, self._is_leaving = "not_available", True
        if not step:
            return [HangUp()]
        self._is_speaking = True
        return [Say(self._mind.say(step))]

    def deadline(self) -> float | None:
        """When the next step is due."""
        return self._at if self._human is None else self._human.deadline()


def callee_of(person: Person, persona: str, draw: Draw) -> Callee:
    """Whoever or whatever takes a call with this persona."""
    if persona == "voicemail":
        return AnsweringMachine(person, draw)
    return Screener(person, draw) if persona == "screener" else Human(person, persona, draw)
