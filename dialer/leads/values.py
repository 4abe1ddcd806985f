"""Typed values in words: what counts as a yes, a number, one of the allowed words; their canonical text."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from dialer.model.campaign import Answer

_YES = frozenset({"yes", "y", "true", "1", "yeah", "yep", "correct", "是", "是的", "对", "有", "好", "可以", "要"})
_NO = frozenset({"no", "n", "false", "0", "nope", "not", "否", "不是", "不", "没有", "不要", "不可以"})
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_SCALES: tuple[tuple[str, int], ...] = (
    ("million", 1_000_000),
    ("thousand", 1_000),
    ("hundred", 100),
    ("k", 1_000),
    ("m", 1_000_000),
    ("亿", 100_000_000),
    ("万", 10_000),
    ("千", 1_000),
    ("百", 100),
)
_MAX_DIGITS = 24


def normalise(rule: Answer, value: str) -> str | None:
    """The value as canonical text of its type (``5000``, ``2026-12-03``, ``true``), or None when it is not of it."""
    value = unicodedata.normalize("NFKC", value).strip()
    return _READERS[rule.type](rule, value) if value else None


def as_decimals(text: str) -> list[Decimal]:
    """All numbers in ``text`` ("$5,000", "5k", "3万元"), in order; absurdly long ones are left out."""
    plain = re.sub(r"(?<=\d)[,_ ](?=\d{3})", "", text.casefold())
    return [_scaled(plain, found) for found in _NUMBER.finditer(plain) if len(found[0]) <= _MAX_DIGITS]


def as_decimal(value: str) -> Decimal | None:
    """The one number in ``value``, or None when there is none or more than one."""
    text = re.sub(r"(?<=\d)[,_ ](?=\d{3})", "", value.casefold())
    found = list(_NUMBER.finditer(text))
    if len(found) != 1 or len(found[0][0]) > _MAX_DIGITS:
        return None
    return _scaled(text, found[0])


def decimal_of(value: str) -> Decimal | None:
    """A canonical value as a number, or None when it is not one."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _scaled(text: str, found: re.Match[str]) -> Decimal:
    tail = text[found.end() :].lstrip()
    return Decimal(found[0]) * next((factor for word, factor in _SCALES if _begins_with(tail, word)), 1)


def _begins_with(tail: str, word: str) -> bool:
    """True when ``tail`` begins with ``word`` as a whole word; Chinese units need no border."""
    return tail.startswith(word) and (not word.isascii() or not tail[len(word) : len(word) + 1].isalpha())


def _text(_rule: Answer, value: str) -> str | None:
    return " ".join(value.split())


def _number(_rule: Answer, value: str) -> str | None:
    number = as_decimal(value)
    return None if number is None else f"{number.normalize():f}"


def _integer(rule: Answer, value: str) -> str | None:
    text = _number(rule, value)
    return text if text is not None and "." not in text else None


def _date(_rule: Answer, value: str) -> str | None:
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        return None


def _boolean(_rule: Answer, value: str) -> str | None:
    word = value.casefold().rstrip(".!。！")
    if word in _YES:
        return "true"
    return "false" if word in _NO else None


def _enum(rule: Answer, value: str) -> str | None:
    wanted = value.casefold()
    return next((allowed for allowed in rule.values if allowed.casefold() == wanted), None)


_READERS: Mapping[str, Callable[[Answer, str], str | None]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "money": _number,
    "date": _date,
    "boolean": _boolean,
    "enum": _enum,
}
