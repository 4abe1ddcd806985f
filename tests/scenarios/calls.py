"""Runs one whole attempt against the simulated phones and the stand-in model, and keeps all that was committed and said."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dialer.call.events import Permitted, Refused
from dialer.clock import SimulatedClock
from dialer.conversation.events import RecordOptOut
from dialer.model.attempt import AttemptResult
from dialer.model.campaign import Campaign
from dialer.model.transcript import Speaker, ToolCall, Turn
from dialer.session.attempt import run_attempt
from dialer.session.clips import ClipShelf
from dialer.session.log import AttemptLog
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.server import serve_model
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from dialer.voice.openai import OpenAIVoice
from tests.support.builders import MONDAY, an_attempt
from tests.support.realtime import Judge
from tests.support.virtual_time import run_virtual


@dataclass
class MemoryJournal:
    """Keeps what would be committed."""

    steps: list[str] = field(default_factory=list)
    turns: dict[int, Turn] = field(default_factory=dict)
    tool_calls: list[ToolCall] = field(default_factory=list)
    opt_outs: list[RecordOptOut] = field(default_factory=list)
    answer: Permitted | Refused = field(default_factory=Permitted)

    async def permit(self) -> Permitted | Refused:
        self.steps.append("permit")
        return self.answer

    async def placed(self, carrier_call_id: str) -> None:
        self.steps.append("placed")

    async def answered(self) -> None:
        self.steps.append("answered")

    async def record_turn(self, turn: Turn) -> None:
        self.turns[turn.seq] = turn

    async def record_tool_call(self, tool_call: ToolCall) -> None:
        self.tool_calls.append(tool_call)

    async def record_opt_out(self, command: RecordOptOut) -> None:
        self.steps.append("opt_out")
        self.opt_outs.append(command)


@dataclass
class Played:
    """One finished attempt, from both ends of the line."""

    result: AttemptResult
    journal: MemoryJournal
    phone: dict[str, Any]
    """The phone's own account: what it heard and said."""
    log: AttemptLog

    def lines(self, speaker: Speaker) -> list[str]:
        return [turn.text for _, turn in sorted(self.journal.turns.items()) if turn.speaker is speaker]

    def tools(self) -> list[str]:
        return [call.name for call in self.journal.tool_calls]


def play(
    persona: str,
    campaign: Campaign | None = None,
    *,
    is_last_attempt: bool = False,
    stop_after_s: float | None = None,
    answer: Permitted | Refused | None = None,
    seed: int = 7,
    language: str = "en",
    facts: dict[str, str] | None = None,
    faults: tuple[str, ...] = (),
    clips: ClipShelf | None = None,
) -> Played:
    """Call one simulated person in simulated time; every message between our client and the stand-in is judged.

    ``faults`` of the stand-in, by name; with those that are broken messages only our own side is judged.
    """
    clock = SimulatedClock(MONDAY)
    judge = Judge()
    journal = MemoryJournal(answer=answer or Permitted())
    log = AttemptLog()

    async def main(folder: Path) -> AttemptResult:
        stop = asyncio.Event()
        if stop_after_s is not None:
            asyncio.get_running_loop().call_later(stop_after_s, stop.set)
        server = await serve_model(options=ModelOptions(faults=faults), witness=judge)
        person = Person("Maria Lopez", language, facts or {"date_of_birth": "1984-03-12"}, persona)
        carrier = SimulatedCarrier(seed, folder / "journal.jsonl", lambda _: person, clock=clock)
        voice = OpenAIVoice(server.url, "any-key")
        try:
            plan = an_attempt(campaign, is_last_attempt=is_last_attempt)
            return await run_attempt(plan, carrier, voice, journal, stop, log, clips)
        finally:
            await voice.close()
            await carrier.close()
            await server.close()

    with tempfile.TemporaryDirectory() as name:
        result = run_virtual(main(Path(name)), clock)
        if judge.seen:
            judge.verdict(of_both=not any(fault.startswith(("malformed_frame", "unknown_event")) for fault in faults))
        path = Path(name) / "journal.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return Played(result, journal, json.loads(lines[-1]) if lines else {}, log)
