"""Which of a contact's numbers is dialled next: in the order of the file, round after round, without those that are closed.

A round dials each open number once. Who was dialled least is next, and among equals the first; so a number that was added
later, or was passed over, catches up before anybody is dialled once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dialer.model.phone import PhoneNumber


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a contact. ``tries``: its dials that count; ``is_closed``: it is never dialled again for this call."""

    phone: PhoneNumber
    tries: int = 0
    is_closed: bool = False


def following(numbers: Sequence[Number]) -> Number | None:
    """The number to dial next; None when all are closed."""
    return min((number for number in numbers if not number.is_closed), key=lambda number: number.tries, default=None)
