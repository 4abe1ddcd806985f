"""The three example campaigns, run to their end through all real parts in simulated time, judged from both ends of each line.

Words travel in the audio alone. So what the transcripts hold must be what the phones heard and said, word for word, and a run
with the same seed must say the same words again.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dialer import wiring
from dialer.config import Settings
from dialer.conversation.opening import letters
from dialer.model.disposition import Disposition, Outcome
from dialer.model.transcript import Speaker
from dialer.operations import dispatch, folders, importing, scheduling
from dialer.operations.importing import ImportOptions
from dialer.operations.lane import run_lane
from dialer.store import migrate
from dialer.store.schema import attempts, campaigns, tool_calls, turns

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ("clinic-reminder", "market-promotion", "solar-sales")
LIMIT_S = 500
CUT_WORD = 24
"""What is cut is cut at a whole word: so many letters more may have been heard."""
LATE = {Disposition.VOICEMAIL, Disposition.VOICEMAIL_LEFT}
"""A machine is known by its beep, and hung up on, before the words of its greeting have come."""


@dataclass
class Call:
    """One attempt: its row, its words as stored, and the phone's own account of it."""

    row: Any
    turns: list[Any]
    tools: list[Any]
    phone: dict[str, Any]

    @property
    def said(self) -> tuple[Any, ...]:
        """All that must be the same in a repeated run."""
        words = tuple((turn.speaker, turn.text, turn.generated) for turn in self.turns)
        deeds = tuple((tool.name, json.dumps(tool.arguments), json.dumps(tool.result)) for tool in self.tools)
        return self.row.disposition, self.row.outcome, words, deeds

    def lines(self, speaker: Speaker) -> list[str]:
        return [turn.text for turn in self.turns if turn.speaker is speaker]


class Drain(threading.Event):
    """Asks the lane to stop when there is nothing left to do."""

    def is_urgent(self) -> bool:
        return False


def run(folder: Path, *names: str) -> dict[tuple[str, int], Call]:
    """Run campaigns to their end; the attempts by campaign and number, and which of that number it was."""
    settings = Settings(
        database_url=f"sqlite:///{folder / 'dialer.db'}",
        clock_start=datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
        simulation_journal=folder / "phones.jsonl",
        campaigns_dir=ROOT / "campaigns",
    )
    migrate.upgrade(settings.database_url)
    parts = wiring.build(settings)
    for name in names:
        source = folders.required_folder(settings, name)
        importing.import_contacts(parts, source.campaign, source.contacts_path, ImportOptions(), folder / f"{name}.rejects.csv")
        scheduling.schedule(parts, name, None, None)
    drain, over = Drain(), threading.Event()

    def watch() -> None:
        for _ in range(LIMIT_S * 5):
            if over.wait(0.2) or dispatch.is_all_done(parts):
                break
        drain.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run_lane(parts, "test", drain)
        assert dispatch.is_all_done(parts), f"not done within {LIMIT_S} s"
    finally:
        over.set()
        watcher.join()
    told = [json.loads(line) for line in (folder / "phones.jsonl").read_text(encoding="utf-8").splitlines()]
    ends = {line["attempt_id"]: line for line in told if line["kind"] == "end"}
    with parts.store.read() as tx:
        rows = tx.execute(sa.select(attempts, campaigns.c.name.label("campaign")).join_from(attempts, campaigns)).all()
        words = tx.execute(sa.select(turns).order_by(turns.c.seq)).all()
        deeds = tx.execute(sa.select(tool_calls).order_by(tool_calls.c.id)).all()
    parts.store.close()
    return {
        (f"{row.campaign} {row.phone}", row.number): Call(
            row,
            [turn for turn in words if turn.attempt_id == row.id],
            [deed for deed in deeds if deed.attempt_id == row.id],
            ends[row.id],
        )
        for row in rows
    }


pytestmark = pytest.mark.timeout(2 * LIMIT_S)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], Call]:
    """One run of all examples."""
    return run(tmp_path_factory.mktemp("first"), *EXAMPLES)


