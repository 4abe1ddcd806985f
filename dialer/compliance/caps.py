"""How often may one number be rung? Sliding periods over instants, so that neither midnight nor daylight saving time
opens a gap.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta


def free_at(attempts_at: Sequence[datetime], allowed: int, period: timedelta) -> datetime | None:
    """Return the instant from which one more attempt keeps "at most ``allowed`` in any ``period``"; None when it does
    already.

    The answer may lie in the past. It is the ``allowed``-th latest attempt plus the period: from there on only
    ``allowed - 1`` of the attempts are younger than the period.
    """
    if len(attempts_at) < allowed:
        return None
    return sorted(attempts_at)[-allowed] + period
