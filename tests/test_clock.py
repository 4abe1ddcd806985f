import asyncio
import selectors
import socket
import threading
import time
import zoneinfo
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.clock import JumpingLoop, SimulatedClock, SystemClock, wait_real

T = TypeVar("T")
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def run(main: Coroutine[object, object, T], clock: SimulatedClock | None = None) -> T:
    with asyncio.Runner(loop_factory=(clock or SimulatedClock(START)).new_event_loop) as runner:
        return runner.run(main)


def real_s() -> float:
    return time.perf_counter()  # noqa: TID251  the simulated clock is judged by the world's


# --- the system's clock ------------------------------------------------------------------------------------------------


def test_the_system_clock_is_the_time_of_the_world() -> None:
    clock = SystemClock()
    assert not clock.is_simulated
    assert abs(clock.now() - clock.lease_now()) < timedelta(seconds=1)
    assert clock.now().tzinfo is UTC


def test_the_system_clock_makes_a_loop_that_runs() -> None:
    with asyncio.Runner(loop_factory=SystemClock().new_event_loop) as runner:
        assert runner.run(asyncio.sleep(0, "done")) == "done"


def test_zones_come_from_the_package_alone() -> None:
    assert zoneinfo.TZPATH == ()
    assert zoneinfo.ZoneInfo("America/New_York").utcoffset(START.replace(tzinfo=None)) == timedelta(hours=-5)


def test_waiting_for_real_takes_real_time() -> None:
    began = real_s()
    wait_real(0.01)
    assert real_s() - began >= 0.01


# --- the simulated clock -------------------------------------------------------------------------------------------------


def test_it_stands_still_outside_its_loop() -> None:
    clock = SimulatedClock(START.astimezone(timezone(timedelta(hours=-5))))
    assert clock.is_simulated
    assert clock.now() == clock.now() == START
    assert clock.now().tzinfo is UTC


def test_leases_live_in_the_time_of_the_world() -> None:
    clock = SimulatedClock(datetime(1999, 1, 1, tzinfo=UTC))
    assert abs(clock.lease_now() - SystemClock().now()) < timedelta(seconds=1)


def test_a_start_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        SimulatedClock(datetime(2026, 11, 23))  # noqa: DTZ001  that is what is tested


def test_it_can_be_moved_forward_and_never_back() -> None:
    clock = SimulatedClock(START)
    clock.move_to(START + timedelta(hours=3))
    clock.move_to(START)
    assert clock.now() == START + timedelta(hours=3)


def test_a_day_of_sleeping_passes_at_once_and_exactly() -> None:
    clock = SimulatedClock(START)
    began = real_s()
    run(asyncio.sleep(86400), clock)
    assert clock.now() == START + timedelta(days=1)
    assert real_s() - began < 5


def test_a_second_loop_goes_on_where_the_first_one_stood() -> None:
    clock = SimulatedClock(START)
    run(asyncio.sleep(10), clock)
    run(asyncio.sleep(5), clock)
    assert clock.now() == START + timedelta(seconds=15)


def test_moving_the_clock_while_it_runs_leaves_timers_their_distance() -> None:
    clock = SimulatedClock(START)

    async def main() -> datetime:
        timer = asyncio.create_task(asyncio.sleep(10))
        await asyncio.sleep(1)
        clock.move_to(START + timedelta(hours=1))
        await timer
        return clock.now()

    assert run(main(), clock) == START + timedelta(hours=1, seconds=9)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=8))
def test_timers_fire_in_their_order_and_at_their_time(delays: list[float]) -> None:
    async def main() -> list[tuple[float, float]]:
        loop, fired = asyncio.get_running_loop(), []

        async def wait(delay: float) -> None:
            await asyncio.sleep(delay)
            fired.append((delay, loop.time()))

        await asyncio.gather(*map(wait, delays))
        return fired

    fired = run(main())
    assert [delay for delay, _ in fired] == sorted(delays)
    assert all(abs(delay - at) < 1e-6 for delay, at in fired)


# --- what time waits for -------------------------------------------------------------------------------------------------


def test_time_waits_for_threads() -> None:
    async def main() -> tuple[float, str]:
        loop = asyncio.get_running_loop()
        asleep = asyncio.create_task(asyncio.sleep(60))
        await asyncio.to_thread(wait_real, 0.03)
        at = loop.time()
        await asleep
        return at, "slept"

    assert run(main()) == (0.0, "slept")


def test_time_goes_on_after_a_thread_failed() -> None:
    def fail() -> None:
        raise OSError("gone")

    async def main() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, JumpingLoop)
        with pytest.raises(OSError, match="gone"):
            await loop.run_in_executor(None, fail)
        assert not loop.has_background_work
        await asyncio.sleep(5)
        return loop.time()

    assert run(main()) == 5.0


def test_time_waits_for_what_stands_in_a_socket() -> None:
    async def main() -> float:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(100):
                writer.write(data)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        alarm = asyncio.create_task(asyncio.sleep(1))
        for _ in range(200):
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
        at = asyncio.get_running_loop().time()
        await alarm
        writer.close()
        server.close()
        await server.wait_closed()
        return at

    assert run(main()) < 0.5, "two hundred round trips took (nearly) no simulated time"


def test_a_loop_with_nothing_scheduled_waits_for_the_world() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        thread = threading.Thread(target=lambda: (wait_real(0.02), loop.call_soon_threadsafe(done.set_result, None)))
        thread.start()
        await done
        thread.join()
        return loop.time()

    assert run(main()) == 0.0


def test_callbacks_that_are_ready_run_before_time_passes() -> None:
    async def main() -> tuple[int, float]:
        loop, steps = asyncio.get_running_loop(), 0
        asyncio.create_task(asyncio.sleep(1))  # noqa: RUF006  only there to be jumped to
        for _ in range(1000):
            await asyncio.sleep(0)
            steps += 1
        return steps, loop.time()

    assert run(main()) == (1000, 0.0)


def test_speed_limits_how_fast_waiting_passes() -> None:
    clock = SimulatedClock(START, speed=1000)
    began = real_s()
    run(asyncio.sleep(30), clock)
    assert real_s() - began >= 0.03
    assert clock.now() == START + timedelta(seconds=30)


def test_the_selector_answers_for_its_sockets() -> None:
    loop = SimulatedClock(START).new_event_loop()
    selector = loop._selector  # type: ignore[attr-defined]  # the standard loop's own name for it
    left, right = socket.socketpair()
    with left, right:
        selector.register(left, selectors.EVENT_READ, "mine")
        assert selector.get_key(left).data == "mine"
        assert left.fileno() in selector.get_map()
        selector.modify(left, selectors.EVENT_WRITE, "still mine")
        assert selector.get_key(left).events == selectors.EVENT_WRITE
        selector.unregister(left)
        assert left.fileno() not in selector.get_map()
    loop.close()


def test_a_second_lane_gets_a_clock_of_its_own_at_the_same_instant() -> None:
    clock = SimulatedClock(START)
    assert clock.for_lane() is clock
    with asyncio.Runner(loop_factory=clock.new_event_loop) as runner:
        runner.run(asyncio.sleep(60))
        other = clock.for_lane()
        assert other is not clock
        assert other.now() == clock.now() == START + timedelta(seconds=60)
    assert clock.for_lane() is clock
