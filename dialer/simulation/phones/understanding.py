"""What an utterance asks of the person who hears it, in English or Chinese: simple patterns, as a bored person listens."""

import re
from dataclasses import dataclass
from enum import Enum


class Asks(Enum):
    """The kind of answer that is wanted."""

    NOTHING = "nothing"
    GOODBYE = "goodbye"
    FACT = "fact"
    NAME = "name"
    WHO = "who"
    MONEY = "money"
    NUMBER = "number"
    TIME = "time"
    OFFER = "offer"
    CHOICE = "choice"
    MORE = "more"
    APPOINTMENT = "appointment"
    HERE = "here"
    YES_NO = "yes_no"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Asked:
    """``options``: what was offered to choose from, in the speaker's words. ``about``: the name of the fact, what is counted,
    or what a yes would mean (``offer``: I want it; ``time``: I have a moment; empty: so it is)."""

    kind: Asks
    question: str = ""
    options: tuple[str, ...] = ()
    about: str = ""


_FACTS = {
    "date_of_birth": r"date of birth|birth ?da(?:y|te)|born|出生|生日",
    "postal_code": r"postal code|zip|邮编|邮政编码",
    "email": r"e-?mail|邮箱|邮件地址",
    "address": r"\baddress\b|住址|地址",
    "company": r"(?:which|what|your) company|哪家公司|贵公司|公司名",
}
_GOODBYE = re.compile(
    r"good ?bye|\bbye\b|(?:have|enjoy) (?:a|your|the) (?:\w+ )?(?:day|evening|afternoon|weekend)|take care"
    r"|再见|拜拜|祝您.{0,6}(?:愉快|顺利|安康)",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"[^.!?。！？]*(?:[.!](?=\w)[^.!?。！？]*)*[.!?。！？]?")
_CLOCK = r"(?:\d{1,2}(?::\d\d)? ?[AP]\.?M\b\.?|\d{1,2}:\d\d|\d{1,2} o'clock|noon)"
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}(?:st|nd|rd|th)?"
_OFFER = re.compile(
    rf"(?:{_DAY},? (?:the )?)?(?:{_MONTH},? )?(?:at )?{_CLOCK}|{_DAY},? {_MONTH}"
    r"|(?:\d{1,2}月\d{1,2}[日号]|(?:下?周|星期)[一二三四五六日天])[^，。？！、还或]{0,8}?"
    r"(?:\d{1,2}|[一二三四五六七八九十]+)(?:[:：]\d\d|点(?:半|\d{1,2}分|[一二三四五]?十五?分?)?)",
    re.IGNORECASE,
)
_WHO = (
    r"(?:am i|i am) (?:speaking|talking) (?:with|to)|is this\b|may i speak"
    r"|请问您?是(?!想|要|否|不)|您是.{1,12}吗|是.{1,12}本人"
)
_KINDS: tuple[tuple[Asks, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Asks.HERE, r"still there|can you hear|听得到|听得见|还在吗|在听吗"),
        (Asks.MORE, r"anything else|any (?:other|more|further)|help you with|别的|其他|还需要|还有什么"),
        (Asks.NAME, r"(?:your|full) (?:full )?name|spell|您贵姓|怎么称呼|您的(?:姓名|名字|全名)|叫什么"),
        (Asks.WHO, _WHO),
        (Asks.MONEY, r"budget|how much|\bprice\b|\bspend|\bcosts?\b|\bpay\b|\bbill\b|预算|多少钱|花费|费用|价格|价位"),
        (Asks.NUMBER, r"how many|how often|number of|how (?:big|large|long|old)|几(?!点|号|月)|多少|多大|多久"),
    )
)
_BEFORE_OPTIONS = (Asks.HERE, Asks.MORE, Asks.NAME, Asks.WHO)
"""Kinds whose questions may hold an ``or`` without offering a choice."""
_TIME = re.compile(
    r"\bwhen\b|what (?:day|date|time)|which (?:day|date|time)|什么时候|什么时间|几点|哪天|哪一天|何时|几号", re.IGNORECASE
)
_PICK = re.compile(r"\bwhich\b|\bprefer|\bsuit|\bwork|\bbetter|\bbest|\bwould you like\b|哪|更|合适|还是|方便", re.IGNORECASE)
_APPOINTMENT = re.compile(
    r"confirm|make it|be there|still (?:come|coming|able)|keep (?:the|this|your)|come (?:in|then)|确认|能来|准时|按时|前来|到场",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"(?:^|[,;] ?|\b(?:and|so|but) )(?:is|are|am|do|does|did|can|could|would|will|have|has|had|may|shall|should|was|were)\b"
    r"|(?:right|correct|okay|ok|yes)\?|吗|是否|是不是|对不对|好不好|行不行|能不能|要不要|有没有|可不可以|愿不愿意",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"would you like|do you (?:want|need)|(?:shall|should|may|can|could) (?:i|we)\b|are you interested|interested in"
    r"|要不要|需不需要|需要|想要|想不想|感兴趣|愿意|帮您|给您",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    r"(?:good|right|bad) (?:time|moment)|minutes?\b|\bmoment\b|convenient|time to talk|方便|有时间|有空|分钟", re.IGNORECASE
)
_NOT_AN_OPTION = re.compile(
    r"^(?:would|do|does|is|are|should|can|could|will|not|no|shall|have)\b|^(?:不|没|需|想要)|什么|怎么|哪|谁|几|吗", re.IGNORECASE
)
_OPTION_WORDS = 4
_OPTION_SIGNS = 8


