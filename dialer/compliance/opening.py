"""Do the fixed words say what they must? Identity, that the voice is artificial, purpose, and a way out, by kind and country,
in the language that is spoken; and is a reminder really one?

Which of these a campaign needs is data (``opening``, ``voicemail``, ``recording``, ``selling`` of the rulebook); how they are
said in each language is here. A pattern cannot tell good words from bad ones: it refuses texts in which the thing is not said
at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dialer.compliance.rulebook import Rulebook, WordsRule
from dialer.model.campaign import Campaign

AI = {
    "en": r"\b(?:automated|automatic|ai|a\.i\.|artificial|virtual|robot|bot|computer)\b",
    "zh": "自动|智能|虚拟|机器人|AI",
    "es": r"\b(?:automatizad[oa]|autom[aá]tic[oa]|virtual|artificial|robot|ia)\b",
    "fr": r"\b(?:automatis[eé]e?|automatique|virtuel(?:le)?|artificielle?|robot|ia)\b",
    "de": r"\b(?:automati\w+|virtuelle[rns]?|k[uü]nstliche\w*|roboter|sprachroboter|ki)\b|computerstimme|ki-",
    "ja": "自動|人工知能|ロボット|バーチャル|音声案内|AI",
    "pt": r"\b(?:automatizad[oa]|autom[aá]tic[oa]|virtual|artificial|rob[oô]|ia)\b",
}
OPT_OUT = {
    "en": r"\bstop\b|\bpress (?:9|nine)\b|\bopt(?:ing)?[ -]?out\b|\bnot (?:be called|call)\b|\bunsubscribe\b",
    "zh": r"按\s*[9九]|退订|不再|停止|不要再|拒绝",
    "es": r"\b(?:pulse|marque|oprima|presione)\s+(?:el\s+)?(?:9|nueve)\b|\bbaja\b|\bno\s+(?:recibir|volver)\w*"
    r"|\bdiga\s+\W?(?:alto|no)\b",
    "fr": r"\b(?:appuyez|tapez|composez)\s+(?:sur\s+)?(?:le\s+)?(?:9|neuf)\b|\bne\s+plus\b|\bdites\s+\W?stop\b|\bd[eé]sinscri\w+",
    "de": r"\bdr[uü]cken\s+sie\s+(?:die\s+)?(?:9|neun)\b|\bstopp?\b|\b(?:keine|nicht\s+mehr)\b.{0,40}\banruf\w*|\babmelden\b",
    "ja": "[9９九]\\s*を?(?:押|おし)|停止|ストップ|今後.{0,12}(?:不要|希望しない|希望されない)|配信を?止め",
    "pt": r"\b(?:pressione|tecle|digite|aperte)\s+(?:o\s+)?(?:9|nove)\b|\bn[aã]o\s+(?:receber|ser)\b"
    r"|\bdescadastr\w+|\bdiga\s+\W?pare\b",
}
PURPOSE = {
    "en": r"\b(?:about|regarding|concerning|because|remind\w*|confirm\w*|offers?|asked|questions?|news|invit\w+"
    r"|calling (?:for|to|on))\b",
    "zh": "关于|想|提醒|通知|优惠|告诉|告知|咨询|确认|了解|活动|预约|问|介绍|因为",
    "es": r"\b(?:sobre|acerca|record\w+|confirm\w+|oferta\w*|pregunt\w+|porque|motivo|cita)\b",
    "fr": r"\b(?:au sujet|concern\w+|[aà] propos|rappel\w*|confirm\w+|offres?|questions?|propos\w+|rendez-vous)\b",
    "de": r"\b(?:wegen|bez[uü]glich|betreff\w*|erinner\w+|best[aä]tig\w+|angebot\w*|frage\w*|termin\w*|weil|geht um)\b",
    "ja": "について|件|ご案内|お知らせ|確認|ご予約|予約|質問|伺|キャンペーン|ご提案",
    "pt": r"\b(?:sobre|respeito|lembr\w+|confirm\w+|ofertas?|pergunt\w+|porque|motivo|consulta)\b",
}
RECORDING = {
    "en": r"\brecord(?:ed|ing)?\b",
    "zh": "录音",
    "es": r"\bgrab\w+",
    "fr": r"\benregistr\w+",
    "de": r"\baufgezeichnet\b|\baufzeichn\w+|\baufnahme\b",
    "ja": "録音",
    "pt": r"\bgrav\w+",
}
SELLING = {
    "en": r"\b(?:(?:special|our|new|great) offers?|discounts?|on sale|deals?|upgrade|promotions?|coupons?"
    r"|free gift|save \$?\d+|buy)\b",
    "zh": "优惠|促销|折扣|特价|赠品|购买",
    "es": r"\b(?:ofertas?|descuentos?|promoci[oó]n(?:es)?|cup[oó]n(?:es)?|rebajas?|compr(?:e|ar)|regalo)\b",
    "fr": r"\b(?:offres?\s+(?:sp[eé]ciales?|exclusives?)|remises?|promotions?|soldes|r[eé]ductions?|achet\w+|cadeau)\b",
    "de": r"\b(?:angebote?|sonderangebot\w*|rabatt\w*|gutschein\w*|aktionspreis\w*|kaufen|geschenk)\b",
    "ja": "割引|特価|セール|キャンペーン|クーポン|お買い得|購入|プレゼント",
    "pt": r"\b(?:ofertas?|descontos?|promo[cç][aã]o|promo[cç][oõ]es|cupo(?:m|ns)|compr(?:e|ar)|brinde)\b",
}
_DENIED = re.compile(
    r"\b(?:not?|never|don't|do not|without|nunca|sin|ne|pas|sans|jamais"
    r"|nicht|kein\w*|nie|ohne|n[aã]o|sem)\b|不|勿|别|しない|ません|ない",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?\n。！？]")
# +1 800, 888, 877, 866, 855, 844, 833: North American numbers that cost the caller nothing (NANPA).
_TOLL_FREE = re.compile(r"(?:\+?1[\s.-]?)?\(?8(?:00|88|77|66|55|44|33)\)?[\s.-]?\d{3}[\s.-]?\d{4}")
_SAID = {"ai": AI, "opt_out": OPT_OUT, "purpose": PURPOSE, "recording": RECORDING}
_MISSING = {
    "identity": "does not say who is calling: name the company, as {company}",
    "ai": "does not say that the voice is automated",
    "purpose": "does not say what the call is about",
    "opt_out": 'offers no way out, such as "say stop or press 9"',
    "callback": "gives no number to call back: {callback_number}",
    "toll_free": "names no toll-free number at which people can opt out; leave no messages, or give one",
    "recording": "does not say that the call is recorded",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that the fixed words do not say, or should not: at which key (empty: the script), what, and by which rule."""

    key: str
    message: str
    rule: str


