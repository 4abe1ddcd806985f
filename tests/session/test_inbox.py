"""Waiting for what happens, in virtual time."""

from __future__ import annotations

import asyncio

from dialer.session.inbox import CLOSE_S, Inbox
from tests.support.virtual_time import run_virtual


def test_what_has_come_is_taken_in_order_and_without_a_look_at_the_clock() -> None:
    async def main() -> None:
        inbox: Inbox[str] = Inbox()
        assert not inbox
        assert inbox.follower() is None
        for name in "abc":
            inbox.post(name)
        assert inbox
        assert await inbox.take(due=asyncio.get_running_loop().time() - 1) == "a"
        assert inbox.follower() == "b"
        inbox.drop()
        assert await inbox.take(None) == "c"
        inbox.close()

    run_virtual(main())


def test_an_event_ends_the_waiting_and_so_does_the_time() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        inbox: Inbox[str] = Inbox()
        began = loop.time()
        loop.call_later(2.0, inbox.post, "in time")
        assert await inbox.take(began + 5.0) == "in time"
        assert loop.time() == began + 2.0
        assert await inbox.take(began + 5.0) is None
        assert began + 5.0 - CLOSE_S <= loop.time() <= began + 5.0
        loop.call_later(1.0, inbox.post, "late")
        assert await inbox.take(None) == "late"
        inbox.close()
        inbox.close()

    run_virtual(main())


def test_a_deadline_that_moves_away_does_not_fire_and_one_that_comes_nearer_does() -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        inbox: Inbox[str] = Inbox()
        began, fired = loop.time(), []
        loop.call_later(0.5, inbox.post, "a")
        assert await inbox.take(began + 1.0) == "a"
        for due in (3.0, 3.5, 9.0):  # the timer that stands at 1.0 is early for each of them
            loop.call_later(0.1, inbox.post, "b")
            assert await inbox.take(began + due) == "b"
        assert await inbox.take(began + 2.0) is None
        fired.append(loop.time() - began)
        loop.call_later(0.5, inbox.post, "c")
        assert await inbox.take(began + 9.0) == "c"
        assert await inbox.take(began + 4.0) is None
        fired.append(loop.time() - began)
        inbox.close()
        return fired

    assert [round(at, 2) for at in run_virtual(main())] == [2.0, 4.0]


def test_a_timer_of_a_reader_that_was_cancelled_wakes_nobody() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        inbox: Inbox[str] = Inbox()
        reader = asyncio.create_task(inbox.take(loop.time() + 1.0))
        await asyncio.sleep(0.5)
        reader.cancel()
        await asyncio.sleep(1.0)
        assert reader.cancelled()
        inbox.post("for the next one")
        assert await inbox.take(None) == "for the next one"

    run_virtual(main())
