"""Speech is found in the samples that came in, however they were cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.audio import modem
from dialer.audio.framing import silence
from dialer.simulation.model.ears import Ears, Started, Stopped, is_whole, words_in

VAD = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500}
SPEECH = modem.encode("Hello")
SPEECH_MS = len(SPEECH) // 8


def listen(ears: Ears, audio: bytes, size: int = 160) -> list[Started | Stopped]:
    return [found for start in range(0, len(audio), size) for found in ears.hear(audio[start : start + size])]


def test_speech_starts_with_its_prefix_and_stops_after_silence() -> None:
    ears = Ears()
    ears.detect(VAD)
    started, stopped = listen(ears, silence(1000) + SPEECH + silence(600))
    assert started == Started(700)
    assert isinstance(stopped, Stopped)
    assert stopped.at_ms == 1000 + SPEECH_MS + 500
    assert stopped.mulaw == silence(300) + SPEECH + silence(500)


def test_speech_at_once_has_no_prefix_and_a_short_pause_does_not_end_it() -> None:
    ears = Ears()
    ears.detect(VAD)
    started, stopped = listen(ears, SPEECH + silence(400) + SPEECH + silence(600))
    assert started == Started(0)
    assert isinstance(stopped, Stopped)
    assert stopped.at_ms == 2 * SPEECH_MS + 900


@given(st.integers(1, 1000))
def test_the_size_of_the_pieces_does_not_matter(size: int) -> None:
    ears = Ears()
    ears.detect(VAD)
    audio = silence(500) + SPEECH + silence(700)
    found = listen(ears, audio, size)
    assert [type(event) for event in found] == [Started, Stopped]
    assert [event.at_ms for event in found] == [200, 500 + SPEECH_MS + 500]


def test_without_detection_the_client_takes_what_it_has_sent() -> None:
    ears = Ears()
    ears.detect(None)
    assert listen(ears, silence(100) + SPEECH + b"\x00" * 10) == []
    assert ears.take() == silence(100) + SPEECH + b"\x00" * 10
    assert ears.take() == b""


def test_what_is_cleared_is_not_heard() -> None:
    ears = Ears()
    ears.detect(VAD)
    listen(ears, SPEECH)
    assert ears.is_speech
    ears.clear()
    assert listen(ears, silence(1000)) == []


def test_a_higher_threshold_hears_less() -> None:
    quiet = modem.encode("Hello").translate(
        bytes(min(code + 64, 255) | 0x80 if code >= 128 else min(code + 64, 127) for code in range(256))
    )
    for threshold, count in ((0.01, 2), (1.0, 0)):
        ears = Ears()
        ears.detect({**VAD, "threshold": threshold})
        assert len(listen(ears, quiet + silence(600))) == count


@pytest.mark.parametrize(
    ("text", "eagerness", "silence_ms"),
    [
        ("Yes.", "low", 500),
        ("请问？", "auto", 500),
        ("My number is", "high", 2000),
        ("My number is", "auto", 4000),
        ("My number is", "medium", 4000),
        ("My number is", "low", 8000),
    ],
)
def test_semantic_detection_waits_for_the_end_of_a_sentence(text: str, eagerness: str, silence_ms: int) -> None:
    ears = Ears()
    ears.detect({"type": "semantic_vad", "eagerness": eagerness})
    speech = modem.encode(text)
    started, stopped = listen(ears, speech + silence(9000))
    assert started == Started(0)
    assert stopped.at_ms == len(speech) // 8 + silence_ms


def test_semantic_detection_hears_on_in_the_pause() -> None:
    ears = Ears()
    ears.detect({"type": "semantic_vad", "eagerness": "low"})
    first, second = modem.encode("My number is"), modem.encode("five.")
    _, stopped = listen(ears, first + silence(3000) + second + silence(600))
    assert stopped.at_ms == len(first + second) // 8 + 3500


def test_sound_without_words_is_as_whole_as_it_will_be() -> None:
    assert is_whole(silence(100) + b"\x00" * 800)
    assert words_in(modem.encode("Hello?")) == ("Hello?", False)
