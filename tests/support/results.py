"""Builders of campaigns, transcripts and attempt results for the tests of leads and reports."""

from __future__ import annotations

from typing import Any

from dialer.model.attempt import AttemptResult, EndCause, Ending
from dialer.model.campaign import Campaign
from dialer.model.disposition import AnsweredBy, Disposition
from dialer.model.transcript import Speaker, ToolCall, Transcript, Turn


def a_campaign(**changes: Any) -> Campaign:
    """A sales campaign with answers of several types, weights and outcome rules."""
    settings: dict[str, Any] = {
        "name": "solar-sales",
        "kind": "sales",
        "company": "Bright Roofs",
        "agent_name": "Ava",
        "callback_number": "+12125550100",
        "caller_ids": ["+12125550101"],
        "opening": {"text": "Hi, this is Ava, an automated assistant of Bright Roofs."},
        "answers": {
            "need": {"question": "What are you looking for?", "required": True},
            "budget": {"question": "What is your budget?", "type": "money"},
            "size": {"question": "How big?", "type": "enum", "values": ["small", "large"]},
        },
        "outcomes": {
            "interested": {"when": "wants an offer", "category": "positive", "lead": True},
            "not_interested": {"when": "says no", "category": "negative"},
            "callback": {"when": "asks for another time", "final_for_contact": False, "lead": True},
            "appointment_booked": {"when": "takes a slot", "category": "positive", "lead": True},
            "do_not_call": {"when": "says stop", "category": "negative", "final_for_number": True},
            "cannot_tell": {"when": "anything else"},
        },
        "lead": {
            "hot": 70,
            "warm": 40,
            "weights": [
                {"points": 50, "reason": "wants an offer", "outcome": "interested"},
                {"points": 10, "reason": "named a need", "answer": "need"},
                {"points": 30, "reason": "budget of 5000 or more", "answer": "budget", "at_least": "5000"},
                {"points": 10, "reason": "large roof", "answer": "size", "equals": "large"},
            ],
        },
        "script": "Ask what they need.",
    }
    return Campaign.model_validate(settings | changes)


def a_transcript(*lines: str, calls: tuple[ToolCall, ...] = ()) -> Transcript:
    """Turns in order: ``"> text"`` is the agent's, anything else the callee's; two seconds each."""
    turns = []
    for index, line in enumerate(lines):
        is_agent = line.startswith("> ")
        text = line.removeprefix("> ")
        speaker = Speaker.AGENT if is_agent else Speaker.CALLEE
        turns.append(Turn(index + 1, speaker, text, index * 2000, index * 2000 + 1800, generated=text))
    return Transcript(tuple(turns), calls)


def a_tool_call(tool: str, after_seq: int = 99, /, *, ok: bool = True, **arguments: Any) -> ToolCall:
    """A tool call that our code answered with ``ok``."""
    return ToolCall(f"{tool}-{after_seq}-{sorted(arguments.items())}", tool, arguments, {"ok": ok}, 0, after_seq)


def a_result(disposition: Disposition = Disposition.ANSWERED_HUMAN, **changes: Any) -> AttemptResult:
    """How an attempt ended; a human by default when one answered."""
    is_human = disposition is Disposition.ANSWERED_HUMAN
    defaults: dict[str, Any] = {"answered_by": AnsweredBy.HUMAN if is_human else AnsweredBy.UNKNOWN, "talk_s": 40.0}
    return AttemptResult(disposition, **(defaults | changes))


FAR_HANG_UP = Ending(EndCause.FAR_HANG_UP)
