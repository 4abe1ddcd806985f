"""Payment card numbers in one turn and over several."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.conversation.cards import SpreadCards, is_luhn, mask_cards


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("It is 4111 1111 1111 1111, thanks", "It is [card ending 1111], thanks"),
        ("4111-1111-1111-1111", "[card ending 1111]"),
        ("four " + "one " * 15 + "yes", "[card ending 1111] yes"),
        ("四" + "一" * 15, "[card ending 1111]"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("call 212-555-0123", "call 212-555-0123"),
    ],
)
def test_card_numbers_are_masked(text: str, masked: str) -> None:
    assert mask_cards(text) == masked


@given(st.text(alphabet="0123456789 -ab", max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_cards(text)
    assert mask_cards(once) == once


def test_the_check_sum() -> None:
    assert is_luhn("79927398713")
    assert not is_luhn("79927398710")


def spread(*turns: str) -> list[tuple[str, str]]:
    """What the last turn completes."""
    cards = SpreadCards()
    found: list[tuple[str, str]] = []
    for number, turn in enumerate(turns):
        found = cards.heard(f"h{number}", turn)
    return found


@pytest.mark.parametrize(
    ("turns", "masked"),
    [
        (("It is 4111 1111,", "1111 1111"), ["It is [card digits],", "[card ending 1111]"]),
        (("4111", "1111", "1111", "1111"), ["[card digits]"] * 3 + ["[card ending 1111]"]),
        (
            ("four one one one", "Are you there?", "one one one one", "1111", "1111."),
            ["[card digits]"] * 3 + ["[card ending 1111]."],
        ),
        (("四一一一一一一一", "一一一一一一一一"), ["[card digits]", "[card ending 1111]"]),
        (("3782 822463", "10005, it expires 12 27"), ["[card digits]", "[card ending 0005], it expires 12 27"]),
        # Said twice, because we asked again.
        (("4111 1111", "4111 1111", "1111 1111"), ["[card digits]", "[card digits]", "[card ending 1111]"]),
        # With the expiry in the same breath.
        (("4111 1111", "1111 1111 12 27"), ["[card digits]", "[card ending 1111]"]),
    ],
)
def test_a_number_over_several_turns(turns: tuple[str, ...], masked: list[str]) -> None:
    assert [text for _, text in spread(*turns)] == masked


@pytest.mark.parametrize(
    "turns",
    [
        ("212 555 0123", "04 12 1984"),
        ("4111 1111", "1111 1112"),
        ("4111 1111", "1111"),
        ("7111 1111", "1111 1111"),
        ("We are two.", "One moment.", "One, two."),
        ("I paid 4111 1111 and then 200", "1111 1111"),
        ("Yes.", "No."),
    ],
)
def test_other_numbers_are_left_alone(turns: tuple[str, ...]) -> None:
    assert spread(*turns) == []


def test_each_number_is_found_once_and_old_digits_are_forgotten() -> None:
    cards = SpreadCards()
    for _ in range(3):
        assert cards.heard("a", "4111 1111") == []
        assert [item for item, _ in cards.heard("b", "1111 1111")] == ["a", "b"]
    assert cards.heard("a", "4111 1111") == []
    for number in range(4):
        assert cards.heard(f"n{number}", "7777 7777 77") == []
    assert cards.heard("b", "1111 1111") == []


@given(st.lists(st.text(alphabet="0123456789 a.", max_size=30), max_size=12))
def test_masked_turns_hold_no_group_of_the_number(turns: list[str]) -> None:
    cards = SpreadCards()
    for number, turn in enumerate(turns):
        for item, text in cards.heard(str(number), turn):
            assert "[card" in text
            assert int(item) <= number
