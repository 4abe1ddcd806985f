"""What is overdue is looked up, and whoever hears nothing is not kept waiting."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialer.call.events import Answered, LegEnded
from dialer.carriers.twilio_watch import report_of
from dialer.model.attempt import EndCause, Retry
from dialer.wire.twilio_rest import CallResource, StatusReport
from tests.conformance.carriers.benches import NEVER, TALKS, TwilioBench, order


def test_a_record_says_what_a_callback_would() -> None:
    assert report_of(CallResource("CA1", "completed", duration="7")) == StatusReport("CA1", "completed", None, 7.0)


def test_an_answer_without_audio_is_ended_and_is_our_fault(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> list[Any]:
        call = await carrier.place(order(TALKS))
        carrier._door.forget(call)  # the stream that comes is not let in
        return [event async for event in call.events()]

    *before, ended = bench.run(main)
    assert Answered() in before, "somebody took the call: it counts as a silent one"
    assert isinstance(ended, LegEnded)
    assert bench.peer is not None
    assert 31920 in [code for _, code, _ in bench.peer.sender.notifications]


def test_an_answer_whose_stream_never_comes_is_ended_after_seconds(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> list[Any]:
        call = await carrier.place(order(NEVER, ring_s=60))
        await asyncio.sleep(1)
        call.told(StatusReport(call.sid, "in-progress", 9))
        return [event async for event in call.events()]

    *before, ended = bench.run(main)
    assert Answered() in before
    assert (ended.ending.cause, ended.ending.retry) == (EndCause.CONFIGURATION, Retry.CARRIER_FAULT)


def test_a_twilio_that_tells_nothing_any_more_does_not_keep_us_for_ever(tmp_path: Path) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> list[Any]:
        call = await carrier.place(order(NEVER))
        assert bench.peer is not None
        await bench.peer.close()
        await call.hang_up()
        events = [event async for event in call.events()]
        carrier._calls.clear()
        return events

    ended = bench.run(main)[-1]
    assert ended.ending.cause is EndCause.NEAR_HANG_UP


@pytest.mark.parametrize("is_readable", [True, False])
def test_what_waits_in_the_queue_when_the_window_closes_is_taken_back(tmp_path: Path, is_readable: bool) -> None:
    bench = TwilioBench(tmp_path)

    async def main(carrier: Any) -> tuple[float, list[Any]]:
        begun_s = asyncio.get_running_loop().time()
        call = await carrier.place(replace(order(TALKS), start_s=4.0))
        if not is_readable:
            call._lookout._look = lambda: asyncio.sleep(0)  # nothing is read: that is no reason to let it ring
        events = [event async for event in call.events()]
        return asyncio.get_running_loop().time() - begun_s, events

    after_s, events = bench.run(main, "queued")
    assert 4.0 <= after_s < 6.0
    assert events[-1].ending.cause is EndCause.CARRIER_FAULT
    assert "taken back" in events[-1].ending.hangup_cause
    assert bench.rings == []
