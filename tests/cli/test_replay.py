from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialer.cli.context import opened
from dialer.model.ids import AttemptId
from dialer.operations.parts import Parts
from dialer.session.log import VERSION, packed, with_campaign
from dialer.store import event_logs
from tests.cli.terminal import dialer, document
from tests.operations.rung import CAMPAIGN, rung_out
from tests.operations.talked import talked

LOG = with_campaign(rung_out().text(), CAMPAIGN)


def keep(parts: Parts, attempt_id: AttemptId, text: str) -> None:
    """Store a log as the end of an attempt does."""
    with parts.store.write() as tx:
        event_logs.save(tx, event_logs.EventLogRow(attempt_id, VERSION, is_cut=False, body=packed(text)))


@pytest.fixture
def talk(home: Path, few: Path) -> str:
    """The id of an attempt that has a log of its own campaign."""
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales")
    with opened() as parts:
        attempt_id = talked(parts).attempt_id
        keep(parts, attempt_id, LOG)
    return attempt_id


def spoil(talk: str, was: str, becomes: str) -> None:
    """Change the log of ``talk``."""
    assert was in LOG
    with opened() as parts:
        keep(parts, AttemptId(talk), LOG.replace(was, becomes, 1))


def test_a_replay_that_is_equal(talk: str) -> None:
    done = dialer("replay", talk[:8])
    assert done.stdout.startswith(f"{talk}: equal, ")
    assert " commands\n" in done.stdout
    body = document("replay", talk)
    assert (body["attempt_id"], body["is_equal"], body["difference"]) == (talk, True, None)


def test_the_first_difference_and_exit_code_1(talk: str) -> None:
    spoil(talk, '["Dial",{}]', '["HangUp",{}]')
    lines = dialer("replay", talk, code=1).stdout.splitlines()
    assert "differs at event 3 (Permitted, " in lines[0]
    assert [line.split() for line in lines[1:]] == [["expected", "HangUp()"], ["got", "Dial()"]]
    assert document("replay", talk, code=1)["difference"]["got"] == "Dial()"


def test_a_cut_log_and_another_campaign_are_told(talk: str) -> None:
    spoil(talk, '"is_cut":false', '"is_cut":true')
    assert "its end is missing" in dialer("replay", talk).stdout
    spoil(talk, '"agent_name":"Ava"', '"agent_name":"Eve"')
    assert "the campaign reads otherwise" in dialer("replay", talk).stderr


def test_a_scenario_is_written_once(talk: str, home: Path) -> None:
    done = dialer("replay", talk, "--save-scenario", "call.json")
    assert "words and details of the person" in done.stderr
    assert json.loads((home / "call.json").read_text(encoding="utf-8"))["campaign"]
    assert "there already" in dialer("replay", talk, "--save-scenario", "call.json", code=2).stderr


def test_what_cannot_be_replayed(talk: str) -> None:
    assert "no attempt's id begins with" in dialer("replay", "ffffff0", code=2).stderr
    spoil(talk, '"version":1', '"version":7')
    assert "cannot be read: it was written in version 7" in dialer("replay", talk, code=2).stderr
