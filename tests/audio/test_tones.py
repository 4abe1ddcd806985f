import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.audio import g711, modem, tones
from dialer.audio.framing import SILENCE, frames, silence


def beeps_at_ms(audio: bytes, piece: int = 160) -> list[float]:
    detector = tones.BeepDetector()
    return [(start + piece) / 8 for start in range(0, len(audio), piece) if detector.feed(audio[start : start + piece])]


@pytest.mark.parametrize("amplitude", [500, 8000, 20000])
@pytest.mark.parametrize("ms", [100, 250, 400, 1500])
@pytest.mark.parametrize("hz", [500, 700, 1000, 1250, 1400, 1700, 2180])
def test_beeps_are_found_once_and_soon_after_their_end(hz: float, ms: int, amplitude: float) -> None:
    for offset in (0, 3, 97):
        audio = silence(300) + b"\xff" * offset + tones.beep(hz, ms, amplitude) + silence(500)
        (at_ms,) = beeps_at_ms(audio)
        assert 0 < at_ms - (300 + ms) <= 120


@pytest.mark.parametrize("piece", [1, 80, 333, 100_000])
def test_pieces_may_have_any_size(piece: int) -> None:
    assert len(beeps_at_ms(silence(100) + tones.beep() + silence(300), piece)) == 1


def test_two_beeps_are_two() -> None:
    assert len(beeps_at_ms((tones.beep(1000, 200) + silence(300)) * 2)) == 2


def test_a_greeting_then_a_beep() -> None:
    greeting = modem.encode("Please leave a message after the tone.") + silence(300)
    (at_ms,) = beeps_at_ms(greeting + tones.beep() + silence(300))
    assert at_ms > len(greeting) / 8 + 400


@pytest.mark.parametrize(
    ("audio", "why"),
    [
        (tones.beep(1000, 50), "too short"),
        (tones.beep(1000, 2600), "too long: a held tone"),
        (tones.beep(440, 150), "the harmonic of a voice"),
        (tones.beep(300, 400), "too low"),
        (tones.beep(2600, 400), "too high"),
        (tones.beep(1000, 400, 100), "too faint"),
        (tones.digit_tones("159#", 200), "keys"),
        (tones.beep(700, 60) + tones.beep(900, 60) + tones.beep(1100, 60), "a melody"),
        (tones.beep(1000, 300) + modem.encode("no quiet behind"), "music"),
    ],
)
def test_what_is_no_beep(audio: bytes, why: str) -> None:
    assert beeps_at_ms(audio + silence(500)) == [], why


@given(text=st.text(max_size=40))
@settings(max_examples=30)
def test_speech_is_no_beep_and_no_key(text: str) -> None:
    audio = modem.encode(text) + silence(200)
    assert beeps_at_ms(audio) == []
    assert tones.DigitDetector().feed(audio) == ""


@pytest.mark.parametrize("letter", "nwL*;]0~é您")
def test_one_letter_over_and_over_is_no_beep(letter: str) -> None:
    assert beeps_at_ms(modem.encode(letter * 100) + silence(500)) == []


def test_beeps_and_keys_are_no_words() -> None:
    listener = modem.Listener()
    assert listener.feed(tones.beep() + tones.digit_tones("123") + tones.beep(500, 20)) + listener.flush() == []


@pytest.mark.parametrize("piece", [1, 160, 777, 100_000])
def test_all_keys_are_found_in_order(piece: int) -> None:
    keys = "1234567890*#ABCD11"
    audio = b"\xff" * 77 + tones.digit_tones(keys, 70, 60)
    detector = tones.DigitDetector()
    found = "".join(detector.feed(audio[start : start + piece]) for start in range(0, len(audio), piece))
    assert found == keys


def test_a_key_is_not_a_letter() -> None:
    with pytest.raises(ValueError, match="substring"):
        tones.digit_tones("x")


def test_a_click_and_a_tone_alone_are_no_keys() -> None:
    detector = tones.DigitDetector()
    assert detector.feed(tones.digit_tones("5", 20, 100)) == ""
    assert detector.feed(tones.beep(697, 200)) == ""
    assert detector.feed(tones.beep(697, 200, 50)) == ""


def test_one_tone_much_louder_than_the_other_is_no_key() -> None:
    low = g711.decode(tones.beep(697, 200, 8000)).astype(np.int32)
    high = g711.decode(tones.beep(1209, 200, 1500)).astype(np.int32)
    assert tones.DigitDetector().feed(g711.encode((low + high).astype(np.int16))) == ""


def test_a_silent_frame_costs_nothing_and_says_nothing() -> None:
    detector = tones.BeepDetector()
    assert not any(detector.feed(frame) for frame in frames(SILENCE * 50))
