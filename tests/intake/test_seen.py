"""Duplicates are found, nobody else is."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.intake.seen import SeenNumbers


@given(st.lists(st.integers(10**7, 10**15 - 1), max_size=60, unique=True), st.integers(10**7, 10**15 - 1))
def test_like_a_dictionary(numbers: list[int], stranger: int) -> None:
    seen = SeenNumbers()
    for row, number in enumerate(numbers, 2):
        assert seen.row_of(f"+{number}") == 0
        seen.add(f"+{number}", row)
    assert [seen.row_of(f"+{number}") for number in numbers] == list(range(2, len(numbers) + 2))
    assert seen.row_of(f"+{stranger}") == (numbers.index(stranger) + 2 if stranger in numbers else 0)


def test_it_grows_and_forgets_nothing() -> None:
    seen = SeenNumbers()
    for number in range(5000):
        seen.add(f"+1212{number:07}", number + 1)
    seen.add("+12120000000", 9)
    assert seen.row_of("+12120000000") == 9
    assert all(seen.row_of(f"+1212{number:07}") == number + 1 for number in range(1, 5000))
    assert seen.row_of("+13120000000") == 0
