"""Typed values out of cells. What could be read in two ways is refused: a wrong date is worse than a missing one.

=========  ==================================================================================================
type       accepted
=========  ==================================================================================================
text       up to 300 characters, as one line
integer    ``1200``, ``1,200``, ``1200.0``
number     ``1200.5``, ``1,200.5``, ``1.200,5``; a comma before exactly three digits separates thousands
money      a number, also with a currency sign or code, which must be the one that the campaign speaks of
date       ``2026-12-01``, ``2026/12/01``, ``2026年12月1日``, ``Dec 1, 2026``, ``1 December 2026``; ``13/12/2026`` only
           because 13 is no month, ``03/04/2026`` only where the rest of the file shows which comes first
time       ``15:30``, ``3:30 PM``, ``下午3:30``
datetime   a date and a time, ``2026-12-01T15:30``; with an offset it is turned into the contact's local time
boolean    yes no true false y n 1 0 on off 是 否 有 没有
enum       one of the declared values, in any case
=========  ==================================================================================================
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dialer.model.campaign import Variable

MAX_TEXT = 300
_MAX_TYPED = 60

_TRUE = frozenset({"yes", "true", "y", "t", "1", "on", "是", "有", "对", "是的"})
_FALSE = frozenset({"no", "false", "n", "f", "0", "off", "否", "没有", "无", "不是", "不"})
_INTEGER = re.compile(r"([+-]?(?:\d+|\d{1,3}(?:,\d{3})+))(?:\.0+)?")
_POINT = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[, ]\d{3})+)(?:\.\d+)?")
_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[. ]\d{3})+),\d+")
_SIGNS = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "CNY",
    "元": "CNY",
    "RMB": "CNY",
    "美元": "USD",
    "人民币": "CNY",
}
_MONEY = re.compile(r"([+-]?)\s*([^\d\s.,+-]*)\s*([+-]?\d[\d., ]*?)\s*([^\d\s.,]*)")
_YEAR_FIRST = re.compile(r"(\d{4})\s*([-/.年])\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_NUMERIC = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_MONTH_FIRST = re.compile(r"(?:[a-z]{3,9},?\s+)?([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(?:[a-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?\.?\s+([a-z]{3,9})\.?,?\s+(\d{4})", re.IGNORECASE)
_TIME = re.compile(
    r"(上午|下午|晚上|中午)?\s*(\d{1,2})(?:[:点时](\d{2})?分?(?::(\d{2})(?:\.\d+)?)?)?\s*([ap]\.?m\.?)?", re.IGNORECASE
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?")
_SPLIT = re.compile(
    r"(.*?(?:\d{4}|日))(?:\s*,?\s+(?:at\s+)?|(?<=日)|T)(.+)|(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[T ]+(.+)", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

# The zones that any place on Earth may have: the earliest and the latest that a wall clock can mean.
_EARLIEST, _LATEST = timedelta(hours=14), timedelta(hours=-12)


@dataclass(frozen=True, slots=True)
class Unreadable(Exception):  # a message for one cell, not an error of the program
    """Why a cell has no value of its type, and what to write instead."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Ambiguous(Unreadable):
    """A date that is one day when the day comes first, and another when the month does."""


def read_value(
    text: str, variable: Variable, *, currency: str = "", zone: ZoneInfo | None = None, is_day_first: bool | None = None
) -> Any:
    """Read a cell as the variable's type; the result is JSON-ready (``Contact.variables``). Raises ``Unreadable``.

    ``currency`` is what bare money is in; ``zone`` is the contact's, for a datetime with an offset; ``is_day_first`` is
    what is known about ``03/04/2026`` (None: nothing, and that is ``Ambiguous``).
    """
    if variable.type == "text":
        line = " ".join(text.split())
        if len(line) > MAX_TEXT:
            raise Unreadable(f"the text has {len(line)} characters", f"keep it to {MAX_TEXT}")
        return line
    if variable.type == "enum":
        return _enum(text, variable.values)
    folded = _folded(text)
    if variable.type == "money":
        return str(_money(folded, currency))
    if variable.type == "datetime":
        return _local(folded, zone, is_day_first).isoformat(timespec="minutes")
    if variable.type == "date":
        return _date(folded, is_day_first).isoformat()
    return _READERS[variable.type](folded)


