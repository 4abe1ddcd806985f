"""The three sides of an attempt on their own."""

from __future__ import annotations

import asyncio

import pytest

from dialer.audio import tone_events, tones
from dialer.audio.network_tones import SitKind
from dialer.conversation import events as talk
from dialer.session.sides import Event, Sides, heard
from tests.session.test_attempt import Notebook
from tests.support.builders import an_attempt
from tests.support.lines import MemoryCarrier, MemoryVoice
from tests.support.virtual_time import run_virtual


async def hear(*, wants_tones: bool, with_model: bool) -> tuple[list[Event], MemoryVoice]:
    posted: list[Event] = []
    carrier, voice = MemoryCarrier(), MemoryVoice()
    sides = Sides(carrier, voice, Notebook(), posted.append)
    assert await sides.heard_ms() is None
    sides.placed = await carrier.place(an_attempt().order)
    if with_model:
        sides.session = voice
    beep = tones.beep(1000.0, 400) + b"\xff" * 3200
    for start in range(0, len(beep), 160):
        carrier.call.leg.events_out.put_nowait(talk.LegAudio(beep[start : start + 160]))
    carrier.call.leg.events_out.put_nowait(talk.LegClosed("over"))
    await sides.hear(lambda: wants_tones)
    sides.write(sides.journal.answered())
    await sides.clean_up()
    return posted, voice


def test_a_beep_is_looked_for_only_where_it_is_wanted() -> None:
    posted, voice = run_virtual(hear(wants_tones=True, with_model=True))
    assert talk.BeepHeard() in posted
    assert posted[-1] == talk.LegClosed("over", 0)
    assert voice.closed == 1
    posted, voice = run_virtual(hear(wants_tones=False, with_model=False))
    assert posted == [talk.LegClosed("over", 0)]
    assert voice.heard == []


def test_writes_are_done_in_order_and_all_of_them() -> None:
    async def main() -> list[str]:
        journal = Notebook()
        sides = Sides(MemoryCarrier(), MemoryVoice(), journal, lambda _: None)
        async with asyncio.TaskGroup() as group:
            sides.start(group, sides.write_on())
            sides.write(journal.placed("a"))
            sides.write(journal.answered())
            await sides.finish()
        return journal.steps

    assert run_virtual(main()) == ["placed a", "answered"]


@pytest.mark.parametrize(
    ("tone", "event"),
    [
        (tone_events.BeepEnded(1000, 400), talk.BeepHeard()),
        (tone_events.SitHeard(SitKind.INTERCEPT), talk.ToneHeard(talk.Tone.NO_SUCH_NUMBER)),
        (tone_events.SitHeard(SitKind.VACANT), talk.ToneHeard(talk.Tone.NO_SUCH_NUMBER)),
        (tone_events.SitHeard(SitKind.NO_CIRCUIT), talk.ToneHeard(talk.Tone.NETWORK_FAILED)),
        (tone_events.SitHeard(SitKind.UNKNOWN), talk.ToneHeard(talk.Tone.NETWORK_FAILED)),
        (tone_events.FaxHeard(), talk.ToneHeard(talk.Tone.FAX)),
        (tone_events.BusyHeard(is_reorder=False), talk.ToneHeard(talk.Tone.BUSY)),
        (tone_events.RingbackHeard(), talk.ToneHeard(talk.Tone.RINGBACK)),
        (tone_events.DigitHeard("9"), talk.DigitPressed("9")),
    ],
)
def test_tones_become_the_conversations_words(tone: tone_events.ToneEvent, event: talk.ConversationEvent) -> None:
    assert heard(tone) == event
