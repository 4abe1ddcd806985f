"""Named faults of the simulated network: what it tells of a call is lost, late, doubled or out of order.

A fault concerns what the network *says*, never what it does: the phone rings or does not, and the journal knows. The network
counts its dials and reports, so the same run meets the same faults.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialer.call.events import Answered, CallEvent, Ringing

_DOUBLE_AFTER_S = 0.5
_LATE_S: Mapping[type, float] = {Ringing: 9.0, Answered: 0.8}
"""Ringing comes behind the answer, the answer may come behind the end."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong. ``every=n``: with each n-th one; 0: never.

    ``lose_answer_every``: the phone rings and ``PlaceLost`` is raised. ``delay_answer_every``: the answer to the dial comes
    ``delay_answer_s`` later, while the phone rings. ``refuse_every``: a definite refusal, nothing rings.
    ``lose_report_every``: ``Ringing``, ``Answered`` or ``LegEnded`` never arrives.
    """

    lose_answer_every: int = 0
    delay_answer_every: int = 0
    delay_answer_s: float = 0.0
    refuse_every: int = 0
    lose_report_every: int = 0
    has_doubled_reports: bool = False
    has_reordered_reports: bool = False


NAMED: Mapping[str, Faults] = {
    "none": Faults(),
    "answers lost": Faults(lose_answer_every=3),
    "answers delayed": Faults(delay_answer_every=2, delay_answer_s=12.0),
    "dials refused": Faults(refuse_every=3),
    "reports lost": Faults(lose_report_every=5),
    "reports doubled": Faults(has_doubled_reports=True),
    "reports reordered": Faults(has_reordered_reports=True),
}
"""The faults that the tests go through. The delay is longer than anybody waits for the answer to a dial."""


@dataclass(slots=True)
class Spoiler:
    """Counts what a network does, and says which of it goes wrong."""

    faults: Faults = field(default_factory=Faults)
    _dials: int = 0
    _reports: int = 0

    def refuses(self) -> bool:
        """One more dial was asked for: is it refused?"""
        self._dials += 1
        return _is_nth(self._dials, self.faults.refuse_every)

    def answer_delay_s(self) -> float:
        """How much later the answer to the dial at hand comes."""
        return self.faults.delay_answer_s if _is_nth(self._dials, self.faults.delay_answer_every) else 0.0

    def loses_answer(self) -> bool:
        """The answer to the dial at hand never comes."""
        return _is_nth(self._dials, self.faults.lose_answer_every)

    def arrivals_s(self, report: CallEvent) -> list[float]:
        """In how many seconds a report arrives; twice if it is doubled, never if it is lost."""
        self._reports += 1
        if _is_nth(self._reports, self.faults.lose_report_every):
            return []
        first_s = _LATE_S.get(type(report), 0.0) if self.faults.has_reordered_reports else 0.0
        return [first_s, first_s + _DOUBLE_AFTER_S] if self.faults.has_doubled_reports else [first_s]


def _is_nth(count: int, every: int) -> bool:
    return every > 0 and count % every == 0
