"""From the dial to the one ending: the table of causes over the wire, lost events, limits, lost audio."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.call.events import Answered, LegEnded, Ringing
from dialer.model.attempt import EndCause, Ending, Retry
from dialer.simulation.asterisk.trunk import SILENT
from tests.support.asterisk import Place, Rig
from tests.support.scripted_agent import Agent, an_order

TALKS, BUSY, NEVER, HANGS_UP = "+12125550101", "+12125550102", "+12125550103", "+12125550104"
PERSONAS = {TALKS: "agrees", BUSY: "busy", NEVER: "no_answer", HANGS_UP: "hangs_up_early"}
NUMBER = "+12125550110"


def ended(place: Place, number: str = NUMBER) -> tuple[list[object], Ending]:
    async def main(rig: Rig) -> list[object]:
        call = await rig.carrier.place(an_order("a1", number, ring_s=12))
        return [event async for event in call.events()]

    *before, last = place.run(main)
    assert isinstance(last, LegEnded)
    return before, last.ending


@pytest.mark.parametrize(
    ("code", "cause", "retry"),
    [
        (486, EndCause.BUSY, Retry.LATER),
        (600, EndCause.BUSY, Retry.LATER),
        (603, EndCause.REJECTED, Retry.LATER),
        (403, EndCause.REJECTED, Retry.LATER),
        (404, EndCause.INVALID_NUMBER, Retry.NEVER),
        (484, EndCause.INVALID_NUMBER, Retry.NEVER),
        (410, EndCause.INVALID_NUMBER, Retry.NEVER),
        (480, EndCause.NO_ANSWER, Retry.LATER),
        (408, EndCause.NO_ANSWER, Retry.LATER),
        (488, EndCause.CONFIGURATION, Retry.CONFIGURATION_FAULT),
        (500, EndCause.CARRIER_FAULT, Retry.CARRIER_FAULT),
        (503, EndCause.CARRIER_FAULT, Retry.CARRIER_FAULT),
        (504, EndCause.CARRIER_FAULT, Retry.CARRIER_FAULT),
        (607, EndCause.REJECTED, Retry.NEVER),
    ],
)
def test_what_the_far_side_answers_is_told_in_our_words(tmp_path: Path, code: int, cause: EndCause, retry: Retry) -> None:
    _, ending = ended(Place(tmp_path, PERSONAS, {NUMBER: code}))
    assert (ending.cause, ending.retry, ending.sip_code) == (cause, retry, code)


def test_a_silent_trunk_is_a_fault_of_the_carrier_and_a_phone_that_rings_out_is_not(tmp_path: Path) -> None:
    before, silent = ended(Place(tmp_path, PERSONAS, {NUMBER: SILENT}))
    assert (before, silent.cause) == ([], EndCause.CARRIER_FAULT)
    before, rung = ended(Place(tmp_path, PERSONAS), NEVER)
    assert (before, rung.cause) == ([Ringing()], EndCause.NO_ANSWER)
    assert silent.sip_code == rung.sip_code == 480


def test_calls_are_looked_after_when_the_events_were_lost_for_a_while(tmp_path: Path) -> None:
    async def main(rig: Rig) -> tuple[Ending, str, list[object]]:
        talking = await Agent.dial(rig.carrier, an_order("a1", TALKS))
        ringing = await rig.carrier.place(an_order("a2", TALKS))
        gone = await rig.carrier.place(an_order("a3", BUSY))
        rig.peer.drop_events()
        rig.peer.exchange.end("a3", 17, "User busy", 486)
        await asyncio.sleep(2)
        events = [event async for event in gone.events()]
        said = await talking.line()
        answered = await Agent.dial(Waiting(ringing), an_order("a2", TALKS))  # type: ignore[arg-type]
        assert Answered() in answered.events
        await talking.call.hang_up()
        await answered.call.hang_up()
        return await talking.end(), said, events

    ending, said, events = Place(tmp_path, PERSONAS).run(main)
    assert ending.cause is EndCause.NEAR_HANG_UP
    assert said
    assert events == [LegEnded(Ending(EndCause.NO_ANSWER, "ended unanswered; the report of it was lost"))]


class Waiting:
    """A carrier that has placed its call already."""

    def __init__(self, call: object) -> None:
        self.call = call

    async def place(self, _: object) -> object:
        return self.call


def test_an_answer_that_was_not_told_is_seen_when_the_events_come_back(tmp_path: Path) -> None:
    async def main(rig: Rig) -> bool:
        call = await rig.carrier.place(an_order("a1", TALKS))
        await asyncio.sleep(1)
        rig.peer.exchange.apps.leave("dialer-test", next(iter(rig.peer.exchange.apps._listeners.values()))[0])
        await asyncio.sleep(9)
        rig.peer.drop_events()
        await rig.switch.ask(_ping())
        call._channel._switch._look_after_all()
        agent = await Agent.dial(Waiting(call), an_order("a1", TALKS))  # type: ignore[arg-type]
        said = await agent.line()
        await call.hang_up()
        return bool(said)

    assert Place(tmp_path, PERSONAS).run(main)


def _ping() -> object:
    from dialer.wire import asterisk_ari as ari

    return ari.ping()


def test_a_call_that_says_nothing_past_its_limits_is_ended_and_settled(tmp_path: Path) -> None:
    async def main(rig: Rig) -> tuple[Ending, float]:
        agent = await Agent.dial(rig.carrier, an_order("a1", TALKS, ring_s=20, call_s=30))
        channel = rig.peer.exchange.channels["a1"]
        await asyncio.sleep(0.5)
        rig.peer.exchange.set_limit(channel, 0)
        channel.far._callee.deadline = lambda: None  # type: ignore[union-attr, method-assign]  # he never leaves
        began = asyncio.get_running_loop().time()
        ending = await agent.end()
        return ending, asyncio.get_running_loop().time() - began

    ending, lasted_s = Place(tmp_path, PERSONAS).run(main)
    assert ending.cause is EndCause.TIME_LIMIT
    assert 35 < lasted_s < 60


def test_a_far_hang_up_settles_what_was_heard_at_once(tmp_path: Path) -> None:
    async def main(rig: Rig) -> tuple[Ending, int]:
        agent = await Agent.dial(rig.carrier, an_order("a1", HANGS_UP))
        await agent.call.leg.play(b"\x55" * 8000)
        await agent.say("A sentence that is much too long for some people, who will not listen to the end of it. " * 3)
        ending = await agent.end()
        return ending, await agent.call.leg.clear()

    ending, heard_ms = Place(tmp_path, PERSONAS).run(main)
    assert ending.cause is EndCause.FAR_HANG_UP
    assert 1000 < heard_ms < 5000


def test_a_call_whose_audio_is_lost_is_not_left_alone(tmp_path: Path) -> None:
    async def main(rig: Rig) -> Ending:
        agent = await Agent.dial(rig.carrier, an_order("a1", TALKS))
        rig.peer.exchange.end("a1-media", 16, "Normal Clearing")
        ending = await agent.end()
        assert rig.peer.exchange.channels == {}
        return ending

    ending = Place(tmp_path, PERSONAS).run(main)
    assert (ending.cause, ending.hangup_cause) == (EndCause.CARRIER_FAULT, "the media connection was lost")


def test_a_callee_who_cannot_be_put_into_the_bridge_is_not_kept_on_the_line(tmp_path: Path) -> None:
    async def main(rig: Rig) -> Ending:
        call = await rig.carrier.place(an_order("a1", TALKS))
        del rig.peer.exchange.bridges["a1-bridge"]
        *_, last = [event async for event in call.events()]
        return last.ending

    ending = Place(tmp_path, PERSONAS).run(main)
    assert ending.cause is EndCause.CARRIER_FAULT
    assert "addChannel" in ending.hangup_cause


def test_the_bridge_is_recorded_where_that_is_wanted(tmp_path: Path) -> None:
    async def main(rig: Rig) -> str:
        agent = await Agent.dial(rig.carrier, an_order("a1", TALKS))
        await asyncio.sleep(1)
        recording = rig.peer.exchange.bridges["a1-bridge"].recording
        await agent.call.hang_up()
        return recording

    assert Place(tmp_path, PERSONAS, is_recorded=True).run(main) == "a1"
