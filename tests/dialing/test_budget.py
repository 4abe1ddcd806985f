from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.dialing.budget import Allowed, Stop, places, room
from dialer.model.campaign import Budget

LIMITED = Budget(total=Decimal(10), per_day=Decimal(4), per_call=Decimal(2))


def test_without_limits_there_is_always_room() -> None:
    assert room(Budget(), Decimal(999), Decimal(999), Decimal(999), Decimal(999)) == Allowed(None)


def test_what_is_left_is_that_of_the_tightest_limit() -> None:
    assert room(LIMITED, Decimal(5), Decimal(1), Decimal(1), Decimal(1)) == Allowed(Decimal(1))
    assert room(LIMITED, Decimal(8), Decimal(0), Decimal(0), Decimal(2)) == Allowed(Decimal(0))
    assert room(Budget(per_day=Decimal(4)), Decimal(100), Decimal(1), Decimal(0), Decimal(1)) == Allowed(Decimal(2))


def test_each_limit_stops_and_says_so() -> None:
    for limit, found in (
        ("per_call", room(LIMITED, Decimal(0), Decimal(0), Decimal(0), Decimal("2.01"))),
        ("total", room(LIMITED, Decimal(8), Decimal(0), Decimal(1), Decimal("1.01"))),
        ("per_day", room(LIMITED, Decimal(3), Decimal(3), Decimal(0), Decimal("1.01"))),
    ):
        assert isinstance(found, Stop)
        assert found.limit == limit
        assert limit.replace("_", " ") in found.reason.replace("_", " ")


money = st.integers(0, 1200).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(st.tuples(money, st.booleans()), max_size=30))
@settings(max_examples=80)
def test_reserving_first_never_lets_the_total_pass_its_limit(calls: list[tuple[Decimal, bool]]) -> None:
    budget = Budget(total=Decimal(10))
    spent, reserved = Decimal(0), Decimal(0)
    for worst, is_settled in calls:
        if isinstance(room(budget, spent, Decimal(0), reserved, worst), Allowed):
            spent, reserved = (spent + worst, reserved) if is_settled else (spent, reserved + worst)
    assert spent + reserved <= Decimal(10)


@given(*[st.decimals(0, 20, places=2)] * 4, st.decimals("0.01", 5, places=2))
def test_places_are_what_room_gives_one_by_one(
    total: Decimal, per_day: Decimal, spent: Decimal, reserved: Decimal, worst: Decimal
) -> None:
    budget = Budget(total=total + 1, per_day=per_day + 1)
    found = places(budget, spent, spent, reserved, worst)
    taken = 0
    while isinstance(room(budget, spent, spent, reserved + worst * taken, worst), Allowed):
        taken += 1
    if isinstance(found, Stop):
        assert taken == 0
        assert found == room(budget, spent, spent, Decimal(0), worst)
    else:
        assert found == taken
        assert isinstance(room(budget, spent, spent, Decimal(0), worst), Allowed)


def test_without_limits_there_are_places_without_end() -> None:
    assert places(Budget(), Decimal(9), Decimal(9), Decimal(9), Decimal(9)) is None
    assert places(Budget(total=Decimal(1)), Decimal(0), Decimal(0), Decimal(0), Decimal(0)) is None, "free calls"
