"""Days and times in speech, English and Chinese, seen from the callee's own clock."""

import re
from datetime import date, datetime, timedelta

from dialer.simulation.model.brain.numerals import number_of

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = tuple(re.findall(r"\w+", "january february march april may june july august september october november december"))
_WEEKDAY = re.compile(rf"\b({'|'.join(_DAYS)})\b|(?:周|星期|礼拜)([一二三四五六日天])")
_NEXT_WEEKDAY = re.compile(r"下(?:个)?(?:周|星期|礼拜)[一二三四五六日天]")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH_DAY = re.compile(
    rf"\b({'|'.join(_MONTHS)})\s+(?:the\s+)?(\d{{1,2}})|\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({'|'.join(_MONTHS)})"
)
_CHINESE_DATE = re.compile(r"([\d一二三四五六七八九十]+)月([\d一二三四五六七八九十]+)[日号]")
_FEW = r"(\d+|an?|one|two|three|four|five|six|ten|fifteen|twenty|thirty|half an?|[一二两三四五六七八九十半]+)"
_LATER = re.compile(
    rf"\bin (?:about |around )?{_FEW} (minute|hour|day|week)|{_FEW} (minute|hour|day|week)s? (?:from now|later)"
    rf"|{_FEW}个?(分钟|小时|钟头|天|周|星期)(?:以后|之后|后)"
)
_UNIT_MIN = {"minute": 1, "hour": 60, "day": 1440, "week": 10080, "分钟": 1, "小时": 60, "钟头": 60, "天": 1440}
_HOUR = r"(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_AT = r"\b(?:(?:at|around|after|by|past) )"
_CLOCK = re.compile(
    rf"{_AT}?(\d{{1,2}})(?::(\d{{2}}))?\s*([ap])\.?m\b|{_AT}?\b(\d{{1,2}}):(\d{{2}})\b"
    rf"|{_AT}?\b{_HOUR}\s*(?:o'?clock|([ap])\.?m)\b|{_AT}{_HOUR}\b"
)
_CHINESE_CLOCK = re.compile(r"([\d一二两三四五六七八九十]+)[点时](半|[\d一二三四五六七八九十]+分?)?")
_PARTS = (
    (re.compile(r"\bnoon\b|中午"), 12),
    (re.compile(r"\bmorning\b|上午|早上|早晨"), 10),
    (re.compile(r"\bafternoon\b|下午"), 15),
    (re.compile(r"\bevening\b|\btonight\b|晚上|傍晚|今晚"), 18),
)
_PM = re.compile(r"afternoon|evening|tonight|下午|晚上|傍晚|今晚")
_AM = re.compile(r"morning|上午|早上|早晨")
_DEFAULT_HOUR = 10
_OFFICE_OPENS = 8


def day_of(text: str, today: date) -> date | None:
    """The day that is named, on or after ``today``."""
    words = text.lower()
    if iso := _ISO.search(words):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if named := _MONTH_DAY.search(words):
        month, day = (named[1], named[2]) if named[1] else (named[4], named[3])
        return _coming(_MONTHS.index(month) + 1, int(day), today)
    if chinese := _CHINESE_DATE.search(words):
        month_number, day_number = number_of(chinese[1]), number_of(chinese[2])
        return _coming(int(month_number or 0), int(day_number or 0), today)
    for pattern, days in ((r"day after tomorrow|后天", 2), (r"tomorrow|明天|明早|明晚", 1), (r"\btoday\b|tonight|今天|今晚", 0)):
        if re.search(pattern, words):
            return today + timedelta(days=days + ("大后天" in words))
    if weekday := _WEEKDAY.search(words):
        wanted = _DAYS.index(weekday[1]) if weekday[1] else "一二三四五六日".index(weekday[2].replace("天", "日"))
        if _NEXT_WEEKDAY.search(words):
            return today + timedelta(days=7 - today.weekday() + wanted)
        return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    if re.search(r"next week|下周|下星期|下个星期", words):
        return today + timedelta(days=7)
    return None


def instant_of(text: str, now: datetime) -> datetime | None:
    """The local time that is named, after ``now``; ``None`` when the words name none."""
    words = text.lower()
    if later := _LATER.search(words):
        return _later(later, now)
    day = day_of(text, now.date())
    minutes = _minutes(words)
    if day is None and minutes is None:
        return None
    if minutes is None:
        minutes = _DEFAULT_HOUR * 60
    found = datetime.combine(day or now.date(), datetime.min.time()) + timedelta(minutes=minutes)
    if found > now:
        return found
    return found + timedelta(days=1) if day is None else None


def _later(match: re.Match[str], now: datetime) -> datetime:
    amount, unit = next((a, b) for a, b in zip(match.groups()[::2], match.groups()[1::2], strict=True) if a)
    if amount.startswith(("half", "半")):
        minutes = _UNIT_MIN[unit] // 2
    else:
        minutes = int(1 if amount in {"a", "an"} else number_of(amount) or 1) * _UNIT_MIN.get(unit, 10080)
    return (now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)


def _minutes(words: str) -> int | None:
    """Minutes after midnight. An early hour without a part of the day is one of the afternoon."""
    hour, minute, is_exact = _clock(words)
    if hour is None:
        return next((part * 60 for pattern, part in _PARTS if pattern.search(words)), None)
    is_afternoon = _PM.search(words) or (hour < _OFFICE_OPENS and not _AM.search(words))
    if not is_exact and is_afternoon and hour < 12:
        hour += 12
    return (hour % 24) * 60 + minute % 60


def _clock(words: str) -> tuple[int | None, int, bool]:
    """Hour, minute, and whether the hour is meant as it stands (of 24)."""
    if clock := _CLOCK.search(words):
        hour = int(number_of(clock[1] or clock[4] or clock[6] or clock[8]) or 0)
        minute = int(clock[2] or clock[5] or (30 if "half past" in words else 0))
        side = clock[3] or clock[7]
        if side:
            return hour % 12 + (12 if side == "p" else 0), minute, True
        return hour, minute, clock[4] is not None
    if clock := _CHINESE_CLOCK.search(words):
        minute = 30 if clock[2] == "半" else int(number_of(clock[2] or "") or 0)
        return int(number_of(clock[1]) or 0), minute, False
    return None, 0, False


def _coming(month: int, day: int, today: date) -> date | None:
    this_year = _day(today.year, month, day)
    if this_year is None or this_year >= today:
        return this_year
    return _day(today.year + 1, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
