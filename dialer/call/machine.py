"""One attempt from its claim to exactly one disposition.

Theory of operation
===================

The order of an attempt is fixed, because each step makes the next one harmless: the voice model's session is opened
and verified first (a model that is not ready must never ring a phone), then all gates are asked and the intent to dial
is committed in one transaction, only then the carrier is asked, once. While the phone rings the opening is produced.
On the answer the conversation takes over; when it ends, or the leg does, both sides are closed and their two reports
are joined into one disposition.

Every state has a timer, so an attempt ends whatever its partners do. A lost answer of the carrier ends in ``unknown``,
never in a second dial. The table names every state x event pair: a ``Move``, an ``Ignored`` with its reason (carriers
repeat themselves and report late), or a ``Forbidden`` move, which would be a bug of our own driver and raises
``ProtocolViolation``.

Between the answer and the end three states keep apart what is still open: ``HANGING_UP`` (the conversation has
reported, the leg has not), ``SETTLING`` (the leg is gone, the conversation closes its books) and ``STOPPING`` (both
are open and both were told).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialer.call.events import (
    Answered,
    AskPermit,
    Began,
    CallCommand,
    CallEvent,
    CancelAsked,
    CloseModel,
    Dial,
    Finish,
    HangUp,
    LegEnded,
    ModelFailed,
    ModelReady,
    OpenModel,
    Permitted,
    Placed,
    PlaceLost,
    PrepareOpening,
    Refused,
    Ringing,
    StartTalk,
    StopTalk,
    TalkEnded,
    WindUpTalk,
)
from dialer.call.verdict import Facts, verdict
from dialer.errors import ProtocolViolation
from dialer.model.disposition import Disposition

MODEL_S = 15.0
PERMIT_S = 60.0
"""The gates wait for the campaign's pace before they decide."""
GIVE_UP_S = 10.0
PLACING_S = 10.0
RING_MARGIN_S = 5.0
CALL_MARGIN_S = 15.0
WIND_UP_S = 20.0
CLOSING_S = 5.0


class State(StrEnum):
    """Where an attempt stands."""

    NEW = "new"
    OPENING_MODEL = "opening_model"
    ASKING_PERMIT = "asking_permit"
    GIVING_UP = "giving_up"
    """No call will be made, but the gates' transaction is under way and its answer is awaited."""
    PLACING = "placing"
    RECALLING = "recalling"
    """The dial was asked and is unwanted by now: hung up as soon as the carrier names the call."""
    RINGING = "ringing"
    WITHDRAWING = "withdrawing"
    """Hung up while ringing."""
    TALKING = "talking"
    WINDING_UP = "winding_up"
    STOPPING = "stopping"
    HANGING_UP = "hanging_up"
    SETTLING = "settling"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Expired:
    """The state's own timer ran out: fed by ``tick``."""


Event = CallEvent | Expired
Maker = Callable[[Event], CallCommand]


@dataclass(frozen=True, slots=True)
class Move:
    """Go to ``to`` and do ``commands`` (a callable makes its command from the event).

    ``fault`` is what the event itself says of the end: the disposition and reason when nothing better is known.
    """

    to: State
    commands: tuple[CallCommand | Maker, ...] = ()
    fault: tuple[Disposition, str] | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """The event changes nothing, because of ``reason``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Only a bug of ours can cause this."""

    reason: str


Entry = Move | Ignored | Forbidden


def _wind_up(event: Event) -> CallCommand:
    assert isinstance(event, CancelAsked)
    return WindUpTalk(event.reason)


_DOUBLED = Ignored("carriers repeat their reports")
_LATE = Ignored("came after it was decided")
_OVER = Ignored("the attempt is over")
_TWICE = Forbidden("happens once in an attempt")
_EARLY = Forbidden("nothing of the kind has been asked yet")
_NO_CALL = Forbidden("the carrier has not been asked")
_ON_ITS_WAY = Ignored("the end is on its way")
_NO_TIMER = Forbidden("this state has no timer")
_GIVE_UP = Move(State.GIVING_UP)
_DONE = Move(State.DONE)
_NOT_DIALLED: dict[type, Entry] = {
    Placed: _NO_CALL, PlaceLost: _NO_CALL, Ringing: _NO_CALL, Answered: _NO_CALL, LegEnded: _NO_CALL
}  # fmt: skip
_AFTER_PERMIT: dict[type, Entry] = {Began: _TWICE, ModelReady: _TWICE, Permitted: _TWICE, Refused: _TWICE}
_AFTER_ANSWER: dict[type, Entry] = {
    **_AFTER_PERMIT,
    ModelFailed: Ignored("the conversation sees the loss itself and ends"),
    Placed: _DOUBLED,
    PlaceLost: Ignored("the call is known to be placed"),
    Ringing: _DOUBLED,
    Answered: _DOUBLED,
}
_STOP_BOTH = Move(State.STOPPING, (StopTalk(), HangUp()))
_TO_TALK = Move(State.TALKING, (StartTalk(),))

