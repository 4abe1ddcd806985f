"""Payment card numbers in what is said: found by their check sum, and masked before anybody keeps them.

Callees dictate in digits or in words, in one breath or group by group with our "go on" between. A number in one turn has 13 to 19
digits. One that is spread over turns must also begin as a card does and have the length of its brand: else a phone number and a
birthday, said one after the other, would be taken for one.
"""

import re
from dataclasses import dataclass

_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGIT_WORDS = {
    **{word: str(digit) for digit, word in enumerate(_NUMBER_WORDS)},
    "oh": "0",
    **{char: str(digit) for digit, char in enumerate("零一二三四五六七八九")},
    "〇": "0",
    "幺": "1",
}
_DIGIT = r"(?:\d|" + "|".join(_DIGIT_WORDS) + ")"
_BETWEEN = r"[\s,.，、-]*"
_CARD = re.compile(rf"(?<![\d.])(?:{_DIGIT}{_BETWEEN}){{12,18}}{_DIGIT}(?!\d)", re.IGNORECASE)
_GROUP = re.compile(rf"(?:{_DIGIT}{_BETWEEN}){{2,18}}{_DIGIT}", re.IGNORECASE)
_ONE_DIGIT = re.compile(_DIGIT, re.IGNORECASE)
_LENGTHS = (("34", 15), ("37", 15), ("30", 14), ("36", 14), ("38", 14), ("39", 14), ("2", 16), ("4", 16), ("5", 16), ("6", 16))
"""First digits and length, by brand (ISO/IEC 7812-1 and the schemes' published ranges)."""
MOST_DIGITS = 24
"""Digits of earlier turns that are remembered: a number, and half of one that was repeated."""


def mask_cards(text: str) -> str:
    """``text`` with payment card numbers (13 to 19 digits that pass the Luhn check) reduced to their last four digits."""
    return _CARD.sub(_masked, text)


def is_luhn(digits: str) -> bool:
    """The check sum of payment card numbers (ISO/IEC 7812-1, annex B)."""
    odd = sum(int(digit) for digit in digits[-1::-2])
    even = sum(sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0


@dataclass(frozen=True, slots=True)
class _Group:
    """Digits that were said together, and where they stand in the words of an item."""

    item_id: str
    text: str
    begin: int
    end: int
    digits: str

    def hidden(self, behind: str) -> str:
        """The words with ``behind`` in place of the digits."""
        return f"{self.text[: self.begin]}{behind}{self.text[self.end :]}"


class SpreadCards:
    """Finds card numbers that are dictated over several turns of the callee."""

    def __init__(self) -> None:
        self._groups: list[_Group] = []

    def heard(self, item_id: str, text: str) -> list[tuple[str, str]]:
        """Hear a turn. When it completes a number: all items that hold a part of it with their masked words, this one last."""
        groups = [_Group(item_id, text, at.start(), at.end(), _digits(at[0])) for at in _GROUP.finditer(text)]
        if not groups:
            return []
        found = self._completed(groups[0])
        if found or len(groups) > 1:
            self._groups.clear()
        if not found:
            self._groups.append(groups[-1])
        while sum(len(group.digits) for group in self._groups) > MOST_DIGITS:
            del self._groups[0]
        return found

    def _completed(self, last: _Group) -> list[tuple[str, str]]:
        for first in range(len(self._groups)):
            parts = self._groups[first:]
            before = "".join(part.digits for part in parts)
            card = _card("".join((before, last.digits)))
            if len(card) > len(before):
                # What was said twice is a part of it as well.
                hidden = [(part.item_id, part.hidden("[card digits]")) for part in self._groups if part.digits in card]
                return [*hidden, (last.item_id, last.hidden(f"[card ending {card[-4:]}]"))]
        return []


def _card(digits: str) -> str:
    """The card number with which ``digits`` begin, or an empty text."""
    length = next((length for begin, length in _LENGTHS if digits.startswith(begin)), 0)
    card = digits[:length]
    return card if length and len(card) == length and is_luhn(card) else ""


def _digits(spoken: str) -> str:
    found = [digit.lower() for digit in _ONE_DIGIT.findall(spoken)]
    return "".join(_DIGIT_WORDS.get(digit, digit) for digit in found)


def _masked(match: re.Match[str]) -> str:
    digits = _digits(match[0])
    return f"[card ending {digits[-4:]}]" if is_luhn(digits) else match[0]
