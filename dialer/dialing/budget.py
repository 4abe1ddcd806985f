"""Is there money for one more call? Reserve the worst case before dialling, settle the real cost after."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from dialer.model.campaign import Budget


@dataclass(frozen=True, slots=True)
class Allowed:
    """The worst case fits. ``left`` is what remains of the tightest limit after it; None when there is no limit."""

    left: Decimal | None


@dataclass(frozen=True, slots=True)
class Stop:
    """It does not fit. ``limit`` names the limit that stops; a stop by ``per_day`` ends by itself with the UTC day."""

    limit: Literal["per_call", "total", "per_day"]
    reason: str


def room(
    budget: Budget, spent_total: Decimal, spent_today: Decimal, open_reserved: Decimal, worst_case: Decimal
) -> Allowed | Stop:
    """Say whether one more call may be reserved. ``open_reserved``: worst cases of calls that are not settled yet.

    All open reservations count as today's: a call in progress is settled today or was started so late that it hardly
    matters.
    """
    if budget.per_call is not None and worst_case > budget.per_call:
        return Stop("per_call", f"one call may cost {worst_case:.2f}, the budget per call is {budget.per_call:.2f}")
    left: Decimal | None = None
    limits: tuple[tuple[Literal["total", "per_day"], Decimal | None, Decimal], ...] = (
        ("total", budget.total, spent_total),
        ("per_day", budget.per_day, spent_today),
    )
    for name, limit, spent in limits:
        if limit is None:
            continue
        rest = limit - spent - open_reserved - worst_case
        if rest < 0:
            taken = f"spent {spent:.2f}, reserved {open_reserved:.2f}, one more call may cost {worst_case:.2f}"
            return Stop(name, f"the budget ({name}) is {limit:.2f}: {taken}")
        left = rest if left is None else min(left, rest)
    return Allowed(left)


def places(
    budget: Budget, spent_total: Decimal, spent_today: Decimal, open_reserved: Decimal, worst_case: Decimal
) -> int | Stop | None:
    """Say how many more calls may be reserved; None: as many as one likes. ``Stop``: none, and waiting for open calls to be
    settled would not help, since even without them there is no room.
    """
    settled = room(budget, spent_total, spent_today, Decimal(0), worst_case)
    if isinstance(settled, Stop):
        return settled
    allowed = room(budget, spent_total, spent_today, open_reserved, worst_case)
    if isinstance(allowed, Stop):
        return 0
    if allowed.left is None or not worst_case:
        return None
    return 1 + int(allowed.left // worst_case)
