"""The input side by itself: what is detected, committed, forgotten and written down."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.audio import modem
from dialer.audio.framing import silence
from dialer.simulation.model.conversation import Conversation
from dialer.simulation.model.emission import Surroundings
from dialer.simulation.model.faults import FaultPlan
from dialer.simulation.model.hearing import Hearing
from dialer.simulation.model.meter import Meter
from dialer.simulation.model.options import ModelOptions
from dialer.simulation.model.outbox import Outbox
from dialer.simulation.model.schema import Refusal
from dialer.simulation.model.settings import defaults
from dialer.simulation.model.timers import Timers
from tests.support.realtime import check_server

VAD = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500}


def hearing(
    *faults: str, detection: Any = VAD, transcription: Any = None, include: list[str] | None = None
) -> tuple[Hearing, Surroundings, Timers]:
    outbox, timers = Outbox("1"), Timers()
    around = Surroundings(outbox, Conversation(outbox), Meter(1000), ModelOptions())
    ears = Hearing(around, timers, FaultPlan(faults))
    settings = defaults("sess_1", "gpt-realtime-2.1")
    input_ = {"format": {"type": "audio/pcmu"}, "transcription": transcription, "turn_detection": detection}
    ears.configure({**settings, "include": include, "audio": {**settings["audio"], "input": input_}})
    return ears, around, timers


def sent(around: Surroundings) -> list[str]:
    return [frame["type"] for frame in around.outbox.take() if isinstance(frame, dict)]


def test_speech_is_noticed_and_becomes_a_turn() -> None:
    ears, around, timers = hearing()
    assert not ears.has_heard
    ears.hear(modem.encode("Hello?"), 0.0)
    assert (ears.has_heard, ears.is_speech) == (True, True)
    ears.hear(silence(600), 0.0)
    assert not ears.is_speech
    assert sent(around)[:3] == [f"input_audio_buffer.{name}" for name in ("speech_started", "speech_stopped", "committed")]
    assert around.conversation.items[0].words == "Hello?"
    assert timers.deadline() is None


def test_nothing_is_no_turn_and_what_is_cleared_is_nothing() -> None:
    ears, around, _ = hearing(detection=None)
    ears.hear(modem.encode("Hello?"), 0.0)
    ears.clear()
    with pytest.raises(Refusal) as caught:
        ears.commit(0.0)
    assert caught.value.code == "input_audio_buffer_commit_empty"
    assert sent(around) == ["input_audio_buffer.cleared"]


def test_silence_may_be_a_turn_even_when_nothing_came() -> None:
    ears, around, _ = hearing()
    ears.commit_silence(0.0)
    assert sent(around)[:2] == ["input_audio_buffer.timeout_triggered", "input_audio_buffer.committed"]
    assert around.conversation.items[0].words == ""


def test_a_transcript_comes_with_its_seconds() -> None:
    ears, around, timers = hearing(detection=None, transcription={"model": "gpt-transcribe"})
    ears.hear(modem.encode("Hello?"), 0.0)
    ears.commit(1.0)
    sent(around)
    assert timers.deadline() == 1.15
    timers.run(2.0)
    (event,) = around.outbox.take()
    assert isinstance(event, dict)
    assert event["usage"] == {"type": "duration", "seconds": around.conversation.items[0].audio_ms / 1000}


def test_a_transcript_that_is_held_back_comes_alone_in_the_end() -> None:
    ears, around, timers = hearing("out_of_order_transcripts", detection=None, transcription={"model": "gpt-transcribe"})
    ears.hear(modem.encode("Hello?"), 0.0)
    ears.commit(0.0)
    sent(around)
    assert timers.deadline() == 10.0
    timers.run(10.0)
    assert sent(around) == ["conversation.item.input_audio_transcription.completed"]


@pytest.mark.parametrize(
    ("model", "is_streaming", "usage"),
    [
        ("gpt-transcribe", False, {"type": "duration", "seconds": 0.24}),
        ("gpt-live-transcribe", True, {"type": "duration", "seconds": 0.24}),
        (
            "gpt-4o-mini-transcribe",
            True,
            {
                "type": "tokens",
                "input_tokens": 3,
                "output_tokens": 2,
                "total_tokens": 5,
                "input_token_details": {"audio_tokens": 3, "text_tokens": 0},
            },
        ),
        ("our-deployment", False, {"type": "duration", "seconds": 0.24}),
    ],
)
def test_each_transcription_model_has_its_way(model: str, is_streaming: bool, usage: dict[str, Any]) -> None:
    ears, around, timers = hearing(detection=None, transcription={"model": model}, include=["logprobs"])
    ears.hear(modem.encode("Oh, well"), 0.0)
    ears.commit(1.0)
    around.outbox.take()
    timers.run(2.0)
    *deltas, completed = [check_server(frame) for frame in around.outbox.take() if isinstance(frame, dict)]
    assert completed["usage"] == usage
    assert [delta["delta"] for delta in deltas] == (["Oh, ", "well "] if is_streaming else [])
    assert [probable["token"] for probable in completed["logprobs"]] == ["Oh,", "well"]