def test_our_transcript_is_what_the_phone_heard(calls: dict[tuple[str, int], Call]) -> None:
    answered = {key: call for key, call in calls.items() if call.row.answered_at is not None}
    assert len(answered) > 50
    for key, call in answered.items():
        assert not any(words["is_damaged"] for words in call.phone["heard"]), key
        heard = [letters(words["text"]) for words in call.phone["heard"] if letters(words["text"])]
        ours = [turn for turn in call.turns if turn.speaker is Speaker.AGENT]
        assert len(heard) == len(ours), key
        for theirs, turn in zip(heard, ours, strict=True):
            mine = letters(turn.text)
            assert theirs.startswith(mine), key
            assert len(theirs) - len(mine) <= (CUT_WORD if turn.is_interrupted else 0), key


def test_what_the_callee_said_is_in_the_transcript(calls: dict[tuple[str, int], Call]) -> None:
    talks = {key: call for key, call in calls.items() if call.row.answered_at is not None and call.row.disposition not in LATE}
    for key, call in talks.items():
        said = letters("".join(words["text"] for words in call.phone["said"]))
        assert letters("".join(call.lines(Speaker.CALLEE))) == said, key


def test_the_examples_have_something_to_show(calls: dict[tuple[str, int], Call]) -> None:
    outcomes = {name: {call.row.outcome for call in calls.values() if call.row.campaign == name} for name in EXAMPLES}
    reached = {Outcome.CALLBACK, Outcome.DO_NOT_CALL, Outcome.WRONG_NUMBER}
    assert outcomes["clinic-reminder"] >= reached | {
        Outcome.APPOINTMENT_CONFIRMED,
        Outcome.APPOINTMENT_MOVED,
        Outcome.APPOINTMENT_CANCELLED,
        Outcome.HUNG_UP_EARLY,
    }
    assert outcomes["market-promotion"] >= reached | {Outcome.INTERESTED, Outcome.NOT_INTERESTED}
    assert outcomes["solar-sales"] >= reached | {Outcome.INTERESTED, Outcome.NOT_INTERESTED, Outcome.TRANSFERRED}
    wordless = [call for call in calls.values() if call.phone["persona"] == "hangs_up_early" and not call.phone["said"]]
    assert {(call.row.campaign, call.row.disposition) for call in wordless} == {("market-promotion", Disposition.REJECTED)}
    shown = {call.row.disposition for call in calls.values()}
    assert shown >= {
        Disposition.ANSWERED_HUMAN,
        Disposition.VOICEMAIL,
        Disposition.VOICEMAIL_LEFT,
        Disposition.NO_ANSWER,
        Disposition.BUSY,
        Disposition.INVALID_NUMBER,
    }
    keys = [call for call in calls.values() if call.phone.get("pressed") == "9"]
    assert [call.row.outcome for call in keys] == [Outcome.DO_NOT_CALL]
    checks = [deed.result["verified"] for call in calls.values() for deed in call.tools if deed.name == "verify_identity"]
    assert {True, False} <= set(checks)


def test_a_promised_callback_is_kept_at_its_minute(calls: dict[tuple[str, int], Call]) -> None:
    promised = {key: call.row.callback_at for key, call in calls.items() if call.row.callback_at is not None}
    assert len(promised) >= 3
    for (phone, number), at in promised.items():
        assert abs((calls[phone, number + 1].row.dialed_at - at).total_seconds()) < 60, phone


def test_the_same_seed_says_the_same_again_whoever_else_is_called(calls: dict[tuple[str, int], Call], tmp_path: Path) -> None:
    again = run(tmp_path, "market-promotion")
    before = {key: call for key, call in calls.items() if call.row.campaign == "market-promotion"}
    assert {key: call.said for key, call in again.items()} == {key: call.said for key, call in before.items()}
    for key, call in again.items():
        assert abs((call.row.dialed_at - before[key].row.dialed_at).total_seconds()) < 60, "the pace is shared, no more"
