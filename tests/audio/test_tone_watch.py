from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.audio import modem, tones
from dialer.audio import network_tones as network
from dialer.audio.framing import silence
from dialer.audio.network_tones import SIT_CODES, SitKind
from dialer.audio.spectrum import Sound
from dialer.audio.tone_events import BeepEnded, BusyHeard, DigitHeard, FaxHeard, RingbackHeard, SitHeard, ToneEvent
from dialer.audio.tone_watch import Keys, ToneWatch
from tests.audio.voices import on_a_noisy_line, speech

LEVELS_DBM0 = (-30.0, -13.0, -3.0)
FACTORS = (0.985, 1.0, 1.015)
"""What a network's frequencies may be off by."""


def told(audio: bytes, piece: int = 160) -> list[tuple[float, ToneEvent]]:
    """What was told, with the millisecond at which it was."""
    watch = ToneWatch()
    return [
        (min(start + piece, len(audio)) / 8, event)
        for start in range(0, len(audio), piece)
        for event in watch.feed(audio[start : start + piece])
    ]


def events(audio: bytes) -> list[ToneEvent]:
    return [event for _, event in told(audio)]


def sequence(parts: tuple[tuple[float, int], ...], factor: float, dbm0: float) -> bytes:
    return b"".join(network.tone((hz * factor,), ms, dbm0) for hz, ms in parts) + silence(1000)


