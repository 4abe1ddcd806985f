from __future__ import annotations

from datetime import timedelta

from dialer.dialing.caller_id import Tally
from dialer.model.phone import PhoneNumber
from dialer.store import attempts, caller_numbers
from dialer.store.caller_numbers import CallerNumber
from dialer.store.engine import Store
from tests.store.rows import NOW, begun, stocked

OURS = PhoneNumber("+12125550199")


def test_a_number_is_known_with_what_was_set_and_the_rest_stays(store: Store) -> None:
    with store.write() as tx:
        assert caller_numbers.listed(tx) == []
        caller_numbers.put(tx, OURS)
        caller_numbers.put(tx, OURS)
        caller_numbers.put(tx, OURS, weight=3, daily_cap=100)
        caller_numbers.put(tx, OURS, rests_until=NOW, rest_reason="tired")
        assert caller_numbers.listed(tx) == [CallerNumber(OURS, 3, 100, NOW, "tired")]


def test_calls_are_counted_by_number_and_span(store: Store) -> None:
    with store.write() as tx:
        _, new = begun(tx, stocked(tx, 1))
        day = timedelta(days=1)
        assert caller_numbers.tallies(tx, NOW - day, NOW + day) == {new.from_number: Tally(1, 0, 0)}
        attempts.answered(tx, new.attempt_id, new.fence, NOW)
        assert caller_numbers.tallies(tx, NOW - day, NOW + day) == {new.from_number: Tally(1, 1, 1)}
        assert caller_numbers.tallies(tx, NOW + day, NOW + 2 * day) == {}
