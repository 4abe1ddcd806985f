"""Numbers in speech: ``1,200``, ``2k``, ``twenty five``, ``两万五千``, ``3万``."""

import re
from decimal import Decimal

_SMALL = {
    name: value
    for value, name in enumerate(
        re.findall(
            r"\w+",
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen",
        )
    )
}
_TENS = {
    name: 10 * value
    for value, name in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "k": 1000, "m": 10**6, "grand": 1000}
_DIGITS = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(k\b|m\b|thousand|million|hundred|万|千|百|亿)?", re.IGNORECASE)
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")
_SIGNS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10**4, "亿": 10**8}


def number_of(text: str) -> Decimal | None:
    """The first number in ``text``; ``None`` when there is none."""
    digits = _DIGITS.search(text)
    if digits:
        value = Decimal(digits[1].replace(",", ""))
        return _plain(value * _scale((digits[2] or "").lower()))
    chinese = _CHINESE.search(text)
    if chinese:
        return Decimal(_chinese(chinese[0]))
    return _words(re.findall(r"[a-z]+", text.lower().replace("-", " ")))


def _scale(name: str) -> int:
    return (_SCALES | _UNITS | _BIG).get(name, 1)


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent."""
    return value.quantize(Decimal(1)) if value == value.to_integral() else value


def _chinese(signs: str) -> int:
    total = section = digit = 0
    for sign in signs:
        if sign in _SIGNS:
            digit = _SIGNS[sign]
        elif sign in _UNITS:
            section += (digit or 1) * _UNITS[sign]
            digit = 0
        else:
            total = (total + section + digit or 1) * _BIG[sign]
            section = digit = 0
    return total + section + digit


def _words(words: list[str]) -> Decimal | None:
    total = current = 0
    is_number = False
    for place, word in enumerate(words):
        value = _SMALL.get(word, _TENS.get(word))
        if value is not None:
            current += value
        elif word in _SCALES and (is_number or words[place - 1 : place] == ["a"]):
            current = max(current, 1) * _SCALES[word]
            if _SCALES[word] > 100:
                total, current = total + current, 0
        elif is_number and word != "and":
            break
        elif not is_number:
            continue
        is_number = True
    return Decimal(total + current) if is_number else None