BRITISH_MS = (400, 200, 400, 2000)
SIGNALS = {
    "intercept": (lambda f, d: sequence(SIT_CODES[SitKind.INTERCEPT], f, d), SitHeard(SitKind.INTERCEPT), 740),
    "vacant": (lambda f, d: sequence(SIT_CODES[SitKind.VACANT], f, d), SitHeard(SitKind.VACANT), 850),
    "reorder code": (lambda f, d: sequence(SIT_CODES[SitKind.REORDER], f, d), SitHeard(SitKind.REORDER), 850),
    "no circuit": (lambda f, d: sequence(SIT_CODES[SitKind.NO_CIRCUIT], f, d), SitHeard(SitKind.NO_CIRCUIT), 960),
    "general": (lambda f, d: sequence(SIT_CODES[SitKind.UNKNOWN], f, d), SitHeard(SitKind.UNKNOWN), 860),
    "fax answers": (lambda f, d: network.tone((2100 * f,), 3000, d) + silence(500), FaxHeard(), 1040),
    "busy US": (lambda f, d: network.busy(5000, (480 * f, 620 * f), d), BusyHeard(False), 2060),
    "busy EU": (lambda f, d: network.busy(5000, (425 * f,), d), BusyHeard(False), 2060),
    "busy China": (lambda f, d: network.cadence((450 * f,), (350, 350), 4000, d), BusyHeard(False), 1460),
    "busy Britain": (lambda f, d: network.cadence((400 * f,), (375, 375), 4000, d), BusyHeard(False), 1560),
    "reorder US": (lambda f, d: network.reorder(4000, (480 * f, 620 * f), d), BusyHeard(True), 1560),
    "reorder EU": (lambda f, d: network.reorder(4000, (425 * f,), d), BusyHeard(True), 1060),
    "ringback US": (lambda f, d: network.ringback(6000, (440 * f, 480 * f), dbm0=d), RingbackHeard(), 3060),
    "ringback EU": (lambda f, d: network.ringback(5000, (425 * f,), (1000, 4000), d), RingbackHeard(), 2060),
    "ringback Britain": (
        lambda f, d: network.ringback(3000, (400 * f, 450 * f), (400, 200, 400, 2000), d),
        RingbackHeard(),
        2060,
    ),
    "key 1": (lambda f, d: network.tone((697 * f, 1209 * f), 60, d) + silence(300), DigitHeard("1"), 80),
    "key D": (lambda f, d: network.tone((941 * f, 1633 * f), 60, d) + silence(300), DigitHeard("D"), 80),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_signals_are_told_once_and_soon_at_any_level_off_key_and_in_noise(name: str) -> None:
    make, expected, at_most_ms = SIGNALS[name]
    for seed, (dbm0, factor, noise_db) in enumerate(product(LEVELS_DBM0, FACTORS, (None, 20, 12))):
        offset = seed * 37 % 160
        audio = silence(200) + b"\xff" * offset + make(factor, dbm0)
        line = audio if noise_db is None else on_a_noisy_line(audio, dbm0 - noise_db, seed)
        found = told(line)
        assert [event for _, event in found] == [expected], (dbm0, factor, noise_db)
        assert 0 < found[0][0] - 200 - offset / 8 <= at_most_ms


@pytest.mark.parametrize("ms", [100, 250, 400, 1400])
@pytest.mark.parametrize("hz", [500, 700, 1000, 1250, 1400, 1700, 2180])
def test_beeps_are_told_once_and_soon_after_their_end(hz: int, ms: int) -> None:
    for seed, (dbm0, noise_db) in enumerate(product(LEVELS_DBM0, (None, 20, 12))):
        offset = seed * 37 % 160
        audio = silence(300) + b"\xff" * offset + network.tone((hz,), ms, dbm0) + silence(500)
        line = audio if noise_db is None else on_a_noisy_line(audio, dbm0 - noise_db, seed)
        ((at_ms, event),) = told(line)
        assert isinstance(event, BeepEnded)
        assert abs(event.hz - hz) <= 10
        assert abs(event.ms - ms) <= 50
        assert 0 < at_ms - (300 + offset / 8 + ms) <= 120


def test_a_fax_that_calls_is_a_beep_first() -> None:
    for dbm0, factor in product(LEVELS_DBM0, FACTORS):
        first, second = events(network.cadence((1100 * factor,), (500, 3000), 6000, dbm0))
        assert isinstance(first, BeepEnded)
        assert second == FaxHeard()


@pytest.mark.parametrize(
    ("audio", "why"),
    [
        (tones.beep(1000, 40), "too short"),
        (tones.beep(1000, 2600), "too long: a held tone"),
        (tones.beep(440, 150), "the harmonic of a voice"),
        (tones.beep(300, 400), "too low"),
        (tones.beep(2600, 400), "too high"),
        (tones.beep(1000, 400, 100), "too faint"),
        (tones.beep(1000, 300) + modem.encode("no quiet behind"), "music"),
        (network.tone((350.0, 440.0), 5000), "the dial tone"),
        (network.tone((425.0,), 5000), "the dial tone of Europe"),
        (network.tone((697.0 * 1.035, 1209.0 * 1.035), 200), "not quite a key"),
        (network.busy(1900), "two bursts are not yet busy"),
    ],
)
def test_what_says_nothing(audio: bytes, why: str) -> None:
    assert events(silence(100) + audio + silence(1000)) == [], why


def test_keys_are_found_in_order_and_are_nothing_else() -> None:
    keys = "1234567890*#ABCD11"
    for on_ms, off_ms in ((60, 60), (100, 100), (300, 80)):
        audio = b"\xff" * 77 + tones.digit_tones(keys, on_ms, off_ms)
        assert events(audio) == [DigitHeard(key) for key in keys]


def test_a_low_beep_is_told_late() -> None:
    ((at_ms, event),) = told(tones.beep(440, 300) + silence(2000))
    assert isinstance(event, BeepEnded)
    assert 900 < at_ms < 960


def test_a_whole_call() -> None:
    audio = (
        network.ringback(7500, (425.0,), (1000, 4000))
        + modem.encode("Please leave a message after the tone.")
        + silence(300)
        + tones.beep(1000, 400)
        + silence(500)
        + tones.digit_tones("9")
        + modem.encode("Goodbye.")
        + network.busy(3000, (425.0,))
    )
    kinds = [type(event) for event in events(audio)]
    assert kinds == [RingbackHeard, RingbackHeard, BeepEnded, DigitHeard, BusyHeard]


@given(text=st.text(max_size=60), offset=st.integers(0, 159), cut=st.integers(0, 9600))
@settings(max_examples=60)
def test_words_say_nothing(text: str, offset: int, cut: int) -> None:
    assert events(b"\xff" * offset + modem.encode(text)[: 9760 - cut] + silence(800)) == []


@pytest.mark.parametrize("letters", ["n", ":", "H", "Z", "*", "j", "4><", "BK", "您", "é", "0", "~ "])
def test_a_few_letters_over_and_over_say_nothing(letters: str) -> None:
    for offset in (0, 40, 80, 120):
        assert events(b"\xff" * offset + modem.encode(letters * 40) + silence(800)) == []


@pytest.mark.parametrize("seed", range(8))
def test_voices_say_nothing(seed: int) -> None:
    assert events(speech(seed, 20.0, LEVELS_DBM0[seed % 3]) + silence(700)) == []


def test_noise_says_nothing() -> None:
    assert events(on_a_noisy_line(silence(20_000), -25.0)) == []


MIXED = (
    network.sit(SitKind.VACANT)
    + silence(300)
    + speech(3, 1.0)
    + tones.beep(1400, 300)
    + silence(211)
    + tones.digit_tones("42")
    + network.reorder(1500)
    + b"\xff" * 123
    + network.fax_answer(1500)
)


@given(st.lists(st.integers(0, 3000), max_size=40))
@settings(max_examples=20)
def test_pieces_may_have_any_size(sizes: list[int]) -> None:
    watch, found, at = ToneWatch(), [], 0
    for size in [*sizes, len(MIXED)]:
        found += watch.feed(MIXED[at : at + size])
        at += size
    assert found == ToneWatch().feed(MIXED)
    assert [type(event) for event in found] == [SitHeard, BeepEnded, DigitHeard, DigitHeard, BusyHeard, FaxHeard]


@given(st.binary(max_size=3000), st.integers(1, 500))
@settings(max_examples=30)
def test_any_bytes_may_be_fed(junk: bytes, piece: int) -> None:
    assert events(junk) == [event for _, event in told(junk, piece)]


def test_long_silence_does_not_hide_what_follows() -> None:
    for ms in (1000, 2017, 5003, 9000):
        audio = silence(ms) + tones.beep() + silence(1000) + tones.digit_tones("5")
        assert [type(event) for event in events(audio)] == [BeepEnded, DigitHeard]


def test_a_key_is_let_go_when_the_sound_drops_to_its_echo() -> None:
    keys = Keys()
    down, echo = Sound(1000.0, low_hz=697, high_hz=1209), Sound(200.0, low_hz=697, high_hz=1209)
    assert [keys.hear(sound) for sound in (down, down, down, echo, down, down)] == ["", "1", "", "", "", "1"]
    assert not keys.is_idle
    assert keys.hear(Sound(0.0)) == ""
    assert keys.is_idle


def test_one_key_may_follow_another_without_a_gap() -> None:
    keys = Keys()
    one, two = Sound(1000.0, low_hz=697, high_hz=1209), Sound(1000.0, low_hz=697, high_hz=1336)
    assert [keys.hear(sound) for sound in (one, one, two, two)] == ["", "1", "", "2"]


def test_half_a_key_is_none() -> None:
    keys = Keys()
    assert [keys.hear(Sound(1000.0, low_hz=697, high_hz=1800)) for _ in range(3)] == ["", "", ""]
    assert [keys.hear(Sound(1000.0, low_hz=600, high_hz=1209)) for _ in range(3)] == ["", "", ""]
