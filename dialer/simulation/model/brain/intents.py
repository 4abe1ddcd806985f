"""What a callee's words mean: every intent whose pattern is in them."""

import re
from enum import StrEnum

from dialer.simulation.model.brain import chinese, english


class Intent(StrEnum):
    """What callees and machines say; the order is that of urgency."""

    OPT_OUT = "opt_out"
    SCREENER = "screener"
    VOICEMAIL = "voicemail"
    IVR = "ivr"
    FOREIGN = "foreign"
    WRONG_NUMBER = "wrong_number"
    WRONG_PERSON = "wrong_person"
    GATEKEEPER = "gatekeeper"
    HUMAN = "human"
    MOVE = "move"
    CANCEL = "cancel"
    LATER = "later"
    HELLO = "hello"
    WHO = "who"
    REPEAT = "repeat"
    NOT_INTERESTED = "not_interested"
    HESITATE = "hesitate"
    ON_HOLD = "on_hold"
    GOODBYE = "goodbye"
    QUESTION = "question"
    YES = "yes"
    NO = "no"


_BOOKS = {"en": english, "zh": chinese}
_PATTERNS = {
    language: {Intent(name): re.compile(pattern, re.IGNORECASE) for name, pattern in book.PATTERNS.items()}
    for language, book in _BOOKS.items()
}
_DENIALS = {language: re.compile(book.AFFIRMS_NOT, re.IGNORECASE) for language, book in _BOOKS.items()}
_ASKS_WHO = {language: re.compile(book.OPENING_ASKS_WHO, re.IGNORECASE) for language, book in _BOOKS.items()}


def known(language: str) -> str:
    """The language whose words are used for ``language``: Chinese for Chinese, English for all others."""
    return language if language in _BOOKS else "en"


def intents_of(text: str, language: str) -> frozenset[Intent]:
    """All that ``text`` may mean. Typographic apostrophes count as plain ones."""
    language = known(language)
    words = text.replace("’", "'").strip()
    found = {intent for intent, pattern in _PATTERNS[language].items() if pattern.search(words)}
    if Intent.YES in found and _DENIALS[language].search(words):
        found.discard(Intent.YES)
    return frozenset(found)


def asks_who(text: str, language: str) -> bool:
    """The agent's words ask who is speaking, so that a no means: somebody else."""
    return bool(_ASKS_WHO[known(language)].search(text))


def phrase(key: str, language: str, /, **values: str) -> str:
    """A sentence of the model."""
    sentence: str = _BOOKS[known(language)].PHRASES[key]
    return sentence.format(**values)
