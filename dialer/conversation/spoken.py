"""Reading what people say, tolerantly and in code: identities, numbers, dates, times for a callback."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from dialer.model.campaign import Answer

EARLIEST = timedelta(minutes=5)
LATEST = timedelta(days=90)
DAY_BEGINS, DAY_ENDS = 8, 21
"""Local hours between which a callback may be promised; the calling hours decide again before the dial."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TRUE = {"true", "yes", "y", "1", "是", "对", "有"}
_FALSE = {"false", "no", "n", "0", "否", "不", "没有"}


def same_identity(secret: str, said: str) -> bool:
    """Whether the callee's words hold the secret: a date in any usual form, else the same letters and digits."""
    day = _iso_date(secret)
    if day is not None:
        return _holds_date(day, said)
    wanted, heard = _squeezed(secret), _squeezed(said)
    if not wanted:
        return False
    # A short secret must be all that was said; a long one may stand in a sentence.
    return heard == wanted or (len(wanted) >= 4 and wanted in heard)


def _squeezed(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _holds_date(day: date, said: str) -> bool:
    """Day, month and year, the month as a name or a number. Where day and month could be exchanged both readings count."""
    text = unicodedata.normalize("NFKC", said).casefold()
    found = [int(number) for number in re.findall(r"\d+", text)]
    names = {_MONTHS.index(name) + 1 for name in re.findall("|".join(_MONTHS), text)}
    years = {day.year, day.year % 100}
    if names:
        return day.month in names and len(found) == 2 and found[0] == day.day and found[1] in years
    if len(found) != 3:
        return False
    first, second, third = found
    if first in years and (second, third) == (day.month, day.day):
        return True
    return third in years and {first, second} == {day.month, day.day} and sorted((first, second)) == sorted((day.month, day.day))


def read_answer(answer: Answer, value: str) -> str | None:
    """The value in its canonical text by the question's type, or None when it is none."""
    text = value.strip()
    if not text or len(text) > 500:
        return None
    if answer.type == "enum":
        same = [known for known in answer.values if known.casefold() == text.casefold()]
        return same[0] if same else None
    if answer.type == "boolean":
        word = text.casefold()
        return "true" if word in _TRUE else "false" if word in _FALSE else None
    if answer.type == "date":
        day = _iso_date(text)
        return day.isoformat() if day else None
    if answer.type in ("integer", "number", "money"):
        return _number(text, is_whole=answer.type == "integer")
    return text


def _number(text: str, *, is_whole: bool) -> str | None:
    bare = re.sub(r"[\s,$€£¥]|usd|dollars?|euros?|元|块", "", text.casefold())
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return None
    if not number.is_finite() or (is_whole and number != number.to_integral_value()):
        return None
    return f"{number:f}"


def callback_time(text: str, zone: str, now: datetime) -> datetime | str:
    """A local time of the callee as aware UTC, or the word for why it cannot be promised. ``now``: aware UTC."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return "not_a_time"
    if local.tzinfo is not None:
        return "zone_not_wanted"
    when = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if when.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        return "no_such_time"
    if when < now + EARLIEST:
        return "in_the_past"
    if when > now + LATEST:
        return "too_far_away"
    if not DAY_BEGINS <= local.hour < DAY_ENDS:
        return "at_night"
    return when
