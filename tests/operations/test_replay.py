"""Replay: the same events give the same commands, or the first difference is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialer.call import events as call
from dialer.conversation import events as talk
from dialer.errors import UserError
from dialer.model.disposition import AnsweredBy
from dialer.model.ids import AttemptId
from dialer.operations import replay
from dialer.operations.attempt import carry_out
from dialer.operations.dispatch import Pace
from dialer.operations.parts import Lines, Parts
from dialer.operations.replay import Difference
from dialer.session.event_codec import Unknown
from dialer.session.log import VERSION, AttemptLog, Entry, Recording, read
from dialer.store import event_logs
from dialer.store.engine import open_store
from tests.operations.rung import CAMPAIGN, rung_out
from tests.operations.stage import armed, claimed, steps
from tests.operations.talked import unanswered
from tests.support.lines import MemoryCarrier, MemoryVoice
from tests.support.virtual_time import run_virtual


def a_recording(**setup: Any) -> Recording:
    """A call that rings out: every event, and the ring's timer."""
    recording = read(rung_out().text(), CAMPAIGN)
    assert isinstance(recording, Recording)
    return replace(recording, setup=replace(recording.setup, **setup))


def with_entry(recording: Recording, index: int, change: Callable[[Entry], Entry]) -> Recording:
    """The recording with one entry changed."""
    entries = [*recording.entries]
    entries[index] = change(entries[index])
    return replace(recording, entries=tuple(entries))


def test_the_same_events_give_the_same_commands() -> None:
    done = replay.replay(a_recording())
    assert (done.is_equal, done.events, done.commands, done.duration_s) == (True, 6, 6, 35.4)
    figures = {"events": 6, "commands": 6, "duration_s": 35.4, "is_cut": False, "is_same_campaign": True}
    assert done.as_json() == {"is_equal": True, **figures, "difference": None}


def test_a_timer_that_runs_otherwise_is_shown() -> None:
    done = replay.replay(a_recording(ring_s=20))
    assert done.difference == Difference(6, 35.4, "Ticked", "a timer due at 135.4", "a timer due at 125.4")
    assert not done.is_equal
    assert done.as_json()["difference"]["index"] == 6


def test_a_timer_that_does_not_run_is_shown() -> None:
    recording = a_recording()
    early = replace(recording, entries=recording.entries[-1:])
    assert replay.replay(early).difference == Difference(1, 0.0, "Ticked", "a timer due at 135.4", "no timer")


def test_other_words_are_shown() -> None:
    recording = a_recording()
    texts = replace(recording.setup.talk.texts, opening="Good morning.")
    other = replace(recording, setup=replace(recording.setup, talk=replace(recording.setup.talk, texts=texts)))
    found = replay.replay(other).difference
    assert found is not None
    assert (found.index, found.at_s, found.event) == (5, 0.4, "OpeningAsked")
    assert found.expected.startswith("CreateResponse(")
    assert "Good morning." in found.got
    assert "Good morning." not in found.expected


@pytest.mark.parametrize(
    ("commands", "expected", "got"),
    [
        ("[]", "no command", "OpenModel()"),
        ('[["OpenModel",{}],["Dial",{}]]', "Dial()", "no command"),
        (None, "an error of the core", '[["OpenModel",{}]]'),
    ],
)
def test_a_command_too_many_or_too_few_is_shown(commands: str | None, expected: str, got: str) -> None:
    recording = with_entry(a_recording(), 0, lambda entry: replace(entry, commands=commands))
    assert replay.replay(recording).difference == Difference(1, 0.0, "Began", expected, got)


def test_an_event_that_a_core_refused_is_refused_again() -> None:
    recording = a_recording()
    refused = Entry(200.0, call.Began(), None)
    assert replay.replay(replace(recording, entries=(*recording.entries, refused))).is_equal
    accepted = replace(refused, commands='[["OpenModel",{}]]')
    found = replay.replay(replace(recording, entries=(*recording.entries, accepted))).difference
    assert found is not None
    assert (found.expected, found.got) == ('[["OpenModel",{}]]', "an error of the core")


