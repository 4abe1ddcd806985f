import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.audio.cadence import Cadence, Rhythm

LOUD, SOFT = 1000.0, 10.0


def told(*on_off_ms: int, cadence: Cadence | None = None) -> list[tuple[int, Rhythm]]:
    """Feed on and off by turns; what was told, with the hop."""
    cadence = cadence or Cadence()
    found, hop = [], 0
    for place, ms in enumerate(on_off_ms):
        for _ in range(ms // 20):
            hop += 1
            rhythm = cadence.hear(SOFT if place % 2 else LOUD, is_tone=place % 2 == 0)
            if rhythm is not None:
                found.append((hop, rhythm))
    return found


@pytest.mark.parametrize("ms", [360, 380, 500])
def test_busy_is_told_with_the_third_burst_and_once(ms: int) -> None:
    assert told(*[ms] * 12) == [(4 * (ms // 20) + 1, Rhythm.BUSY)]


@pytest.mark.parametrize("ms", [200, 240, 260])
def test_quick_busy_is_reorder(ms: int) -> None:
    assert told(*[ms] * 12) == [(4 * (ms // 20) + 1, Rhythm.REORDER)]


@pytest.mark.parametrize(("on_ms", "off_ms"), [(1000, 4000), (2000, 4000), (1000, 3000), (1000, 2000)])
def test_ringback_is_told_a_second_after_each_ring(on_ms: int, off_ms: int) -> None:
    ring = (on_ms + 1000) // 20
    assert told(on_ms, off_ms, on_ms, off_ms) == [(ring, Rhythm.RINGBACK), (ring + (on_ms + off_ms) // 20, Rhythm.RINGBACK)]


def test_a_british_ring_is_two_short_ones() -> None:
    assert told(400, 200, 400, 2000) == [(100, Rhythm.RINGBACK)]


@pytest.mark.parametrize(
    ("on_off_ms", "why"),
    [
        ((500, 2000), "one burst"),
        ((500, 500, 500, 2000), "two bursts"),
        ((500, 500, 500, 700, 500, 500), "uneven"),
        ((700, 300, 700, 300, 700, 300), "on too long"),
        ((200, 800, 200, 800, 200, 800), "off too long"),
        ((160, 160, 160, 160, 160, 160, 160), "too quick"),
        ((3000, 2000), "a held tone"),
        ((400, 100, 400, 2000), "a stumble, not a ring"),
        ((400, 200, 200, 2000), "the second of two is too short"),
        ((200, 400, 400, 2000), "the first of two is too short"),
    ],
)
def test_what_is_no_rhythm(on_off_ms: tuple[int, ...], why: str) -> None:
    assert told(*on_off_ms) == [], why


def test_a_crackle_does_not_break_a_burst_and_words_do() -> None:
    for crackle, expected in ((2, [Rhythm.RINGBACK]), (3, [])):
        cadence = Cadence()
        told(600, cadence=cadence)
        for _ in range(crackle):
            cadence.hear(LOUD, is_tone=False)
        assert [rhythm for _, rhythm in told(600, 1000, cadence=cadence)] == expected


def test_a_gap_of_two_hops_belongs_to_the_burst() -> None:
    assert told(480, 40, 480, 1000) == [(100, Rhythm.RINGBACK)]


def test_it_is_idle_before_and_after() -> None:
    cadence = Cadence()
    assert cadence.is_idle
    assert cadence.hear(LOUD, is_tone=False) is None
    assert cadence.is_idle
    told(500, 500, cadence=cadence)
    assert not cadence.is_idle
    for _ in range(30):
        cadence.hear(0.0, is_tone=False)
    assert cadence.is_idle


def test_no_ring_is_told_when_busy_stops() -> None:
    assert [rhythm for _, rhythm in told(500, 500, 500, 500, 900, 2000)] == [Rhythm.BUSY]


@given(st.lists(st.tuples(st.sampled_from([0.0, SOFT, 500.0, LOUD]), st.booleans()), max_size=300))
def test_anything_may_be_heard(hops: list[tuple[float, bool]]) -> None:
    cadence = Cadence()
    for level, is_tone in hops:
        cadence.hear(level, is_tone=is_tone)
    for _ in range(60):
        cadence.hear(0.0, is_tone=False)
    assert cadence.is_idle
