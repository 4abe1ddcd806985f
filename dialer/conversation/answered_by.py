"""Who took the call: votes from the model's tool, the carrier's detection, greeting phrases, the beep and other tones.

What was said or sounded is believed at the beginning of a call. The carrier's detection tells a machine by the length of its
greeting, so alone it hangs up on nobody: it counts at the end, when nothing was said. Once a person has taken part in the talk
(three turns with words), nothing turns him into a machine again.
"""

import re

from dialer.conversation.guards import plain
from dialer.model.disposition import AnsweredBy

PERSON_TURNS = 3
"""Turns of the callee with words, from which on he is a person for good."""

_VOICEMAIL = re.compile(
    r"leave\s+(?:a|your|me\s+a|us\s+a)\s+(?:\w+\s+)?message|(?:after|at)\s+the\s+(?:tone|beep)|you(?:'ve|\s+have)\s+reached"
    r"|(?:not|un)\s*available\s+(?:right\s+now|to\s+take|at\s+the\s+moment)"
    r"|can(?:'t|not)\s+(?:come\s+to\s+the\s+phone|take\s+your\s+call)"
    r"|voice\s*mail|mailbox|record\s+your\s+message"
    r"|请.{0,12}留言|(?:提示音|嘀声|滴声|哔声)(?:后|之后)|语音信箱|您(?:所)?拨打的(?:用户|电话|号码)|无法接听"
    r"|deixe\s+(?:a\s+sua|sua|uma|seu)\s+(?:mensagem|recado)|caixa\s+postal|ap[oó]s\s+o\s+(?:sinal|bip)"
    r"|留守番電話|発信音の後|メッセージを(?:お話し|お残し|どうぞ)|ただいま電話に出ることができません"
    r"|deje\s+(?:su|un)\s+mensaje|despu[eé]s\s+(?:del?\s+)(?:tono|la\s+se[nñ]al)|buz[oó]n\s+de\s+voz"
    r"|laissez\s+(?:un|votre)\s+message|apr[eè]s\s+le\s+(?:bip|signal)|messagerie"
    r"|hinterlassen\s+sie|nach\s+dem\s+(?:signal)?ton|mailbox|anrufbeantworter",
    re.IGNORECASE,
)
_SCREENING = re.compile(
    r"(?:state|say|record|tell\s+me)\s+your\s+(?:full\s+)?name|reason\s+for\s+(?:your\s+|the\s+|this\s+)?call(?:ing)?"
    r"|why\s+you(?:'re|\s+are)\s+calling|call\s+(?:screening|assistant)|screen(?:ing)?\s+(?:this|your)\s+call"
    r"|请(?:您)?(?:说出?|报|告诉我).{0,6}(?:姓名|名字)|来电(?:的)?(?:原因|目的|事由)"
    r"|diga\s+su\s+nombre|dites\s+votre\s+nom|nennen\s+sie\s+ihren\s+namen",
    re.IGNORECASE,
)
_IVR = re.compile(
    r"\b(?:press|dial)\s+(?:\d|one|two|three|four|five|six|seven|eight|nine|zero|the\s+)"
    r"|按(?:\d|[一二三四五六七八九零])|(?:pulse|marque|oprima)\s+(?:\d|uno|dos|tres)|(?:tapez|appuyez\s+sur)\s+(?:le\s+)?(?:\d|un|deux)"
    r"|dr[uü]cken\s+sie|(?:digite|tecle|pressione)\s+(?:\d|um|dois)|(?:\d|[一二三])番を",
    re.IGNORECASE,
)
MENU_CHOICES = 2
"""Keys that are offered in one turn, from which on it is a menu: a person may say "press" too."""
_NO_SUCH_NUMBER = re.compile(
    r"(?:number|extension)\s+(?:that\s+)?you\s+(?:have\s+)?(?:dialed|dialled|called|reached).{0,40}"
    r"(?:not\s+(?:in\s+service|valid|assigned)|disconnected|changed|does\s+not\s+exist|incorrect)|no\s+longer\s+in\s+service"
    r"|空号|号码不存在|已停机|n[uú]mero.{0,30}no\s+existe|num[eé]ro.{0,30}n'est\s+(?:pas|plus)\s+(?:attribu[eé]|en\s+service)"
    r"|nummer.{0,30}nicht\s+vergeben|n[uú]mero.{0,30}n[aã]o\s+existe|現在使われておりません",
    re.IGNORECASE,
)
_DECLINE = re.compile(
    r"(?:not|un|n't\s+be)\s*available|(?:can(?:not|'t)|won't|will\s+not|does\s+not\s+want\s+to)\s+(?:take|answer)|declined"
    r"|不方便接听|无法接听|不(?:想|愿)接|不在",
    re.IGNORECASE,
)
_INVITES = re.compile(r"message|mailbox|voice\s*mail|\btone\b|\bbeep\b|留言|信箱", re.IGNORECASE)
_HOLD = re.compile(
    r"please\s+(?:hold|wait|stay)|hold\s+on|one\s+moment|stay\s+on\s+the\s+line|(?:connecting|putting)\s+you|trying\s+to\s+reach"
    r"|(?:just|give\s+me|wait)\s+(?:a|one)\s+(?:sec(?:ond)?|minute|moment)|hang\s+on"
    r"|let\s+me\s+(?:check|see\s+if)|asking\s+(?:if|whether)|请稍[等候后]|(?:稍|等)等|等(?:一下|一会)|正在.{0,6}(?:转接|接通|询问|联系)"
    r"|un\s+moment(?:o|ito)?\b|un\s+instant|einen\s+(?:moment|augenblick)|um\s+(?:momento|minuto)|少々お待ち|ちょっと待",
    re.IGNORECASE,
)