def flaws(campaign: Campaign, book: Rulebook, *, is_recorded: bool = False) -> list[Flaw]:
    """What is wrong with the fixed words of a campaign; ``is_recorded``: its audio is kept."""
    return [*_opening(campaign, book, is_recorded), *_voicemail(campaign, book), *_selling(campaign, book)]


def is_recorded_unsaid(campaign: Campaign, book: Rulebook) -> bool:
    """The opening does not say that the call is recorded, where it must when it is."""
    return next(_words(campaign, "opening.text", campaign.opening.text, (book.recording,)), None) is not None


def _opening(campaign: Campaign, book: Rulebook, is_recorded: bool) -> Iterator[Flaw]:
    rules = [*book.opening, *([book.recording] if is_recorded else [])]
    yield from _words(campaign, "opening.text", campaign.opening.text, rules)


def _voicemail(campaign: Campaign, book: Rulebook) -> Iterator[Flaw]:
    message = campaign.voicemail.message
    if campaign.voicemail.action != "hang_up" and message:
        yield from _words(campaign, "voicemail.message", message, book.voicemail)


def _words(campaign: Campaign, key: str, text: str, rules: "list[WordsRule] | tuple[WordsRule, ...]") -> Iterator[Flaw]:
    seen: set[str] = set()
    for rule in rules:
        if not rule.binds(campaign.kind) or not any(rule.covers(region) for region in campaign.regions):
            continue
        for need in rule.needs:
            if need not in seen and not _says(need, text, campaign):
                yield Flaw(key, _MISSING[need], rule.id)
            seen.add(need)


def _says(need: str, text: str, campaign: Campaign) -> bool:
    if need == "identity":
        return "{company}" in text or campaign.company.casefold() in text.casefold()
    if need == "callback":
        return "{callback_number}" in text or campaign.callback_number in text
    if need == "toll_free":
        number = text.replace("{callback_number}", campaign.callback_number)
        return _TOLL_FREE.search(number) is not None
    return re.search(_pattern(_SAID[need], campaign.language), text, re.IGNORECASE) is not None


def _pattern(by_language: dict[str, str], language: str) -> str:
    """How it is said in the campaign's language; one that we do not know may say it in any of ours."""
    return by_language.get(language.partition("-")[0]) or "|".join(by_language.values())


def _selling(campaign: Campaign, book: Rulebook) -> Iterator[Flaw]:
    """A reminder with an offer in it is telemarketing by law, and then needs written consent."""
    if not book.selling.binds(campaign.kind):
        return
    pattern = re.compile("|".join(SELLING.values()), re.IGNORECASE)
    for key, text in _spoken(campaign):
        for sentence in _SENTENCE.split(text):
            match = pattern.search(sentence)
            if match and not _DENIED.search(sentence):
                yield Flaw(key, f"a reminder that sells ({match[0]!r}) is telemarketing: make it kind promotion", book.selling.id)


def _spoken(campaign: Campaign) -> Iterator[tuple[str, str]]:
    yield "opening.text", campaign.opening.text
    yield "voicemail.message", campaign.voicemail.message
    for name, answer in campaign.answers.items():
        yield f"answers.{name}.question", answer.question
    yield "", campaign.script
