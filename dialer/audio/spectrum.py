"""What sounds in 40 ms: nothing, one tone, two tones, the low tone of a network, or something else.

A window has 320 samples, so its lines are 25 Hz apart; weighted by a raised cosine, a sine fills five of them. The frequency
of a tone is interpolated between lines, exact to about 2 Hz on a clean line.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dialer.audio import g711
from dialer.audio.framing import FRAME_BYTES, RATE

Samples = npt.NDArray[np.float32]
Power = npt.NDArray[np.floating]

WINDOW = 2 * FRAME_BYTES
FAINT = 165.0
"""Root mean square below which nothing is listened to: about -39 dBm0."""

_LINE_HZ = RATE / WINDOW
_PURITY = 0.86
"""The share of the power that one or two tones must hold: they then stand 8 dB above all the rest."""
_ALONE = 0.97
"""From this share on, no second tone is looked for."""
_TWIST = 8.0
"""The louder of two tones has up to so many times the power of the other."""
_REACH = 2
_FIRST_LINE, _LAST_LINE = 10, 100
_NETWORK_PEAK = range(15, 22)
_NETWORK_LINES = slice(13, 24)
_HANN = np.hanning(WINDOW + 1)[:WINDOW].astype(np.float32)
_DECODE: Samples = g711.decode(bytes(range(256))).astype(np.float32)


class Sound(NamedTuple):
    """One window. ``level``: root mean square of its samples. Frequencies are 0 where there is no such tone."""

    level: float
    hz: float = 0.0
    """The one tone that holds nearly all of the power."""
    low_hz: float = 0.0
    high_hz: float = 0.0
    """The two tones that do so together, within 9 dB of each other."""
    is_network: bool = False
    """The power stands around 375-525 Hz, where the tones of networks are; two tones may beat there."""


def samples(mulaw: bytes) -> Samples:
    """Expand mu-law."""
    return _DECODE.take(np.frombuffer(mulaw, dtype=np.uint8))


def energies(pcm: Samples) -> list[float]:
    """The sum of squares of each frame; ``pcm`` is whole frames."""
    hops = pcm.reshape(-1, FRAME_BYTES)
    sums: list[float] = np.einsum("ij,ij->i", hops, hops).tolist()
    return sums


def analyse(windows: Samples, levels: Sequence[float]) -> list[Sound]:
    """Name what sounds in each row of ``WINDOW`` samples whose root mean square is its level. Many at once cost less."""
    lines = np.fft.rfft(windows * _HANN)
    power = lines.real**2 + lines.imag**2
    totals, peaks = power.sum(axis=1).tolist(), power.argmax(axis=1).tolist()
    return [_named(*of_one) for of_one in zip(power, totals, peaks, levels, strict=True)]


def _named(power: Power, total: float, peak: int, level: float) -> Sound:
    """What sounds in one window, from the power of its lines."""
    needed = _PURITY * total
    if not _FIRST_LINE <= peak <= _LAST_LINE:
        return Sound(level)
    is_network = peak in _NETWORK_PEAK and _sum(power[_NETWORK_LINES]) >= needed
    share = _sum(power[peak - _REACH : peak + _REACH + 1])
    if share < needed / 2 or (is_network and share < needed):
        return Sound(level, is_network=is_network)
    hz = _interpolated(power, peak)
    if share < _ALONE * total and not is_network:
        other_hz = _second(power, peak, share, needed)
        if other_hz:
            return Sound(level, low_hz=min(hz, other_hz), high_hz=max(hz, other_hz))
    return Sound(level, hz=hz if share >= needed else 0.0, is_network=is_network)


def _second(power: Power, peak: int, share: float, needed: float) -> float:
    """The frequency of the tone beside that at ``peak``, whose power is ``share``; 0 without one."""
    power[peak - _REACH : peak + _REACH + 1] = 0.0
    second = int(power.argmax())
    if not _FIRST_LINE <= second <= _LAST_LINE:
        return 0.0
    other = _sum(power[second - _REACH : second + _REACH + 1])
    is_pair = share + other >= needed and other * _TWIST >= share
    return _interpolated(power, second) if is_pair else 0.0


def _sum(few: Power) -> float:
    """The sum of a few numbers, for which numpy's own takes three times as long."""
    return math.fsum(few.tolist())


def _interpolated(power: Power, peak: int) -> float:
    """The frequency of a sine from its strongest line and the stronger neighbour (exact for a raised cosine)."""
    middle, below, above = float(power[peak]), float(power[peak - 1]), float(power[peak + 1])
    ratio = math.sqrt(max(below, above) / middle)
    shift = (2 * ratio - 1) / (ratio + 1)
    return (peak + (shift if above >= below else -shift)) * _LINE_HZ
