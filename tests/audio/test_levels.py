import numpy as np

from dialer.audio import g711, levels, modem, tones
from dialer.audio.framing import SILENCE, frames


def test_silence_and_nothing_are_no_speech() -> None:
    assert levels.level(SILENCE) == 0
    assert levels.level(b"") == 0
    assert not levels.is_speech(SILENCE)
    assert not levels.is_speech(b"\x7f" * 160), "negative zero is silent too"


def test_every_frame_of_speech_is_speech() -> None:
    assert all(levels.is_speech(frame) for frame in frames(modem.encode("Every frame, 每一帧.")))


def test_a_quiet_line_is_no_speech() -> None:
    hiss = np.resize(np.array([90, -60, 30, -120], dtype=np.int16), 160)
    assert not levels.is_speech(g711.encode(hiss))


def test_the_level_is_the_mean_magnitude() -> None:
    assert levels.level(g711.encode(np.array([1000, -1000], dtype=np.int16))) == 988
    assert levels.is_speech(tones.beep(1000, 20))
