"""What is overdue is looked up, and whoever hears nothing is not kept waiting."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

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
