"""The first words, compared."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.conversation.opening import OpeningCheck, letters
from tests.support.builders import OPENING


def test_signs_and_capitals_are_no_difference() -> None:
    check = OpeningCheck("Hello, it's Ava!")
    assert not check.may_sound
    check.grew("HELLO its")
    assert check.may_sound
    assert check.completed("hello its ava")
    assert check.is_verified


def test_a_wrong_beginning_may_not_sound_and_there_is_one_more_try() -> None:
    check = OpeningCheck(OPENING)
    check.grew("Buy")
    assert not check.may_sound
    assert not check.completed("Buy now")
    assert check.may_retry()
    assert not check.may_retry()


@given(st.integers(0, len(OPENING)))
def test_every_beginning_is_one(end: int) -> None:
    check = OpeningCheck(OPENING)
    check.grew(OPENING[:end])
    assert check.may_sound == bool(letters(OPENING[:end]))
