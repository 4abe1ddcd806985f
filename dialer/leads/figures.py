"""What a run of figures, dates and number words comes to, so that one secret is known again in another form.

"April twelfth, nineteen seventy nine", "12.04.1979" and "1979年4月12日" come to the same; the order of day, month and year does
not count, nor do leading zeros.
"""

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")
_NUMBERS: dict[str, int] = {
    "oh": 0,
    **{word: value for value, word in enumerate((*_UNITS, *_TEENS))},
    **{f"{word}th": value for value, word in enumerate(_TEENS, 13)},
    **{word: value for value, word in enumerate(_PLACES, 1)},
    **{word: 10 * value for value, word in enumerate(_TENS, 2)},
    **{f"{word[:-1]}ieth": 10 * value for value, word in enumerate(_TENS, 2)},
}
_SCALES = {"hundred": 100, "thousand": 1000}
_CHINESE = {
    sign: value for value, signs in enumerate(("零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九")) for sign in signs
}
_TOKEN = re.compile(r"[a-z]*\d[a-z\d]*|[a-z]+|[零〇一二两三四五六七八九十]+")
_PLACE = re.compile(r"(\d+)(?:st|nd|rd|th)?")


def essence(run: str) -> str:
    """The digits of all numbers in ``run``, sorted; letters that stand among digits ("AB12C") as they are."""
    values: list[int] = []
    codes: list[str] = []
    for token in _TOKEN.findall(run.casefold()):
        number = _PLACE.fullmatch(token)
        if number is not None:
            values.append(int(number[1]))
        elif any(sign.isdigit() for sign in token):
            codes.append(token)
        else:
            _add_word(values, token)
    return "".join(sorted("".join(map(str, values)))) + "".join(sorted(codes))


def _add_word(values: list[int], word: str) -> None:
    """A number word: "seventy" and "nine" are one number, and so are "two", "thousand" and "five"."""
    if word in _SCALES:
        values.append((values.pop() if values else 1) * _SCALES[word])
    elif word in _NUMBERS:
        value, last = _NUMBERS[word], values[-1] if values else 0
        is_rest = 0 < value < 10 and last % 10 == 0 and last % 100 >= 20
        if is_rest or (last >= 100 and last % 100 == 0 and value > 0):
            values[-1] += value
        else:
            values.append(value)
    elif word[:3] in _MONTHS:
        values.append(_MONTHS.index(word[:3]) + 1)
    elif not word.isascii():
        values.append(_chinese(word))


def _chinese(word: str) -> int:
    """Digit by digit ("一九七九"), or with a ten ("二十三")."""
    before, ten, after = word.partition("十")
    if not ten:
        return int("".join(str(_CHINESE[sign]) for sign in word))
    return 10 * _CHINESE.get(before[-1:], 1) + _CHINESE.get(after[:1], 0)