def kind_of_greeting(text: str) -> AnsweredBy | None:
    """Which machine speaks like this; None for words that a person may say."""
    spoken = plain(text)
    for pattern, kind in (
        (_VOICEMAIL, AnsweredBy.VOICEMAIL),
        (_SCREENING, AnsweredBy.SCREENING),
    ):
        if pattern.search(spoken):
            return kind
    return AnsweredBy.IVR if len(_IVR.findall(spoken)) >= MENU_CHOICES else None


def is_no_such_number(text: str) -> bool:
    """A network's announcement that the number itself is wrong."""
    return _NO_SUCH_NUMBER.search(plain(text)) is not None


def asks_to_wait(text: str) -> bool:
    """A screener's words between our answer and a person; a person's who goes to look something up."""
    return _HOLD.search(plain(text)) is not None


def declines(text: str) -> bool:
    """A screener says that nobody will come, and invites no message."""
    spoken = plain(text)
    return _DECLINE.search(spoken) is not None and _INVITES.search(spoken) is None


class Words:
    """The callee's items whose words have not come yet."""

    def __init__(self) -> None:
        self._awaited: set[str] = set()
        self._known: set[str] = set()

    def __bool__(self) -> bool:
        """Some are still awaited."""
        return bool(self._awaited)

    def expect(self, item_id: str) -> None:
        """Speech was heard; its words may have come before."""
        if item_id not in self._known:
            self._awaited.add(item_id)

    def came(self, item_id: str) -> None:
        """The words came, or will never come."""
        self._known.add(item_id)
        self._awaited.discard(item_id)

    def give_up(self) -> bool:
        """No more words will come; True when some were awaited."""
        had_some = bool(self._awaited)
        self._known |= self._awaited
        self._awaited.clear()
        return had_some


class Votes:
    """What is known of who took the call. ``kind`` is a machine's once a witness was believed."""

    def __init__(self) -> None:
        self.kind: AnsweredBy | None = None
        self.turns_with_words = 0
        self.words = Words()
        self.was_put_through = False
        """A screener has connected a person: what is reported of machines from now on is history."""
        self.has_speech = False
        """Somebody spoke or pressed a key, whether or not the words are known."""
        self.carrier: AnsweredBy | None = None
        """What the carrier's own detection says."""

    @property
    def is_person(self) -> bool:
        """Too much was said for a machine."""
        return self.was_put_through or (self.kind in (None, AnsweredBy.HUMAN) and self.turns_with_words >= PERSON_TURNS)

    def carrier_says(self, kind: AnsweredBy, *, is_beep: bool) -> bool:
        """The carrier's detection; True when it is more than a guess by timing, and news."""
        self.carrier = kind
        is_guess = kind is AnsweredBy.VOICEMAIL and not is_beep
        return not is_guess and kind is not AnsweredBy.HUMAN

    def report(self, kind: AnsweredBy) -> bool:
        """A witness that is believed names a kind; True when it is news to act upon."""
        if kind is AnsweredBy.UNKNOWN or self.is_person or kind is self.kind:
            return False
        if kind is AnsweredBy.HUMAN and self.kind is AnsweredBy.VOICEMAIL:
            # The model may take a greeting's words for a person's; a machine that has been heard stays one.
            return False
        self.kind = kind
        return True

    def conclude(self) -> AnsweredBy:
        """Who it was, at the end."""
        if self.kind is not None:
            return self.kind
        if self.turns_with_words:
            return AnsweredBy.HUMAN
        if self.carrier not in (None, AnsweredBy.HUMAN):
            return self.carrier
        return AnsweredBy.HUMAN if self.has_speech or self.words else AnsweredBy.UNKNOWN
