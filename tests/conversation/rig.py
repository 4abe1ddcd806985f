"""A talk on a table: say what happens, see what it wants done; the carrier's marks and clears are answered as a carrier would."""

from __future__ import annotations

from typing import Any, TypeVar

from dialer.conversation import events as e
from dialer.conversation.talk import Talk
from dialer.model.campaign import Campaign
from tests.support.builders import OPENING, a_talk

T = TypeVar("T")
MS = b"\xff" * 8


class Rig:
    """Drives one talk by hand; seconds are its own."""

    def __init__(self, campaign: Campaign | None = None, *, may_leave_message: bool = False) -> None:
        self.talk: Talk = a_talk(campaign, may_leave_message=may_leave_message)
        self.now = 0.0
        self.all: list[e.ConversationCommand] = []
        self.new: list[e.ConversationCommand] = []
        self._responses = 0
        self._items = 0

    def feed(self, *events: e.ConversationEvent) -> list[e.ConversationCommand]:
        self.new = []
        for event in events:
            self.new += self.talk.feed(event, self.now)
        self.all += self.new
        return self.new

    def wait(self, seconds: float) -> list[e.ConversationCommand]:
        """Let time pass; timers fire when they are due."""
        end = self.now + seconds
        self.new = []
        while (due := self.talk.deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            commands = self.talk.tick(self.now)
            self.new += commands
            assert commands or self.talk.deadline() != due or self.talk.done, "a timer that stays due would spin"
        self.now = end
        self.all += self.new
        return self.new

    def respond(self, text: str, ms: int = 1000, *, tools: tuple[tuple[str, str], ...] = (), status: str = "completed") -> str:
        """The model performs the response that was asked for; returns the item."""
        response, item = self.begin(text, ms)
        events: list[Any] = [e.AgentAudioDone(response, item), e.AgentTranscript(response, item, text)] if text else []
        for number, (name, arguments) in enumerate(tools):
            events.append(e.ToolCalled(response, f"{item}-tool", f"{response}-{number}", name, arguments))
        new = list(self.new)
        self.feed(*events, e.ResponseDone(response, status))
        self.new = new + self.new
        return item

    def begin(self, text: str, ms: int = 1000) -> tuple[str, str]:
        """The model begins to speak."""
        self._responses += 1
        response, item = f"r{self._responses}", f"i{self._responses}"
        spoken = [e.AgentWords(response, item, text), e.AgentAudio(response, item, MS * ms)] if text else []
        self.feed(e.ResponseStarted(response, self.purpose()), *spoken)
        return response, item

    def purpose(self) -> dict[str, str]:
        """What the service echoes of the last request."""
        return {"purpose": self.of(e.CreateResponse)[-1].purpose}

    def answer(self, ms: int = 2000) -> str:
        """The opening is made while ringing, and the call is answered."""
        self.feed(e.OpeningAsked())
        item = self.respond(OPENING, ms)
        self.feed(e.CallAnswered())
        return item

    def talking(self) -> str:
        """The opening has been heard."""
        item = self.answer()
        self.wait(2.0)
        self.feed(e.MarkPlayed(item))
        return item

    def speech(self, item: str, text: str | None = None, seconds: float = 0.5) -> list[e.ConversationCommand]:
        """The callee speaks a turn; its words come at once when given."""
        start = round(self.now * 1000)
        new = self.feed(e.SpeechStarted(item, start))
        new += self.wait(seconds)
        new += self.feed(e.SpeechStopped(item, round(self.now * 1000)), e.SpeechCommitted(item, None))
        if text is not None:
            new += self.feed(e.CalleeWords(item, text))
        self.new = new
        return new

    def heard(self, item: str) -> None:
        """The carrier played an item."""
        self.feed(e.MarkPlayed(item))

    def of(self, kind: type[T], among: list[e.ConversationCommand] | None = None) -> list[T]:
        return [command for command in (self.all if among is None else among) if isinstance(command, kind)]

    def end(self) -> e.EndTalk:
        """The one end, always last."""
        (last,) = self.of(e.EndTalk)
        assert self.all[-1] is last
        assert self.talk.done
        assert self.talk.deadline() is None
        return last

    def said(self) -> str:
        """The text that the last request wants said word for word."""
        asked = self.of(e.CreateResponse)[-1].instructions or ""
        return asked.split('"""')[1].strip() if asked else ""