TABLE: Mapping[State, Mapping[type, Entry]] = {
    State.NEW: {
        **_NOT_DIALLED,
        Began: Move(State.OPENING_MODEL, (OpenModel(),)),
        ModelReady: _EARLY, ModelFailed: _EARLY, Permitted: _EARLY, Refused: _EARLY, TalkEnded: _EARLY,
        CancelAsked: _DONE,
        Expired: _NO_TIMER,
    },
    State.OPENING_MODEL: {
        **_NOT_DIALLED,
        Began: _TWICE,
        ModelReady: Move(State.ASKING_PERMIT, (AskPermit(),)),
        ModelFailed: _DONE,
        Permitted: _EARLY, Refused: _EARLY, TalkEnded: _EARLY,
        CancelAsked: _DONE,
        Expired: Move(State.DONE, fault=(Disposition.VOICE_FAILED, "model_timeout")),
    },
    State.ASKING_PERMIT: {
        **_NOT_DIALLED,
        Began: _TWICE, ModelReady: _TWICE,
        ModelFailed: _GIVE_UP,
        Permitted: Move(State.PLACING, (Dial(),)),
        Refused: _DONE,
        TalkEnded: _GIVE_UP,
        CancelAsked: _GIVE_UP,
        Expired: Move(State.DONE, fault=(Disposition.CANCELLED, "permit_timeout")),
    },
    State.GIVING_UP: {
        **_NOT_DIALLED,
        Began: _TWICE, ModelReady: _TWICE,
        ModelFailed: _ON_ITS_WAY,
        Permitted: _DONE,
        Refused: _DONE,
        TalkEnded: _ON_ITS_WAY,
        CancelAsked: _ON_ITS_WAY,
        Expired: _DONE,
    },
    State.PLACING: {
        **_AFTER_PERMIT,
        ModelFailed: Move(State.RECALLING),
        Placed: Move(State.RINGING, (PrepareOpening(),)),
        PlaceLost: _DONE,
        Ringing: Move(State.RINGING, (PrepareOpening(),)),
        Answered: _TO_TALK,
        LegEnded: _DONE,
        TalkEnded: Move(State.RECALLING),
        CancelAsked: Move(State.RECALLING),
        Expired: Move(State.DONE, fault=(Disposition.UNKNOWN, "place_timeout")),
    },
    State.RECALLING: {
        **_AFTER_PERMIT,
        ModelFailed: _ON_ITS_WAY,
        Placed: Move(State.WITHDRAWING, (HangUp(),)),
        PlaceLost: _DONE,
        Ringing: Move(State.WITHDRAWING, (HangUp(),)),
        Answered: Move(State.HANGING_UP, (HangUp(),)),
        LegEnded: _DONE,
        TalkEnded: _ON_ITS_WAY,
        CancelAsked: _ON_ITS_WAY,
        Expired: Move(State.DONE, fault=(Disposition.UNKNOWN, "place_timeout")),
    },
    State.RINGING: {
        **_AFTER_PERMIT,
        ModelFailed: Move(State.WITHDRAWING, (HangUp(),)),
        Placed: _DOUBLED,
        PlaceLost: Ignored("the call is known to be placed"),
        Ringing: _DOUBLED,
        Answered: _TO_TALK,
        LegEnded: _DONE,
        TalkEnded: Move(State.WITHDRAWING, (HangUp(),)),
        CancelAsked: Move(State.WITHDRAWING, (HangUp(),)),
        Expired: Move(State.WITHDRAWING, (HangUp(),), fault=(Disposition.NO_ANSWER, "ring_timeout")),
    },
    State.WITHDRAWING: {
        **_AFTER_PERMIT,
        ModelFailed: _ON_ITS_WAY,
        Placed: _DOUBLED,
        PlaceLost: Ignored("the call is known to be placed"),
        Ringing: _DOUBLED,
        Answered: Move(State.HANGING_UP),
        LegEnded: _DONE,
        TalkEnded: _ON_ITS_WAY,
        CancelAsked: _ON_ITS_WAY,
        Expired: _DONE,
    },
    State.TALKING: {
        **_AFTER_ANSWER,
        LegEnded: Move(State.SETTLING, (StopTalk(),)),
        TalkEnded: Move(State.HANGING_UP, (HangUp(),)),
        CancelAsked: Move(State.WINDING_UP, (_wind_up,)),
        Expired: _STOP_BOTH,
    },
    State.WINDING_UP: {
        **_AFTER_ANSWER,
        LegEnded: Move(State.SETTLING, (StopTalk(),)),
        TalkEnded: Move(State.HANGING_UP, (HangUp(),)),
        CancelAsked: _ON_ITS_WAY,
        Expired: _STOP_BOTH,
    },
    State.STOPPING: {
        **_AFTER_ANSWER,
        LegEnded: Move(State.SETTLING),
        TalkEnded: Move(State.HANGING_UP),
        CancelAsked: _ON_ITS_WAY,
        Expired: _DONE,
    },
    State.HANGING_UP: {
        **_AFTER_ANSWER,
        LegEnded: _DONE,
        TalkEnded: _LATE,
        CancelAsked: _ON_ITS_WAY,
        Expired: _DONE,
    },
    State.SETTLING: {
        **_AFTER_ANSWER,
        LegEnded: _DOUBLED,
        TalkEnded: _DONE,
        CancelAsked: _ON_ITS_WAY,
        Expired: _DONE,
    },
    State.DONE: {
        Began: _TWICE,
        ModelReady: _OVER, ModelFailed: _OVER, Permitted: _OVER, Refused: _OVER, Placed: _OVER, PlaceLost: _OVER,
        Ringing: _OVER, Answered: _OVER, LegEnded: _OVER, TalkEnded: _OVER, CancelAsked: _OVER,
        Expired: _NO_TIMER,
    },
}  # fmt: skip


