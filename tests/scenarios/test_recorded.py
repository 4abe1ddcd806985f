"""Calls that were recorded give the same commands today; every persona's call gives the same commands twice.

A change that is meant to change commands: look at the difference, then ``python -m tests.scenarios.record``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.operations.replay import replay
from dialer.session.log import Recording, packed, read, unpacked
from dialer.simulation.phones.personas import PERSONAS
from tests.scenarios.calls import play
from tests.scenarios.record import CALLS, FOLDER, MESSAGE
from tests.support.builders import a_campaign

FILES = sorted(FOLDER.glob("*.json"))


def recording_of(path: Path) -> Recording:
    """The recording in a file."""
    recording = read(path.read_text(encoding="utf-8"))
    assert isinstance(recording, Recording), recording
    return recording


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recorded_call_gives_the_same_commands(path: Path) -> None:
    recording = recording_of(path)
    assert not recording.is_cut
    done = replay(recording)
    assert done.difference is None
    assert done.events == len(recording.entries)


@pytest.mark.parametrize("name", CALLS)
def test_a_recorded_call_shows_what_it_is_named_for(name: str) -> None:
    commands = [entry.commands or "" for entry in recording_of(FOLDER / f"{name}.json").entries]
    assert any(CALLS[name].shows in text for text in commands)
    assert commands[-1].startswith('[["CloseModel",{}],["Finish",')


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_call_replays_to_the_same_commands(persona: str) -> None:
    campaign = a_campaign(voicemail=MESSAGE)
    played = play(persona, campaign)
    body = packed(played.log.text())
    assert len(body) < 8_000
    text = unpacked(1, body)
    assert isinstance(text, str)
    recording = read(text, campaign)
    assert isinstance(recording, Recording)
    done = replay(recording)
    assert (done.difference, done.is_cut, done.is_same_campaign) == (None, False, True)
    assert done.events == len(played.log.lines())
    assert done.commands > 0
