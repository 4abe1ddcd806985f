"""When a campaign must stop or slow down by itself: three breakers, and the back-off of an account that is used up.

The breakers are separate because their mending is: a carrier that fails most dials, a voice model that fails most calls, and
(ABAND-1) people who answer and hear nothing from us. A tripped breaker pauses the campaign until a person has looked; resuming
begins with an empty watch. A limit that is used up is not a fault: nobody starts for a while, each time for longer, and the
first start that goes well ends it.

Everything here is a value: what is remembered lies in the database, so that all workers judge by the same.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialer.model.disposition import Disposition

WINDOW = 20
"""So many of the latest attempts are judged."""
LEAST = 10
"""Nothing is said of fewer."""
FAILED_SHARE = 0.5
"""From this share of failures on, what fails is not the single call."""
LIVE_ANSWERS = 50
"""ABAND-1 judges from so many live answers on: before, a single silence would be 2 % and more."""
ABANDONED_SHARE = 0.02
"""ABAND-1: at most this share of live answers may be left without our voice (Ofcom and TSR: 3 %, with a margin)."""
DELAYS = tuple(timedelta(seconds=s) for s in (30, 60, 120, 240, 480, 600))
"""How long nobody starts after the first, second, ... limit that was used up; the last one repeats."""

_LIVE = frozenset({Disposition.ANSWERED_HUMAN, Disposition.ABANDONED})
_NO_PROOF = frozenset({Disposition.CANCELLED, Disposition.UNKNOWN})
"""Broken off by ourselves, or never cleared up: says nothing of the carrier."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What breakers remember since the campaign was armed or resumed. The newest attempt is the last letter: x failed, - not."""

    carrier: str = ""
    voice: str = ""
    live_answers: int = 0
    abandoned: int = 0


@dataclass(frozen=True, slots=True)
class Slowdown:
    """Nobody starts before ``until``; ``level`` counts from 1 how often in a row that was needed."""

    level: int
    until: datetime
    reason: str


def note(watch: Watch, disposition: Disposition, *, was_dialled: bool) -> Watch:
    """Remember one more end. ``was_dialled``: the carrier was asked."""
    if disposition.is_blocked or disposition in _NO_PROOF:
        return watch
    is_voice_fault = disposition is Disposition.VOICE_FAILED
    watch = replace(watch, voice=_with(watch.voice, is_failure=is_voice_fault))
    if was_dialled and not is_voice_fault:
        watch = replace(watch, carrier=_with(watch.carrier, is_failure=disposition is Disposition.CARRIER_FAILED))
    if disposition in _LIVE:
        abandoned = watch.abandoned + (disposition is Disposition.ABANDONED)
        watch = replace(watch, live_answers=watch.live_answers + 1, abandoned=abandoned)
    return watch


def tripped(watch: Watch) -> str | None:
    """Why the campaign must stop, if it must: the breaker's name and what it saw."""
    if watch.live_answers >= LIVE_ANSWERS and watch.abandoned >= ABANDONED_SHARE * watch.live_answers:
        return f"ABAND-1: {watch.abandoned} of {watch.live_answers} live answers were abandoned"
    for name, window in (("carrier", watch.carrier), ("voice", watch.voice)):
        failed = window.count("x")
        if len(window) >= LEAST and failed >= FAILED_SHARE * len(window):
            return f"{name}: {failed} of the last {len(window)} attempts failed"
    return None


def back_off(before: Slowdown | None, reason: str, now: datetime) -> Slowdown:
    """A limit was used up at ``now``. While a slowdown is in force it stays as it is: calls that were under way meet the
    same limit, and many of them must not count as many.
    """
    if before is not None and now < before.until:
        return before
    level = 1 if before is None else before.level + 1
    return Slowdown(level, now + DELAYS[min(level, len(DELAYS)) - 1], reason)


def is_over(slowdown: Slowdown, dialed_at: datetime | None) -> bool:
    """Whether an attempt that went well and was dialled then proves that the account is good again."""
    return dialed_at is not None and dialed_at >= slowdown.until


def _with(window: str, *, is_failure: bool) -> str:
    return (window + ("x" if is_failure else "-"))[-WINDOW:]
