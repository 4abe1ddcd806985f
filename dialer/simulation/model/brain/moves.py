"""What a step of the dialogue may want done, and what it knows while deciding."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dialer.simulation.model.brain.intents import Intent, phrase
from dialer.simulation.model.brain.layout import Layout
from dialer.simulation.model.brain.view import Call, Called, View

_WEAK = frozenset({"callback", "not_interested", "cannot_tell"})
"""What does not undo what was agreed about an appointment."""


@dataclass(frozen=True, slots=True)
class Say:
    """Say this and wait for an answer to it; the step goes on."""

    text: str


@dataclass(frozen=True, slots=True)
class Go:
    """This step is over: say this and go on with the next one."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """Say ``before`` and goodbye with this sentence, and end the call."""

    phrase: str
    reason: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Call tools; when their results are there, ``then`` says what follows. Undeclared tools are left out."""

    calls: tuple[Call, ...]
    then: Callable[[tuple[Called, ...]], "Move"]


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing."""


Move = Say | Go | Close | Act | Wait


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the callee has said since the model's last words."""

    text: str
    intents: frozenset[Intent]
    is_after_cut: bool = False
    """The model was interrupted: its last question may not have been heard."""

    def means(self, *intents: Intent) -> bool:
        """One of these is in the words."""
        return not self.intents.isdisjoint(intents)


@dataclass
class Memory:
    """What the brain keeps during a call."""

    layout: Layout
    view: View
    details: dict[str, str] = field(default_factory=dict)
    """Private details that the identity check has given."""
    answered: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Value and quote of each answer."""
    refusals: int = 0
    """Times for a callback that the tool refused."""
    settled: str = ""
    """The outcome that was set last."""

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if self.layout.language == "zh" else " "

    def phrase(self, key: str, /, **values: str) -> str:
        """A sentence in the language of the instructions."""
        layout = self.layout
        return phrase(key, layout.language, agent=layout.agent, company=layout.company, **values)

    def outcome(self, *names: str, quote: str, reason: str) -> tuple[Call, ...]:
        """The call that sets the first of these outcomes that may be set; none when none may, or a better one stands."""
        allowed = self.view.choices("set_outcome", "outcome")
        chosen = next((name for name in names if name in allowed), None)
        is_weaker = chosen in _WEAK and self.settled.startswith("appointment")
        if chosen is None or chosen == self.settled or is_weaker or (chosen == "cannot_tell" and self.settled):
            return ()
        self.settled = chosen
        return (Call("set_outcome", {"outcome": chosen, "reason": reason, "quote": quote}),)

    def slots(self, tool: str) -> dict[str, str]:
        """The appointment times that ``tool`` takes, in spoken form."""
        return {slot: self.layout.slots.get(slot, slot) for slot in self.view.choices(tool, "slot") or self.layout.slots}
