"""An answer in words as the value that its question asks for."""

from datetime import date, datetime, time

from dialer.simulation.model.brain.intents import Intent, intents_of
from dialer.simulation.model.brain.layout import Question
from dialer.simulation.model.brain.numerals import number_of
from dialer.simulation.model.brain.times import day_of, instant_of


def value_of(question: Question, text: str, language: str, today: date | None) -> str | None:
    """The value as text (``42``, ``true``, ``2026-12-03``, an option's own name); ``None`` when the words give none."""
    match question.type:
        case "integer" | "number" | "money":
            number = number_of(text)
            if number is None:
                return None
            return str(int(number)) if question.type == "integer" else f"{number:f}"
        case "boolean":
            intents = intents_of(text, language)
            is_unsure = Intent.HESITATE in intents and Intent.YES not in intents
            if is_unsure or (Intent.YES in intents) == (Intent.NO in intents):
                return None
            return "true" if Intent.YES in intents else "false"
        case "date":
            return _date(text, today)
        case "enum":
            return option_of(text, question.values)
        case _:
            return text.strip() or None


def _date(text: str, today: date | None) -> str | None:
    """The day that is named, or the one that lies so many days ahead."""
    if today is None:
        return None
    later = instant_of(text, datetime.combine(today, time(9)))
    day = day_of(text, today) or (later.date() if later else None)
    return day.isoformat() if day else None


def option_of(text: str, options: tuple[str, ...]) -> str | None:
    """The option that is named first in ``text``; a longer name wins over a shorter one in it."""
    words = _folded(text)
    found = [(words.find(_folded(option)), -len(option), option) for option in options]
    return min((entry for entry in found if entry[0] >= 0), default=(0, 0, None))[2]


def _folded(text: str) -> str:
    return text.lower().replace("_", " ").replace("-", " ")
