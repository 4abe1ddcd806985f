"""The carrier as a whole: what it remembers, what it finds, what it leaves behind."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dialer.carriers.asterisk import REMEMBERED, AsteriskCarrier
from dialer.carriers.asterisk_rest import Ari
from dialer.carriers.asterisk_switch import Switch
from dialer.carriers.base import DialRefused
from dialer.clock import SimulatedClock
from dialer.errors import CarrierError
from dialer.model.attempt import EndCause, Ending, Retry
from dialer.model.ids import AttemptId
from dialer.simulation.asterisk.exchange import Bridge
from tests.support.asterisk import Place, Rig
from tests.support.scripted_agent import Agent, an_order
from tests.support.virtual_time import START

TALKS, BUSY = "+12125550101", "+12125550102"
PERSONAS = {TALKS: "agrees", BUSY: "busy"}
A1 = AttemptId("a1")


def test_it_says_that_it_finds_only_what_lives() -> None:
    assert AsteriskCarrier.capabilities.finds_by == "our_id_while_live"
    assert AsteriskCarrier.capabilities.has_exact_heard


def test_another_process_finds_a_living_call_and_ends_it_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    async def main(rig: Rig) -> Any:
        agent = await Agent.dial(rig.carrier, an_order("a1", TALKS))
        other = rig.other_carrier()
        living = await other.find(A1)
        await other.end(A1)
        over = await other.find(A1)
        ending = await agent.end()
        await asyncio.sleep(1)
        assert rig.peer.exchange.bridges == {}
        assert rig.peer.exchange.channels == {}
        assert await other.find(AttemptId("never")) is None
        await other.end(AttemptId("never"))
        await other.close()
        return living, over, ending

    living, over, ending = Place(tmp_path, PERSONAS).run(main)
    assert (living.ending, living.was_answered) == (None, True)
    assert over.ending.cause is EndCause.NEAR_HANG_UP
    assert over.was_answered
    assert ending.cause in (EndCause.FAR_HANG_UP, EndCause.NEAR_HANG_UP)


def test_an_id_is_dialled_once_although_asterisk_would_dial_it_again(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        call = await rig.carrier.place(an_order("a1", BUSY))
        assert [event async for event in call.events()]
        with pytest.raises(CarrierError, match="before"):
            await rig.carrier.place(an_order("a1", BUSY))
        assert rig.peer.trunk.rung == ["a1"]

    Place(tmp_path, PERSONAS).run(main)


def test_two_processes_cannot_dial_one_attempt_while_it_lives(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        agent = await Agent.dial(rig.carrier, an_order("a1", TALKS))
        other = rig.other_carrier()
        with pytest.raises(CarrierError, match="already"):
            await other.place(an_order("a1", TALKS))
        await other.close()
        assert await agent.line()
        await agent.call.hang_up()
        await agent.end()
        assert rig.peer.trunk.rung == ["a1"]

    Place(tmp_path, PERSONAS).run(main)


def test_without_asterisk_nothing_is_dialled_and_the_error_may_pass(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await rig.peer.close()
        with pytest.raises(CarrierError) as caught:
            await rig.carrier.place(an_order("a1", TALKS))
        assert caught.value.retryable
        with pytest.raises(CarrierError):
            await rig.carrier.find(A1)

    Place(tmp_path, PERSONAS).run(main)


def test_a_wrong_password_is_a_refusal_that_stops_the_campaign_with_its_words(tmp_path: Path) -> None:
    async def main(rig: Rig) -> Ending:
        switch = Switch(Ari(rig.peer.url, "dialer", "wrong"), "dialer-wrong")
        carrier = AsteriskCarrier(switch, rig.carrier._plan, SimulatedClock(START))
        with pytest.raises(DialRefused) as caught:
            await carrier.place(an_order("a1", TALKS))
        await carrier.close()
        return caught.value.ending

    ending = Place(tmp_path, PERSONAS).run(main)
    assert ending.retry is Retry.CONFIGURATION_FAULT
    assert "401" in ending.hangup_cause


def test_empty_bridges_of_dead_processes_are_taken_away_and_no_others(tmp_path: Path) -> None:
    async def main(rig: Rig) -> set[str]:
        now = rig.peer.exchange.clock.lease_now()
        for name, age in (("dialer-dead-x", 60), ("dialer-young-x", 1), ("other-old", 60)):
            rig.peer.exchange.bridges[name] = Bridge(name, name, now - timedelta(minutes=age))
        call = await rig.carrier.place(an_order("a1", BUSY))
        assert [event async for event in call.events()]
        await asyncio.sleep(1)
        return set(rig.peer.exchange.bridges)

    assert Place(tmp_path, PERSONAS).run(main) == {"dialer-young-x", "other-old"}


def test_closing_ends_what_lives(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await Agent.dial(rig.carrier, an_order("a1", TALKS))
        await rig.carrier.close()
        assert rig.peer.exchange.channels == {}

    Place(tmp_path, PERSONAS).run(main)


def test_the_oldest_endings_are_forgotten(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        call = await rig.carrier.place(an_order("a1", BUSY))
        assert [event async for event in call.events()]
        known = await rig.carrier.find(A1)
        assert known is not None
        for number in range(REMEMBERED):
            rig.carrier._remember(AttemptId(f"later-{number}"), known)
        assert await rig.carrier.find(A1) is None

    Place(tmp_path, PERSONAS).run(main)


def test_what_lives_here_is_found_without_asking(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await Agent.dial(rig.carrier, an_order("a1", TALKS))
        await rig.peer.close()
        living = await rig.carrier.find(A1)
        assert living is not None
        assert living.was_answered

    Place(tmp_path, PERSONAS).run(main)
