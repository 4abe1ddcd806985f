"""Feeding an attempt's log to both cores again: they must command the same, or the first difference is shown."""

import json
import os
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from dialer.call.machine import CallMachine
from dialer.conversation.talk import Talk
from dialer.errors import ProtocolViolation, StoreError, UserError
from dialer.model.campaign import Campaign
from dialer.model.ids import AttemptId
from dialer.operations import lookup
from dialer.operations.parts import Parts
from dialer.session.event_codec import CALL_EVENTS, Happened, Ticked, Unknown, commands_text, named
from dialer.session.log import VERSION, AttemptLog, Entry, Recording, Setup, Undecodable, packed, read, unpacked, with_campaign
from dialer.store import attempts, campaigns, event_logs
from dialer.telemetry import emit

_ERROR = "an error of the core"
_NOTHING = "no command"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay first parts from its log. ``index`` counts events from 1; ``at_s`` counts from the first event."""

    index: int
    at_s: float
    event: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to: events fed and commands compared up to its end or its difference.

    ``is_cut``: the log ends before the attempt does. ``is_same_campaign``: the campaign reads as it did in the call.
    """

    events: int
    commands: int
    duration_s: float
    is_cut: bool
    is_same_campaign: bool
    difference: Difference | None = None

    @property
    def is_equal(self) -> bool:
        """Every command of the log was given again, and no other."""
        return self.difference is None

    def as_json(self) -> dict[str, Any]:
        """The figures and the difference, for a program."""
        found = self.difference
        figures = {name: getattr(self, name) for name in ("events", "commands", "duration_s", "is_cut", "is_same_campaign")}
        shown = None if found is None else {name: getattr(found, name) for name in Difference.__dataclass_fields__}
        return {"is_equal": self.is_equal, **figures, "difference": shown}


@dataclass(frozen=True, slots=True)
class Kept:
    """The stored log of an attempt: its readable document, and the campaign as it was."""

    attempt_id: AttemptId
    text: str
    campaign: Campaign


def keep(parts: Parts, attempt_id: AttemptId, log: AttemptLog) -> None:
    """Store what an attempt has collected. A database that is away costs the log and nothing else: the call is over."""
    if not log.is_begun:
        return
    row = event_logs.EventLogRow(attempt_id, VERSION, log.is_cut, packed(log.text()))
    try:
        with parts.store.write() as tx:
            event_logs.save(tx, row)
    except StoreError as error:
        emit("attempt.unlogged", attempt_id=attempt_id, error=str(error))


def kept(parts: Parts, key: str) -> Kept:
    """The log of the attempt whose id is, or begins with, ``key``. Raises ``UserError`` where there is none that can be read."""
    with parts.store.read() as tx:
        attempt_id = lookup.attempt_by_id(tx, key.lower())
        if attempt_id is None:
            raise UserError(f"no attempt's id begins with {key!r}", code="unknown_attempt")
        row = event_logs.find(tx, attempt_id)
        if row is None:
            raise UserError(f"attempt {attempt_id} has no event log", code="no_log", hint="a log is kept when an attempt ends")
        campaign = campaigns.version(tx, attempts.get(tx, attempt_id).script_version_id)
    text = unpacked(row.version, row.body)
    if isinstance(text, Undecodable):
        raise _unreadable(attempt_id, text)
    return Kept(attempt_id, text, campaign)


def replay_kept(log: Kept) -> Replayed:
    """Replay a stored log. Raises ``UserError`` when it cannot be read, and what the cores raise that is no refusal."""
    recording = read(log.text, log.campaign)
    if isinstance(recording, Undecodable):
        raise _unreadable(log.attempt_id, recording)
    return replay(recording)


def save_scenario(log: Kept, path: Path) -> None:
    """Write the log as a document that stands alone, for a test. Raises ``UserError``; a file that is there is left alone."""
    try:
        with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(with_campaign(log.text, log.campaign))
    except FileExistsError:
        raise UserError(f"{path} is there already", code="file_exists", hint="name another file") from None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}", code="unwritable") from error


def replay(recording: Recording) -> Replayed:
    """Build both cores anew, feed every event at its time, and compare every command. Ends at the first difference."""
    cores = _Cores(recording.setup)
    began = recording.entries[0].now if recording.entries else 0.0
    events, commands, at_s = 0, 0, 0.0
    difference = None
    for entry in recording.entries:
        events, at_s = events + 1, round(entry.now - began, 3)
        found = cores.difference(entry)
        if found is not None:
            difference = Difference(events, at_s, _shown_event(entry.event), *found)
            break
        commands += len(json.loads(entry.commands or "[]"))
    return Replayed(events, commands, at_s, recording.is_cut, recording.is_same_campaign, difference)


class _Cores:
    """Both cores, built as they were for the call."""

    def __init__(self, setup: Setup) -> None:
        self._machine = CallMachine(ring_s=setup.ring_s, call_s=setup.call_s)
        self._talk = Talk(setup.talk)

    def difference(self, entry: Entry) -> tuple[str, str] | None:
        """Feed one entry; what was expected and what came instead, or None."""
        event = entry.event
        if isinstance(event, Unknown):
            return "an event of this version", event.reason
        if isinstance(event, Ticked):
            due = self._core(event).deadline()
            if due != event.due:
                return f"a timer due at {event.due}", "no timer" if due is None else f"a timer due at {due}"
        got = self._commands(event, entry.now)
        return None if got == entry.commands else _first_difference(entry.commands, got)

    def _commands(self, event: Happened, now: float) -> str | None:
        """Commands as text; None when the core refuses the event."""
        try:
            if isinstance(event, Ticked):
                return commands_text(self._core(event).tick(now))
            if isinstance(event, CALL_EVENTS):
                return commands_text(self._machine.feed(event, now))
            return commands_text(self._talk.feed(event, now))  # type: ignore[arg-type]  # what is no CallEvent is the talk's
        except ProtocolViolation:
            return None

    def _core(self, event: Ticked) -> CallMachine | Talk:
        return self._machine if event.core == "call" else self._talk


def _first_difference(expected: str | None, got: str | None) -> tuple[str, str]:
    if expected is None or got is None:
        return expected or _ERROR, got or _ERROR
    pairs = zip_longest(json.loads(expected), json.loads(got))
    return next((_shown(left), _shown(right)) for left, right in pairs if left != right)


def _shown(command: list[Any] | None) -> str:
    """A command as it is written in code; audio by its bytes."""
    if command is None:
        return _NOTHING
    name, values = command
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in values.items())})"


def _shown_event(event: Happened | Unknown) -> str:
    return event.name if isinstance(event, Unknown) else named(event)[0]


def _unreadable(attempt_id: AttemptId, why: Undecodable) -> UserError:
    return UserError(f"the event log of attempt {attempt_id} cannot be read: {why.reason}", code="bad_log")
