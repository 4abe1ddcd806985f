import asyncio

from dialer.audio import modem
from dialer.audio.framing import SILENCE, silence
from dialer.conversation.events import DigitPressed, LegAudio, LegClosed, LegEvent, MarkPlayed
from dialer.simulation.phones.callee import Beep, CalleeEvent, Deed, HangUp, Press, Say, TheyBegan, TheyEnded, TheySaid
from dialer.simulation.phones.leg import Playout, SimulatedLeg, Ticker
from tests.support.virtual_time import run_timed, run_virtual


class Script:
    """A callee who does given things at given times and notes what he hears."""

    wants_words = True

    def __init__(self, *steps: tuple[float, Deed]) -> None:
        self.steps = list(steps)
        self.noted: list[tuple[float, CalleeEvent]] = []

    def feed(self, event: CalleeEvent, now: float) -> list[Deed]:
        self.noted.append((round(now, 2), event))
        return []

    def tick(self, now: float) -> list[Deed]:
        return [self.steps.pop(0)[1]]

    def deadline(self) -> float | None:
        return self.steps[0][0] if self.steps else None


class Line:
    """An open leg and what comes out of it."""

    def __init__(self, *steps: tuple[float, Deed]) -> None:
        self.callee = Script(*steps)
        self.has_hung_up = False
        self.ticker = Ticker()
        self.leg = SimulatedLeg(self.ticker, self.hang_up)
        self.events: list[LegEvent] = []

    def hang_up(self) -> None:
        self.has_hung_up = True
        self.leg.end("far")

    async def open(self) -> None:
        self.leg.open(self.callee)
        self.task = asyncio.create_task(self.read())

    async def read(self) -> None:
        async for event in self.leg.events():
            self.events.append(event)

    @property
    def audio(self) -> list[bytes]:
        return [event.mulaw for event in self.events if isinstance(event, LegAudio)]


def test_frames_come_every_20_ms_whoever_speaks() -> None:
    line = Line((0.1, Say("Hello?")))

    async def main() -> None:
        await line.open()
        await asyncio.sleep(1.001)
        line.leg.end("over")
        await line.task

    run_virtual(main())
    assert len(line.audio) == 50
    assert b"".join(line.audio).startswith(silence(100) + modem.encode("Hello?") + SILENCE)
    assert line.events[-1] == LegClosed("over")


def test_what_we_play_reaches_the_ear_in_real_time() -> None:
    line = Line()
    words = modem.encode("Hi, this is Ann.")

    async def main() -> None:
        await line.open()
        await line.leg.play(words[:777])
        await line.leg.play(words[777:])
        await asyncio.sleep(1)

    run_virtual(main())
    (began_at, began), *words_so_far, (ended_at, ended) = line.callee.noted
    assert (began_at, began) == (0.02, TheyBegan())
    assert all(isinstance(event, TheySaid) for _, event in words_so_far)
    assert isinstance(ended, TheyEnded)
    assert (ended.heard.text, ended.heard.is_damaged, ended_at) == ("Hi, this is Ann.", False, len(words) / 8000)


def test_marks_come_in_order_when_their_audio_has_been_played() -> None:
    line = Line()

    async def main() -> list[tuple[float, str]]:
        loop, came = asyncio.get_running_loop(), []
        line.leg.open(line.callee)
        began = loop.time()
        await line.leg.mark("nothing before it")
        await line.leg.play(silence(100))
        await line.leg.mark("a")
        await line.leg.mark("b")
        await line.leg.play(silence(50))
        await line.leg.mark("c")
        async for event in line.leg.events():
            if isinstance(event, MarkPlayed):
                came.append((round(loop.time() - began, 2), event.name))
                if event.name == "c":
                    return came
        raise AssertionError

    assert run_virtual(main()) == [(0.0, "nothing before it"), (0.1, "a"), (0.1, "b"), (0.16, "c")]


def test_clear_is_exact_to_the_frame_and_releases_marks() -> None:
    line = Line()

    async def main() -> tuple[int, int]:
        await line.open()
        await asyncio.sleep(0.101)
        await line.leg.play(silence(1000))
        await line.leg.mark("end")
        await asyncio.sleep(0.300)
        first = await line.leg.clear()
        await asyncio.sleep(0.2)
        await line.leg.play(silence(60))
        await asyncio.sleep(0.2)
        return first, await line.leg.clear()

    assert run_virtual(main()) == (300, 360)
    assert MarkPlayed("end") in line.events


