"""What a person says to what was heard. Knows himself and the words, nothing about who calls or why."""

import datetime
import re
from dataclasses import dataclass

from dialer.simulation.phones.personas import Draw, Person, phrases_of
from dialer.simulation.phones.understanding import Asked, Asks, understand

_TURNS = 24
_SAME_QUESTION = 4
_INSISTING = {"stop": 3, "callback": 5, "wrong_person": 3, "relative": 3, "other_language": 3}
"""Personas that came with one thing to say, and after how many turns they have had enough."""
_MOMENTS = {
    "hesitates": {(Asks.YES_NO, "offer"), (Asks.OPEN, "")},
    "declines": {(Asks.YES_NO, "offer"), (Asks.YES_NO, "time"), (Asks.OPEN, "")},
    "wants_human": {(Asks.YES_NO, "offer")},
    "moves": {(Asks.APPOINTMENT, "")},
    "cancels": {(Asks.APPOINTMENT, "")},
}
"""Personas that say one thing of their own, once, when such a question comes: its kind, and what it is about."""
_AMOUNTS = ("80", "120", "180", "250", "400", "650")
_AMOUNTS_ZH = ("500", "800", "1200", "2000", "3500", "5000")
_COUNTS = ("2", "3", "5", "8", "12", "20")
_DECLINES = 0.45
_SO_IT_IS = 0.85
_NEEDS_IT = 0.35
_BORN_TOO_LATE = datetime.timedelta(days=400)
_GOODS = re.compile(r"\bbuy|\bshop(?:ping)?\b|grocer|买", re.IGNORECASE)
_MONTHLY = re.compile(r"month|每个?月|一个月", re.IGNORECASE)
_NEED = re.compile(r"need|需要", re.IGNORECASE)
_FACT_NAMES = {"date_of_birth": ("date_of_birth", "birth_date", "birthdate", "birthday", "dob")}
_PLAIN = {
    Asks.MORE: "more",
    Asks.HERE: "here",
    Asks.TIME: "time",
    Asks.NOTHING: "go_on",
    Asks.NAME: "name",
    Asks.WHO: "it_is_me",
    Asks.APPOINTMENT: "appointment",
}
_WITHOUT_REPROACH = (Asks.NOTHING, Asks.HERE, Asks.WHO, Asks.MORE, Asks.OFFER)
"""Kinds that may be asked twice."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A line to say, a key to press (either may be empty), and whether to hang up afterwards."""

    text: str = ""
    key: str = ""
    is_last: bool = False


