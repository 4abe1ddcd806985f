"""What callees may say at any moment, and what it leads to, whatever the step."""

import re
from collections.abc import Callable

from dialer.simulation.model.brain.intents import Intent
from dialer.simulation.model.brain.moves import Act, Close, Memory, Move, Say, Utterance, Wait
from dialer.simulation.model.brain.times import instant_of
from dialer.simulation.model.brain.view import Call, Called

_STEM = 4
_EMPTY_WORDS = frozenset(re.findall(r"\w+", "what when wher whic does have will with your this that they ther then from abou"))
_OBJECTION = re.compile(r"^[\"“].*?[\"”]\W*(回答[:：])?")
"""What a callee may say, before the answer that the script gives to it."""
Rule = Callable[[Utterance, Memory], Move]


def opt_out(said: Utterance, memory: Memory) -> Move:
    """They want no more calls: recorded at once, before anything is said."""
    return Act((Call("opt_out", {"quote": said.text}),), lambda _: Close("opted_out", "opt_out"))


def machine(kind: str) -> Rule:
    """Something that is no person took the call: reported, and left to the client."""

    def rule(said: Utterance, memory: Memory) -> Move:
        if not memory.view.declares("report_answer_type"):
            return Close("goodbye", kind)
        return Act((Call("report_answer_type", {"kind": kind}),), lambda _: Wait())

    return rule


def screener(said: Utterance, memory: Memory) -> Move:
    """A call screener is told who calls."""
    name = memory.layout.contact.get("first_name") or memory.layout.contact.get("name") or memory.phrase("somebody")
    return Act((Call("report_answer_type", {"kind": "screening"}),), lambda _: Say(memory.phrase("screened", name=name)))


def ending(outcomes: tuple[str, ...], phrase: str, reason: str) -> Rule:
    """An outcome that ends the call."""

    def rule(said: Utterance, memory: Memory) -> Move:
        calls = memory.outcome(*outcomes, quote=said.text, reason=reason.replace("_", " "))
        return Act(calls, lambda _: Close(phrase, reason))

    return rule


def call_later(said: Utterance, memory: Memory) -> Move:
    """Call again at the time that they name."""
    now = memory.layout.local_now
    when = instant_of(said.text, now) if now else None
    if not memory.view.declares("request_callback"):
        return ending(("callback",), "call_back_open", "callback")(said, memory)
    if when is None:
        return ask_for_time(memory)
    arguments = {"when": when.strftime("%Y-%m-%dT%H:%M"), "quote": said.text}

    def then(results: tuple[Called, ...]) -> Move:
        is_refused = bool(results) and not results[0].is_ok
        memory.refusals += is_refused
        if memory.refusals == 1 and is_refused:
            return Say(memory.phrase("call_back_refused"))
        calls = memory.outcome("callback", quote=said.text, reason="asked to be called again")
        return Act(calls, lambda _: Close("call_back_open" if is_refused else "call_back_ok", "callback"))

    return Act((Call("request_callback", arguments),), then)


def ask_for_time(memory: Memory) -> Move:
    """When to call again?"""
    return Say(memory.phrase("when_call"))


def human(said: Utterance, memory: Memory) -> Move:
    """Hand over to a desk, the named one or the first; without one, offer another call."""
    desks = memory.view.choices("transfer", "desk") or tuple(memory.layout.desks)
    if not desks or not memory.view.declares("transfer"):
        return Say(memory.phrase("no_human") + memory.phrase("when_call"))
    desk = next((name for name in desks if name.replace("_", " ") in said.text.lower()), desks[0])

    def then(results: tuple[Called, ...]) -> Move:
        if results and not results[0].is_ok:
            return Say(memory.phrase("no_human") + memory.phrase("when_call"))
        return Say(memory.phrase("connecting"))

    return Act((Call("transfer", {"desk": desk, "reason": "asked to speak with a person"}),), then)


def fact(said: Utterance, memory: Memory) -> str:
    """The fact of the script that shares most words with a question; an apology when none does."""
    asked = _words(said.text)
    best = max(memory.layout.facts, key=lambda line: len(asked & _words(line)), default="")
    if not asked & _words(best):
        return memory.phrase("no_fact")
    told = _OBJECTION.sub("", best).strip()
    return told[:1].upper() + told[1:] + memory.gap


def _words(text: str) -> set[str]:
    """The beginnings of longer words, and pairs of Chinese signs."""
    letters = "".join(sign if sign.isalnum() else " " for sign in text.lower())
    pairs = {letters[place : place + 2] for place in range(len(letters) - 1) if "\u4e00" <= letters[place] <= "\u9fff"}
    return pairs | {word[:_STEM] for word in letters.split() if len(word) >= _STEM and word.isascii()} - _EMPTY_WORDS


RULES: dict[Intent, Rule] = {
    Intent.OPT_OUT: opt_out,
    Intent.SCREENER: screener,
    Intent.VOICEMAIL: machine("voicemail"),
    Intent.IVR: machine("ivr"),
    Intent.FOREIGN: ending(("language_barrier",), "foreign", "language_barrier"),
    Intent.WRONG_NUMBER: ending(("wrong_number", "wrong_person"), "wrong", "wrong_number"),
    Intent.WRONG_PERSON: ending(("wrong_person", "wrong_number"), "wrong", "wrong_person"),
    Intent.GATEKEEPER: ending(("gatekeeper", "wrong_person"), "gatekeeper", "gatekeeper"),
    Intent.HUMAN: human,
    Intent.LATER: call_later,
    Intent.NOT_INTERESTED: ending(("not_interested", "cannot_tell"), "not_interested", "not_interested"),
}
"""By urgency: the first that is meant, and that the step does not own, decides."""
