"""What happens when the model calls a tool: the authority is here, not in the prompt.

Arguments are checked against the declaration and the state of the call, every call has one result for ever (``call_id``), and a
result is JSON with ``ok``, and ``error`` when false. What the conversation has to do about it is returned beside it as an effect.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dialer.conversation.cards import mask_cards
from dialer.conversation.declarations import Declaration
from dialer.conversation.spoken import callback_time, read_answer, same_identity
from dialer.model.campaign import Campaign
from dialer.model.disposition import AnsweredBy, Outcome

MAX_TEXT = 1000


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The callee wants no more calls: committed before anything else."""

    quote: str


@dataclass(frozen=True, slots=True)
class EndWanted:
    """The model wants to hang up."""

    reason: str


@dataclass(frozen=True, slots=True)
class TypeReported:
    """The model says who answered."""

    kind: AnsweredBy


@dataclass(frozen=True, slots=True)
class TransferWanted:
    """The callee is to be handed over."""

    desk: str


@dataclass(frozen=True, slots=True)
class DigitsWanted:
    """Keys are to be pressed."""

    digits: str


Effect = OptedOut | EndWanted | TypeReported | TransferWanted | DigitsWanted
Result = tuple[dict[str, Any], Effect | None]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the tools know of this contact. ``secret`` and ``details`` never reach the model before the check is passed."""

    campaign: Campaign
    zone: str
    secret: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    tools: tuple[Declaration, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """The state of the call when a tool is called. ``now``: aware UTC."""

    now: datetime
    answered_by: AnsweredBy | None = None
    is_person: bool = False


class Toolbox:
    """The tools of one call and what came of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._results: dict[str, dict[str, Any]] = {}
        self._schemas = {tool["name"]: tool["parameters"] for tool in desk.tools}
        self._tries_left = desk.campaign.identity.tries if desk.campaign.identity else 0
        self._implied: Outcome | None = None
        self._said: Outcome | None = None
        self.is_verified = desk.campaign.identity is None
        self.may_press_menus = bool(desk.campaign.menu.press)
        self.callback_at: datetime | None = None
        self.answers: dict[str, str] = {}
        self.summary = ""

    @property
    def details(self) -> dict[str, str]:
        """What may be told once the identity is verified; nothing before."""
        return dict(self._desk.details) if self.is_verified and self._desk.campaign.identity else {}

    @property
    def outcome(self) -> Outcome | None:
        """What the model set last, else what a tool that was called means."""
        return self._said or self._implied

    def call(self, call_id: str, name: str, arguments: str, scene: Scene) -> tuple[dict[str, Any], dict[str, Any], Effect | None]:
        """Run one call: its arguments as read, its result, its effect. A repeated ``call_id`` has its first result, no effect."""
        read = _read(arguments)
        if call_id in self._results:
            return read, self._results[call_id], None
        problem = self._problem(name, read, arguments)
        result, effect = _no(problem) if problem else _TOOLS[name](self, read, scene)
        self._results[call_id] = result
        return read, result, effect

    def _problem(self, name: str, read: Mapping[str, Any], raw: str) -> str:
        """Why the call does not fit its declaration, or an empty text."""
        schema = self._schemas.get(name)
        if schema is None:
            return "unknown_tool"
        if not read and raw.strip() not in ("", "{}"):
            return "arguments_are_not_a_json_object"
        missing = [key for key in schema["required"] if key not in read and key not in ("quote", "reason")]
        if missing:
            return f"missing_{missing[0]}"
        for key, value in read.items():
            wrong = _wrong(schema["properties"].get(key), key, value)
            if wrong:
                return wrong
        return ""

    def record_answer(self, read: Mapping[str, Any], _: Scene) -> Result:
        """Keep one typed answer; the last one counts."""
        value = read_answer(self._desk.campaign.answers[read["name"]], mask_cards(read["value"]))
        if value is None:
            return _no("value_does_not_fit_the_type")
        self.answers[read["name"]] = value
        return {"ok": True, "value": value}, None

    def set_outcome(self, read: Mapping[str, Any], _: Scene) -> Result:
        """Only declared outcomes; those about an appointment need the identity check where there is one."""
        outcome = Outcome(read["outcome"])
        if outcome.value.startswith("appointment_") and not self.is_verified:
            return _no("verify_identity_first")
        self._said, self.summary = outcome, mask_cards(read.get("reason", ""))
        effect = OptedOut(read.get("quote", "")) if outcome is Outcome.DO_NOT_CALL else None
        return {"ok": True}, effect

    def request_callback(self, read: Mapping[str, Any], scene: Scene) -> Result:
        """A promised time, in the callee's own zone."""
        when = callback_time(read["when"], self._desk.zone, scene.now)
        if isinstance(when, str):
            return _no(when)
        self.callback_at, self._implied = when, Outcome.CALLBACK
        return {"ok": True, "when": read["when"]}, None

    def appointment(self, outcome: Outcome, read: Mapping[str, Any]) -> Result:
        """Confirm, move, cancel or book; only for somebody whose identity was checked, where the campaign checks it."""
        if not self.is_verified:
            return _no("verify_identity_first")
        self._implied = outcome
        slot = {"slot": read["slot"]} if "slot" in read else {}
        return {"ok": True, **slot}, None

    def verify_identity(self, read: Mapping[str, Any], _: Scene) -> Result:
        """Compare in code; the details come out only when it fits."""
        if not self.is_verified:
            if self._tries_left == 0:
                return {"ok": False, "error": "no_tries_left", "verified": False, "tries_left": 0}, None
            self._tries_left -= 1
            self.is_verified = same_identity(self._desk.secret, read["answer"])
        result = {"verified": self.is_verified, "tries_left": self._tries_left, "details": self.details}
        return {"ok": True, **result}, None

    def transferred(self) -> None:
        """The callee was handed over."""
        self._said = Outcome.TRANSFERRED


