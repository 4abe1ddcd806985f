"""Campaigns that stopped by themselves: why, whose fault it is, and what a person does then."""

from collections.abc import Collection
from dataclasses import dataclass

from dialer.errors import CarrierError, DialerError, OutsideError, PolicyRefusal, VoiceError
from dialer.model.call import CampaignStatus
from dialer.operations.parts import Parts
from dialer.store import campaigns

_OUTSIDE: dict[str, type[OutsideError]] = {"voice": VoiceError, "carrier": CarrierError}
_OURS = ("budget", "ABAND-1")
"""Limits of our own that were reached."""
_FAULTS = ("facts",)
"""What we could not do ourselves."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A paused campaign and the reason that was stored when it paused itself."""

    name: str
    reason: str

    @property
    def by(self) -> str:
        """Who stopped it: the word before the reason's colon."""
        return self.reason.partition(":")[0]


def stopped(parts: Parts, names: Collection[str]) -> list[Stopped]:
    """Which of these campaigns are paused, and not because a person asked for it; by name."""
    with parts.store.read() as tx:
        rows = campaigns.listed(tx)
    paused = [Stopped(row.name, row.status_reason) for row in rows if row.status is CampaignStatus.PAUSED and row.name in names]
    return [found for found in paused if found.by in (*_OUTSIDE, *_OURS, *_FAULTS)]


def error_of(found: Collection[Stopped]) -> DialerError | None:
    """What a run that ended by it says: exit code 4 when something outside is to blame, 1 when we are, else 3; None when
    nothing stopped.
    """
    if not found:
        return None
    lines = [f"{one.name} has stopped by itself: {one.reason}" for one in found]
    outside = [one for one in found if one.by in _OUTSIDE]
    faults = [one for one in found if one.by in _FAULTS]
    mend = "`dialer doctor` says what is wrong" if outside else "give it more room (`dialer schedule`), if that is what you want"
    if faults and not outside:
        mend = "`dialer why PHONE` says what could not be read"
    text = "\n".join([*lines, f"{mend}; then: " + "; ".join(f"dialer resume {one.name}" for one in found)])
    if outside:
        return _OUTSIDE[outside[0].by](text, retryable=False)
    return DialerError(text) if faults else PolicyRefusal(text)
