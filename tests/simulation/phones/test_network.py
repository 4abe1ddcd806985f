import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dialer.call.events import Answered, LegEnded, Ringing
from dialer.clock import SimulatedClock, SystemClock
from dialer.errors import CarrierError, PlaceLost
from dialer.model.attempt import EndCause, Ending, Found
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.simulation.phones.faults import Faults
from dialer.simulation.phones.network import SimulatedCarrier
from dialer.simulation.phones.personas import Person
from tests.support.scripted_agent import NUMBER, Agent, an_order
from tests.support.virtual_time import START, run_virtual

FACTS = {"date_of_birth": "1984-03-05"}
OPENING = "Hi, this is Ann, an automated assistant calling for Bright Dental. Is now a good time?"
A1 = AttemptId("a1")


class World:
    """One network in virtual time."""

    def __init__(
        self, tmp_path: Path, persona: str | None = "agrees", language: str = "en", seed: int = 1, **options: Any
    ) -> None:
        self.path = tmp_path / "phones.jsonl"
        self.clock = SimulatedClock(START)
        person = Person("Maria", language, FACTS, persona)
        self.make = lambda: SimulatedCarrier(seed, self.path, lambda number: person, clock=self.clock, **options)

    def run(self, main: Callable[[SimulatedCarrier], Awaitable[Any]]) -> Any:
        async def whole() -> Any:
            return await main(self.make())

        return run_virtual(whole(), self.clock)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]

    def last(self) -> dict[str, Any]:
        return self.lines()[-1]


async def silent_call(carrier: SimulatedCarrier) -> Agent:
    agent = await Agent.dial(carrier, an_order())
    if agent.ending is None:
        await agent.end()
    return agent


@pytest.mark.parametrize(
    ("persona", "ending", "at_s"),
    [
        ("busy", Ending(EndCause.BUSY, "User busy (17)", 486), 1.0),
        ("rejected", Ending(EndCause.REJECTED, "Call rejected (21)", 603), 1.0),
        ("invalid_number", Ending(EndCause.INVALID_NUMBER, "Unallocated number (1)", 404), 1.0),
        ("no_answer", Ending(EndCause.NO_ANSWER, "No answer (19)", 480), 30.0),
    ],
)
def test_dials_that_nobody_takes(tmp_path: Path, persona: str, ending: Ending, at_s: float) -> None:
    world = World(tmp_path, persona)
    agent = world.run(silent_call)
    assert agent.ending == ending
    assert [type(event) for event in agent.events] == [Ringing, LegEnded][persona == "invalid_number" :]
    assert (world.clock.now() - START).total_seconds() == pytest.approx(at_s)
    assert not any(line["kind"] == "answer" for line in world.lines())


def test_a_number_that_nobody_owns_is_invalid(tmp_path: Path) -> None:
    carrier = SimulatedCarrier(1, tmp_path / "j", lambda number: None)
    assert isinstance(carrier._clock, SystemClock)
    assert run_virtual(silent_call(carrier)).ending.cause is EndCause.INVALID_NUMBER


