"""Text with placeholders, rendered for one contact: ``{name}`` and ``{name:style}``, and nothing else.

There is no attribute access, no index, no nesting and no expression, so a hostile name or value can reach nothing. What
cannot be said is refused (``TemplateError``) rather than spoken: an unknown name, a value that is missing without a
fallback, a lone brace.

Styles: ``long`` (the default) and ``short`` for date, time and datetime; ``money`` for any number. Money in another
currency than the language's own (``Variable.currency``) is said by its name.

=========  =======  =======================================  ============================
type       style    en                                       zh
=========  =======  =======================================  ============================
date       long     Tuesday, December 1, 2026                2026年12月1日星期二
date       short    December 1                               12月1日
time       long     3:30 PM                                  下午3:30
time       short    3:30 PM                                  15:30
datetime   long     Tuesday, December 1 at 3:30 PM           12月1日星期二下午3:30
datetime   short    December 1 at 3:30 PM                    12月1日15:30
money               $1,200                                   ¥1,200
money      (USD)    $1,200                                   1,200美元
=========  =======  =======================================  ============================
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import phonenumbers
from babel import Locale, UnknownLocaleError, dates, numbers

from dialer.errors import UserError
from dialer.model.campaign import Variable

BUILT_IN = ("first_name", "last_name", "name", "company", "agent_name", "callback_number")
"""Names that every template may use; see ``built_in_values``."""

BLANK_WORDS = frozenset({
    "nan", "NaN", "<NA>", "NaT", "None", "null", "NULL", "(null)", "\\N", "undefined", "N/A", "n/a", "#N/A", "#NULL!", "#REF!",
    "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "[object Object]",
})  # fmt: skip
"""What spreadsheets and programs write for nothing, in exactly these spellings (Nan is somebody's name)."""

_INSIDE = re.compile(r"([a-z][a-z0-9_]*)(?::([A-Za-z]+))?")
_WHEN_STYLES = ("", "long", "short")
_OWN_CURRENCY = {"zh": "CNY", "ja": "JPY", "ko": "KRW", "de": "EUR", "fr": "EUR", "it": "EUR", "es": "EUR", "nl": "EUR"}
_OF_REGION = {"GB": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD", "CN": "CNY", "MX": "MXN", "CH": "CHF", "TW": "TWD", "HK": "HKD"}
# Regional forms whose dates and times differ in speech.
_SPOKEN_REGIONS = frozenset(
    {"en_GB", "en_AU", "en_CA", "en_IN", "es_MX", "es_US", "fr_CA", "de_AT", "de_CH", "pt_BR", "zh_TW", "zh_HK"}
)
_YES_NO = {"en": ("yes", "no"), "zh": ("是", "否"), "de": ("ja", "nein"), "fr": ("oui", "non"), "es": ("sí", "no")}


class TemplateError(UserError):
    """The text cannot be said.

    ``name`` is the placeholder (empty for a lone brace), ``position`` its offset in the text.
    """

    def __init__(self, message: str, *, name: str = "", position: int = 0) -> None:
        super().__init__(message, code="template")
        self.name = name
        self.position = position


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One ``{name:style}`` and the offset of its opening brace in the text (in characters, from 0)."""

    name: str
    style: str
    position: int


def placeholders(text: str) -> list[Placeholder]:
    """Find all placeholders in order. Raises ``TemplateError`` for a lone brace or anything else between braces."""
    return [piece for piece in _pieces(text) if isinstance(piece, Placeholder)]


def render(text: str, values: Mapping[str, Any], variables: Mapping[str, Variable], language: str) -> str:
    """Fill in ``text``. ``values`` are typed values as in ``Contact.variables`` plus ``built_in_values``.

    Raises ``TemplateError`` when anything could not be said. Values are put in as plain words: braces and line breaks
    in them are dropped, so that no value is read as a template and no brace is ever spoken.
    """
    return "".join(
        piece if isinstance(piece, str) else _say_placeholder(piece, values, variables, language) for piece in _pieces(text)
    )


def built_in_values(
    *, company: str, agent_name: str, callback_number: str, first_name: str = "", last_name: str = "", name: str = ""
) -> dict[str, str]:
    """Return the values that every template may use.

    ``company`` is the campaign's; the callback number is made speakable.
    """
    return {
        "first_name": first_name,
        "last_name": last_name,
        "name": name or " ".join(part for part in (first_name, last_name) if part),
        "company": company,
        "agent_name": agent_name,
        "callback_number": spoken_number(callback_number),
    }


def spoken_number(phone: str) -> str:
    """Write an E.164 number in groups, as people say it: ``212-555-0123``, ``+44 20 7946 0958``."""
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    grouped = phonenumbers.format_number(phonenumbers.parse(phone, None), form)
    return grouped.removeprefix("+1 ") if grouped.startswith("+1 ") else grouped


def currency_of(language: str) -> str:
    """Return the currency of bare money: by the region of ``en-GB`` and the like, by the language, else US dollars."""
    base, _, region = language.partition("-")
    return _OF_REGION.get(region) or _OWN_CURRENCY.get(base, "USD")


def is_spoken(language: str) -> bool:
    """We have the words of this language (``en``, ``zh-TW``) for days, numbers and money."""
    try:
        _locale(language)
    except ValueError:
        return False
    return True


def say(value: Any, kind: str, language: str, style: str = "", currency: str = "") -> str:
    """Say one typed value (``kind`` is a ``Variable.type``). Raises ``ValueError`` when value, type and style do not fit."""
    locale = _locale(language)
    if kind in ("date", "time", "datetime"):
        if style not in _WHEN_STYLES:
            raise ValueError(f"a {kind} has the styles long and short")
        return _SAY_WHEN[kind](str(value), locale, style == "short")
    if kind == "money" or style == "money":
        if style not in ("", "money"):
            raise ValueError("money has the style money")
        own = currency_of(language)
        return _say_money(_decimal(value), currency or own, own, locale)
    if style:
        raise ValueError(f"a {kind} has no style")
    if kind == "boolean":
        return _YES_NO.get(locale.language, _YES_NO["en"])[0 if value else 1]
    if kind in ("integer", "number"):
        return str(numbers.format_decimal(_decimal(value), locale=locale))
    return str(value)


def is_blank(value: Any) -> bool:
    """Nothing to say: None, not-a-number, white space, or a program's word for nothing."""
    if value is None or value != value:  # noqa: PLR0124  # only not-a-number differs from itself
        return True
    return isinstance(value, str) and (not value.strip() or value.strip() in BLANK_WORDS)


def _pieces(text: str) -> list[str | Placeholder]:
    pieces: list[str | Placeholder] = []
    at = 0
    while at < len(text):
        opened, closed = text.find("{", at), text.find("}", at)
        if opened < 0 and closed < 0:
            pieces.append(text[at:])
            break
        if opened < 0 or 0 <= closed < opened:
            raise TemplateError(f"a lone }} {_near(text, closed)}; placeholders look like {{first_name}}", position=closed)
        if closed < 0:
            raise TemplateError(f"a {{ without }} {_near(text, opened)}; placeholders look like {{first_name}}", position=opened)
        match = _INSIDE.fullmatch(text, opened + 1, closed)
        if match is None:
            raise TemplateError(
                f"{text[opened : closed + 1]!r} is not a placeholder {_near(text, opened)}; "
                "use {name} or {name:style}, with small letters, digits and underscores",
                position=opened,
            )
        pieces += [text[at:opened], Placeholder(match[1], match[2] or "", opened)]
        at = closed + 1
    return pieces


def _near(text: str, position: int) -> str:
    return f"near {text[max(0, position - 15) : position + 15]!r}"


def _say_placeholder(it: Placeholder, values: Mapping[str, Any], variables: Mapping[str, Variable], language: str) -> str:
    variable = variables.get(it.name)
    if variable is None and it.name not in BUILT_IN:
        known = ", ".join([*variables, *(name for name in BUILT_IN if name not in variables)])
        raise TemplateError(f"unknown placeholder {{{it.name}}}; known are {known}", name=it.name, position=it.position)
    value = values.get(it.name)
    if is_blank(value):
        if variable is None or not variable.fallback:
            raise TemplateError(f"{{{it.name}}} has no value and no fallback", name=it.name, position=it.position)
        return variable.fallback
    try:
        said = (
            say(value, variable.type, language, it.style, variable.currency)
            if variable
            else say(value, "text", language, it.style)
        )
    except (ValueError, InvalidOperation) as error:
        raise TemplateError(f"{{{it.name}}} cannot be said: {error}", name=it.name, position=it.position) from error
    return re.sub(r"\s+", " ", said.replace("{", "").replace("}", "")).strip()


def _locale(language: str) -> Locale:
    base, _, region = language.partition("-")
    tag = f"{base}_{region}"
    try:
        return Locale.parse(tag if region and tag in _SPOKEN_REGIONS else base)
    except UnknownLocaleError:
        raise ValueError(f"the language {language!r} is unknown") from None


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(f"{value} is not a number")
    return number


def _say_money(amount: Decimal, currency: str, own: str, locale: Locale) -> str:
    if currency != own:
        gap = "" if locale.language in ("zh", "ja") else " "
        name = numbers.get_currency_name(currency, amount, locale=locale)
        return _plain_spaces(f"{numbers.format_decimal(amount, locale=locale)}{gap}{name}")
    pattern = locale.currency_formats["standard"].pattern
    if amount == amount.to_integral_value():
        pattern = pattern.replace("0.00", "0")
    said = numbers.format_currency(amount, currency, pattern, locale=locale, currency_digits=False)
    return _plain_spaces(said)


def _say_date(text: str, locale: Locale, is_short: bool) -> str:
    value = date.fromisoformat(text)
    return _plain_spaces(_day(value, locale) if is_short else dates.format_date(value, "full", locale=locale))


def _say_time(text: str, locale: Locale, is_short: bool) -> str:
    value = time.fromisoformat(text)
    has_halves = "a" in locale.time_formats["short"].pattern or (locale.language == "zh" and not is_short)
    return _plain_spaces(dates.format_skeleton("hm" if has_halves else "Hm", datetime.combine(date.min, value), locale=locale))


def _say_datetime(text: str, locale: Locale, is_short: bool) -> str:
    value = datetime.fromisoformat(text)
    day = _day(value.date(), locale) if is_short else _weekday(value.date(), locale)
    between = {"en": " at ", "zh": "", "ja": ""}.get(locale.language, ", ")
    return _plain_spaces(day) + between + _say_time(value.time().isoformat(), locale, is_short)


def _day(value: date, locale: Locale) -> str:
    """Month and day, without weekday and year."""
    return dates.format_skeleton("MMMMd", value, locale=locale)


def _weekday(value: date, locale: Locale) -> str:
    """Weekday, month and day: the locale's own order, with all words written out."""
    pattern = str(locale.datetime_skeletons[dates.match_skeleton("MMMEd", locale.datetime_skeletons) or "MMMEd"].pattern)
    return dates.format_date(value, re.sub("M{3,4}", "MMMM", re.sub("E+", "EEEE", pattern)), locale=locale)


def _plain_spaces(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")


_SAY_WHEN = {"date": _say_date, "time": _say_time, "datetime": _say_datetime}
