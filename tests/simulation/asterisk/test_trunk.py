"""How dials go, answer by answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.simulation.asterisk.trunk import ANSWERS, SILENT, Trunk, World
from dialer.simulation.phones.personas import Person
from tests.simulation.asterisk.test_rest import DIAL, Desk, at

NUMBER = "+12125550101"


def tell(path: Path, world: World) -> tuple[list[tuple[str, str]], Desk]:
    async def main(desk: Desk) -> tuple[list[tuple[str, str]], Desk]:
        desk.rest.trunk.close()
        desk.rest.trunk = Trunk(world, desk.exchange)
        desk.ask("POST", "/channels/a1", DIAL)
        await asyncio.sleep(30)
        desk.rest.trunk.close()
        return [(event["type"], event.get("dialstatus", "")) for event in desk.events], desk

    told: tuple[list[tuple[str, str]], Desk] = at(path, main)
    return told


@pytest.mark.parametrize("code", ANSWERS)
def test_each_sip_answer_ends_the_dial_with_its_cause(tmp_path: Path, code: int) -> None:
    told, desk = tell(tmp_path, World(lambda _: None, tmp_path / "j.jsonl", answers={NUMBER: code}))
    cause, _, status = ANSWERS[code]
    assert told[-2:] == [("Dial", status), ("ChannelDestroyed", "")]
    assert (desk.events[-1]["cause"], desk.events[-1]["tech_cause"]) == (cause, code)


def test_a_silent_trunk_never_rings_and_a_phone_that_rings_out_does(tmp_path: Path) -> None:
    silent, desk = tell(tmp_path, World(lambda _: None, tmp_path / "j.jsonl", answers={NUMBER: SILENT}))
    assert silent == [("Dial", ""), ("ChannelDestroyed", "")]
    assert desk.events[-1]["tech_cause"] == 480
    rung, desk = tell(tmp_path, World(lambda _: Person("M", persona="no_answer"), tmp_path / "k.jsonl"))
    assert ("Dial", "RINGING") in rung
    assert desk.events[-1]["tech_cause"] == 480


def test_whoever_takes_longer_than_the_ringing_time_is_not_reached(tmp_path: Path) -> None:
    told, _ = tell(tmp_path, World(lambda _: Person("M", persona="agrees"), tmp_path / "j.jsonl", pace=20.0))
    assert ("StasisStart", "") not in told


def test_a_number_that_nobody_owns_does_not_exist(tmp_path: Path) -> None:
    _, desk = tell(tmp_path, World(lambda _: None, tmp_path / "j.jsonl"))
    assert desk.events[-1]["cause"] == 1
    assert desk.rest.trunk.rung == ["a1"]
