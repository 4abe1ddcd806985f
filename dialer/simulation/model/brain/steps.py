"""The steps of a call, in order: greeting, identity, appointment or booking, the questions, interest.

A step says its prompt, and turns what it hears into a move. What is the same in every step (stop calling, wrong number,
call me later, ...) is decided before, in ``everywhere``; a step names in ``owns`` what it decides itself.
"""

from collections.abc import Callable
from datetime import datetime

from dialer.simulation.model.brain.intents import Intent, asks_who
from dialer.simulation.model.brain.layout import Question
from dialer.simulation.model.brain.moves import Act, Close, Go, Memory, Move, Say, Utterance
from dialer.simulation.model.brain.numerals import number_of
from dialer.simulation.model.brain.times import day_of, instant_of
from dialer.simulation.model.brain.values import option_of, value_of
from dialer.simulation.model.brain.view import Call, Called, Said

_OFFERED = 3
_TRIES = 2


class Step:
    """One thing to get done."""

    owns: frozenset[Intent] = frozenset()

    def prompt(self, memory: Memory) -> str:
        """What to say to begin with, and again when it was not heard."""
        raise NotImplementedError

    def hear(self, said: Utterance, memory: Memory) -> Move:
        """What follows from the callee's words."""
        raise NotImplementedError

    def takes(self, said: Utterance, memory: Memory) -> bool:
        """The words are an answer, however hesitating they sound."""
        return False

    def names(self, said: Utterance) -> bool:
        """The words are one of the offered answers and nothing else, whatever they mean elsewhere (``Later.``)."""
        return False


class Greeting(Step):
    """The fixed opening has been said by others; this is the answer to it."""

    def prompt(self, memory: Memory) -> str:
        """Who we are; needed only when nobody said it."""
        return memory.phrase("introduce")

    def hear(self, said: Utterance, memory: Memory) -> Move:
        """A no means somebody else, or no time, by what the opening asked."""
        if said.means(Intent.NO) and not said.means(Intent.YES):
            opening = next((line.text for line in memory.view.lines if isinstance(line, Said)), "")
            if asks_who(opening, memory.layout.language):
                reason = "said that this is somebody else"
                calls = memory.outcome("wrong_person", "wrong_number", quote=said.text, reason=reason)
                return Act(calls, lambda _: Close("wrong", "wrong_person"))
            return decline(said, memory)
        return Go()


class Identity(Step):
    """Who is speaking must be known before private details are."""

    owns = frozenset({Intent.NO, Intent.QUESTION})

    def prompt(self, memory: Memory) -> str:
        """The question that the instructions give."""
        return memory.layout.identity

    def hear(self, said: Utterance, memory: Memory) -> Move:
        """Their words go to the tool, which knows the answer."""

        def checked(results: tuple[Called, ...]) -> Move:
            result = (results[0].result if results else None) or {}
            if result.get("verified") is True:
                memory.details.update({name: str(value) for name, value in (result.get("details") or {}).items()})
                return Go()
            if result.get("tries_left"):
                return Say(memory.phrase("identity_again", question=memory.layout.identity))
            calls = memory.outcome("cannot_tell", "wrong_person", quote=said.text, reason="the identity check failed")
            return Act(calls, lambda _: Close("identity_failed", "identity_failed"))

        return Act((Call("verify_identity", {"answer": said.text}),), checked)

    def takes(self, said: Utterance, memory: Memory) -> bool:
        """A number may be a date of birth, a code, the end of a card."""
        return number_of(said.text) is not None


