"""The sentences that are ours and not the model's, by language. Spoken word for word, with tools off."""

from dataclasses import dataclass

from dialer.model.campaign import CampaignKind


@dataclass(frozen=True, slots=True)
class Sentences:
    """One language's fixed sentences. ``screening`` has the placeholders of ``screening_answer``."""

    still_there: str
    goodbye: str
    opt_out: str
    crisis: str
    apology: str
    correction: str
    """After a promise that we must not make."""
    screening: str
    purposes: tuple[str, str, str]
    """Why we call, by kind: reminder, promotion, sales. No private detail: anybody may be listening."""
    goodbyes: tuple[str, ...]
    """By these the end of a sentence is known to be a goodbye (case folded)."""


_EN = Sentences(
    still_there="Are you still there?",
    goodbye="Thank you for your time. Goodbye.",
    opt_out="I understand. We will not call this number again. Goodbye.",
    crisis="I am only an automated assistant. If you are in danger, please call your local emergency number now. Goodbye.",
    apology="I am sorry, I am having a technical problem. Goodbye.",
    correction="I have to correct myself: I am not able to promise that. Please ask our team for details. Goodbye.",
    screening="This is {agent_name}, an automated assistant of {company}, calling {name} {purpose}.",
    purposes=("with a reminder", "with an offer", "about our services"),
    goodbyes=("goodbye", "good bye", "bye", "bye-bye", "have a great day", "have a nice day", "have a good day"),
)
_ZH = Sentences(
    still_there="您还在听吗？",
    goodbye="感谢您的时间，再见。",
    opt_out="好的，我们不会再拨打这个号码。再见。",
    crisis="我只是自动语音助手。如果您有危险，请立即拨打当地的急救电话。再见。",
    apology="很抱歉，我这边出现技术问题。再见。",
    correction="我需要更正一下：这一点我无法承诺，详情请咨询我们的工作人员。再见。",
    screening="我是{company}的自动语音助手{agent_name}，找{name}，{purpose}。",
    purposes=("有一个提醒", "有一个优惠", "介绍我们的服务"),
    goodbyes=("再见", "拜拜", "祝您生活愉快", "祝您愉快"),
)
_ES = Sentences(
    still_there="¿Sigue usted ahí?",
    goodbye="Gracias por su tiempo. Adiós.",
    opt_out="Entendido. No volveremos a llamar a este número. Adiós.",
    crisis="Solo soy un asistente automático. Si está en peligro, llame ahora al número de emergencias. Adiós.",
    apology="Lo siento, tengo un problema técnico. Adiós.",
    correction="Debo corregirme: eso no puedo prometerlo. Consulte los detalles con nuestro equipo. Adiós.",
    screening="Soy {agent_name}, un asistente automático de {company}, y llamo a {name} {purpose}.",
    purposes=("para un recordatorio", "con una oferta", "por nuestros servicios"),
    goodbyes=("adiós", "adios", "hasta luego", "que tenga un buen día"),
)
_FR = Sentences(
    still_there="Êtes-vous toujours là ?",
    goodbye="Merci pour votre temps. Au revoir.",
    opt_out="C'est entendu. Nous ne rappellerons plus ce numéro. Au revoir.",
    crisis="Je ne suis qu'un assistant automatique. Si vous êtes en danger, appelez les urgences maintenant. Au revoir.",
    apology="Je suis désolé, j'ai un problème technique. Au revoir.",
    correction="Je dois me corriger : je ne peux pas promettre cela. Notre équipe vous renseignera. Au revoir.",
    screening="Ici {agent_name}, un assistant automatique de {company}, j'appelle {name} {purpose}.",
    purposes=("pour un rappel", "avec une offre", "au sujet de nos services"),
    goodbyes=("au revoir", "bonne journée", "bonne soirée"),
)
_DE = Sentences(
    still_there="Sind Sie noch da?",
    goodbye="Vielen Dank für Ihre Zeit. Auf Wiederhören.",
    opt_out="Ich habe verstanden. Wir rufen diese Nummer nicht mehr an. Auf Wiederhören.",
    crisis="Ich bin nur ein automatischer Assistent. Wenn Sie in Gefahr sind, wählen Sie jetzt den Notruf. Auf Wiederhören.",
    apology="Es tut mir leid, ich habe ein technisches Problem. Auf Wiederhören.",
    correction="Ich muss mich berichtigen: Das kann ich nicht versprechen. Unser Team gibt Ihnen Auskunft. Auf Wiederhören.",
    screening="Hier ist {agent_name}, ein automatischer Assistent von {company}, für {name}, {purpose}.",
    purposes=("mit einer Erinnerung", "mit einem Angebot", "zu unseren Leistungen"),
    goodbyes=("auf wiederhören", "auf wiedersehen", "tschüss", "schönen tag"),
)
_PT = Sentences(
    still_there="Ainda está aí?",
    goodbye="Obrigado pelo seu tempo. Adeus.",
    opt_out="Entendido. Não voltaremos a ligar para este número. Adeus.",
    crisis="Sou apenas um assistente automático. Se está em perigo, ligue agora para o número de emergência. Adeus.",
    apology="Peço desculpa, estou com um problema técnico. Adeus.",
    correction="Preciso me corrigir: isso não posso prometer. A nossa equipe dará os detalhes. Adeus.",
    screening="Aqui é {agent_name}, assistente automático de {company}, para {name}, {purpose}.",
    purposes=("com um lembrete", "com uma oferta", "sobre os nossos serviços"),
    goodbyes=("adeus", "até logo", "tchau", "tenha um bom dia"),
)
_JA = Sentences(
    still_there="お電話はつながっていますか？",
    goodbye="お時間をいただきありがとうございました。失礼いたします。",
    opt_out="かしこまりました。今後この番号にはお電話いたしません。失礼いたします。",
    crisis="私は自動音声アシスタントです。危険な場合は、すぐに緊急通報用の番号にお電話ください。失礼いたします。",
    apology="申し訳ございません。技術的な問題が発生しました。失礼いたします。",
    correction="訂正いたします。その点はお約束できません。詳しくは担当者にお尋ねください。失礼いたします。",
    screening="{company}の自動音声アシスタント{agent_name}です。{name}様に{purpose}お電話しました。",
    purposes=("ご予定の確認で", "ご案内があり", "サービスのご紹介で"),
    goodbyes=("失礼いたします", "失礼します", "さようなら"),
)
SENTENCES = {"en": _EN, "zh": _ZH, "es": _ES, "fr": _FR, "de": _DE, "pt": _PT, "ja": _JA}
LANGUAGE_NAMES = {
    "en": "English", "zh": "Chinese", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "ja": "Japanese",
}  # fmt: skip
_NOBODY = {
    "en": "the person in charge", "zh": "负责人", "es": "la persona encargada", "fr": "la personne concernée",
    "de": "die zuständige Person", "pt": "a pessoa responsável", "ja": "ご担当者",
}  # fmt: skip
_KINDS = (CampaignKind.REMINDER, CampaignKind.PROMOTION, CampaignKind.SALES)


def base(language: str) -> str:
    """``en`` for ``en-US``."""
    return language.partition("-")[0]


def sentences(language: str) -> Sentences:
    """The fixed sentences of a language; English where we have none."""
    return SENTENCES.get(base(language), _EN)


def screening_answer(language: str, *, kind: CampaignKind, agent_name: str, company: str, name: str) -> str:
    """What a call screener is told: who calls, for whom and why, in one sentence without any private detail."""
    spoken = sentences(language)
    return spoken.screening.format(
        agent_name=agent_name,
        company=company,
        name=name or _NOBODY.get(base(language), _NOBODY["en"]),
        purpose=spoken.purposes[_KINDS.index(kind)],
    )


def is_goodbye(text: str, language: str) -> bool:
    """The agent's sentence ends with a goodbye."""
    tail = text.casefold().rstrip(" .!。！?？~")[-40:]
    return any(tail.endswith(word) for word in sentences(language).goodbyes)