def test_a_replay_ends_at_an_event_of_another_version() -> None:
    unknown = Unknown("Teleported", "this version has no such event")
    recording = with_entry(a_recording(), 2, lambda entry: replace(entry, event=unknown))
    expected = Difference(3, 0.3, "Teleported", "an event of this version", "this version has no such event")
    assert replay.replay(recording).difference == expected


def test_an_empty_log_is_equal() -> None:
    assert replay.replay(replace(a_recording(), entries=())).is_equal


def carried_out(parts: Parts, carrier: MemoryCarrier, voice: MemoryVoice) -> AttemptId:
    """Claim one call and carry it out."""
    armed(parts)
    (work,) = claimed(parts)

    async def nothing() -> None:
        """Nothing to close."""

    async def main() -> None:
        await carry_out(parts, Lines(carrier, voice, nothing), work, Pace(1), steps, asyncio.Event())

    run_virtual(main(), parts.clock)  # type: ignore[arg-type]  # the fixture's clock is simulated
    return work.attempt_id


def test_a_call_is_kept_at_its_end_and_replays(parts: Parts, tmp_path: Path) -> None:
    carrier = MemoryCarrier()
    carrier.call.leg.events_out.put_nowait(talk.MachineReported(AnsweredBy.FAX))
    log = replay.kept(parts, carried_out(parts, carrier, MemoryVoice())[:8].upper())
    done = replay.replay_kept(log)
    assert (done.difference, done.is_cut, done.is_same_campaign) == (None, False, True)
    assert done.commands > 5
    path = tmp_path / "fax.json"
    replay.save_scenario(log, path)
    assert path.stat().st_mode & 0o077 == 0, "it holds what a person said"
    alone = read(path.read_text(encoding="utf-8"))
    assert isinstance(alone, Recording)
    assert replay.replay(alone) == done
    with pytest.raises(UserError, match="there already"):
        replay.save_scenario(log, path)
    with pytest.raises(UserError, match="No such file"):
        replay.save_scenario(log, tmp_path / "nowhere" / "fax.json")


class BrokenVoice(MemoryVoice):
    """A model that breaks in a way that nobody foresaw."""

    async def send(self, command: talk.VoiceCommand) -> None:
        raise RuntimeError("nobody foresaw this")


def test_an_attempt_that_broke_leaves_what_it_had_collected(parts: Parts) -> None:
    done = replay.replay_kept(replay.kept(parts, carried_out(parts, MemoryCarrier(), BrokenVoice())))
    assert done.is_equal
    assert done.events == 6


def test_an_attempt_that_never_began_has_nothing_to_keep(parts: Parts) -> None:
    armed(parts)
    work = unanswered(parts)
    replay.keep(parts, work.attempt_id, AttemptLog())
    with pytest.raises(UserError, match="no event log"):
        replay.kept(parts, work.attempt_id)


def test_a_database_that_is_away_costs_the_log_only(parts: Parts, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    away = replace(parts, store=open_store(f"sqlite:///{tmp_path}/empty.db"))
    with caplog.at_level("WARNING", "dialer"):
        replay.keep(away, AttemptId("a" * 32), rung_out())
    assert "attempt.unlogged" in caplog.text
    away.store.close()


@pytest.mark.parametrize(("version", "body", "said"), [(VERSION, b"\x00\xffwhat", "damaged"), (9, b"", "version 9")])
def test_a_stored_body_that_is_no_log_is_a_clear_error(parts: Parts, version: int, body: bytes, said: str) -> None:
    armed(parts)
    work = unanswered(parts)
    with parts.store.write() as tx:
        event_logs.save(tx, event_logs.EventLogRow(work.attempt_id, version, is_cut=False, body=body))
    with pytest.raises(UserError, match=said):
        replay.kept(parts, work.attempt_id)


def test_a_document_that_is_no_log_is_a_clear_error() -> None:
    with pytest.raises(UserError, match="another form"):
        replay.replay_kept(replay.Kept(AttemptId("a" * 32), json.dumps({"version": 1}), CAMPAIGN))


def test_an_unknown_attempt(parts: Parts) -> None:
    with pytest.raises(UserError, match="no attempt's id begins"):
        replay.kept(parts, "abcdef")