def test_a_dial_is_answered_within_eight_seconds(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def main(carrier: SimulatedCarrier) -> float:
        agent = await Agent.dial(carrier, an_order())
        assert [type(event) for event in agent.events] == [Ringing, Answered]
        return asyncio.get_running_loop().time()

    assert 2 <= world.run(main) < 8


def test_a_whole_call_in_the_audio_alone(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def main(carrier: SimulatedCarrier) -> Agent:
        agent = await Agent.dial(carrier, an_order())
        agent.heard += await agent.talk([OPENING, "What is your date of birth?", "Thank you. Goodbye."])
        await agent.end()
        return agent

    agent = world.run(main)
    assert agent.ending.cause is EndCause.FAR_HANG_UP
    end = world.last()
    said = [line["text"] for line in end["said"]]
    assert agent.heard[:4] == said
    assert "March 5, 1984" in said[2]
    assert [line["text"] for line in end["heard"]] == [OPENING, "What is your date of birth?", "Thank you. Goodbye."]
    assert all(line["is_complete"] and not line["is_damaged"] for line in end["heard"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_interruption_is_heard_while_we_speak(tmp_path: Path, language: str) -> None:
    world = World(tmp_path, "interrupts", language)

    async def main(carrier: SimulatedCarrier) -> int:
        agent = await Agent.dial(carrier, an_order())
        hello = await agent.line()
        await agent.say(OPENING * 3)
        assert await agent.line() != hello
        heard_ms = await agent.call.leg.clear()
        await agent.call.hang_up()
        await agent.end()
        return heard_ms

    heard_ms = world.run(main)
    (heard,) = world.last()["heard"]
    assert not heard["is_complete"]
    assert (OPENING * 3).startswith(heard["text"])
    assert heard["end_ms"] - heard["start_ms"] == heard_ms, "clear is exact to the frame"
    assert len(heard["text"]) == heard_ms // 20 - 1


def test_voicemail_beeps_and_records(tmp_path: Path) -> None:
    from dialer.audio.tones import BeepDetector

    world = World(tmp_path, "voicemail")

    async def main(carrier: SimulatedCarrier) -> Agent:
        agent = await Agent.dial(carrier, an_order())
        assert "message" in await agent.line()
        await asyncio.sleep(2)
        await agent.say("Please call us back.")
        await agent.end()
        return agent

    agent = world.run(main)
    detector = BeepDetector()
    assert sum(detector.feed(frame) for frame in agent.raw) == 1
    assert [line["text"] for line in world.last()["heard"]] == ["Please call us back."]


def test_nine_is_pressed_after_the_opening(tmp_path: Path) -> None:
    world = World(tmp_path, "presses_9")

    async def main(carrier: SimulatedCarrier) -> str:
        agent = await Agent.dial(carrier, an_order())
        await agent.say(OPENING)
        await agent.end()
        return agent.digits

    assert world.run(main) == world.last()["pressed"] == "9"


def test_limits_are_enforced_by_the_network(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def main(carrier: SimulatedCarrier) -> tuple[EndCause, EndCause]:
        impatient = await Agent.dial(carrier, an_order("a1", ring_s=1))
        agent = await Agent.dial(carrier, an_order("a2", call_s=5))
        assert impatient.ending is not None
        return impatient.ending.cause, (await agent.end()).cause

    assert world.run(main) == (EndCause.NO_ANSWER, EndCause.TIME_LIMIT)
    assert world.last()["talk_ms"] in (4980, 5000)


def test_hanging_up_before_and_after_the_answer(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def main(carrier: SimulatedCarrier) -> list[Ending]:
        call = await carrier.place(an_order("a1"))
        assert call.carrier_call_id == "sim-a1"
        await call.hang_up()
        endings = [event.ending async for event in call.events() if isinstance(event, LegEnded)]
        agent = await Agent.dial(carrier, an_order("a2"))
        await agent.call.send_digits("42#")
        await agent.call.hang_up()
        await agent.call.hang_up()
        return [*endings, await agent.end()]

    assert [(ending.cause.value, ending.sip_code) for ending in world.run(main)] == [
        ("near_hang_up", 487),
        ("near_hang_up", 200),
    ]
    assert world.last()["digits"] == "42#"
    assert [line["kind"] for line in world.lines()].count("end") == 2


def test_a_transfer_ends_our_leg_and_needs_a_call(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def main(carrier: SimulatedCarrier) -> Ending:
        agent = await Agent.dial(carrier, an_order())
        await agent.call.transfer("+12125550150", "One moment.")
        ending = await agent.end()
        with pytest.raises(CarrierError, match="no call"):
            await agent.call.transfer("+12125550150", "One moment.")
        return ending

    assert world.run(main).hangup_cause == "Transferred to +12125550150"


def test_the_same_id_never_rings_twice_not_even_elsewhere(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def main(carrier: SimulatedCarrier) -> list[str]:
        await carrier.place(an_order("a1"))
        codes = []
        for other in (carrier, world.make()):
            with pytest.raises(CarrierError) as caught:
                await other.place(an_order("a1"))
            codes.append(caught.value.code)
        await carrier.close()
        return codes

    assert world.run(main) == ["duplicate_attempt"] * 2
    assert [line["kind"] for line in world.lines()].count("ring") == 1


def test_a_lost_answer_rings_and_can_be_found_and_ended(tmp_path: Path) -> None:
    world = World(tmp_path, faults=Faults(lose_answer_every=2))

    async def main(carrier: SimulatedCarrier) -> tuple[Found | None, Found | None]:
        await carrier.place(an_order("a0"))
        with pytest.raises(PlaceLost):
            await carrier.place(an_order("a1"))
        await asyncio.sleep(9)
        living = await carrier.find(A1)
        await carrier.end(A1)
        return living, await carrier.find(A1)

    living, dead = world.run(main)
    assert living == Found("sim-a1", None, True)
    assert dead.ending.cause is EndCause.NEAR_HANG_UP


def test_a_new_process_finds_what_the_dead_one_left(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def main(dead: SimulatedCarrier) -> tuple[EndCause | None, ...]:
        for attempt in ("a1", "a2"):
            await dead.place(an_order(attempt))
        lost = await Agent.dial(dead, an_order("a3"))
        loop_time = world.clock.now()
        # From here on nobody runs the dead process's calls: only the journal is left.
        survivor = world.make()
        seen = [await survivor.find(AttemptId(attempt)) for attempt in ("a1", "a3", "never")]
        await survivor.end(AttemptId("a1"))
        await survivor.end(AttemptId("a1"))
        await survivor.end(AttemptId("never"))
        await survivor.end(AttemptId("a3"))
        world.clock.move_to(loop_time + timedelta(seconds=200))
        seen += [await survivor.find(AttemptId(attempt)) for attempt in ("a1", "a2", "a3")]
        assert lost.ending is None
        return tuple(None if found is None or found.ending is None else found.ending.cause for found in seen)

    near = EndCause.NEAR_HANG_UP
    assert world.run(main) == (None, None, None, near, EndCause.TIME_LIMIT, near)


def test_an_unanswered_dial_of_a_dead_process_ends_by_its_limit(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def main(dead: SimulatedCarrier) -> Found | None:
        await dead.place(an_order("a1"))
        world.clock.move_to(START + timedelta(seconds=200))
        return await world.make().find(A1)

    assert world.run(main).ending.cause is EndCause.NO_ANSWER


def repeat(tmp_path: Path, name: str, seed: int) -> list[dict[str, Any]]:
    (tmp_path / name).mkdir()
    world = World(tmp_path / name, None, seed=seed)

    async def one(carrier: SimulatedCarrier, number: int) -> None:
        agent = await Agent.dial(carrier, an_order(f"a{number}", f"+121255501{number:02}"))
        if agent.ending is None:
            await agent.say(OPENING)
            await agent.end()

    async def main(carrier: SimulatedCarrier) -> None:
        await asyncio.gather(*(one(carrier, number) for number in range(30)))

    world.run(main)
    return [{key: value for key, value in line.items() if key != "at"} for line in world.lines()]


def test_the_same_seed_gives_the_same_journal(tmp_path: Path) -> None:
    first, again, other = (repeat(tmp_path, name, seed) for name, seed in (("1", 7), ("2", 7), ("3", 8)))
    assert first == again
    assert first != other


def test_closing_ends_what_still_lives(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def main(carrier: SimulatedCarrier) -> None:
        await Agent.dial(carrier, an_order())
        await carrier.close()

    world.run(main)
    assert (world.last()["kind"], world.last()["cause"]) == ("end", "near_hang_up")


def test_redials_are_counted_by_number(tmp_path: Path) -> None:
    world = World(tmp_path, "busy>agrees")

    async def main(carrier: SimulatedCarrier) -> list[Ending | None]:
        agents = [await Agent.dial(carrier, an_order(attempt, PhoneNumber(NUMBER))) for attempt in ("a1", "a2")]
        return [agent.ending for agent in agents]

    first, second = world.run(main)
    assert first.cause is EndCause.BUSY
    assert second is None
