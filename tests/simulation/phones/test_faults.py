"""What the network says goes wrong as it was told to; what it does never changes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.call.events import Answered, CallEvent, LegEnded, Ringing
from dialer.clock import SimulatedClock
from dialer.errors import CarrierError, PlaceLost
from dialer.model.attempt import EndCause, Ending
from dialer.simulation.phones.faults import NAMED, Faults, Spoiler
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from tests.support.scripted_agent import an_order
from tests.support.virtual_time import START, run_virtual

ENDED = LegEnded(Ending(EndCause.BUSY))


def told(tmp_path: Path, faults: Faults, persona: str) -> list[tuple[float, CallEvent]]:
    """When and what the network reports of one call; a call that was answered is hung up a little later."""
    clock = SimulatedClock(START)
    maria = Person("Maria", persona=persona)
    carrier = SimulatedCarrier(1, tmp_path / "phones.jsonl", lambda _: maria, clock=clock, faults=faults)

    async def main() -> list[tuple[float, CallEvent]]:
        call = await carrier.place(an_order())
        asyncio.get_running_loop().call_later(10, call.finish, Ending(EndCause.FAR_HANG_UP))
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(60):
            found = [(loop.time(), event) async for event in call.events()]
        await carrier.close()
        return found

    return run_virtual(main(), clock)


def kinds(found: list[tuple[float, CallEvent]]) -> list[type]:
    return [type(event) for _, event in found]


def test_without_a_fault_each_report_comes_once_and_in_order(tmp_path: Path) -> None:
    assert kinds(told(tmp_path, Faults(), "agrees")) == [Ringing, Answered, LegEnded]


def test_reports_come_twice(tmp_path: Path) -> None:
    found = kinds(told(tmp_path, NAMED["reports doubled"], "agrees"))
    assert found == [Ringing, Ringing, Answered, Answered, LegEnded, LegEnded]


def test_ringing_comes_behind_what_follows_it(tmp_path: Path) -> None:
    assert kinds(told(tmp_path, NAMED["reports reordered"], "agrees")) == [Answered, Ringing, LegEnded]


def test_a_report_may_come_behind_the_end(tmp_path: Path) -> None:
    assert kinds(told(tmp_path, NAMED["reports reordered"], "busy")) == [LegEnded, Ringing]


def test_a_lost_end_is_never_told(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        told(tmp_path, Faults(lose_report_every=2), "busy")


def test_a_refused_dial_rings_nobody_and_a_lost_answer_does(tmp_path: Path) -> None:
    async def main(faults: Faults) -> list[str]:
        carrier = SimulatedCarrier(1, tmp_path / f"{hash(faults)}.jsonl", lambda _: Person("Maria"), faults=faults)
        said = []
        for name in ("a1", "a2"):
            try:
                await carrier.place(an_order(name))
                said.append("placed")
            except PlaceLost:
                said.append("lost" if await carrier.find(an_order(name).attempt_id) else "silent")
            except CarrierError:
                said.append("rang" if await carrier.find(an_order(name).attempt_id) else "refused")
        await carrier.close()
        return said

    assert run_virtual(main(Faults(refuse_every=2))) == ["placed", "refused"]
    assert run_virtual(main(Faults(lose_answer_every=2))) == ["placed", "lost"]


def test_a_late_answer_comes_while_the_phone_rings(tmp_path: Path) -> None:
    async def main() -> float:
        carrier = SimulatedCarrier(1, tmp_path / "phones.jsonl", lambda _: Person("Maria"), faults=Faults(0, 1, 12.0))
        await carrier.place(an_order())
        await carrier.close()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == pytest.approx(12.05)


def test_every_named_fault_concerns_a_part_of_what_is_told() -> None:
    assert NAMED["none"] == Faults()
    assert len(set(NAMED.values())) == len(NAMED)
    spoiler = Spoiler(Faults(lose_report_every=2))
    assert [spoiler.arrivals_s(ENDED) for _ in range(4)] == [[0.0], [], [0.0], []]
