import numpy as np
import pytest

from dialer.audio import g711, network_tones
from dialer.audio.framing import duration_ms, silence
from dialer.audio.network_tones import DBM0_PEAK, SIT_CODES, SitKind


def power_dbm0(mulaw: bytes) -> float:
    loud = float(np.sqrt(np.mean(g711.decode(mulaw).astype(np.float64) ** 2)))
    return float(20 * np.log10(loud * np.sqrt(2) / DBM0_PEAK))


@pytest.mark.parametrize("hz", [(1000.0,), (480.0, 620.0), (440.0, 480.0)])
@pytest.mark.parametrize("dbm0", [-30.0, -13.0, -3.5])
def test_a_tone_has_the_power_that_was_asked_for(hz: tuple[float, ...], dbm0: float) -> None:
    assert power_dbm0(network_tones.tone(hz, 1000, dbm0)) == pytest.approx(dbm0, abs=0.2)


def test_a_tone_of_nothing_is_silence() -> None:
    assert network_tones.tone((), 40) == silence(40)


@pytest.mark.parametrize(
    ("made", "edges_ms"),
    [
        (network_tones.busy(2000), [(0, 500), (1000, 1500)]),
        (network_tones.reorder(700), [(0, 250), (500, 700)]),
        (network_tones.ringback(7000), [(0, 2000), (6000, 7000)]),
        (network_tones.ringback(5200, (425.0,), (1000, 4000)), [(0, 1000), (5000, 5200)]),
        (network_tones.fax_calling(), [(0, 500), (3500, 4000)]),
        (network_tones.fax_answer(), [(0, 3000)]),
    ],
)
def test_tones_keep_their_time(made: bytes, edges_ms: list[tuple[int, int]]) -> None:
    sounding = np.zeros(duration_ms(made), dtype=bool)
    for begin, end in edges_ms:
        sounding[begin:end] = True
    assert (np.frombuffer(made, dtype=np.uint8).reshape(-1, 8) != 0xFF).any(axis=1).tolist() == sounding.tolist()


@pytest.mark.parametrize("kind", SitKind)
def test_special_information_tones_rise_in_three_steps(kind: SitKind) -> None:
    pcm = g711.decode(network_tones.sit(kind, gap_ms=0)).astype(np.float64)
    at = 0
    for hz, ms in SIT_CODES[kind]:
        piece = pcm[at * 8 : (at + ms) * 8]
        assert len(piece) == ms * 8
        assert int(np.abs(np.fft.rfft(piece, 8000)).argmax()) == pytest.approx(hz, abs=1)
        at += ms
    assert at * 8 == len(pcm)
    assert len(network_tones.sit(kind, gap_ms=30)) == len(pcm) + 2 * 30 * 8
