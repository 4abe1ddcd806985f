"""A value that the agent read back and the callee affirmed: "So that is 180 dollars a month?" "Yes, that's right."."""

import re
from itertools import pairwise

from dialer.leads.evidence import words
from dialer.leads.values import as_decimals, decimal_of
from dialer.model.campaign import Answer
from dialer.model.lead import Evidence
from dialer.model.transcript import Speaker, Transcript, Turn

_NUMBERS = frozenset({"integer", "number", "money"})
_YES = re.compile(
    r"^\W*(?:(?:uh|um|oh|well)\W+)?(?:yes|yeah|yep|yup|correct|right|exactly|that'?s\s+(?:right|correct|it)|sure|mm-?hm+|ok(?:ay)?"
    r"|对|是|没错|嗯|好|可以)",
    re.IGNORECASE,
)
_BUT = re.compile(r"\b(?:no|not|but|except|actually|wait|wrong|as\s+if|yeah\W+right)\b|n't\b|不|但|错了|没有", re.IGNORECASE)


def affirmed(transcript: Transcript, rule: Answer, value: str) -> Evidence | None:
    """Return the callee's affirmation of ``value`` (canonical text), the last one, or None.

    The value has to stand in what was *heard* of the agent's turn, and the turn after it has to be a plain yes. A yes or no
    cannot be read back as such: for those there is only the callee's own answer.
    """
    if rule.type == "boolean":
        return None
    said = sorted(transcript.turns, key=lambda turn: turn.seq)
    for asked, answer in reversed(list(pairwise(said))):
        is_pair = asked.speaker is Speaker.AGENT and answer.speaker is Speaker.CALLEE
        if is_pair and _has(asked, rule, value) and is_plain_yes(answer.text):
            return Evidence(turn_seq=answer.seq, quote=answer.text.strip(), at_ms=answer.start_ms)
    return None


def is_plain_yes(text: str) -> bool:
    """True for words that affirm and take nothing back."""
    plain = text.replace("’", "'")
    return _YES.search(plain) is not None and _BUT.search(plain) is None


def _has(turn: Turn, rule: Answer, value: str) -> bool:
    """True when the value was said in ``turn``."""
    if rule.type in _NUMBERS:
        number = decimal_of(value)
        return number is not None and number in as_decimals(turn.text)
    wanted = [word.text for word in words(value)]
    said = [word.text for word in words(turn.text)]
    return bool(wanted) and any(said[at : at + len(wanted)] == wanted for at in range(len(said)))