class Mind:
    """One person during one call."""

    def __init__(self, person: Person, persona: str, draw: Draw) -> None:
        self.persona = persona
        self._person = person
        self._draw = draw
        self._turns = 0
        self._has_said_it = False
        self._asked: dict[str, int] = {}
        self._answered: set[str] = set()

    def say(self, phrase: str, *about: object, **values: str) -> str:
        """One of the wordings of a phrase, always the same for the same ``about``."""
        options = phrases_of(self._person)[phrase]
        return self._draw.pick(options, phrase, *about).format(name=self._person.name, **values)

    def reply(self, text: str) -> Reply:
        """What to answer to an utterance that was heard."""
        self._turns += 1
        asked = understand(text)
        if asked.kind is Asks.GOODBYE:
            return Reply(self.say("goodbye"), is_last=True)
        if self._turns >= _TURNS or self._is_fed_up(asked):
            return Reply(self.say("must_go"), is_last=True)
        if self.persona in _INSISTING:
            return self._insist(asked)
        if self.persona == "presses_9" and self._turns == 1:
            return Reply(key="9")
        if (asked.kind, asked.about) in _MOMENTS.get(self.persona, ()) and not self._has_said_it:
            self._has_said_it = True
            return Reply(self.say(self.persona))
        return Reply(self._answer_again(asked))

    def _answer_again(self, asked: Asked) -> str:
        """The answer; who has given it before says so."""
        answer = self._answer(asked)
        is_again = asked.question in self._answered and asked.kind not in _WITHOUT_REPROACH and self.persona != "impostor"
        self._answered.add(asked.question)
        return self.say("as_i_said", answer=answer) if is_again else answer

    def _is_fed_up(self, asked: Asked) -> bool:
        """The same question again and again."""
        if not asked.question:
            return False
        count = self._asked.get(asked.question, 0) + 1
        self._asked[asked.question] = count
        return count >= _SAME_QUESTION

    def _insist(self, asked: Asked) -> Reply:
        """Say the one thing, then say it again, then have enough."""
        persona, turns = self.persona, self._turns
        is_last = turns >= _INSISTING[persona]
        if turns == 1:
            return Reply(self.say(persona))
        if persona == "callback" and asked.kind in (Asks.YES_NO, Asks.APPOINTMENT):
            return Reply(self.say("yes", "callback"), is_last=is_last)
        if persona == "callback" and asked.kind in (Asks.TIME, Asks.OFFER):
            return Reply(self.say("callback_time"), is_last=is_last)
        if persona == "callback" and asked.kind in (Asks.MORE, Asks.NOTHING):
            return Reply(self._answer(asked), is_last=is_last)
        return Reply(self.say(persona + "_again"), is_last=is_last)

    def _answer(self, asked: Asked) -> str:
        """Answer as a willing (or unwilling) person does."""
        kind, about = asked.kind, self._fact_in(asked)
        if about:
            return self.say("fact", about, value=self._fact(about))
        if kind in _PLAIN:
            return self.say(_PLAIN[kind], asked.question or self._turns)
        if kind is Asks.OPEN:
            return self.say("goods" if _GOODS.search(asked.question) else "open", asked.question)
        if kind is Asks.FACT:
            return self._tell(asked.about)
        if kind in (Asks.MONEY, Asks.NUMBER):
            return self._estimate(asked)
        if kind is Asks.OFFER:
            return self.say("offer", "offer", option=asked.options[0])
        if kind is Asks.CHOICE:
            option = self._draw.pick(asked.options, "option", asked.question)
            return self.say("choice", asked.question, option=option, Option=option[:1].upper() + option[1:])
        return self._yes_or_no(asked)

    def _tell(self, about: str) -> str:
        """A fact about himself; an impostor gives a date of birth that is not the right one."""
        value = self._fact(about)
        if self.persona == "impostor" and about == "date_of_birth":
            return self.say("wrong_date", self._turns, value=self._fact(about, is_wrong=True))
        return self.say("fact", about, value=value) if value else self.say("no_fact", about)

    def _estimate(self, asked: Asked) -> str:
        """Money, or a number of what was asked for."""
        if asked.kind is Asks.MONEY:
            amount = self._draw.pick(_AMOUNTS_ZH if self._person.speaks_chinese else _AMOUNTS, "amount", asked.question)
            return self.say("money_monthly" if _MONTHLY.search(asked.question) else "money", asked.question, amount=amount)
        count = self._draw.pick(_COUNTS, "count", asked.question)
        return self.say("number_of" if asked.about else "number", asked.question, count=count, unit=asked.about)

    def _yes_or_no(self, asked: Asked) -> str:
        """Most things are so; what is offered is welcome to the willing, and help is needed by some."""
        question = asked.question
        if asked.about == "time":
            return self.say("yes_time", question)
        if asked.about != "offer":
            return self.say("yes" if self._draw.share("so it is", question) < _SO_IT_IS else "no", question)
        if _NEED.search(question):
            return self.say("yes_offer" if self._draw.share("needs it", question) < _NEEDS_IT else "no_need", question)
        return self.say("no_offer" if self._is_unwilling else "yes_offer", question)

    @property
    def _is_unwilling(self) -> bool:
        """Some of those who hesitate decline in the end; those who declined go on declining."""
        return self.persona == "declines" or (self.persona == "hesitates" and self._draw.share("declines") < _DECLINES)

    def _fact_in(self, asked: Asked) -> str:
        """The name of a fact of his own that a question names (``policy number``); one that asks for a number wants digits."""
        if asked.kind not in (Asks.OPEN, Asks.NUMBER):
            return ""
        question = asked.question.lower()
        known = {name: value for name, value in self._person.facts.items() if value}
        if asked.kind is Asks.NUMBER:
            known = {name: value for name, value in known.items() if any(sign.isdigit() for sign in value)}
        return next((name for name in known if _spoken(name) in question), "")

    def _fact(self, about: str, *, is_wrong: bool = False) -> str:
        """A fact about himself, as one says it (or a date that is not it); empty when he has none of it."""
        facts = self._person.facts
        value = next((facts[name] for name in _FACT_NAMES.get(about, (about,)) if facts.get(name)), "")
        try:
            day = datetime.date.fromisoformat(value)
        except ValueError:
            return value
        if is_wrong:
            day -= _BORN_TOO_LATE
        if self._person.speaks_chinese:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day:%B} {day.day}, {day.year}"


def _spoken(name: str) -> str:
    """The name of a fact as it is said."""
    return name.replace("_", " ").lower()