def read_integer(text: str) -> int:
    """Read a whole number; thousands may be separated by commas."""
    match = _INTEGER.fullmatch(text)
    if match is None or len(text) > 20:
        raise Unreadable(f"{text!r} is not a whole number", "write it as 1200 or 1,200")
    return int(match[1].replace(",", ""))


def read_instant(text: str, zone: ZoneInfo | None, *, is_end: bool, is_day_first: bool | None = None) -> datetime:
    """Read the moment at which something begins or ends, as aware UTC.

    With an offset it is what it says. Without one it is the contact's local time; where the contact's zone is not
    given, it is the reading that allows less: a beginning counts from the last place on Earth, an end from the first. A
    date alone begins at its midnight, and ends (``is_end``) when the day is over. Raises ``Unreadable``.
    """
    folded = _folded(text)
    day = _date_or_none(folded, is_day_first)
    if day is not None:
        local = datetime.combine(day, time()) + (timedelta(days=1) if is_end else timedelta(0))
    else:
        local = _wall(folded, is_day_first)
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    if zone is not None:
        return local.replace(tzinfo=zone).astimezone(UTC)
    return (local - (_EARLIEST if is_end else _LATEST)).replace(tzinfo=UTC)


def _folded(text: str) -> str:
    """Fold full-width signs; what is far too long for any value is not even looked at (the patterns below are not linear)."""
    if len(text) > _MAX_TYPED:
        raise Unreadable(f"{text[:20]!r}... is too long", f"keep it to {_MAX_TYPED} characters")
    return unicodedata.normalize("NFKC", text).strip()


def _enum(text: str, values: tuple[str, ...]) -> str:
    for value in values:
        if value.casefold() == text.strip().casefold():
            return value
    raise Unreadable(f"{text[:40]!r} is not allowed", f"use one of {', '.join(values)}")


def _boolean(text: str) -> bool:
    folded = text.casefold()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise Unreadable(f"{text!r} is neither yes nor no", "write yes or no")


def _decimal(text: str) -> Decimal:
    if _POINT.fullmatch(text):
        return Decimal(text.replace(",", "").replace(" ", ""))
    if _COMMA.fullmatch(text):
        return Decimal(text.replace(".", "").replace(" ", "").replace(",", "."))
    raise Unreadable(f"{text!r} is not a number", "write it as 1200 or 1200.50")


def _money(text: str, currency: str) -> Decimal:
    match = _MONEY.fullmatch(text)
    if match is None or (match[2] and match[4]):
        raise Unreadable(f"{text!r} is not an amount of money", "write it as 1200 or 1200.50")
    sign = match[2] or match[4]
    meant = _SIGNS.get(sign.upper(), sign.upper())
    if meant and meant != (currency or meant):
        raise Unreadable(f"{text!r} is not in {currency}", f"give the amount in {currency}")
    if meant and not re.fullmatch("[A-Z]{3}", meant):
        raise Unreadable(f"{text!r} is not an amount of money", "write it as 1200 or 1200.50")
    amount = _decimal(match[3].strip())
    return -amount if match[1] == "-" else amount


def order_shown(text: str) -> bool | None:
    """What one cell shows: True when its date can only have the day first, False when only the month; None: neither."""
    match = _NUMERIC.match(unicodedata.normalize("NFKC", text[:_MAX_TYPED]).strip())
    if match is None or (int(match[1]) > 12) == (int(match[2]) > 12):
        return None
    return int(match[1]) > 12