class Appointment(Step):
    """Confirm, move or cancel the appointment that stands."""

    owns = frozenset({Intent.MOVE, Intent.CANCEL, Intent.NO})

    def __init__(self) -> None:
        self._is_offering = False
        self._tries = 0

    def prompt(self, memory: Memory) -> str:
        """When it is, as far as we may say."""
        facts = memory.details or {name: text for name, text in memory.layout.contact.items() if "appointment" in name}
        details = memory.phrase("comma").join(facts.values())
        return memory.phrase("appointment", details=details) if details else memory.phrase("appointment_bare")

    def hear(self, said: Utterance, memory: Memory) -> Move:
        """A named time moves it; yes confirms; no asks back."""
        if said.means(Intent.CANCEL):
            return self._do("cancel_appointment", "appointment_cancelled", "cancelled", said, memory)
        slots = memory.slots("move_appointment")
        slot = slot_of(said.text, slots, memory)
        if self._is_offering and slot is None and said.means(Intent.YES):
            slot = next(iter(slots), None)
        if slot is not None and (self._is_offering or said.means(Intent.MOVE)):
            return self._do("move_appointment", "appointment_moved", "moved", said, memory, slot)
        if said.means(Intent.MOVE) or (self._is_offering and said.means(Intent.NO)):
            return self._offer(slots, memory, is_again=self._is_offering)
        if said.means(Intent.YES) and not said.means(Intent.NO):
            return self._do("confirm_appointment", "appointment_confirmed", "confirmed", said, memory)
        if said.means(Intent.NO):
            return Say(memory.phrase("appointment_choice"))
        self._tries += 1
        if self._tries > _TRIES:
            return Go()
        return Say(memory.phrase("not_caught") + (offer(slots, memory) if self._is_offering else self.prompt(memory)))

    def _offer(self, slots: dict[str, str], memory: Memory, *, is_again: bool) -> Move:
        if not slots or not memory.view.declares("move_appointment") or is_again:
            return Go(memory.phrase("no_slots"))
        self._is_offering = True
        return Say(offer(slots, memory))

    def _do(self, tool: str, outcome: str, done: str, said: Utterance, memory: Memory, slot: str = "") -> Move:
        arguments = {"slot": slot, "quote": said.text} if slot else {"quote": said.text}

        def then(results: tuple[Called, ...]) -> Move:
            if results and not results[0].is_ok:
                return Go(memory.phrase("not_done"))
            spoken = memory.slots("move_appointment").get(slot, slot)
            calls = memory.outcome(outcome, quote=said.text, reason="said so when asked about the appointment")
            sentence = memory.phrase(done, slot=spoken)
            if done == "cancelled":
                return Act(calls, lambda _: Close("goodbye", "finished", sentence))
            return Act(calls, lambda _: Go(sentence))

        return Act((Call(tool, arguments),), then)


class Booking(Step):
    """Make a new appointment."""

    owns = frozenset({Intent.NO})

    def __init__(self) -> None:
        self._tries = 0

    def prompt(self, memory: Memory) -> str:
        """The first times on offer."""
        return offer(memory.slots("book_appointment"), memory, "book")

    def hear(self, said: Utterance, memory: Memory) -> Move:
        """The named time, or the first with a plain yes."""
        slots = memory.slots("book_appointment")
        slot = slot_of(said.text, slots, memory)
        if slot is None and said.means(Intent.YES):
            slot = next(iter(slots), None)
        if slot is None:
            self._tries += 1
            return Go() if said.means(Intent.NO) or self._tries >= _TRIES else Say(offer(slots, memory))

        def then(results: tuple[Called, ...]) -> Move:
            if results and not results[0].is_ok:
                return Go(memory.phrase("not_done"))
            calls = memory.outcome("appointment_booked", quote=said.text, reason="chose an offered time")
            return Act(calls, lambda _: Go(memory.phrase("booked", slot=slots.get(slot, slot))))

        return Act((Call("book_appointment", {"slot": slot, "quote": said.text}),), then)


