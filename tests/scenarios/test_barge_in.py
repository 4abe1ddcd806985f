"""Spoken over at any millisecond of a five-second utterance: the model is told what the phone really heard, to one frame.

The phone is the simulated one: it decodes what it hears, one letter in 20 ms, so its own account is the measure. The model is
scripted, because the moment must be ours to choose.
"""

from __future__ import annotations

import asyncio
import io
import json
import pickle
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialer.audio import modem
from dialer.clock import SimulatedClock
from dialer.conversation import events as talk
from dialer.conversation.stage import TalkPlan
from dialer.conversation.tools import Desk
from dialer.model.campaign import Campaign
from dialer.model.transcript import Speaker, Turn
from dialer.session.attempt import run_attempt
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from tests.conversation.rig import Rig
from tests.scenarios.calls import MemoryJournal
from tests.support.builders import MONDAY, an_attempt
from tests.support.lines import MemoryVoice
from tests.support.virtual_time import run_virtual

LONG = ("we have a long story to tell about crowns and bridges and what they cost in spring " * 4)[:246].strip()
FRAME_MS = 20
LONG_MS = len(modem.encode(LONG)) // 8
FIRST_TURN_S = 4.0
"""The opening has been heard by then."""
OVER_S = FIRST_TURN_S + LONG_MS / 1000 + 2.0
"""From the answer: the latest barge-in has been dealt with."""


@dataclass
class Storyteller(MemoryVoice):
    """Answers the callee's first turn with the long story, and hears him again ``barge_ms`` after its audio was handed over."""

    barge_ms: int = 0
    is_still_generating: bool = False
    story: str = ""
    when_answered: Callable[[], object] = str
    _turns: list[str] = field(default_factory=list)

    async def append(self, mulaw: bytes) -> None:
        if not self._turns:
            # The line is open: the callee says something after the opening was heard.
            self._turns.append("h1")
            self.when_answered()
            asyncio.get_running_loop().call_later(FIRST_TURN_S, self._first_turn)

    async def send(self, command: talk.VoiceCommand) -> None:
        self.sent.append(command)
        match command:
            case talk.CreateResponse(purpose, instructions):
                response = f"r{len(self.sent)}"
                text = instructions.split('"""')[1].strip() if instructions else LONG
                item = f"item-{response}"
                audio = modem.encode(text)
                self.tell(talk.ResponseStarted(response, {"purpose": purpose}), talk.AgentWords(response, item, text))
                self.tell(*(talk.AgentAudio(response, item, audio[at : at + 3200]) for at in range(0, len(audio), 3200)))
                if purpose == "reply" and not self.story:
                    self.story = item
                    asyncio.get_running_loop().call_later(self.barge_ms / 1000, self.tell, talk.SpeechStarted("h2", 0))
                    if self.is_still_generating:
                        return
                self.tell(talk.AgentAudioDone(response, item), talk.AgentTranscript(response, item, text))
                self.tell(talk.ResponseDone(response, "completed"))
            case talk.CancelResponse(response_id):
                self.tell(talk.ResponseDone(response_id, "cancelled"))

    def _first_turn(self) -> None:
        self.tell(
            talk.SpeechStarted("h1", 8000),
            talk.SpeechStopped("h1", 8300),
            talk.SpeechCommitted("h1", None),
            talk.CalleeWords("h1", "Tell me."),
        )


def interrupted(barge_ms: int, *, is_still_generating: bool) -> tuple[Storyteller, list[Turn], str]:
    """One call; the model, the turns, and the story as the phone heard it."""
    clock = SimulatedClock(MONDAY)
    journal = MemoryJournal()
    voice = Storyteller(barge_ms=barge_ms, is_still_generating=is_still_generating)

    async def main(path: Path) -> None:
        stop = asyncio.Event()
        person = Person("Maria Lopez", "en", {}, "silence")
        carrier = SimulatedCarrier(7, path, lambda _: person, clock=clock)
        voice.when_answered = lambda: asyncio.get_running_loop().call_later(OVER_S, stop.set)
        try:
            await run_attempt(an_attempt(), carrier, voice, journal, stop)
        finally:
            await carrier.close()

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "journal.jsonl"
        run_virtual(main(path), clock)
        phone = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
    heard = [words["text"] for words in phone["heard"]]
    story = [text for text in heard if text and LONG.startswith(text)]
    assert len(story) <= 1
    return voice, [turn for _, turn in sorted(journal.turns.items())], story[0] if story else ""


@example(0, False)
@example(1, False)
@example(19, True)
@example(20, False)
@example(21, True)
@example(LONG_MS - 61, False)
@example(LONG_MS - 1, True)
@given(st.integers(0, LONG_MS - 1), st.booleans())
def test_the_model_is_told_what_the_phone_heard(barge_ms: int, is_still_generating: bool) -> None:
    voice, turns, heard = interrupted(barge_ms, is_still_generating=is_still_generating)
    (cut,) = [command for command in voice.sent if isinstance(command, talk.TruncateHeard)]
    assert cut.item_id == voice.story
    # The phone's own measure: the preamble's frame, then a frame for each letter that it made out.
    frames = cut.heard_ms / FRAME_MS - 1
    assert abs(min(frames, len(LONG)) - len(heard)) <= 1 or not heard
    assert abs(cut.heard_ms - barge_ms) <= FRAME_MS
    ours = [turn for turn in turns if turn.speaker is Speaker.AGENT and turn.item_id == voice.story]
    if ours:
        assert (ours[0].is_interrupted, ours[0].generated) == (True, LONG)
        assert LONG.startswith(ours[0].text)
        assert len(ours[0].text) <= len(heard) + 2
    kinds = [type(command) for command in voice.sent]
    assert kinds.count(talk.CancelResponse) == int(is_still_generating)


def test_after_the_last_millisecond_nothing_is_cut() -> None:
    voice, turns, heard = interrupted(LONG_MS + 40, is_still_generating=False)
    assert not [command for command in voice.sent if isinstance(command, talk.TruncateHeard)]
    assert heard == LONG
    assert LONG in [turn.text for turn in turns]


def again_and_again(rig: Rig) -> Callable[[], Rig]:
    """Copies of a talk as it stands now. What never changes in a call is shared."""
    kept: list[object] = []

    class Pickler(pickle.Pickler):
        def persistent_id(self, it: object) -> int | None:
            if not isinstance(it, TalkPlan | Desk | Campaign | bytes):
                return None
            kept.append(it)
            return len(kept) - 1

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, place: int) -> object:
            return kept[place]

    text = io.BytesIO()
    Pickler(text).dump(rig)
    return lambda: Unpickler(io.BytesIO(text.getvalue())).load()


@pytest.mark.parametrize("is_done", [True, False])
def test_each_single_millisecond_in_the_core(is_done: bool) -> None:
    """Without a phone: what the carrier says was heard since the answer, less what was heard before the story."""
    told = Rig()
    told.talking()
    told.speech("h1", "Tell me.", 0.1)
    if is_done:
        item = told.respond("A long story. " * 20, 5000)
    else:
        _, item = told.begin("A long story. " * 20, 5000)
    again = again_and_again(told)
    for ms in range(5001):
        rig = again()
        rig.now += ms / 1000
        commands = rig.feed(talk.SpeechStarted("h2", 0))
        assert commands[0] == talk.ClearPlayout()
        settled = rig.feed(talk.PlayoutCleared(2000 + ms))
        cuts = [command for command in settled if isinstance(command, talk.TruncateHeard)]
        assert cuts == ([talk.TruncateHeard(item, ms)] if ms < 5000 or not is_done else [])
