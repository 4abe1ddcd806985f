"""Whole attempts told as data (``timelines.toml``): the line's events in; disposition, transcript and commands out."""

from __future__ import annotations

import asyncio
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dialer.conversation import events as talk
from dialer.model.attempt import AttemptResult
from dialer.session.attempt import run_attempt
from dialer.session.event_codec import Unknown, event_of
from dialer.session.log import AttemptLog
from tests.scenarios.calls import MemoryJournal
from tests.support.builders import a_campaign, an_attempt
from tests.support.lines import MemoryCarrier, MemoryVoice
from tests.support.virtual_time import run_virtual

SCENARIOS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "timelines.toml").read_text(encoding="utf-8"))[
    "scenario"
]


def a_model(replies: list[Any]) -> MemoryVoice:
    """Says its replies in order, then nothing more."""
    left = list(replies)

    def act(voice: MemoryVoice, _: talk.CreateResponse, response: str) -> None:
        reply = left.pop(0) if left else ""
        told = {"text": reply} if isinstance(reply, str) else reply
        if told["text"]:
            voice.say(response, told["text"])
        for number, (name, arguments) in enumerate(told.get("tools", ())):
            voice.tell(talk.ToolCalled(response, "t", f"{response}-{number}", name, arguments))

    return MemoryVoice(act=act)


async def happen(line: list[dict[str, Any]], carrier: MemoryCarrier, voice: MemoryVoice) -> None:
    """The line, from the answer on."""
    began = asyncio.get_running_loop().time() + carrier.delay_s + (carrier.answer_after_s or 0.0)
    for number, given in enumerate(line):
        step = dict(given)
        at = step.pop("at")
        await asyncio.sleep(began + at - asyncio.get_running_loop().time())
        if words := step.get("speech"):
            item, ms = f"h{number}", round(at * 1000)
            voice.tell(talk.SpeechStarted(item, ms))
            await asyncio.sleep(0.5)
            voice.tell(talk.SpeechStopped(item, ms + 500), talk.SpeechCommitted(item, None), talk.CalleeWords(item, words))
        elif (name := step.pop("event")) == "hang_up":
            carrier.call.end()
        else:
            event = event_of(name, step)
            assert not isinstance(event, Unknown), event
            # Whoever reports it, it comes in at one of two doors.
            door = voice.events_out if isinstance(event, talk.VoiceLost) else carrier.call.leg.events_out
            door.put_nowait(event)  # type: ignore[arg-type]  # the doors pass on what they are given


def played(scenario: dict[str, Any]) -> tuple[AttemptResult, MemoryJournal, list[str]]:
    """One attempt: its result, what was committed, and the names of all commands."""
    journal, log = MemoryJournal(), AttemptLog()

    async def main() -> AttemptResult:
        carrier, voice = MemoryCarrier(), a_model(scenario.get("replies", []))
        plan = an_attempt(a_campaign(**scenario.get("campaign", {})))
        line = asyncio.create_task(happen(scenario.get("line", []), carrier, voice))
        try:
            return await run_attempt(plan, carrier, voice, journal, asyncio.Event(), log)
        finally:
            line.cancel()

    result = run_virtual(main())
    entries = [json.loads(entry) for entry in log.lines()]
    return result, journal, [command[0] for entry in entries for command in entry[3]]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario["name"] for scenario in SCENARIOS])
def test_a_line_ends_as_told(scenario: dict[str, Any]) -> None:
    result, journal, commands = played(scenario)
    assert (result.disposition, result.outcome, result.reason) == (
        scenario["disposition"],
        scenario.get("outcome"),
        scenario["reason"],
    )
    assert commands[-1] == "Finish"
    left = iter(commands)
    assert all(name in left for name in scenario.get("commands", ()))
    assert {call.name for call in journal.tool_calls} >= set(scenario.get("tool_calls", ()))
    texts = iter(turn.text for _, turn in sorted(journal.turns.items()))
    assert all(text in texts for text in scenario.get("transcript", ()))
