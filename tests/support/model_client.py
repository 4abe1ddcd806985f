"""A client of the stand-in model's machine, without a socket: every event that comes out is judged by the openai types."""

from __future__ import annotations

import base64
import json
from typing import Any

from dialer.audio import modem
from dialer.audio.framing import SILENCE, frames
from dialer.simulation.model.brain.mind import Brain
from dialer.simulation.model.brain.view import Reply, View
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.outbox import Frame, HangUp
from dialer.simulation.model.responses import Mind
from dialer.simulation.model.session import Session
from tests.support.realtime import SERVER, check_server

Event = dict[str, Any]
PCMU = {"type": "audio/pcmu"}
TELEPHONE = {
    "type": "realtime",
    "audio": {
        "input": {
            "format": PCMU,
            "transcription": {"model": "gpt-transcribe"},
            "turn_detection": {"type": "server_vad", "create_response": False, "interrupt_response": False},
        },
        "output": {"format": PCMU, "voice": "marin"},
    },
}


class Script:
    """A mind that says given replies in order and remembers what it saw."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.views: list[View] = []

    def reply(self, view: View, asked: str | None) -> Reply:
        """The next of the replies."""
        self.views.append(view)
        return self.replies.pop(0)


class ModelClient:
    """One session in virtual time. ``events`` holds all that came; the methods return what came through them.

    ``broken`` holds frames that are no events of the protocol, ``end`` the end of the socket.
    """

    def __init__(self, mind: Mind | None = None, options: ModelOptions | None = None, *, is_telephone: bool = True) -> None:
        """``is_telephone``: begin with mu-law, transcripts, and detection that leaves responses to the client."""
        self._session = Session("1", "gpt-realtime-2.1", options or ModelOptions(), mind or Brain())
        self.now = 0.0
        self.events: list[Event] = []
        self.broken: list[str] = []
        self.end: HangUp | None = None
        self._until = (options or ModelOptions()).session_s
        self._keep(self._session.start(0.0))
        if is_telephone:
            self.send("session.update", session=TELEPHONE)

    def send(self, type_: str, **fields: Any) -> list[Event]:
        """Send one event."""
        return self.send_text(json.dumps({"type": type_, **fields}))

    def send_text(self, text: str) -> list[Event]:
        """Send one message as it is."""
        return self._keep(self._session.receive(text, self.now))

    def wait(self, seconds: float) -> list[Event]:
        """Let time pass."""
        until, found = self.now + seconds, []
        while (due := self._session.deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            found += self._keep(self._session.tick(self.now))
        self.now = until
        return found

    def finish(self) -> list[Event]:
        """Let time pass until nothing is under way but the session's own end."""
        found: list[Event] = []
        while (due := self._session.deadline()) is not None and due < self._until and self.end is None:
            found += self.wait(due - self.now)
        return found

    def hear(self, mulaw: bytes, seconds: float = 0.02) -> list[Event]:
        """Append audio frame by frame, in its own time."""
        found: list[Event] = []
        for frame in frames(mulaw):
            found += self.send("input_audio_buffer.append", audio=base64.b64encode(frame).decode()) + self.wait(seconds)
        return found

    def speak(self, text: str) -> list[Event]:
        """Say something, and be silent long enough for it to count as a turn."""
        return self.hear(modem.encode(text) + SILENCE * 26)

    def respond(self, **response: Any) -> list[Event]:
        """Ask for a response and wait for its end."""
        return self.send("response.create", response=response) + self.finish()

    def respond_until_done(self) -> list[Event]:
        """Ask for a response and wait for its end, and no longer."""
        found = self.send("response.create")
        while not any(event["type"] == "response.done" for event in found):
            found += self.wait(0.01)
        return found

    def _keep(self, frames: list[Frame]) -> list[Event]:
        # A copy, as a socket would carry it: the machine may go on changing its own objects.
        copies: list[Event] = []
        for frame in frames:
            if isinstance(frame, HangUp):
                self.end = frame
                break
            if isinstance(frame, str) or frame["type"] not in SERVER or "because" in frame:
                self.broken.append(frame if isinstance(frame, str) else json.dumps(frame))
            else:
                copies.append(check_server(json.loads(json.dumps(frame))))
        self.events += copies
        return copies


def types(events: list[Event]) -> list[str]:
    """The types of events, in order."""
    return [event["type"] for event in events]


def only(events: list[Event], type_: str) -> Event:
    """The one event of a type."""
    (event,) = [event for event in events if event["type"] == type_]
    return event


def error(events: list[Event]) -> Event:
    """The body of the one error."""
    found: Event = only(events, "error")["error"]
    return found


def words(events: list[Event]) -> str:
    """What the model said, decoded from its audio."""
    audio = b"".join(base64.b64decode(event["delta"]) for event in events if event["type"] == "response.output_audio.delta")
    listener = modem.Listener()
    return " ".join(heard.text for heard in [*listener.feed(audio), *listener.flush()])


def calls(events: list[Event]) -> list[tuple[str, dict[str, Any]]]:
    """The tool calls, with their arguments."""
    done = "response.function_call_arguments.done"
    return [(event["name"], json.loads(event["arguments"])) for event in events if event["type"] == done]
