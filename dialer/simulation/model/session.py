"""One client's session as a machine: client messages and the time go in, frames for the client come out.

``receive(message, now)`` and ``tick(now)`` return the frames to send, in order; ``deadline()`` says when to tick.
Whatever a client sends wrong is answered with an ``error`` event that names its ``event_id``, and changes nothing.
No ``conversation.created`` is sent: captures of the GA service over WebSocket do not show it.
"""

import copy
from collections.abc import Callable

from dialer.simulation.model import requests
from dialer.simulation.model.conversation import Conversation
from dialer.simulation.model.ears import Started
from dialer.simulation.model.emission import Surroundings
from dialer.simulation.model.faults import FaultPlan, Unit
from dialer.simulation.model.hearing import Hearing
from dialer.simulation.model.meter import Meter
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.outbox import Event, Frame, Outbox
from dialer.simulation.model.responses import Mind, Responses
from dialer.simulation.model.schema import Refusal
from dialer.simulation.model.settings import defaults, updated
from dialer.simulation.model.timers import Timers

SLOW_S = 30.0
"""How late a slow session is."""
BEFORE_ANSWER_S = 1.0
"""When a session is cut that nobody has spoken in, under that fault."""


class Session:
    """One socket's worth of protocol."""

    def __init__(self, name: str, model: str, options: ModelOptions, mind: Mind, plan: FaultPlan | None = None) -> None:
        """``name`` tells the sessions of a server apart; it is a part of every id."""
        self._outbox = Outbox(name)
        self._plan = plan or FaultPlan(options.faults)
        self._timers = Timers()
        self._conversation = conversation = Conversation(self._outbox)
        around = Surroundings(self._outbox, conversation, Meter(options.tokens_per_minute), options)
        self._session_s = options.session_s
        self._hearing = Hearing(around, self._timers, self._plan)
        self._responses = Responses(around, self._hearing, self._timers, self._plan, mind)
        self._use(defaults(self._outbox.new_id("sess"), model))
        self._handlers: dict[str, Callable[[Event, float], None]] = {
            "session.update": self._update,
            "response.create": self._responses.create,
            "response.cancel": self._responses.cancel,
            "input_audio_buffer.commit": lambda _, now: self._hearing.commit(now),
            "input_audio_buffer.clear": lambda _, now: self._hearing.clear(),
            "conversation.item.create": self._create_item,
            "conversation.item.retrieve": lambda event, _: conversation.retrieve(event),
            "conversation.item.delete": lambda event, _: conversation.delete(event),
            "conversation.item.truncate": self._truncate,
        }

    def start(self, now: float) -> list[Frame]:
        """What a client gets first."""
        self._timers.set("end", now + self._session_s, lambda _: self._responses.expire())
        if "no_session" not in self._plan.of_session:
            self._outbox.emit("session.created", session=self._settings)
        return self._outbox.take()

    def receive(self, message: str | bytes, now: float) -> list[Frame]:
        """Take in one message of the client."""
        if "no_session" in self._plan.of_session:
            return []
        audio = requests.audio_of(message)
        if audio is not None:
            self._hear(audio, now)
            return self._outbox.take()
        event: Event = {}
        try:
            event = requests.event_of(message)
            requests.check(event)
            self._handlers[event["type"]](event, now)
        except Refusal as refusal:
            event_id = event.get("event_id")
            self._outbox.refuse(refusal, event_id if isinstance(event_id, str) else None)
        return self._outbox.take()

    def tick(self, now: float) -> list[Frame]:
        """Do what is due."""
        self._timers.run(now)
        self._responses.tick(now)
        return self._outbox.take()

    def deadline(self) -> float | None:
        """When ``tick`` has something to do."""
        times = (self._timers.deadline(), self._responses.deadline())
        return min((at for at in times if at is not None), default=None)

    def _hear(self, audio: bytes, now: float) -> None:
        for change in self._hearing.hear(audio, now):
            if isinstance(change, Started):
                self._responses.speech_started()
            else:
                self._responses.speech_stopped(now)

    def _use(self, settings: Event) -> None:
        self._settings = self._responses.settings = settings
        self._hearing.configure(settings)
        sides = settings["audio"]
        self._conversation.formats = {
            "user": sides["input"]["format"]["type"],
            "assistant": sides["output"]["format"]["type"],
        }

    def _update(self, event: Event, now: float) -> None:
        faults, before = self._plan.of_session, self._settings
        if "session_update_refused" in faults:
            raise Refusal("unknown_parameter", "Unknown parameter: 'session.audio'.", "session.audio")
        has_spoken = any(item.is_spoken for item in self._conversation.items)
        settings = updated(before, event["session"], has_spoken=has_spoken)
        if "instructions_dropped" in faults:
            settings["instructions"] = before["instructions"]
        if "wrong_format_echoed" in faults:
            settings["audio"]["output"]["format"] = {"type": "audio/pcm", "rate": 24000}
        if "wrong_voice_echoed" in faults:
            settings["audio"]["output"]["voice"] = "ballad"
        self._use(settings)
        if "slow_session" in faults:
            self._timers.set("slow", now + SLOW_S, lambda _: self._confirm(settings))
        else:
            self._confirm(settings)
        if "socket_drop_before_answer" in faults:
            self._timers.set("drop", now + BEFORE_ANSWER_S, lambda _: self._drop_unanswered())

    def _confirm(self, settings: Event) -> None:
        self._outbox.emit("session.updated", session=settings)

    def _drop_unanswered(self) -> None:
        if not self._hearing.has_heard:
            self._outbox.hang_up()

    def _create_item(self, event: Event, now: float) -> None:
        self._conversation.create(copy.deepcopy(event))
        if "duplicate_item_id" in self._plan.next(Unit.ITEM):
            message = "Error adding item: an item with this id already exists in the conversation."
            raise Refusal("item_create_duplicate_item_id", message, "item.id")

    def _truncate(self, event: Event, now: float) -> None:
        if "truncate_race" in self._plan.next(Unit.TRUNCATION):
            end_ms = event["audio_end_ms"]
            message = f"Audio content of {max(0, end_ms - 20)}ms is already shorter than {end_ms}ms"
            raise Refusal("invalid_value", message, "audio_end_ms")
        self._conversation.truncate(event)
