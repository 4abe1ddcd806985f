"""How fast calls may start. Exact: in no sliding second are there more starts than the rate allows.

Carriers limit call starts per second (CPS) and queue or refuse what comes faster. A rate of 2.5 means at most two
starts in any second, since a half start does not exist; a rate below one means one start in every ``1 / cps``
seconds. Starts are spread evenly rather than sent in bursts, so that the last start is all that has to be remembered: it
lies in the database, where every worker finds it, and a new rate holds from the next start on.
"""

from datetime import datetime, timedelta

_MICRO_S = 1_000_000
_JITTER_US = 50_000
"""Between the start that is put on record and the carrier's being asked some milliseconds pass, more for one call than for
another. A period is so much longer than a second that the carrier, too, never counts one start too many."""


def gap(cps: float) -> timedelta:
    """The least distance of two starts at ``cps`` starts per second (above zero), rounded up to whole microseconds."""
    if not cps > 0:
        raise ValueError("cps must be above zero")
    burst = max(int(cps), 1)
    period_us = int(_MICRO_S * (1.0 if cps >= 1 else 1.0 / cps)) + _JITTER_US
    return timedelta(microseconds=-(-period_us // burst))


def next_start(last_at: datetime | None, cps: float, now: datetime) -> datetime:
    """When the next call may start: ``now``, or later if the last start is too near."""
    return now if last_at is None else max(now, last_at + gap(cps))
