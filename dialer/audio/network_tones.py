"""What networks and machines say in tones: special information tones, busy, reorder, ringback and fax, made as mu-law.

Sources: SIT codes from the Bellcore table (w4zt.com/freqs/sit.html, Telecom Digest 1985 and 1990), its general form from
ITU-T E.180 (950, 1400, 1800 Hz, 330 ms each). Busy 480 + 620 Hz and ringback 440 + 480 Hz in North America, 425 Hz in most of
Europe, 450 Hz in China (ITU-T E.180 supplement 2). Fax: ITU-T T.30 (CNG 1100 Hz for 0.5 s, then 3 s of silence; CED 2100 Hz
for 2.6-4 s).
"""

from collections.abc import Sequence
from enum import Enum

import numpy as np

from dialer.audio import g711
from dialer.audio.framing import RATE, silence

DBM0_PEAK = 32124 / 10 ** (3.17 / 20)
"""The crest of a sine of 0 dBm0: the loudest sine that mu-law carries has 3.17 dBm0 (ITU-T G.711)."""

SIT_FIRST_HZ = (913.8, 985.2)
SIT_SECOND_HZ = (1370.6, 1428.5)
SIT_THIRD_HZ = 1776.7
SIT_SHORT_MS = 274
SIT_LONG_MS = 380
BUSY_US_HZ = (480.0, 620.0)
BUSY_EU_HZ = (425.0,)
RINGBACK_US_HZ = (440.0, 480.0)
CNG_HZ = 1100.0
CNG_ON_MS = 500
CNG_OFF_MS = 3000
CED_HZ = 2100.0


class SitKind(Enum):
    """What special information tones tell. Only the first two say that the number itself is wrong."""

    INTERCEPT = "intercept"
    """The number was changed or is out of service."""
    VACANT = "vacant"
    """There is no such number."""
    REORDER = "reorder"
    """The network failed; later may be better."""
    NO_CIRCUIT = "no_circuit"
    """All trunks are busy; later may be better."""
    UNKNOWN = "unknown"
    """The general tones (ITU-T E.180), or none of the codes: the call failed, the reason is in the announcement."""


SIT_CODES: dict[SitKind, tuple[tuple[float, int], ...]] = {
    SitKind.INTERCEPT: ((913.8, 274), (1370.6, 274), (1776.7, 380)),
    SitKind.VACANT: ((985.2, 380), (1370.6, 274), (1776.7, 380)),
    SitKind.REORDER: ((913.8, 274), (1428.5, 380), (1776.7, 380)),
    SitKind.NO_CIRCUIT: ((985.2, 380), (1428.5, 380), (1776.7, 380)),
    SitKind.UNKNOWN: ((950.0, 330), (1400.0, 330), (1800.0, 330)),
}
"""The three tones of each code: hertz and milliseconds."""


def tone(hz: Sequence[float], ms: int, dbm0: float = -13.0) -> bytes:
    """A sound of several equal sines, as mu-law; ``dbm0`` is the power of all together."""
    if not hz:
        return silence(ms)
    crest = DBM0_PEAK * 10 ** (dbm0 / 20) / len(hz) ** 0.5
    turns = np.outer(np.arange(ms * RATE // 1000) / RATE, hz)
    pcm = (crest * np.sin(2 * np.pi * turns)).sum(axis=1)
    return g711.encode(np.rint(pcm.clip(-32768, 32767)).astype(np.int16))


def cadence(hz: Sequence[float], on_off_ms: Sequence[int], ms: int, dbm0: float = -13.0) -> bytes:
    """A sound that is switched on and off by turns, for ``ms`` milliseconds in all."""
    period = b"".join(tone(() if place % 2 else hz, length, dbm0) for place, length in enumerate(on_off_ms))
    return (period * (ms // sum(on_off_ms) + 1))[: ms * RATE // 1000]


def busy(ms: int = 5000, hz: Sequence[float] = BUSY_US_HZ, dbm0: float = -13.0) -> bytes:
    """The callee is busy: 0.5 s on, 0.5 s off."""
    return cadence(hz, (500, 500), ms, dbm0)


def reorder(ms: int = 5000, hz: Sequence[float] = BUSY_US_HZ, dbm0: float = -13.0) -> bytes:
    """The network is busy, or the other side has hung up: 0.25 s on, 0.25 s off."""
    return cadence(hz, (250, 250), ms, dbm0)


def ringback(
    ms: int = 6000, hz: Sequence[float] = RINGBACK_US_HZ, on_off_ms: Sequence[int] = (2000, 4000), dbm0: float = -13.0
) -> bytes:
    """The phone rings: North America 2 s on, 4 s off; most of Europe 425 Hz, 1 s on, 4 s off."""
    return cadence(hz, on_off_ms, ms, dbm0)


def sit(kind: SitKind, gap_ms: int = 2, dbm0: float = -13.0) -> bytes:
    """The three tones that stand before an announcement."""
    return silence(gap_ms).join(tone((hz,), ms, dbm0) for hz, ms in SIT_CODES[kind])


def fax_calling(ms: int = 7000, dbm0: float = -13.0) -> bytes:
    """A fax machine that calls (CNG)."""
    return cadence((CNG_HZ,), (CNG_ON_MS, CNG_OFF_MS), ms, dbm0)


def fax_answer(ms: int = 3000, dbm0: float = -13.0) -> bytes:
    """A fax machine that answers (CED)."""
    return tone((CED_HZ,), ms, dbm0)
