"""One dial: how it is asked for, what is refused, what a lost answer becomes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.call.events import LegEnded
from dialer.carriers.base import DialRefused, Retry
from dialer.errors import CarrierError, PlaceLost
from dialer.model.attempt import EndCause
from dialer.model.ids import AttemptId
from dialer.simulation.asterisk.faults import Faults
from tests.support.asterisk import Place, Rig, plan_of
from tests.support.scripted_agent import Agent, an_order

TALKS, BUSY = "+12125550101", "+12125550102"
PERSONAS = {TALKS: "agrees", BUSY: "busy"}


def test_a_dial_string_holds_the_number_with_or_without_its_plus(tmp_path: Path) -> None:
    plan = plan_of(None)  # type: ignore[arg-type]  # no door is needed for it
    assert plan.dial_string("+12125550101") == "PJSIP/+12125550101@trunk"
    other = type(plan)("SIP/{digits}@x", plan.door, plan.speak)
    assert other.dial_string("+12125550101") == "SIP/12125550101@x"


def test_a_trunk_that_is_not_there_is_a_fault_before_anything_rings(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        rig.carrier._plan = type(rig.carrier._plan)("PJSIP/{number}@nowhere", rig.carrier._plan.door, rig.carrier._plan.speak)
        with pytest.raises(DialRefused, match="Allocation failed") as caught:
            await rig.carrier.place(an_order("a1", TALKS))
        assert caught.value.retryable
        assert "no such endpoint in pjsip.conf" in caught.value.ending.hangup_cause
        await asyncio.sleep(1)
        assert rig.peer.exchange.channels == {}
        assert rig.peer.exchange.bridges == {}

    Place(tmp_path, PERSONAS).run(main)


def test_a_dial_string_that_is_wrong_is_a_setting_to_be_mended(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        rig.carrier._plan = type(rig.carrier._plan)("trunk", rig.carrier._plan.door, rig.carrier._plan.speak)
        with pytest.raises(DialRefused) as caught:
            await rig.carrier.place(an_order("a1", TALKS))
        assert caught.value.ending.retry is Retry.CONFIGURATION_FAULT

    Place(tmp_path, PERSONAS).run(main)


def test_a_dial_whose_answer_was_lost_is_adopted_and_rings_once(tmp_path: Path) -> None:
    async def main(rig: Rig) -> str:
        agent = await Agent.dial(rig.carrier, an_order("a1", TALKS))
        said = await agent.line()
        await agent.call.hang_up()
        assert (await agent.end()).cause is EndCause.NEAR_HANG_UP
        assert rig.peer.trunk.rung == ["a1"]
        return said

    assert Place(tmp_path, PERSONAS, faults=Faults(lose_dial_answers=1), answer_s=0.5).run(main)


def test_a_failed_dial_whose_answer_was_lost_is_known_by_its_events(tmp_path: Path) -> None:
    async def main(rig: Rig) -> EndCause:
        call = await rig.carrier.place(an_order("a1", BUSY))
        *_, last = [event async for event in call.events()]
        assert isinstance(last, LegEnded)
        return last.ending.cause

    assert Place(tmp_path, PERSONAS, faults=Faults(lose_dial_answers=1), answer_s=3.0).run(main) is EndCause.BUSY


def test_a_dial_of_which_nothing_is_heard_is_lost_and_is_ended_should_it_come_late(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        await rig.switch.ready()
        refused = rig.peer._request

        async def deaf(request: object) -> object:
            if request.method == "POST" and "/channels/a1" in str(request.url):  # type: ignore[attr-defined]
                await rig.peer._closed.wait()
            return await refused(request)  # type: ignore[arg-type]

        route = next(route for route in rig.peer._web.config.app.routes if route.path == "/ari/{path:path}")  # type: ignore[union-attr]
        route.app = deaf_app(deaf)
        with pytest.raises(PlaceLost):
            await rig.carrier.place(an_order("a1", TALKS))
        route.app = deaf_app(refused)
        with pytest.raises(CarrierError, match="before"):
            await rig.carrier.place(an_order("a1", TALKS))
        assert await rig.carrier.find(AttemptId("a1")) is None
        await rig.switch.ask(late_dial(rig))
        await asyncio.sleep(20)
        assert rig.peer.exchange.channels == {}

    Place(tmp_path, PERSONAS, answer_s=0.5).run(main)


def deaf_app(endpoint: object) -> object:
    from starlette.routing import request_response

    return request_response(endpoint)  # type: ignore[arg-type]


def late_dial(rig: Rig) -> object:
    """The request, arriving after all."""
    from dialer.wire import asterisk_ari as ari

    return ari.originate(
        "a1", endpoint=f"PJSIP/{TALKS}@trunk", app=rig.switch.app, caller_id="<+12125550199>", ring_s=30, limit_s=60
    )


def test_keys_for_nobody_are_an_error(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        call = await rig.carrier.place(an_order("a1", TALKS))
        with pytest.raises(CarrierError):
            await call.send_digits("1")
        await call.hang_up()

    Place(tmp_path, PERSONAS).run(main)


def test_an_announcement_is_said_to_the_callee_before_the_desk_is_rung(tmp_path: Path) -> None:
    async def main(rig: Rig) -> None:
        agent = await Agent.dial(rig.carrier, an_order("a1", TALKS))
        await agent.line()
        await agent.call.transfer("+12125550150", "One moment, please.")
        assert (await agent.end()).cause is EndCause.NEAR_HANG_UP
        await rig.carrier.close()
        await rig.peer.close()
        assert "One moment, please." in rig.journal.read_text()

    Place(tmp_path, PERSONAS).run(main)
