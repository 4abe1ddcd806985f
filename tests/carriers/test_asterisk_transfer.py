"""Handing over: who hears what, and that nobody is left alone in a bridge."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from dialer.carriers.asterisk_transfer import HANDED_OVER_S
from dialer.errors import CarrierError
from tests.support.asterisk import Place, Rig
from tests.support.scripted_agent import Agent, an_order

TALKS, DESK, AWAY = "+12125550101", "+12125550150", "+12125550151"
PERSONAS = {TALKS: "agrees", DESK: "silence", AWAY: "busy"}
SUMMARY = "Maria wants a quote for a roof."


async def talking(rig: Rig) -> Agent:
    agent = await Agent.dial(rig.carrier, an_order("a1", TALKS))
    await agent.line()
    return agent


def heard(journal: Path, attempt: str) -> list[str]:
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    return [it["text"] for line in lines if line["kind"] == "end" and line["attempt_id"] == attempt for it in line["heard"]]


def test_cold_both_are_together_without_us(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        agent = await talking(rig)
        await agent.call.transfer(DESK, "")
        await agent.end()
        await agent.call.hang_up()
        await asyncio.sleep(1)
        assert sorted(rig.peer.exchange.channels) == ["a1", "a1-desk"]
        assert sorted(rig.peer.exchange.bridges["a1-bridge"].members) == ["a1", "a1-desk"]
        limits = [channel.limit for channel in rig.peer.exchange.channels.values()]
        now = asyncio.get_running_loop().time()
        assert all(limit is not None and limit.when() > now + HANDED_OVER_S - 60 for limit in limits)

    Place(tmp_path, PERSONAS).run(main)


@pytest.mark.parametrize("leaver", ["a1", "a1-desk"])
def test_when_one_goes_the_other_is_let_go_too(tmp_path: Path, leaver: str) -> None:
    async def main(rig: Rig) -> None:
        agent = await talking(rig)
        await agent.call.transfer(DESK, "")
        await agent.end()
        rig.peer.exchange.end(leaver, 16, "Normal Clearing")
        await asyncio.sleep(1)
        assert (rig.peer.exchange.channels, rig.peer.exchange.bridges) == ({}, {})

    Place(tmp_path, PERSONAS).run(main)


def test_a_partner_who_left_while_nobody_listened_is_noticed(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        agent = await talking(rig)
        await agent.call.transfer(DESK, "")
        await agent.end()
        rig.peer.drop_events()
        rig.peer.exchange.end("a1", 16, "Normal Clearing")
        await asyncio.sleep(2)
        assert rig.peer.exchange.channels == {}

    Place(tmp_path, PERSONAS).run(main)


def test_warm_the_desk_hears_the_summary_and_the_callee_does_not(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        agent = await talking(rig)
        await agent.call.transfer(DESK, "", summary=SUMMARY)
        await agent.end()
        assert sorted(rig.peer.exchange.bridges["a1-bridge"].members) == ["a1", "a1-desk"]
        assert "a1-desk-bridge" not in rig.peer.exchange.bridges

    Place(tmp_path, PERSONAS).run(main)
    assert SUMMARY in heard(tmp_path / "phones.jsonl", "a1-desk")
    assert SUMMARY not in heard(tmp_path / "phones.jsonl", "a1")


@pytest.mark.parametrize("summary", [None, SUMMARY])
def test_a_desk_that_is_busy_changes_nothing_for_the_callee(tmp_path: Path, summary: str | None) -> None:
    async def main(rig: Rig) -> None:
        agent = await talking(rig)
        with pytest.raises(CarrierError) as caught:
            await agent.call.transfer(AWAY, "", summary=summary)
        assert caught.value.code == "desk_no_answer"
        assert sorted(rig.peer.exchange.bridges["a1-bridge"].members) == ["a1", "a1-media"]
        await asyncio.sleep(1)
        assert sorted(rig.peer.exchange.bridges) == ["a1-bridge"]

    Place(tmp_path, PERSONAS).run(main)


def test_a_desk_that_hangs_up_over_the_summary_did_not_take_the_call(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        agent = await talking(rig)
        handing = asyncio.create_task(agent.call.transfer(DESK, "", summary=SUMMARY * 20))
        while not is_at_desk(rig):  # noqa: ASYNC110  # the stand-in tells nobody
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        rig.peer.exchange.end("a1-desk", 16, "Normal Clearing")
        with pytest.raises(CarrierError):
            await handing
        assert sorted(rig.peer.exchange.bridges["a1-bridge"].members) == ["a1", "a1-media"]

    Place(tmp_path, PERSONAS).run(main)


def is_at_desk(rig: Rig) -> bool:
    channel = rig.peer.exchange.channels.get("a1-desk")
    return channel is not None and channel.state == "Up"
