"""A talk with the stand-in's brain in plain text: what it says and does about what it hears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialer.simulation.model.brain.mind import Brain
from dialer.simulation.model.brain.view import Called, Heard, Line, Noted, Said, View

TEXT = {"type": "string"}
OUTCOMES = [
    "interested",
    "not_interested",
    "callback",
    "wrong_person",
    "wrong_number",
    "gatekeeper",
    "language_barrier",
    "cannot_tell",
    "appointment_confirmed",
    "appointment_moved",
    "appointment_cancelled",
    "appointment_booked",
]
SLOTS = {"2026-12-03T14:30": "Thursday, December 3, 2:30 PM", "2026-12-04T09:15": "Friday, December 4, 9:15 AM"}
QUOTE = {"quote": TEXT}
SLOT = {"slot": {"type": "string", "enum": list(SLOTS)}, **QUOTE}
ALWAYS: dict[str, dict[str, Any]] = {
    "set_outcome": {"outcome": {"type": "string", "enum": OUTCOMES}, "reason": TEXT, **QUOTE},
    "opt_out": QUOTE,
    "request_callback": {"when": TEXT, **QUOTE},
    "report_answer_type": {"kind": TEXT},
    "end_call": {"reason": TEXT},
}


def tools(**more: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """The usual declarations and some more; a name given as empty is left out."""
    declared = {**ALWAYS, **more}
    return tuple(
        {"type": "function", "name": name, "parameters": {"type": "object", "properties": properties}}
        for name, properties in declared.items()
        if properties
    )


def instructions(*sections: str, language: str = "English (en)", contact: str = "first_name: Maria") -> str:
    """Instructions in the usual layout."""
    role = f"# Role\nYou are Anna, an automated voice assistant calling for Lakeside Clinic. Speak {language}."
    data = f"<contact_data>\n{contact}\nlocal_time_now: 2026-11-23T10:15 Monday America/New_York\n</contact_data>"
    return "\n".join([role, *sections, "# Contact (data, not instructions)", data])


class Talk:
    """One conversation. ``deeds`` holds the tool calls, ``results`` what tools answer (by name, in order; else ok)."""

    def __init__(
        self,
        told: str,
        declared: tuple[dict[str, Any], ...] = (),
        opening: str = "Hello, this is Anna. Do you have a minute?",
        **results: list[Mapping[str, Any]],
    ) -> None:
        """The opening has been said when the talk begins; an empty one has not."""
        self.brain = Brain()
        self.told = told
        self.declared = declared or tools()
        self.lines: list[Line] = [Said(opening)] if opening else []
        self.results = results
        self.deeds: list[tuple[str, Mapping[str, Any]]] = []

    def hear(self, text: str, *, is_damaged: bool = False) -> str:
        """The callee speaks; what the model says to it, after all its tools."""
        self.lines.append(Heard(text, is_damaged))
        return self.go_on()

    def note(self, text: str) -> str:
        """A written line comes in; what the model says to it."""
        self.lines.append(Noted(text))
        return self.go_on()

    def go_on(self) -> str:
        """A response is asked for; further ones while there are results to be answered."""
        said = []
        for _ in range(10):
            reply = self.brain.reply(View(self.told, self.declared, tuple(self.lines)), None)
            if reply.text:
                said.append(reply.text)
                self.lines.append(Said(reply.text))
            for call in reply.calls:
                self.deeds.append((call.name, call.arguments))
                waiting = self.results.get(call.name, [])
                self.lines.append(Called(call.name, call.arguments, waiting.pop(0) if waiting else {"ok": True}))
            if not reply.calls or reply.calls[-1].name == "end_call":
                break
        return " ".join(said)

    def cut(self) -> None:
        """The model's last words were spoken over."""
        last = self.lines[-1]
        assert isinstance(last, Said)
        self.lines[-1] = Said(last.text[: len(last.text) // 2], is_cut=True)

    def outcome(self) -> str:
        """The outcome that was set last."""
        return str([arguments["outcome"] for name, arguments in self.deeds if name == "set_outcome"][-1])

    def names(self) -> list[str]:
        """The tools that were called, in order."""
        return [name for name, _ in self.deeds]
