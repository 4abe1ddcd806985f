"""Do the callee's words say something else than the value that was taken from them? "About 600", and 6000 was noted.

Only what is plain counts: a number among which the value is not, a no for a yes, an allowed word that is denied or another
one than the value. Numbers in words ("six hundred") are not read: they contradict nothing.
"""

import re
from decimal import Decimal

from dialer.leads.evidence import words
from dialer.leads.values import as_decimals, decimal_of
from dialer.model.campaign import Answer

_NUMBERS = frozenset({"integer", "number", "money"})
_DENIALS = frozenset({"not", "never", "isnt", "arent", "wasnt", "不", "非"})
_BEGINNING = r"^\W*(?:(?:uh|um|oh|well|嗯|呃|哦)\W+)?"
_NO = re.compile(
    _BEGINNING + r"(?:(?:no|nope|nah|not)\b(?!\s+(?:problem|worries|doubt|only|just))|不(?!错|好意思)|没(?!错|问题|关系|事))",
    re.IGNORECASE,
)
_YES = re.compile(_BEGINNING + r"(?:(?:yes|yeah|yep|yup|correct|sure)\b|是的|对的?|没错|有的?|可以)", re.IGNORECASE)
_ANY_YES = re.compile(r"\b(?:yes|yeah|yep|but|actually)\b|是的|但|其实", re.IGNORECASE)
_ANY_NO = re.compile(r"\b(?:no|not|but|except|actually|wait|never)\b|n't\b|不|但|没有|其实", re.IGNORECASE)


def contradicts(rule: Answer, value: str, quote: str) -> bool:
    """True when ``quote`` plainly says something else than ``value`` (canonical text of the rule's type)."""
    text = quote.replace("’", "'")
    if rule.type in _NUMBERS:
        return _other_number(value, text)
    if rule.type == "boolean":
        return _other_answer(text, is_yes=value == "true")
    return rule.type == "enum" and _other_word(rule, value, text)


def _other_number(value: str, text: str) -> bool:
    """The value may be one of the numbers or, as in "3 thousand 500", all of them together."""
    said = as_decimals(text)
    return bool(said) and decimal_of(value) not in {*said, sum(said, Decimal(0))}


def _other_answer(text: str, *, is_yes: bool) -> bool:
    if is_yes:
        return _NO.search(text) is not None and _ANY_YES.search(text) is None
    return _YES.search(text) is not None and _ANY_NO.search(text) is None


def _other_word(rule: Answer, value: str, text: str) -> bool:
    """The value is denied each time that it is said; or it is not said, but another allowed word is."""
    said = [word.text for word in words(text)]
    places = _places(said, value)
    if places:
        return all(_is_denied(said, at) for at in places)
    others = (place for other in rule.values if other != value for place in _places(said, other))
    return any(not _is_denied(said, at) for at in others)


def _places(said: list[str], value: str) -> list[int]:
    wanted = [word.text for word in words(value)]
    return [at for at in range(len(said)) if wanted and said[at : at + len(wanted)] == wanted]


def _is_denied(said: list[str], at: int) -> bool:
    return bool(_DENIALS.intersection(said[max(at - 2, 0) : at]))
