"""How a talk ends: what is being said is heard to its end, then a short tail, then the line may be hung up.

A closing that is not firm gives way once to a callee who speaks again; a second one does not, so two polite people do not say
goodbye for ever. Every closing has a cap: a lost mark or a silent model cannot keep the line open.
"""

from dataclasses import dataclass
from enum import Enum, auto

TAIL_S = 0.4
CAP_S = 12.0
SHORT_CAP_S = 2.0
HAND_OVER_S = 15.0
WARM_S = 80.0
"""A warm transfer rings the desk and reads a summary to it first."""


class Phase(Enum):
    """Where the ending stands."""

    OPEN = auto()
    """The talk goes on."""
    SAYING = auto()
    """The last words are produced and heard."""
    TAIL = auto()
    HANDING_OVER = auto()
    """The carrier was asked to connect the callee to a desk."""
    OVER = auto()


@dataclass(slots=True)
class Closing:
    """The ending of one talk."""

    phase: Phase = Phase.OPEN
    reason: str = ""
    is_firm: bool = False
    desk: str = ""
    due_at: float | None = None
    cap_at: float | None = None
    gave_way: bool = False

    @property
    def is_open(self) -> bool:
        """No end is in sight."""
        return self.phase is Phase.OPEN

    def begin(self, reason: str, *, now: float, audible_until: float, is_firm: bool, is_short: bool) -> None:
        """The last words are on their way; a firm closing replaces another one and keeps the first reason."""
        if self.is_open or not self.is_firm:
            self.reason = reason
        self.phase = Phase.SAYING
        self.is_firm = is_firm or self.gave_way
        cap = SHORT_CAP_S if is_short else CAP_S
        self.cap_at, self.due_at = max(now, audible_until) + cap, None

    def give_way(self) -> bool:
        """The callee speaks: True when the end is called off for his sake."""
        if self.is_firm or self.phase not in (Phase.SAYING, Phase.TAIL):
            return False
        self.phase, self.gave_way, self.reason = Phase.OPEN, True, ""
        self.due_at = self.cap_at = None
        return True

    def went_quiet(self, now: float) -> None:
        """Nothing of ours is to be heard any more."""
        if self.phase is Phase.SAYING:
            self.phase, self.due_at = Phase.TAIL, now + TAIL_S

    def went_loud(self) -> None:
        """Something of ours is still to be heard after all (a late response)."""
        if self.phase is Phase.TAIL:
            self.phase, self.due_at = Phase.SAYING, None

    def wait_until(self, at: float) -> None:
        """Somebody's last words are awaited before it is over, or they have come."""
        self.due_at, self.cap_at = at, None

    def hand_over(self, now: float, *, is_warm: bool = False) -> None:
        """The carrier is connecting the callee; wait for the leg to end."""
        self.phase, self.due_at, self.cap_at = Phase.HANDING_OVER, now + (WARM_S if is_warm else HAND_OVER_S), None

    def deadline(self) -> float | None:
        """When ``is_due`` may change by time alone."""
        times = [at for at in (self.due_at, self.cap_at) if at is not None]
        return min(times) if times else None

    def is_due(self, now: float) -> bool:
        """The tail, the cap or the hand-over has run out."""
        at = self.deadline()
        return at is not None and now >= at
