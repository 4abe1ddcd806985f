"""What can be heard on a line beside words."""

from dataclasses import dataclass

from dialer.audio.network_tones import SitKind


@dataclass(frozen=True, slots=True)
class BeepEnded:
    """A single steady tone has ended in quiet: after it an answering machine records."""

    hz: int
    ms: int


@dataclass(frozen=True, slots=True)
class SitHeard:
    """Special information tones: no callee is there, and an announcement follows."""

    kind: SitKind


@dataclass(frozen=True, slots=True)
class FaxHeard:
    """A fax machine: it answers (CED, told after one second of it) or calls (CNG, told with its second burst)."""


@dataclass(frozen=True, slots=True)
class BusyHeard:
    """Busy, with the third burst. ``is_reorder``: the quick one, of a network without a way or after a hang-up."""

    is_reorder: bool


@dataclass(frozen=True, slots=True)
class RingbackHeard:
    """A phone rings somewhere (the call was forwarded): told one second after a ring."""


@dataclass(frozen=True, slots=True)
class DigitHeard:
    """A key (``0``-``9``, ``*``, ``#``, ``A``-``D``) is pressed."""

    digit: str


ToneEvent = BeepEnded | SitHeard | FaxHeard | BusyHeard | RingbackHeard | DigitHeard
