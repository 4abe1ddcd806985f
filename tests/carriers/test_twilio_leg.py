"""What was heard, computed; marks that prove it and marks that do not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.audio.framing import silence
from dialer.carriers.twilio_leg import PIECE_BYTES, Playout, TwilioLeg
from dialer.conversation.events import LegClosed, MarkPlayed
from dialer.wire.twilio_media import StreamOrders
from tests.support.virtual_time import run_virtual


def test_audio_plays_from_the_moment_it_is_sent_and_without_gaps() -> None:
    playout = Playout()
    playout.add(8000, 10.0)
    assert [playout.played(now) for now in (10.0, 10.25, 11.0, 12.0)] == [0, 2000, 8000, 8000]
    playout.add(8000, 12.0)
    assert playout.played(12.5) == 12000
    assert playout.drop(12.5) == 12000
    assert playout.played(20.0) == 12000


def test_a_stall_shows_in_marks_that_come_back_later_than_the_quickest() -> None:
    playout = Playout()
    playout.add(24000, 0.0)
    playout.returned(8000, 1.1)
    assert playout.played(1.5) == 12000, "the way there and back is no stall"
    playout.returned(16000, 2.6)
    assert playout.played(2.6) == pytest.approx(16800, abs=1), "half a second late: playout had stalled"


def test_a_mark_that_comes_back_proves_what_was_heard() -> None:
    playout = Playout()
    playout.add(8000, 0.0)
    playout.returned(8000, 0.5)
    assert playout.played(0.5) == 8000


@given(st.lists(st.tuples(st.integers(0, 20000), st.floats(0, 3)), max_size=12))
def test_never_more_is_heard_than_was_sent_and_never_less_than_before(steps: list[tuple[int, float]]) -> None:
    playout, now, before = Playout(), 0.0, 0
    for size, wait_s in steps:
        playout.add(size, now)
        now += wait_s
        played = playout.played(now)
        assert before <= played <= playout.sent
        before = played


def opened(leg: TwilioLeg) -> list[dict[str, Any]]:
    """A stream for the leg; what is sent on it."""
    sent: list[dict[str, Any]] = []

    async def send(message: str) -> None:
        sent.append(json.loads(message))

    async def hang_up() -> None:
        sent.append({"event": "closed"})

    leg.open(StreamOrders("MZ1"), send, hang_up)
    return sent


def test_audio_goes_in_pieces_and_marks_come_back_by_name() -> None:
    async def main() -> None:
        leg = TwilioLeg()
        sent = opened(leg)
        await leg.play(silence(1250))
        await leg.mark("first")
        await leg.mark("second")
        assert [message["event"] for message in sent] == ["media", "media", "media", "mark", "mark"]
        assert PIECE_BYTES == 4000
        leg.mark_returned("2")
        leg.mark_returned("1")
        leg.mark_returned("7")
        leg.shut("over")
        assert [event async for event in leg.events()] == [MarkPlayed("first"), MarkPlayed("second"), LegClosed("over")]

    run_virtual(main())


def test_a_clear_reports_its_marks_at_once_and_their_echo_proves_nothing() -> None:
    async def main() -> None:
        leg = TwilioLeg()
        sent = opened(leg)
        await leg.play(silence(2000))
        await leg.mark("end")
        await asyncio.sleep(0.5)
        assert await leg.clear() == 500
        assert sent[-1]["event"] == "clear"
        leg.mark_returned("1")
        assert await leg.clear() == 500
        await leg.close()
        assert sent[-1]["event"] == "closed"
        assert [event async for event in leg.events()] == [MarkPlayed("end"), LegClosed("closed by us")]
        assert [event async for event in leg.events()] == [LegClosed("closed by us")], "whoever asks again is told again"

    run_virtual(main())


def test_a_leg_without_a_stream_is_harmless() -> None:
    async def main() -> None:
        leg = TwilioLeg()
        await leg.play(silence(20))
        await leg.mark("never")
        assert await leg.clear() == 0
        assert not leg.is_open
        await leg.close()
        leg.report(MarkPlayed("late"))
        leg.shut("twice")
        assert [event async for event in leg.events()] == [LegClosed("closed by us")]

    run_virtual(main())
