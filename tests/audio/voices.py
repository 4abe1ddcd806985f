"""Speech without words: pulses of a throat through the resonances of a mouth, hisses and pauses, as mu-law."""

import math
import random

import numpy as np
import numpy.typing as npt

from dialer.audio import g711
from dialer.audio.framing import RATE
from dialer.audio.network_tones import DBM0_PEAK

VOWELS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410), (490, 1350, 1690))
"""The resonances of six vowels (Peterson and Barney, 1952)."""


def white_noise(rng: random.Random, count: int) -> npt.NDArray[np.float64]:
    """Noise of root mean square 1, nearly normal: the sum of four even ones."""
    even = np.frombuffer(rng.randbytes(8 * count), dtype=np.int16).reshape(4, count)
    return even.sum(axis=0) / (65536 / math.sqrt(3))


def _vowel(rng: random.Random, count: int, pitch_hz: float) -> npt.NDArray[np.float64]:
    """A vowel that glides: harmonics of a moving pitch, weighted by the resonances."""
    glide = 1 + rng.uniform(-0.2, 0.2) * np.linspace(0, 1, count)
    pitch = pitch_hz * glide * (1 + 0.01 * white_noise(rng, count).cumsum() / 20)
    phase = 2 * np.pi * pitch.cumsum() / RATE
    resonances = rng.choice(VOWELS_HZ)
    sound = np.zeros(count)
    for harmonic in range(1, int(3400 / pitch.max())):
        hz = harmonic * pitch.mean()
        widths = [60 + 0.05 * centre for centre in resonances]
        weight = sum(
            1 / (1 + ((hz - centre) / width) ** 2) / (place + 1)
            for place, (centre, width) in enumerate(zip(resonances, widths, strict=True))
        )
        sound += (weight + 0.02) * np.sin(harmonic * phase)
    return sound


def speech(seed: int, seconds: float, dbm0: float = -18.0) -> bytes:
    """Babble of one person, the same for the same seed. The level is that of the syllables, not of the pauses."""
    rng = random.Random(seed)
    pitch_hz = rng.uniform(90, 280)
    pieces: list[npt.NDArray[np.float64]] = []
    length = 0
    while length < seconds * RATE:
        count = rng.randrange(480, 2800)
        kind = rng.random()
        if kind < 0.62:
            sound = _vowel(rng, count, pitch_hz * rng.uniform(0.85, 1.2))
        elif kind < 0.82:
            sound = np.diff(white_noise(rng, count // 3 + 1))
        else:
            sound = np.zeros(count)
        edge = np.minimum(1, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / 120)
        loud = np.sqrt(np.mean(sound**2)) or 1.0
        pieces.append(sound * edge / loud * rng.uniform(0.5, 1.2))
        length += len(sound)
    pcm = np.concatenate(pieces)[: int(seconds * RATE)] * DBM0_PEAK / np.sqrt(2) * 10 ** (dbm0 / 20)
    return g711.encode(np.rint(pcm.clip(-32768, 32767)).astype(np.int16))


def on_a_noisy_line(mulaw: bytes, noise_dbm0: float, seed: int = 0) -> bytes:
    """The same with white noise added."""
    noise = white_noise(random.Random(seed), len(mulaw)) * DBM0_PEAK / np.sqrt(2) * 10 ** (noise_dbm0 / 20)
    pcm = g711.decode(mulaw).astype(np.float64) + noise
    return g711.encode(np.rint(pcm.clip(-32768, 32767)).astype(np.int16))
