"""Prices and promises that our own texts make beyond the facts of the script: what nobody has stated, nobody can keep.

A price is an amount of money or a percentage; a promise is one of a few words that bind ("free", "guaranteed"). Each must
stand in the script's section of facts as well. A script without such a section is all facts. Sentences that deny ("never
promise a price") and thresholds ("100 dollars or more") promise nothing.
"""

import re
from collections.abc import Iterator, Sequence

from dialer.intake.findings import SCRIPT, TOML, Finding, warning_at

_PRICE = re.compile(
    r"(?:US\$|[$€£¥])\s?\d[\d,]*(?:\.\d+)?"
    r"|\d[\d,]*(?:\.\d+)?\s?(?:%|percent\b|per cent\b|dollars?\b|euros?\b|pounds?\b|美元|元|折)",
    re.IGNORECASE,
)
_PROMISES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bfree\b(?! to\b)|\bno (?:charge|cost)\b|免费|不要钱|不收费",
        r"\bguarante\w+|保证",
        r"\b(?:risk[- ]free|no risk|without risk)\b|零风险|没有风险",
        r"\b(?:lowest|best|cheapest) price\b|最低价|最便宜",
    )
)
_DENIED = re.compile(r"\b(?:not?|never|don't|do not|cannot|without)\b|不|勿|别|没有", re.IGNORECASE)
_THRESHOLD = re.compile(
    r"\b(?:at least|or more|or less|more than|less than|under|over|above|below)\b|至少|以上|以下|超过", re.IGNORECASE
)
_FACTS = re.compile(r"#+\s*(?:facts?|事实|资料|fakten|hechos|datos|faits)\b.*", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?。！？；;\n]+(?:\.\d[^.!?。！？；;\n]*)*")


def promises(script: str, spoken: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Warn of what the ``spoken`` texts (key, text) and the script's other sections promise beyond its facts."""
    facts, others = _divided(script)
    for key, text in spoken:
        for what in _beyond(text, facts):
            yield warning_at(key, f"{what!r} is not among the facts of {SCRIPT}", TOML)
    for line, text in others:
        for what in _beyond(text, facts):
            yield warning_at("", f"{what!r} is not among the facts", SCRIPT, line)


def _divided(script: str) -> tuple[str, list[tuple[int, str]]]:
    """The text of the facts, and the lines of all else with their numbers."""
    facts, others, is_fact = list[str](), list[tuple[int, str]](), False
    for number, line in enumerate(script.splitlines(), 1):
        if line.startswith("#"):
            is_fact = _FACTS.fullmatch(line.strip()) is not None
        elif is_fact:
            facts.append(line)
        else:
            others.append((number, line))
    return ("\n".join(facts), others) if facts else (script, [])


def _beyond(text: str, facts: str) -> Iterator[str]:
    known = {_amount(match[0]) for match in _PRICE.finditer(facts)}
    for match in _SENTENCE.finditer(text):
        sentence = match[0]
        if not _THRESHOLD.search(sentence) and not _DENIED.search(sentence):
            yield from (price[0] for price in _PRICE.finditer(sentence) if _amount(price[0]) not in known)
        for promise in _PROMISES:
            said = promise.search(sentence)
            if said and not promise.search(facts) and not _DENIED.search(sentence[: said.start()]):
                yield said[0]


def _amount(price: str) -> str:
    """The figure alone: ``$1,200`` and ``1200 dollars`` are one price."""
    return re.sub(r"[^\d.%折]", "", price.replace("percent", "%").replace("per cent", "%"))
