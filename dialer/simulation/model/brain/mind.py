"""The model's mind during one call: hears, decides a move, makes a reply of it."""

import re
from collections.abc import Callable

from dialer.simulation.model.brain.everywhere import RULES, call_later, fact
from dialer.simulation.model.brain.intents import Intent, intents_of
from dialer.simulation.model.brain.layout import read
from dialer.simulation.model.brain.moves import Act, Close, Go, Memory, Move, Say, Utterance, Wait
from dialer.simulation.model.brain.steps import Greeting, Identity, Interest, Step, accept, agenda, decline
from dialer.simulation.model.brain.view import Call, Called, Heard, Reply, Said, View

_VERBATIM = re.compile(r'^"""[^\S\n]*\n(.*?)\n[^\S\n]*"""[^\S\n]*$', re.MULTILINE | re.DOTALL)
_PATIENCE = 2
"""So many silences, so many goodbyes that could not end the call."""


class Brain:
    """Decides every response of one session. The same conversation always gets the same replies."""

    def __init__(self) -> None:
        self._memory: Memory | None = None
        self._steps: list[Step] = []
        self._place = 0
        self._seen = 0
        self._pending: Act | None = None
        self._said = ""
        self._wants_time = False
        self._is_machine = False
        self._objections = 0
        self._silences = 0
        self._goodbyes = 0

    def reply(self, view: View, asked: str | None) -> Reply:
        """The next words and deeds. A block between two lines of three quotes in ``asked`` is said as it stands."""
        verbatim = _VERBATIM.search(asked) if asked else None
        if verbatim:
            return Reply(verbatim[1].strip())
        memory = self._remember(view)
        news = view.lines[self._seen :]
        self._seen = len(view.lines)
        results = tuple(line for line in news if isinstance(line, Called))
        heard = [line for line in news if isinstance(line, Heard) and line.text.strip()]
        said = _utterance(heard, memory) if heard else None
        move = self._decide(said, results, news, memory)
        return self._perform(move, memory)

    def _remember(self, view: View) -> Memory:
        if self._memory is None or self._memory.view.instructions != view.instructions:
            self._memory = Memory(read(view.instructions), view)
            self._steps, self._place = agenda(self._memory), 0
        self._memory.view = view
        return self._memory

    def _decide(self, said: Utterance | None, results: tuple[Called, ...], news: tuple[object, ...], memory: Memory) -> Move:
        if self._goodbyes:
            return self._after_goodbye(said, results, memory)
        pending, self._pending = self._pending, None
        if said is not None and (pending is None or said.means(Intent.OPT_OUT)):
            self._silences = 0
            return self._hear(said, memory)
        if pending is not None:
            return pending.then(results)
        if any(isinstance(line, Heard) for line in news) and not self._is_machine:
            return Say(memory.phrase("not_caught") + self._prompt(memory))
        return self._nothing_heard(memory)

    def _hear(self, said: Utterance, memory: Memory) -> Move:
        step = self._step
        if self._is_machine and not said.means(Intent.OPT_OUT, Intent.SCREENER):
            return self._behind_machine(said, memory)
        if self._wants_time:
            self._wants_time = False
            return self._time_heard(said, memory)
        owned = step.owns if step else frozenset()
        if step and step.names(said):
            return step.hear(said, memory)
        for intent, rule in RULES.items():
            if intent in said.intents and intent not in owned and not (Intent.MOVE in owned and said.means(Intent.MOVE)):
                self._is_machine = intent in {Intent.VOICEMAIL, Intent.IVR, Intent.SCREENER}
                return rule(said, memory)
        return self._small_talk(said, memory) or (step.hear(said, memory) if step else Close("goodbye", "finished"))

    def _small_talk(self, said: Utterance, memory: Memory) -> Move | None:
        """What is answered in a sentence, after which the step's question is asked again."""
        again = self._prompt(memory)
        # The greeting is over with a sentence in between; any other step asks again.
        aside: Callable[[str], Move] = (lambda text: Say(text + again)) if self._place else Go
        if said.means(Intent.WHO) and (self._place or said.is_after_cut):
            return aside(memory.phrase("who") + memory.gap)
        if said.means(Intent.HELLO) and self._place:
            return Say(again)
        if "\ufffd" in said.text or said.means(Intent.REPEAT):
            return Say(self._said or again) if said.means(Intent.REPEAT) else Say(memory.phrase("not_caught") + again)
        if self._step and self._step.takes(said, memory):
            return None
        if said.means(Intent.HESITATE) and not said.means(Intent.YES):
            self._objections += 1
            if self._objections == 1:
                return aside(fact(said, memory) if said.means(Intent.QUESTION) else memory.phrase("reassure"))
            if isinstance(self._step, Identity):
                return None
            return decline(said, memory) if isinstance(self._step, Interest | Greeting) else Go()
        if said.means(Intent.GOODBYE):
            return Close("goodbye", "callee_said_goodbye")
        owned = self._step.owns if self._step else frozenset()
        is_question = said.means(Intent.QUESTION) and not said.means(Intent.YES, Intent.HELLO) and not said.intents & owned
        if is_question:
            return aside(fact(said, memory))
        return None

    def _behind_machine(self, said: Utterance, memory: Memory) -> Move:
        """After a screener a person may come; other machines are left to the client."""
        if said.means(Intent.VOICEMAIL, Intent.IVR, Intent.ON_HOLD):
            return Wait()
        if said.means(Intent.GOODBYE, Intent.GATEKEEPER):
            return Close("goodbye", "screened")
        self._is_machine = False
        first = self._steps[0].prompt(memory)
        return Act((Call("report_answer_type", {"kind": "human"}),), lambda _: Go(first))

    def _time_heard(self, said: Utterance, memory: Memory) -> Move:
        now = memory.layout.local_now
        if said.means(Intent.OPT_OUT):
            return RULES[Intent.OPT_OUT](said, memory)
        move = call_later(said, memory)
        if now is None or isinstance(move, Say):
            calls = memory.outcome("callback", quote=said.text, reason="asked to be called again, without a time")
            return Act(calls, lambda _: Close("call_back_open", "callback"))
        return move

    def _nothing_heard(self, memory: Memory) -> Move:
        if self._is_machine:
            return Wait()
        if not any(isinstance(line, Said) for line in memory.view.lines):
            return Say(self._prompt(memory))
        self._silences += 1
        if self._silences > _PATIENCE:
            return Close("silence", "silence")
        return Say(memory.phrase("still_there") + self._prompt(memory))

    def _after_goodbye(self, said: Utterance | None, results: tuple[Called, ...], memory: Memory) -> Move:
        """The call should be over. An opt-out still counts, and a refused ``end_call`` is tried again."""
        if said is not None and said.means(Intent.OPT_OUT):
            return RULES[Intent.OPT_OUT](said, memory)
        if self._pending is not None:
            pending, self._pending = self._pending, None
            return pending.then(results)
        is_refused = any(line.name == "end_call" and not line.is_ok for line in results)
        if self._goodbyes <= _PATIENCE and (is_refused or said is not None):
            return Close("goodbye", "finished")
        return Wait()

    def _perform(self, move: Move, memory: Memory) -> Reply:
        """Make a reply of a move; tools that are not declared are passed over."""
        while isinstance(move, Act):
            calls = tuple(call for call in move.calls if memory.view.declares(call.name))
            if calls:
                self._pending = move
                return Reply(calls=tuple(_fitting(call, memory.view) for call in calls))
            move = move.then(())
        if isinstance(move, Go):
            return self._perform(self._next(move, memory), memory)
        if isinstance(move, Close):
            self._goodbyes += 1
            calls = (Call("end_call", {"reason": move.reason}),) if memory.view.declares("end_call") else ()
            text = (move.before + memory.gap + memory.phrase(move.phrase)).strip()
            return Reply(text, tuple(_fitting(call, memory.view) for call in calls))
        if isinstance(move, Wait):
            return Reply()
        self._wants_time = move.text.endswith((memory.phrase("when_call"), memory.phrase("call_back_refused")))
        self._said = move.text
        return Reply(move.text)

    def _next(self, move: Go, memory: Memory) -> Move:
        self._place += 1
        self._objections = 0
        step = self._step
        if step is None:
            return Close("goodbye", "finished", "" if move.text == memory.phrase("thanks") else move.text)
        if isinstance(step, Interest) and (known := step.known(memory)):
            said = Utterance(known[1], frozenset())
            return accept(known[1], memory) if known[0] == "true" else decline(said, memory)
        return Say((move.text.strip() + memory.gap + step.prompt(memory)).strip())

    @property
    def _step(self) -> Step | None:
        return self._steps[self._place] if self._place < len(self._steps) else None

    def _prompt(self, memory: Memory) -> str:
        return self._step.prompt(memory) if self._step else memory.phrase("still_there")


def _utterance(heard: list[Heard], memory: Memory) -> Utterance:
    """What counts of all that was heard: the last words, so that a quote is one turn's own; a wish to be left alone always."""
    said = [line for line in memory.view.lines if isinstance(line, Said)]
    meant = [(line.text.strip(), intents_of(line.text, memory.layout.language)) for line in heard]
    text, intents = next((pair for pair in meant if Intent.OPT_OUT in pair[1]), meant[-1])
    return Utterance(text, intents, is_after_cut=bool(said) and said[-1].is_cut)


def _fitting(call: Call, view: View) -> Call:
    """The call with those arguments alone that the tool declares."""
    declared = next(tool for tool in view.tools if tool.get("name") == call.name)
    known = declared.get("parameters", {}).get("properties", {})
    return Call(call.name, {name: value for name, value in call.arguments.items() if name in known})
