"""The list of numbers that are never called."""

from __future__ import annotations

from dialer.model.ids import AttemptId
from dialer.store import suppression
from dialer.store.engine import Store
from dialer.store.keys import number_of
from dialer.store.suppression import Suppression
from tests.store.rows import NOW, a_phone, minutes


def test_the_first_proof_stands(store: Store) -> None:
    attempt_id = AttemptId("a" * 32)
    with store.write() as tx:
        assert suppression.add(tx, a_phone(1), "asked", "call", NOW, quote="stop calling", attempt_id=attempt_id)
        assert not suppression.add(tx, a_phone(1), "list", "import", NOW + minutes(1))
        expected = Suppression(number_of(tx, a_phone(1)), "asked", "call", "stop calling", attempt_id, NOW)
        assert suppression.entry(tx, a_phone(1)) == expected
        assert suppression.entry(tx, a_phone(2)) is None


def test_those_of_many_that_are_on_the_list(store: Store) -> None:
    with store.write() as tx:
        for number in (3, 700, 1100):
            suppression.add(tx, a_phone(number), "list", "import", NOW)
        asked = [a_phone(number) for number in range(1001)]
        assert suppression.suppressed(tx, asked) == {a_phone(3), a_phone(700)}
        assert suppression.suppressed(tx, []) == set()


def test_the_list_is_in_order_and_can_shrink(store: Store) -> None:
    with store.write() as tx:
        suppression.add(tx, a_phone(2), "list", "import", NOW + minutes(1))
        suppression.add(tx, a_phone(1), "list", "import", NOW)
        assert [one.number for one in suppression.listed(tx)] == [number_of(tx, a_phone(1)), number_of(tx, a_phone(2))]
        assert suppression.remove(tx, a_phone(1))
        assert not suppression.remove(tx, a_phone(1))
        assert [one.number for one in suppression.listed(tx)] == [number_of(tx, a_phone(2))]
