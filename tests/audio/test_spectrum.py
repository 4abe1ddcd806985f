import random

import numpy as np
import pytest

from dialer.audio import network_tones, spectrum
from dialer.audio.spectrum import WINDOW, Sound, analyse, energies, samples
from tests.audio.voices import white_noise


def window(*tones: tuple[float, float], noise: float = 0.0) -> spectrum.Samples:
    """Sines (hertz, amplitude) for 40 ms."""
    time_s = np.arange(WINDOW) / 8000
    pcm = sum((crest * np.cos(2 * np.pi * hz * time_s + hz) for hz, crest in tones), np.zeros(WINDOW))
    pcm += noise * white_noise(random.Random(1), WINDOW)
    return pcm.astype(np.float32)


def sound(*tones: tuple[float, float], noise: float = 0.0) -> Sound:
    (heard,) = analyse(window(*tones, noise=noise)[np.newaxis], [1000.0])
    return heard


def test_samples_are_those_of_g711_and_energy_is_their_square() -> None:
    assert samples(b"\xff\x80\x00").tolist() == [0.0, 32124.0, -32124.0]
    frame = b"\xff" * 159
    assert energies(samples(frame + b"\x80" + frame + b"\xff")) == [pytest.approx(32124.0**2), 0.0]


@pytest.mark.parametrize("hz", [260, 400, 437.5, 700, 913.8, 985.2, 1100, 1399, 1776.7, 2100, 2490])
def test_the_frequency_of_a_tone_is_exact_to_two_hertz(hz: float) -> None:
    assert sound((hz, 8000)).hz == pytest.approx(hz, abs=2)
    assert sound((hz, 8000), noise=1000).hz == pytest.approx(hz, abs=6)
    assert sound((hz, 8000)).low_hz == 0


@pytest.mark.parametrize(("low", "high"), [(697, 1209), (941, 1633), (480, 620), (770, 1336)])
@pytest.mark.parametrize("twist", [0.5, 1.0, 2.5])
def test_two_tones_are_a_pair(low: float, high: float, twist: float) -> None:
    heard = sound((low, 4000), (high, 4000 * twist))
    assert heard.low_hz == pytest.approx(low, abs=4)
    assert heard.high_hz == pytest.approx(high, abs=4)
    assert not heard.hz
    assert not heard.is_network


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        (sound(noise=3000), "noise"),
        (sound((120, 8000)), "hum"),
        (sound((2600, 8000)), "higher than any"),
        (sound((700, 5000), (1100, 5000), (1500, 5000)), "a chord"),
        (sound((1000, 8000), noise=4000), "a tone in noise"),
        (sound((1000, 8000), (1500, 8000), noise=4000), "two tones in noise"),
        (sound((1000, 8000), (2700, 8000)), "the second is higher than any"),
        (sound((1000, 8000), (150, 7900)), "the second is lower than any"),
        (sound((1000, 8000), (1500, 2600), (2200, 2400)), "one much louder than the other"),
    ],
)
def test_what_is_neither_one_tone_nor_two(heard: Sound, why: str) -> None:
    assert heard == Sound(1000.0), why


def test_the_tones_of_networks_are_told_even_while_they_beat() -> None:
    assert sound((425, 8000)).is_network
    beating = samples(network_tones.tone((440.0, 480.0), 1000))
    windows = [beating[at : at + WINDOW] for at in range(0, len(beating) - WINDOW, 37)]
    assert all(heard.is_network for heard in analyse(np.stack(windows), [1000.0] * len(windows)))
    assert not sound((560, 8000)).is_network
    assert not sound((425, 8000), (1000, 8000)).is_network
