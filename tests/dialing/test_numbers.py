from __future__ import annotations

from dialer.dialing.numbers import Number, following
from dialer.model.phone import PhoneNumber

ONE, TWO, THREE = (PhoneNumber(f"+1212555010{n}") for n in (1, 2, 3))


def test_who_was_dialled_least_is_next_and_among_equals_the_first() -> None:
    assert following([Number(ONE), Number(TWO)]) == Number(ONE)
    assert following([Number(ONE, 1), Number(TWO), Number(THREE)]) == Number(TWO)
    assert following([Number(ONE, 1), Number(TWO, 1)]) == Number(ONE, 1)


def test_a_closed_number_is_passed_over() -> None:
    assert following([Number(ONE, is_closed=True), Number(TWO, 4)]) == Number(TWO, 4)
    assert following([Number(ONE, is_closed=True)]) is None
    assert following([]) is None
