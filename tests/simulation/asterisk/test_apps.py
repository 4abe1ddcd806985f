"""Who hears events, and the faults of the telling."""

from __future__ import annotations

import asyncio
from typing import Any

from dialer.simulation.asterisk.apps import Apps
from dialer.simulation.asterisk.faults import Faults
from tests.support.virtual_time import run_virtual


def told(faults: Faults, count: int = 3) -> tuple[list[Any], Apps, list[str]]:
    async def main() -> tuple[list[Any], Apps, list[str]]:
        heard: list[dict[str, Any]] = []
        closed: list[str] = []
        apps = Apps(faults, lambda _: None)
        apps.listen("a", heard.append, lambda: closed.append("closed"))
        for number in range(count):
            apps.tell("a", {"number": number})
        await asyncio.sleep(1)
        return [event["number"] for event in heard], apps, closed

    return run_virtual(main())


def test_events_come_in_order_twice_or_swapped() -> None:
    assert told(Faults())[0] == [0, 1, 2]
    assert told(Faults(has_doubled_events=True))[0] == [0, 0, 1, 1, 2, 2]
    assert told(Faults(has_reordered_events=True))[0] == [1, 0, 2]


def test_the_socket_is_closed_once_when_that_is_asked_for() -> None:
    heard, apps, closed = told(Faults(drop_events_at=2))
    assert (heard, closed, apps.lost) == ([0, 1], ["closed"], 1)
    assert not apps.has("a")


def test_a_second_listener_silences_the_first() -> None:
    apps, first, second = Apps(Faults(), lambda _: None), list[Any](), list[Any]()
    apps.listen("a", first.append, lambda: None)
    apps.listen("a", second.append, lambda: None)
    apps.tell("a", {"number": 1})
    assert [event.get("type") for event in first] == ["ApplicationReplaced"]
    assert second == [{"number": 1}]


def test_leaving_is_for_who_listens() -> None:
    apps, heard = Apps(Faults(), lambda _: None), list[Any]()
    listener = heard.append
    apps.listen("a", listener, lambda: None)
    apps.leave("a", lambda _: None)
    assert apps.has("a")
    apps.leave("a", listener)
    assert not apps.has("a")