def understand(text: str) -> Asked:
    """What ``text`` asks for, judged by its last question; without a question it says goodbye or nothing in particular."""
    sentences = [sentence.strip() for sentence in _SENTENCES.findall(text) if sentence.strip()]
    questions = [sentence for sentence in sentences if sentence[-1] in "?？"]
    if not questions:
        return Asked(Asks.GOODBYE if _GOODBYE.search(text) else Asks.NOTHING)
    question = questions[-1]
    for name, pattern in _FACTS.items():
        if re.search(pattern, question, re.IGNORECASE):
            return Asked(Asks.FACT, question, about=name)
    if offered := _offered(text, question):
        return Asked(Asks.OFFER, question, offered)
    kind = next((kind for kind, regex in _KINDS if regex.search(question)), None)
    if kind in _BEFORE_OPTIONS:
        return Asked(kind, question)
    if not _APPOINTMENT.search(question) and (options := _options(question)):
        return Asked(Asks.CHOICE, question, options)
    if kind is not None:
        return Asked(kind, question, about=_counted(question))
    if _TIME.search(question):
        return Asked(Asks.TIME, question)
    if _APPOINTMENT.search(question):
        return Asked(Asks.APPOINTMENT, question)
    if _YES_NO.search(question):
        return Asked(Asks.YES_NO, question, about=_meaning_of_yes(question))
    return Asked(Asks.OPEN, question)


def _offered(text: str, question: str) -> tuple[str, ...]:
    """The times that a question offers, or that were offered before it; empty when it is about something else."""
    offered = tuple(match.strip(" .,") for match in _OFFER.findall(text))
    if offered and (_TIME.search(question) or (_PICK.search(question) and (len(offered) > 1 or _OFFER.search(question)))):
        return offered
    return ()


def _counted(question: str) -> str:
    """What is counted, as one says it after the number: ``years``, ``年``; empty when the question does not tell."""
    if re.search(r"\bhow old\b|years? old", question, re.IGNORECASE):
        return "years"
    named = re.search(r"how many (\w+)|(?:几|多少)([个位人名年次天口间套])", question, re.IGNORECASE)
    return (named[1] or named[2]).lower() if named else ""


def _meaning_of_yes(question: str) -> str:
    """What somebody who says yes to it agrees to."""
    if _WANTED.search(question):
        return "offer"
    return "time" if _MOMENT.search(question) else ""


def _options(question: str) -> tuple[str, ...]:
    """The alternatives of ``Is it A, B or C?`` or ``是A、B还是C？``; empty when there are none."""
    stem = question.rstrip("?？ ")
    return _chinese_options(stem) if re.search(r"还是|或", stem) else _english_options(stem)


def _chinese_options(stem: str) -> tuple[str, ...]:
    """The last short parts, but for a part that is itself a question (``什么时候来，平日还是周末``)."""
    parts = [part.strip() for part in re.split(r"[、，,:：]|还是|或者|或", stem) if part.strip()]
    parts[0] = re.sub(r"^.*(?:是|要|选|用|喜欢|想)", "", parts[0]) or parts[0]
    options: list[str] = []
    for part in reversed(parts):
        option = re.sub(r"^(?:是|要|选|用)|(?:呢|的话)$", "", part)
        if not 0 < len(option) <= _OPTION_SIGNS or _NOT_AN_OPTION.search(option):
            break
        options.insert(0, option)
    return tuple(options) if len(options) > 1 else ()


def _english_options(stem: str) -> tuple[str, ...]:
    """After a colon each part is an option as it stands; else the options are as long as the last one."""
    if not re.search(r"\bor\b", stem):
        return ()
    lead, colon, listed = stem.rpartition(":")
    parts = [part.strip() for part in re.split(r"[,;]? *\bor\b *|[,;] *", listed) if part.strip()]
    if re.match(r"when|what|which|how|where|who", parts[0], re.IGNORECASE) and len(parts) > 2:
        del parts[0]
    if len(parts) < 2 or _NOT_AN_OPTION.search(parts[-1]):
        return ()
    if colon and lead:
        return tuple(parts)
    width = len(parts[-1].split())
    return tuple(" ".join(part.split()[-width:]) for part in parts) if width <= _OPTION_WORDS else ()