def _date(text: str, is_day_first: bool | None) -> date:
    found = _date_or_none(text, is_day_first)
    if found is None:
        raise Unreadable(f"{text!r} is not a date", "write it as 2026-12-01")
    return found


def _date_or_none(text: str, is_day_first: bool | None) -> date | None:
    """Read a date, None when the text has no form of one; raises ``Unreadable`` for an ambiguous or impossible one."""
    if match := _YEAR_FIRST.fullmatch(text):
        return _real_day(text, int(match[1]), int(match[3]), int(match[4]))
    if match := _MONTH_FIRST.fullmatch(text):
        return _real_day(text, int(match[3]), _month(match[1]), int(match[2]))
    if match := _DAY_FIRST.fullmatch(text):
        return _real_day(text, int(match[3]), _month(match[2]), int(match[1]))
    if match := _NUMERIC.fullmatch(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if first <= 12 and second <= 12 and first != second and is_day_first is None:
            either = f"{year}-{first:02}-{second:02} or {year}-{second:02}-{first:02}"
            raise Ambiguous(f"{text!r} could be two dates: day or month first?", f"write it as {either}")
        day, month = (first, second) if first > 12 or (second <= 12 and is_day_first) else (second, first)
        return _real_day(text, year, month, day)
    return None


def _month(word: str) -> int:
    lower = word.lower()
    if lower in _FULL_MONTHS:
        return _FULL_MONTHS.index(lower) + 1
    return _MONTHS.index(lower[:3]) + 1 if lower in (*_MONTHS, "sept") else 0


def _real_day(text: str, year: int, month: int, day: int) -> date:
    # Beyond these years every offset still gives a year that a calendar has.
    if not 1800 <= year <= 2999:
        raise Unreadable(f"{text!r} has a strange year", "write it as 2026-12-01")
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(f"{text!r} is not in the calendar", "write it as 2026-12-01") from None


def _time(text: str) -> time:
    match = _TIME.fullmatch(text)
    if match is None or not (match[3] or match[5] or re.search("[点时]", text)):
        raise Unreadable(f"{text!r} is not a time", "write it as 15:30")
    hour, minute, second = int(match[2]), int(match[3] or 0), int(match[4] or 0)
    half = (match[5] or match[1] or "").replace(".", "").lower()
    if half and not 1 <= hour <= 12 and match[5]:
        raise Unreadable(f"{text!r} is not a time", "write it as 15:30")
    if half in ("pm", "下午", "晚上", "中午") and hour < 12 and not (half == "中午" and hour == 11):
        hour += 12
    elif half in ("am", "上午") and hour == 12:
        hour = 0
    try:
        return time(hour, minute, second)
    except ValueError:
        raise Unreadable(f"{text!r} is not a time of the day", "write it as 15:30") from None


def _wall(text: str, is_day_first: bool | None) -> datetime:
    """Read a date with a time, with or without an offset."""
    if _ISO.fullmatch(text):
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise Unreadable(f"{text!r} is not in the calendar", "write it as 2026-12-01T15:30") from None
        _real_day(text, found.year, found.month, found.day)
        return found
    match = _SPLIT.fullmatch(text)
    if match is None:
        raise Unreadable(f"{text!r} is not a date with a time", "write it as 2026-12-01T15:30")
    return datetime.combine(_date((match[1] or match[3]).strip(), is_day_first), _time((match[2] or match[4]).strip()))


def _local(text: str, zone: ZoneInfo | None, is_day_first: bool | None) -> datetime:
    found = _wall(text, is_day_first)
    if found.tzinfo is None:
        return found
    if zone is None:
        raise Unreadable(f"{text!r} has an offset, but the contact has no timezone", "give local time, or a timezone")
    return found.astimezone(zone).replace(tzinfo=None)


_READERS: dict[str, Callable[[str], Any]] = {
    "integer": read_integer,
    "number": lambda text: str(_decimal(text)),
    "boolean": _boolean,
    "time": lambda text: _time(text).isoformat(timespec="minutes"),
}
