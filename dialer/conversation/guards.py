"""What is watched for in code while the callee speaks, whatever the model makes of it.

Opt-out phrases of all languages are always looked for (a campaign in English meets callees who do not speak it); a denied or
limited phrase ("do not take me off the list", "don't call me before five") is none. Crisis words end the script: a sales talk
must not go on. What the campaign forbids to promise is looked for in our own words, while they are still being generated. Card
numbers: ``cards``.
"""

import re
import unicodedata
from collections.abc import Iterable

_OPT_OUT = re.compile(
    r"""
    \b(?:stop|quit)\s+(?:calling|phoning|ringing)\b | ^\W*(?:please\s+)?(?:stop|unsubscribe)\W*$
    | \b(?:do\s+not|don't|dont|never)\s+(?:ever\s+)?(?:call|phone|ring|contact)\s+
        (?:me|us|here|this\s+(?:number|phone)|my\s+(?:number|phone)|again|anymore|any\s+more|back)\b
    | \b(?:take|remove|delete)\s+(?:me|us|my\s+(?:name|number)|this\s+number)\s+(?:off|from|out)\b
    | \b(?:remove|delete)\s+my\s+(?:name|number)\b | \bunsubscribe\s+me\b
    | \bopt(?:ing)?[\s-]+(?:me\s+)?out\b | \bno\s+more\s+calls\b | \blose\s+my\s+number\b
    | \b(?:on|to)\s+(?:your|the)\s+do[\s-]+not[\s-]+call\b | \bdo[\s-]not[\s-]call\s+list\b
    | (?:别|不要|请勿|勿|不准|不许)再?(?:给我|给我们|往这里|向我)?(?:来电|打(?:来)?电话|打来|打过来|打给我|打了|联系我|骚扰)
    | 不想再?(?:接到|收到|听到)?.{0,4}(?:电话|来电|骚扰) | (?:从|在).{0,6}(?:名单|列表)[^。]{0,6}(?:删|移除|去掉|拿掉)
    | 把我.{0,8}(?:删除|删掉|移除|去掉) | 退订 | 拉黑我
    | \bno\s+(?:me|nos)\s+(?:llame[ns]?|contacte[ns]?)\b | (?<!no\s)\bdej(?:e|en|a)\s+de\s+llamar
    | \bno\s+vuelvan?\s+a\s+llamar | \b(?:qu[ií]t|b[oó]rr|elim[ií]n)(?:e|en|a)(?:me|nos)\b
    | \bne\s+(?:m'|nous\s+)appelez\s+(?:plus|pas)\b | \bn'appelez\s+plus\b | \bne\s+me\s+rappelez\s+(?:plus|pas)\b
    | \barr[eê]tez\s+de\s+(?:m'|nous\s+)appeler\b | \b(?:retirez|enlevez|supprimez)[\s-]+(?:moi|nous|mon\s+num[eé]ro)\b
    | \brufen\s+sie\s+(?:mich\s+|uns\s+|hier\s+)?(?:bitte\s+)?(?:nie|nicht)\s+(?:mehr|wieder)\b
    | \bnicht\s+mehr\s+an(?:zu)?rufen\b
    | \bh[oö]ren\s+sie\s+auf,?\s+(?:mich\s+)?anzurufen\b | \bkeine\s+(?:weiteren\s+)?anrufe\b
    | \b(?:streichen|l[oö]schen|nehmen)\s+sie\s+(?:mich|uns|meine\s+nummer)\b
    | \bn[aã]o\s+(?:me|nos)\s+lig(?:ue|uem|a)\b | \bn[aã]o\s+(?:volte|voltem)\s+a\s+ligar
    | \b(?:pare|parem|para)\s+de\s+(?:me\s+)?ligar | \bn[aã]o\s+quero\s+mais\s+(?:receber\s+)?(?:liga[cç][oõ]es|chamadas)
    | \b(?:tire|tirem|remova|retire|apague)\s+(?:o\s+)?meu\s+(?:nome|n[uú]mero)
    | (?:もう|二度と|これ以上)[^。]{0,8}(?:電話|連絡|かけ)[^。]{0,8}(?:ないで|やめて|しないで|結構)
    | 電話(?:を|は)?(?:かけて)?(?:こないで|しないで|やめて)
    | (?:リスト|名簿)から[^。]{0,8}(?:外して|削除|消して|除いて) | 配信停止
    | \bi\s+(?:just\s+)?said\s+(?:no\s+and\s+)?stop\b | \bnever\s+(?:want\s+to\s+)?hear\s+from\s+(?:you|this\s+company)\b
    | \b(?:revoke|withdraw|take\s+back)\s+my\s+(?:consent|permission)\b
    | \b(?:do\s+not|don't|dont)\s+want\s+(?:any\s+)?more\s+(?:of\s+your\s+|of\s+these\s+)?calls\b
    | \b(?:rather|prefer)\s+(?:that\s+)?you\s+
        (?:did\s+not|didn't|do\s+not|don't|never)\s+(?:ever\s+)?call(?:ed)?\s+(?:me\s+)?(?:again|any\s*more)\b
    | 停止(?:来电|打电话|骚扰|拨打)
    | \bno\s+(?:quiero|deseo|queremos)\s+(?:recibir\s+)?m[aá]s\s+(?:sus\s+)?llamadas\b
    | \bno\s+(?:me|nos)\s+vuelvan?\s+a\s+llamar\b
    | \bque\s+me\s+(?:borren|quiten|eliminen)\s+de\b
    | \bne\s+(?:veux|souhaite|voulons)\s+plus\s+(?:[eê]tre\s+appel|recevoir\s+(?:vos|d')|d'appels) | ^\W*plus\s+d'appels\b
    | \bnicht\s+mehr\s+angerufen\s+werden\b
    | (?:今後|これから|以後)の?(?:お?電話|連絡|ご連絡)(?:は|を)?[^。]{0,6}(?:不要|いりません|要りません|結構|希望しません)
    | \bn[aã]o\s+(?:me\s+|nos\s+)?(?:liguem?|telefonem?|telefone)\s+mais\b
    | \b(?:quero|queremos)\s+sair\s+d(?:a|essa|esta)\s+lista\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:don't|dont|do\s+not|not|never|no\s+need\s+to|didn't\s+say|isn't)\s+"
    r"(?:want\s+(?:you\s+)?to\s+|say\s+|mean\s+|need\s+to\s+)?(?:please\s+)?|\b(?:nicht|pas|n[aã]o)\s+|(?:今は|いまは|朝は|夜は|昼は|午前中は|仕事中は|不是|没有?说|并非|不用|不必|不需要|不要|别))$",
    re.IGNORECASE,
)
_LIMITED_AFTER = re.compile(
    r"^\W{0,2}(?:me\W+)?(?:before|until|till|after|at\s+(?:work|\d|noon|night|this\s+hour)"
    r"|on\s+(?:my\s+work|mon|tue|wed|thu|fri|sat|sun)"
    r"|today|tonight|tomorrow|now\b|right\s+now|this\s+(?:week|morning|afternoon|evening)"
    r"|in\s+the\s+(?:morning|afternoon|evening)"
    r"|during|so\s+(?:early|late)|while|antes|hoy|avant|aujourd|vor\s|heute|nicht\b(?!\s+mehr)"
    r"|por\s+la\s+(?:ma[nñ]ana|tarde|noche)|de\s+(?:manh[aã]|tarde|noite)|[aà]\s+(?:tarde|noite)|hoje|ma[nñ]ana\b|le\s+(?:matin|soir)|demain"
    r"|morgen\b|am\s+(?:morgen|abend|wochenende))",
    re.IGNORECASE,
)
_CRISIS = re.compile(
    r"\b(?:kill(?:ing)?\s+myself|suicid\w+|end(?:ing)?\s+my\s+life|(?:want|going)\s+to\s+die|having\s+a\s+heart\s+attack"
    r"|can(?:'t|not)\s+breathe|call\s+(?:an\s+ambulance|911|999|112)|suicidar\w*|quiero\s+morir|me\s+suicider|umbringen)\b"
    r"|自杀|不想活|想死|快报警|叫救护车|救命|心脏病发|喘不过气|着火了"
    r"|\b(?:quero\s+morrer|me\s+matar|quiero\s+matarme|llame\s+(?:a\s+)?una\s+ambulancia|appelez\s+une\s+ambulance|krankenwagen)\b"
    r"|死にたい|自殺|救急車",
    re.IGNORECASE,
)
_END_OF_WORDS = re.compile(r"[.!?。！？;；]")


def plain(text: str) -> str:
    """One Unicode form, straight apostrophes, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").replace("`", "'").split())


def opt_out_phrase(text: str) -> str:
    """The words with which the callee asks not to be called again, or an empty text."""
    spoken = plain(text)
    for match in _OPT_OUT.finditer(spoken):
        before = _END_OF_WORDS.split(spoken[: match.start()])[-1]
        if not _DENIED_BEFORE.search(before) and not _LIMITED_AFTER.search(spoken[match.end() :]):
            return match[0].strip()
    return ""


def first_opt_out(texts: Iterable[str]) -> str:
    """The words of the first of ``texts`` that asks not to be called again, or an empty text."""
    return next(filter(None, map(opt_out_phrase, texts)), "")


_NEGATED = re.compile(
    r"(?:\b(?:not?|never|nothing|cannot|without|nor|nicht|kein\w*|pas|aucun\w*|sin|nunca|ning\w*|n[aã]o|sem)\b|n't\b)\W*(?:\w+\W+){0,3}$"
    r"|(?:不|没|無|无|并非|未)[^，,。]{0,4}$",
    re.IGNORECASE,
)


def forbidden_promise(text: str, phrases: Iterable[str]) -> str:
    """The first of ``phrases`` that ``text`` says and does not deny, or an empty text. Case and spacing are no difference."""
    spoken = plain(text).casefold()
    for phrase in phrases:
        wanted = plain(phrase).casefold()
        edge = r"\b" if wanted[:1].isascii() else ""
        for match in re.finditer(f"{edge}{re.escape(wanted)}{edge}", spoken):
            if not _NEGATED.search(_END_OF_WORDS.split(spoken[: match.start()])[-1]):
                return phrase
    return ""


def crisis_words(text: str) -> str:
    """Words of somebody in danger, or an empty text."""
    match = _CRISIS.search(plain(text))
    return match[0] if match else ""