def _report(_: Toolbox, read: Mapping[str, Any], scene: Scene) -> Result:
    kind = AnsweredBy(read["kind"])
    if scene.is_person and kind is not AnsweredBy.HUMAN:
        return _no("a_person_has_been_talking")
    return {"ok": True}, TypeReported(kind)


def _digits(box: Toolbox, read: Mapping[str, Any], scene: Scene) -> Result:
    if scene.answered_by not in (AnsweredBy.SCREENING, AnsweredBy.IVR):
        return _no("no_machine_is_listening")
    if scene.answered_by is AnsweredBy.IVR and not box.may_press_menus:
        return _no("the_campaign_does_not_talk_to_menus")
    return {"ok": True}, DigitsWanted(read["digits"])


_TOOLS: dict[str, Callable[[Toolbox, Mapping[str, Any], Scene], Result]] = {
    "record_answer": Toolbox.record_answer,
    "set_outcome": Toolbox.set_outcome,
    "request_callback": Toolbox.request_callback,
    "confirm_appointment": lambda box, read, _: box.appointment(Outcome.APPOINTMENT_CONFIRMED, read),
    "move_appointment": lambda box, read, _: box.appointment(Outcome.APPOINTMENT_MOVED, read),
    "cancel_appointment": lambda box, read, _: box.appointment(Outcome.APPOINTMENT_CANCELLED, read),
    "book_appointment": lambda box, read, _: box.appointment(Outcome.APPOINTMENT_BOOKED, read),
    "verify_identity": Toolbox.verify_identity,
    "opt_out": lambda _, read, __: ({"ok": True}, OptedOut(read.get("quote", ""))),
    "transfer": lambda _, read, __: ({"ok": True}, TransferWanted(read["desk"])),
    "report_answer_type": _report,
    "send_digits": _digits,
    "end_call": lambda _, read, __: ({"ok": True}, EndWanted(read.get("reason", ""))),
}


def _read(arguments: str) -> dict[str, Any]:
    try:
        read = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _wrong(schema: Mapping[str, Any] | None, key: str, value: object) -> str:
    """Why one argument does not fit, or an empty text. All arguments are texts."""
    if schema is None:
        return f"unknown_argument_{key}"[:80]
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return f"{key}_must_be_a_short_text"
    if "enum" in schema and value not in schema["enum"]:
        return f"{key}_must_be_one_of_{'_'.join(schema['enum'])}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return f"{key}_has_the_wrong_form"
    return ""


def _no(error: str) -> Result:
    return {"ok": False, "error": error}, None
