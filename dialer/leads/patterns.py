"""What a callee says that needs no model to be understood: do not call, wrong number, wrong person, call back.

Recall first: a hit is shown to a person for review, a missed opt-out is a broken promise. All languages are searched in
every call, because a callee may answer in another language than the campaign's. Interest is never guessed from words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dialer.model.disposition import Outcome
from dialer.model.lead import Evidence
from dialer.model.transcript import Turn


@dataclass(frozen=True, slots=True)
class Finding:
    """A phrase that was found: what it means and where it stands."""

    outcome: Outcome
    evidence: Evidence


# "Do not call me before nine" asks for another hour, not for silence.
_LATER = r"(?!\s+(?:me\s+)?(?:right\s+)?(?:now|today|tonight|before|until)\b)"

# Order is priority: an opt-out is also a refusal, and "do not call back" is not a callback.
_PHRASES: tuple[tuple[Outcome, tuple[str, ...]], ...] = (
    (
        Outcome.DO_NOT_CALL,
        (
            r"\b(?:don'?t|do\s+not|never|stop|quit)\s+(?:ever\s+)?(?:call|phon|phone|ring|contact|bother)(?:ing)?\b" + _LATER,
            r"\b(?:take|remove|delete|get)\s+(?:me|us|my\s+(?:number|name|phone\s+number)|this\s+number)\s+(?:off|from|out)\b",
            r"\b(?:remove|delete)\s+(?:me|my\s+(?:number|name))\b",
            r"\bno\s+more\s+calls?\b",
            r"\b(?:unsubscribe|opt\s*(?:me\s+)?out|do[- ]not[- ]call\s+list)\b",
            r"\b(?:lose|forget)\s+(?:my|this)\s+number\b",
            r"^\W*stop\W*$",
            r"(?:不要|别|不用|不许|停止|不准)\s*(?:再|总|老)?\s*(?:给我|跟我|向我|往我这)?\s*(?:打|拨打|拨|致电|来电|联系|骚扰)",
            r"(?:退订|拉黑|取消订阅|别来电|勿扰|不想再接到|不要再来|投诉你们)",
            r"把?我的?(?:号码|电话|名字)?.{0,6}(?:删除|删掉|移除|去掉)",
        ),
    ),
    (
        Outcome.WRONG_NUMBER,
        (
            r"\bwrong\s+(?:phone\s+)?number\b",
            r"\b(?:no\s*one|nobody)\s+(?:is\s+)?(?:here\s+)?(?:called|named|by|with)\b",
            r"(?:打错|拨错|号码错|电话错)(?:了|啦)?",
            r"(?:没有|没|无)(?:你说的)?(?:这个|此|这)人",
            r"不认识(?:这个人|他|她)",
        ),
    ),
    (
        Outcome.WRONG_PERSON,
        (
            r"\b(?:i'?m|i\s+am|this\s+is|it'?s)\s+not\s+(?:him|her|he|she|the\s+(?:right\s+)?person|the\s+one)\b",
            r"\bwrong\s+person\b",
            r"我不是(?:他|她|本人)|(?:你)?找错人",
        ),
    ),
    (
        Outcome.CALLBACK,
        (
            r"\b(?:call|ring|phone|try)\s+(?:me\s+|us\s+)?(?:back|again|later|tomorrow|another\s+time|next\s+week|some\s+other\s+time)\b",
            r"\bcall\s+me\s+(?:on|at|in|after|this|next|around)\b",
            r"\b(?:i'?m|i\s+am)\s+(?:driving|in\s+a\s+meeting|at\s+work|busy\s+(?:right\s+)?now)\b",
            r"\b(?:not\s+a\s+good|bad)\s+time\b",
            r"(?:晚点|晚些|稍后|回头|等会|一会|过会|明天|后天|下午|晚上|改天|下周).{0,6}(?:打|联系|来电|再说)",
            r"(?:在开会|在开车|现在(?:没空|不方便|很忙|在忙|忙))",
        ),
    ),
)
_TABLE = tuple((outcome, re.compile("|".join(phrases), re.IGNORECASE)) for outcome, phrases in _PHRASES)


def find_patterns(turns: Iterable[Turn]) -> tuple[Finding, ...]:
    """Return the first hit of each kind in the callee's turns, the most binding kind first."""
    said = [(turn, turn.text.replace("’", "'")) for turn in turns]
    found = []
    for outcome, pattern in _TABLE:
        for turn, text in said:
            match = pattern.search(text)
            if match:
                quote = turn.text[match.start() : match.end()].strip()
                found.append(Finding(outcome, Evidence(turn.seq, quote, turn.start_ms)))
                break
    return tuple(found)
