"""What speaks against it, in the callee's own words: explicit phrases, and what a model read where its quote stands.

A phrase names a kind, never an outcome: "it is too expensive" is worth reading, and the same person may still buy.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from dialer.leads.answers import ends_with
from dialer.leads.evidence import callee_turns, quoted_in, words
from dialer.model.lead import Analysis, Evidence, Objection, ObjectionKind, Source
from dialer.model.transcript import Speaker, Transcript, Turn

_PHRASES: Mapping[ObjectionKind, tuple[str, ...]] = {
    ObjectionKind.PRICE: (
        r"\b(?:too|so|very|pretty)\s+(?:expensive|costly|pricey|much\s+money)\b",
        r"\b(?:can'?t|cannot|couldn'?t)\s+afford\b",
        r"\b(?:is|isn'?t)\s+(?:it|that|this)\s+(?:expensive|costly)\b",
        r"\bwhat(?:'s|\s+is|\s+does\s+it)\s+(?:the\s+catch|it\s+cost|that\s+cost|cost)\b",
        r"\bno\s+(?:budget|money)\b",
        r"太贵|好贵|这么贵|没(?:有)?(?:钱|预算)|贵不贵|多少钱|便宜(?:点|一点)",
    ),
    ObjectionKind.TIMING: (
        r"\b(?:not|isn'?t)\s+(?:a\s+good|the\s+right)\s+time\b",
        r"\bbad\s+time\b",
        r"\b(?:not|maybe)\s+(?:now|this\s+year|right\s+now)\b|\bnext\s+year\b",
        r"\b(?:i'?m|i\s+am|we'?re)\s+(?:busy|driving|in\s+a\s+meeting|at\s+work)\b",
        r"现在(?:没空|不方便|很忙|在忙|忙)|在开会|在开车|以后再说|过段时间",
    ),
    ObjectionKind.TRUST: (
        r"\b(?:scam|fraud|spam|suspicious)\b",
        r"\b(?:don'?t|do\s+not)\s+trust\b",
        r"\b(?:how|where)\s+(?:did|do)\s+you\s+(?:get|have)\s+my\s+(?:number|name)\b",
        r"骗子|诈骗|骗人|信不过|不相信|(?:怎么|哪里|从哪).{0,4}(?:知道|拿到|得到|有)我的?(?:电话|号码)",
    ),
    ObjectionKind.HAS_ONE: (
        r"\b(?:already|just)\s+(?:have|has|got|bought|installed|signed|use|using)\b",
        r"\b(?:have|has|got)\s+(?:it|one|solar|that|them)\s+already\b",
        r"\b(?:happy|satisfied)\s+with\s+(?:my|our|what)\b",
        r"已经(?:有|买|装|办|用)|刚(?:买|装|办)",
    ),
    ObjectionKind.NO_NEED: (
        r"\b(?:don'?t|do\s+not|doesn'?t)\s+(?:need|want)\b",
        r"\b(?:no|not)\s+(?:need|interest(?:ed)?)\b",
        r"不需要|用不(?:着|上)|没(?:有)?(?:兴趣|需要|必要)|不感兴趣|不想(?:要|买)",
    ),
    ObjectionKind.NOT_ALONE: (
        r"\b(?:ask|to|with)\s+my\s+(?:wife|husband|partner|spouse|boss|manager|father|mother|son|daughter|family)\b",
        r"\bnot\s+my\s+decision\b",
        r"(?:问|和|跟).{0,4}(?:老婆|老公|爱人|家里|家人|先生|太太|领导|老板|父母).{0,4}(?:商量|说|一下)?|我做不了主",
    ),
    ObjectionKind.NOT_ENTITLED: (
        r"\b(?:i|we)(?:'m|'re|\s+am|\s+are|\s+only|\s+just)?\s+(?:rent|renting|lease|leasing)\b",
        r"\b(?:don'?t|do\s+not)\s+own\b",
        r"租(?:房|的房|来的)|不是我的(?:房|店)",
    ),
    ObjectionKind.IN_WRITING: (
        r"\b(?:send|e-?mail|text|mail)\s+(?:me|us|it)\b(?!\s+an\s+offer)",
        r"\b(?:by|in|via)\s+(?:e-?mail|writing|mail)\b",
        r"发(?:个|份|一份|点)?(?:短信|邮件|资料|材料|微信)|加(?:个|我)?微信",
    ),
    ObjectionKind.AUTOMATED: (
        r"\b(?:are|is)\s+(?:you|this|it)\s+(?:a|an)\s+(?:robot|bot|machine|recording|computer|ai)\b",
        r"\b(?:real|actual|human)\s+(?:person|human|being)\b",
        r"(?:你是|是不是).{0,3}(?:机器人|机器|录音|真人|人工智能)|转人工",
    ),
}
_TABLE = tuple((kind, re.compile("|".join(phrases), re.IGNORECASE)) for kind, phrases in _PHRASES.items())
_LONGEST = 240


def find_objections(
    transcript: Transcript, analysis: Analysis | None = None, questions: Iterable[str] = ()
) -> tuple[Objection, ...]:
    """Return one objection of each kind at most, in order of speaking; a model's words win over a phrase of that kind.

    ``questions`` are those of the campaign's answers: "I do not need that", said to "Do you need a ride?", is an answer.
    """
    found = {item.kind: item for item in _by_phrase(transcript, tuple(questions))}
    for claim in analysis.objections if analysis else ():
        evidence = quoted_in(transcript, claim.quote, claim.turn_seq)
        kind = ObjectionKind(claim.value) if claim.value in set(ObjectionKind) else ObjectionKind.OTHER
        if evidence is not None:
            found[kind] = Objection(kind, evidence, Source.MODEL)
    return tuple(sorted(found.values(), key=lambda item: (item.evidence.turn_seq, item.kind)))


def _by_phrase(transcript: Transcript, questions: Sequence[str]) -> Iterable[Objection]:
    """The first turn with a phrase of each kind; the quote is the whole turn, so that a reader sees how it was meant."""
    said = [(turn, turn.text.replace("’", "'")) for turn in callee_turns(transcript)]
    for kind, pattern in _TABLE:
        for turn, text in said:
            if pattern.search(text) and not (kind is ObjectionKind.NO_NEED and _is_reply(transcript, turn, questions)):
                quote = turn.text.strip()[:_LONGEST]
                yield Objection(kind, Evidence(turn.seq, quote, turn.start_ms), Source.RULE)
                break


def _is_reply(transcript: Transcript, reply: Turn, questions: Sequence[str]) -> bool:
    """True for the turn right after one of the questions."""
    before = max((turn for turn in transcript.turns if turn.seq < reply.seq), key=lambda turn: turn.seq, default=None)
    if before is None or before.speaker is not Speaker.AGENT:
        return False
    return any(ends_with(before, [word.text for word in words(question)]) for question in questions)
