"""Warm transfers: the desk hears a summary, and only a key puts the callee through."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dialer.carriers.twilio_desk import language_of
from dialer.errors import CarrierError
from dialer.simulation.twilio.server import Account
from tests.conformance.carriers.benches import DESK, NO_DESK, TALKS, TwilioBench, order
from tests.support.scripted_agent import Agent

SUMMARY = "Maria wants a quote."


def test_a_summary_is_read_in_its_own_language() -> None:
    assert language_of(SUMMARY) == "en-US"
    assert language_of("王先生想要报价。") == "cmn-CN"


def test_the_desk_hears_the_summary_and_both_meet_in_a_conference(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await agent.call.transfer(DESK, "", summary=SUMMARY)
        await agent.end()
        await asyncio.sleep(1)
        assert bench.peer is not None
        callee, desk = bench.peer.calls.values()
        assert desk.facts.said == [SUMMARY, "Press 1 to take the call."]
        [members] = bench.peer.studio.conferences.values()
        assert members == {callee.facts.sid, desk.facts.sid}
        assert callee.facts.status == "in-progress", "the callee is not hung up by our end of it"
        await agent.call.hang_up()
        await asyncio.sleep(10)
        assert callee.facts.status == desk.facts.status == "completed"

    bench.run(main)


@pytest.mark.parametrize("manner", ["no_answer", "busy", "declines"])
def test_a_desk_that_does_not_take_the_call_is_let_go_and_the_talk_goes_on(tmp_path: Path, manner: str) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        assert bench.peer is not None
        bench.peer.account = Account(desks={NO_DESK: manner})
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        with pytest.raises(CarrierError) as failed:
            await agent.call.transfer(NO_DESK, "", summary=SUMMARY)
        assert failed.value.code == "desk_no_answer"
        assert agent.call.leg.is_open
        await asyncio.sleep(3)
        _, desk = bench.peer.calls.values()
        assert desk.facts.status in ("no-answer", "busy", "completed", "canceled")
        assert bench.peer.studio.conferences == {}
        await agent.call.hang_up()
        await agent.end()

    bench.run(main)


def test_a_desk_that_cannot_be_dialled_is_an_error(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        with pytest.raises(CarrierError, match="to ring the desk"):
            await agent.call.transfer("+15005550001", "", summary=SUMMARY)
        await agent.call.hang_up()
        await agent.end()

    bench.run(main)


def test_a_cold_transfer_says_its_sentence_and_connects(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        agent = await Agent.dial(carrier, order(TALKS))
        await agent.line()
        await agent.call.transfer(DESK, "One moment, please.")
        await agent.end()
        await asyncio.sleep(6)
        assert bench.peer is not None
        [callee] = bench.peer.calls.values()
        assert callee.facts.said == ["One moment, please."]
        assert bench.peer.studio.connected == [(callee.facts.sid, DESK)]

    bench.run(main)


def test_a_callee_who_leaves_while_the_desk_rings_frees_the_desk(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> None:
        agent = await Agent.dial(carrier, order(TALKS, call_s=4))
        await agent.line()
        with pytest.raises(CarrierError) as failed:
            await agent.call.transfer(NO_DESK, "", summary=SUMMARY)
        assert failed.value.code == "no_call"
        await asyncio.sleep(3)
        assert bench.peer is not None
        _, desk = bench.peer.calls.values()
        assert desk.facts.status in ("canceled", "completed")

    bench.run(main)