class Ask(Step):
    """One question of the script."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._tries = 0
        if question.type == "boolean":
            self.owns = frozenset({Intent.NO})

    def prompt(self, memory: Memory) -> str:
        """The question, word for word."""
        return self._question.text

    def hear(self, said: Utterance, memory: Memory) -> Move:
        """The value, if the words give one; else once again, then on."""
        question, value = self._question, self._value(said, memory)
        if value is None or (said.is_after_cut and question.type == "text"):
            self._tries += 1
            return Go() if self._tries >= _TRIES else Say(memory.phrase("not_caught") + question.text)
        memory.answered[question.name] = (value, said.text)
        call = Call("record_answer", {"name": question.name, "value": value, "quote": said.text})
        if value == "false" and _is_about_wanting(question.name):
            return Act((call,), lambda _: decline(said, memory))
        return Act((call,), lambda _: Go(memory.phrase("thanks")))

    def takes(self, said: Utterance, memory: Memory) -> bool:
        """A value of the asked type; a text may be anything, so it proves nothing."""
        return self._question.type != "text" and self._value(said, memory) is not None

    def names(self, said: Utterance) -> bool:
        """An option, word for word."""
        return said.text.strip(" .,!?。，！？").lower() in {value.lower() for value in self._question.values}

    def _value(self, said: Utterance, memory: Memory) -> str | None:
        layout = memory.layout
        today = layout.local_now.date() if layout.local_now else None
        return value_of(self._question, said.text, layout.language, today)


class Interest(Step):
    """Whether they want it; answers may have said so already."""

    owns = frozenset({Intent.NO})

    def __init__(self) -> None:
        self._tries = 0

    def prompt(self, memory: Memory) -> str:
        """Asked only when no answer tells."""
        return memory.phrase("follow_up" if memory.layout.questions else "interest")

    def known(self, memory: Memory) -> tuple[str, str] | None:
        """A yes or no to a question that is about wanting it."""
        told = (answer for name, answer in memory.answered.items() if _is_about_wanting(name))
        return next((answer for answer in told if answer[0] in {"true", "false"}), None)

    def hear(self, said: Utterance, memory: Memory) -> Move:
        """Yes or no."""
        if said.means(Intent.NO) == said.means(Intent.YES):
            self._tries += 1
            if self._tries >= _TRIES:
                calls = memory.outcome("cannot_tell", quote=said.text, reason="no clear answer")
                return Act(calls, lambda _: Close("goodbye", "finished"))
            return Say(memory.phrase("not_caught") + self.prompt(memory))
        return accept(said.text, memory) if said.means(Intent.YES) else decline(said, memory)


def _is_about_wanting(question: str) -> bool:
    return "want" in question or "interest" in question


def accept(quote: str, memory: Memory) -> Move:
    """They want it."""
    calls = memory.outcome("interested", "sale", quote=quote, reason="said yes when asked")
    return Act(calls, lambda _: Close("goodbye", "finished"))


def decline(said: Utterance, memory: Memory) -> Move:
    """They do not want it, and that is respected."""
    calls = memory.outcome("not_interested", "cannot_tell", quote=said.text, reason="declined")
    return Act(calls, lambda _: Close("not_interested", "not_interested"))


def offer(slots: dict[str, str], memory: Memory, name: str = "offer_slots") -> str:
    """The first few times, as a question."""
    spoken = list(slots.values())[:_OFFERED]
    if len(spoken) == 1:
        return memory.phrase("offer_one", slots=spoken[0])
    listed = memory.phrase("comma").join(spoken[:-1]) + memory.phrase("or") + spoken[-1]
    return memory.phrase(name, slots=listed)


def slot_of(text: str, slots: dict[str, str], memory: Memory) -> str | None:
    """The offered time that is named: in its spoken form, or by a day and time that are the same."""
    named = option_of(text, tuple(slots.values()))
    if named is not None:
        return next(slot for slot, spoken in slots.items() if spoken == named)
    now = memory.layout.local_now
    wanted = instant_of(text, now) if now else None
    if now is None or wanted is None:
        return None
    # A clock time alone may mean any day.
    is_any_day = day_of(text, now.date()) is None
    instants = ((slot, _instant(slot)) for slot in slots)
    return next(
        (
            slot
            for slot, instant in instants
            if instant and (instant == wanted or (is_any_day and instant.time() == wanted.time()))
        ),
        None,
    )


def _instant(slot: str) -> datetime | None:
    try:
        return datetime.fromisoformat(slot)
    except ValueError:
        return None


def agenda(memory: Memory) -> list[Step]:
    """The steps that instructions and tools ask for, in order."""
    layout, view = memory.layout, memory.view
    wanted: tuple[tuple[bool, Callable[[], Step]], ...] = (
        (True, Greeting),
        (bool(layout.identity) and view.declares("verify_identity"), Identity),
        (view.declares("confirm_appointment"), Appointment),
        (view.declares("book_appointment") and bool(memory.slots("book_appointment")), Booking),
    )
    steps = [make() for is_wanted, make in wanted if is_wanted]
    allowed = view.choices("record_answer", "name")
    steps += [Ask(question) for question in layout.questions if question.name in allowed]
    outcomes = view.choices("set_outcome", "outcome")
    if {"interested", "sale"} & set(outcomes):
        steps.append(Interest())
    return steps
