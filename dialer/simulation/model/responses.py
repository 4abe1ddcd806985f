"""The responses of one session: one at a time in the conversation, any number beside it."""

import copy
from typing import Any, Protocol

from dialer.simulation.model.brain.view import Line, Reply, View
from dialer.simulation.model.conversation import ITEM, Conversation
from dialer.simulation.model.emission import Order, Surroundings
from dialer.simulation.model.faults import FaultPlan, Unit
from dialer.simulation.model.generation import Generation
from dialer.simulation.model.hearing import Hearing
from dialer.simulation.model.outbox import Event, Outbox
from dialer.simulation.model.schema import Refusal
from dialer.simulation.model.settings import check_size
from dialer.simulation.model.timers import Timers
from dialer.simulation.model.tool_choice import check_choice, obeyed, offered

_EXPIRED = "Your session hit the maximum duration of 60 minutes."


class Mind(Protocol):
    """What decides the words: a ``brain.mind.Brain``, or a script of somebody's test."""

    def reply(self, view: View, asked: str | None) -> Reply:
        """The next words and deeds. ``asked``: instructions for this response alone, ``None`` for the session's."""
        ...


class Responses:
    """What the model is saying, and who may make it speak or stop."""

    def __init__(self, around: Surroundings, hearing: Hearing, timers: Timers, plan: FaultPlan, mind: Mind) -> None:
        self.settings: Event = {}
        """The session's, as they are now."""
        self._around = around
        self._hearing = hearing
        self._timers = timers
        self._plan = plan
        self._mind = mind
        self._running: list[Generation] = []

    def tick(self, now: float) -> None:
        """Let the responses go on."""
        for generation in list(self._running):
            generation.advance(now)
            if generation.is_over:
                self._retire(generation, now)

    def deadline(self) -> float | None:
        """When ``tick`` has something to do."""
        return min((it.next_at for it in self._running if it.next_at is not None), default=None)

    def speech_started(self) -> None:
        """The other side speaks: the silence is over, and so is our response, if the client wants that."""
        self._timers.drop("idle")
        active = self._active()
        if active is not None and self._detection().get("interrupt_response"):
            active.cancel("turn_detected")
            self._running.remove(active)

    def speech_stopped(self, now: float) -> None:
        """A turn is committed: it is answered, if the client wants that and nothing is being said."""
        if self._active() is None and self._detection().get("create_response"):
            self._begin(Order(self.settings, faults=self._plan.next(Unit.RESPONSE)), None, now)

    def create(self, event: Event, now: float) -> None:
        """``response.create``."""
        asked = dict(event.get("response") or {})
        metadata = asked.pop("metadata", None)
        is_default = asked.pop("conversation", "auto") != "none"
        items = asked.pop("input", None)
        faults = self._plan.next(Unit.RESPONSE)
        if asked.get("instructions") and not self._hearing.has_heard:
            faults |= self._plan.next(Unit.OPENING)
        if "no_response_created" in faults:
            return
        if "session_expired" in faults:
            self.expire()
            return
        if "active_response_race" in faults and self._active() is None:
            self._begin(Order(self.settings), None, now)
        active = self._active()
        if is_default and active is not None:
            message = f"Conversation already has an active response in progress: {active.id}. Wait until it is finished."
            raise Refusal("conversation_already_has_active_response", message)
        settings = self._with(asked)
        lines = None if items is None else self._lines_of(items)
        self._begin(Order(settings, metadata, is_default, faults), asked.get("instructions"), now, lines)

    def cancel(self, event: Event, now: float) -> None:
        """``response.cancel``."""
        wanted = event.get("response_id")
        faults = self._plan.next(Unit.CANCEL)
        for generation in self._running:
            if generation.id == wanted or (wanted is None and generation.order.is_default):
                if "cancel_race" in faults:
                    generation.rush()
                    self._retire(generation, now)
                    break
                generation.cancel("client_cancelled", is_late="late_deltas" in faults)
                self._running.remove(generation)
                return
        raise Refusal("response_cancel_not_active", "Cancellation failed: no active response found.")

    def expire(self) -> None:
        """The session has lasted too long."""
        self._around.outbox.refuse(Refusal("session_expired", _EXPIRED), None)
        self._around.outbox.hang_up(1001, _EXPIRED)

    def _detection(self) -> Any:
        return self.settings["audio"]["input"]["turn_detection"] or {}

    def _active(self) -> Generation | None:
        return next((generation for generation in self._running if generation.order.is_default), None)

    def _retire(self, generation: Generation, now: float) -> None:
        """A response is over: the silence after its playback is counted, if the client wants that."""
        self._running.remove(generation)
        idle_ms = self._detection().get("idle_timeout_ms")
        if generation.order.is_default and idle_ms and not self._hearing.is_speech:
            self._timers.set("idle", now + (generation.audio_ms + idle_ms) / 1000, self._speak_up)

    def _speak_up(self, now: float) -> None:
        """Nobody has said anything: the silence is a turn, and is answered."""
        self._hearing.commit_silence(now)
        self._begin(Order(self.settings, faults=self._plan.next(Unit.RESPONSE)), None, now)

    def _with(self, asked: Event) -> Event:
        """The session's settings under those of one response; raises ``Refusal``."""
        settings = {**self.settings, **asked}
        if "audio" in asked:
            voice = {**self.settings["audio"]["output"], **asked["audio"].get("output", {})}
            settings["audio"] = {**self.settings["audio"], "output": voice}
        check_size(settings["instructions"], settings["tools"])
        check_choice(settings)
        return settings

    def _lines_of(self, items: list[Event]) -> tuple[Line, ...]:
        """A context of its own: whole items, or references to items of the conversation."""
        aside = Conversation(Outbox("aside"))
        aside.formats = self._around.conversation.formats
        known = {item.id: item for item in self._around.conversation.items}
        for data in items:
            if data.get("type") == "item_reference" and data.get("id") in known:
                aside.items.append(known[data["id"]])
            else:
                ITEM("response.input", data)
                aside.create({"item": data})
        return aside.lines()

    def _begin(self, order: Order, asked: str | None, now: float, lines: tuple[Line, ...] | None = None) -> None:
        instructions, settings = self.settings["instructions"], order.settings

        def reply() -> Reply:
            heard = self._around.conversation.lines() if lines is None else lines
            # What is answered beside the conversation leaves no trace in it.
            mind = self._mind if order.is_default else copy.deepcopy(self._mind)
            return obeyed(mind.reply(View(instructions, offered(settings), heard), asked), settings)

        self._timers.drop("idle")
        self._running.append(Generation(order, self._around, reply, now))