def test_keys_and_the_far_hang_up_are_told() -> None:
    line = Line((0.1, Press("9")), (0.2, HangUp()))

    async def main() -> None:
        await line.open()
        await line.task

    _, seconds = run_timed(main)
    assert DigitPressed("9") in line.events
    assert line.has_hung_up
    assert round(seconds, 2) == 0.2


def test_after_close_nothing_is_heard_and_nothing_told() -> None:
    line = Line((0.1, Press("9")))

    async def main() -> list[LegEvent]:
        await line.open()
        await line.leg.play(modem.encode("A long line that is cut off."))
        await asyncio.sleep(0.05)
        await line.leg.close()
        await line.leg.close()
        await line.leg.play(modem.encode("x"))
        await line.leg.mark("never")
        await asyncio.sleep(1)
        await line.task
        return [event async for event in line.leg.events()]

    assert run_virtual(main()) == [LegClosed("closed by us")], "whoever asks again is told again"
    assert not any(isinstance(event, MarkPlayed | DigitPressed) for event in line.events)
    assert line.leg.end("over")["heard"] == [
        {"text": "A", "is_complete": False, "is_damaged": False, "start_ms": 0, "end_ms": 40}
    ]


def test_the_account_has_what_was_said_and_heard_and_when() -> None:
    line = Line((0.1, Say("Hello?")), (0.5, Beep()), (1.0, Say("Nobody hears all of this.")))

    async def main() -> None:
        await line.open()
        await line.leg.play(silence(200) + modem.encode("Hi."))
        line.leg.hear_digits("12")
        await asyncio.sleep(1.201)

    run_virtual(main())
    account = line.leg.end("over")
    assert account["said"] == [
        {"text": "Hello?", "is_complete": True, "start_ms": 100},
        {"text": "", "is_complete": True, "start_ms": 500, "beep_hz": 1000.0},
        {"text": "Nobody hears all of this.", "is_complete": False, "start_ms": 1000},
    ]
    assert account["heard"] == [{"text": "Hi.", "is_complete": True, "is_damaged": False, "start_ms": 200, "end_ms": 340}]
    assert (account["talk_ms"], account["digits"], account["pressed"]) == (1200, "12", "")


def test_a_leg_that_never_opened_has_nothing_to_tell() -> None:
    async def main() -> dict[str, object]:
        leg = SimulatedLeg(Ticker(), lambda: None)
        leg.hear_digits("1")
        await leg.mark("later")
        return leg.end("no answer")

    assert run_virtual(main()) == {}


def test_a_new_utterance_right_behind_a_broken_one_is_told_as_two() -> None:
    line = Line()

    async def main() -> None:
        await line.open()
        await line.leg.play(modem.encode("This is cut.")[:800] + modem.encode("Sorry."))
        await asyncio.sleep(1)

    run_virtual(main())
    kinds = [type(event) for _, event in line.callee.noted if not isinstance(event, TheySaid)]
    assert kinds == [TheyBegan, TheyEnded, TheyBegan, TheyEnded]


def test_the_ticker_makes_up_for_lost_time_and_sleeps_when_alone() -> None:
    async def main() -> tuple[int, int]:
        ticker, ticks = Ticker(), []
        ticker.add("a", lambda: ticks.append("a"))
        ticker.add("b", lambda: ticker.remove("b"))
        await asyncio.sleep(0.101)
        first = len(ticks)
        ticker.remove("a")
        ticker.remove("a")
        await asyncio.sleep(1)
        return first, len(ticks)

    assert run_virtual(main()) == (5, 5)


def test_the_ticker_serves_a_new_loop_when_the_old_one_is_gone() -> None:
    ticker, ticks = Ticker(), []

    async def main(name: str) -> None:
        ticker.add(name, lambda: ticks.append(name))
        await asyncio.sleep(0.041)

    run_virtual(main("left behind"))
    run_virtual(main("new"))
    assert ticks == ["left behind"] * 2 + ["new"] * 2


def test_a_last_piece_shorter_than_a_frame_is_filled_with_silence() -> None:
    playout = Playout()
    playout.add(b"\x01" * 200)
    assert [playout.next_frame(), playout.next_frame()] == [b"\x01" * 160, b"\x01" * 40 + b"\xff" * 120]
    assert playout.next_frame() is SILENCE
    assert playout.played == 200