class CallMachine:
    """One attempt. Feed it what happened, do what it says, in order; ``Finish`` comes exactly once and last."""

    def __init__(self, *, ring_s: float, call_s: float) -> None:
        """``ring_s`` and ``call_s`` are the campaign's limits in seconds; our timers stand behind the carrier's."""
        self._limits: dict[State, float] = {
            State.OPENING_MODEL: MODEL_S,
            State.ASKING_PERMIT: PERMIT_S,
            State.GIVING_UP: GIVE_UP_S,
            State.PLACING: PLACING_S,
            State.RECALLING: PLACING_S,
            State.RINGING: ring_s + RING_MARGIN_S,
            State.TALKING: call_s + CALL_MARGIN_S,
            State.WINDING_UP: WIND_UP_S,
        }
        self._state = State.NEW
        self._deadline: float | None = None
        self._facts = Facts()

    @property
    def state(self) -> State:
        """Where the attempt stands."""
        return self._state

    @property
    def done(self) -> bool:
        """``Finish`` has been given."""
        return self._state is State.DONE

    def deadline(self) -> float | None:
        """When ``tick`` is due, in the seconds of ``now``; None when no timer runs."""
        return self._deadline

    def tick(self, now: float) -> list[CallCommand]:
        """Let a due timer fire; harmless before it is due."""
        if self._deadline is None or now < self._deadline:
            return []
        return self._step(Expired(), now)

    def feed(self, event: CallEvent, now: float) -> list[CallCommand]:
        """Take one event; raise ``ProtocolViolation`` when only a bug of ours can have caused it."""
        return self._step(event, now)

    def _step(self, event: Event, now: float) -> list[CallCommand]:
        entry = TABLE[self._state][type(event)]
        if isinstance(entry, Forbidden):
            raise ProtocolViolation(f"{type(event).__name__} in state {self._state}: {entry.reason}")
        if isinstance(entry, Ignored):
            return []
        self._facts.note(event, entry.fault)
        self._state = entry.to
        self._deadline = None if self.done else now + self._limits.get(entry.to, CLOSING_S)
        commands = [command(event) if callable(command) else command for command in entry.commands]
        self._facts.has_talk |= StartTalk() in commands
        self._facts.has_model |= OpenModel() in commands
        if self.done:
            commands += self._close()
        return commands

    def _close(self) -> list[CallCommand]:
        last: Finish = verdict(self._facts)
        return [CloseModel(), last] if self._facts.has_model else [last]


def diagram() -> str:
    """The table's moves as a mermaid state diagram, for the README."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.NEW}"]
    for state, row in TABLE.items():
        events: dict[State, list[str]] = {}
        for event, entry in row.items():
            if isinstance(entry, Move):
                events.setdefault(entry.to, []).append(event.__name__)
        lines += [f"    {state} --> {to}: {', '.join(names)}" for to, names in events.items()]
    return "\n".join([*lines, f"    {State.DONE} --> [*]"])
