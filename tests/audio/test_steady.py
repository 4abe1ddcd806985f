from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.audio.network_tones import SIT_CODES, SitKind
from dialer.audio.spectrum import Sound
from dialer.audio.steady import SteadyTones
from dialer.audio.tone_events import BeepEnded, FaxHeard, SitHeard, ToneEvent

LOUD = 1000.0
QUIET = Sound(10.0)
VOICE = Sound(LOUD)


def tone(hz: float, ms: int, level: float = LOUD) -> list[Sound]:
    return [Sound(level, hz=hz)] * round(ms / 20)


def quiet(ms: int) -> list[Sound]:
    return [QUIET] * (ms // 20)


def voice(ms: int) -> list[Sound]:
    return [VOICE] * (ms // 20)


def hear(sounds: list[Sound], ear: SteadyTones | None = None) -> list[tuple[int, ToneEvent]]:
    """What was told, with the millisecond."""
    ear = ear or SteadyTones()
    return [(hop * 20, event) for hop, sound in enumerate(sounds, 1) for event in ear.hear(sound, hop)]


def events(*pieces: list[Sound]) -> list[ToneEvent]:
    return [event for _, event in hear(list(chain(*pieces)))]


@pytest.mark.parametrize("ms", [100, 400, 2000])
@pytest.mark.parametrize("hz", [480, 1000, 2200])
def test_a_beep_is_told_when_quiet_is_certain(hz: int, ms: int) -> None:
    assert hear(voice(500) + quiet(200) + tone(hz, ms) + quiet(500)) == [(700 + ms + 60, BeepEnded(hz, ms))]


@pytest.mark.parametrize(
    ("sounds", "why"),
    [
        (tone(1000, 60) + quiet(500), "too short"),
        (tone(1000, 2020) + quiet(500), "too long"),
        (tone(1000, 400) + voice(500), "words follow at once"),
        (tone(1000, 400) + quiet(40) + voice(500), "words follow too soon"),
        (tone(1000, 400) + quiet(40) + tone(1000, 60) + voice(500), "it goes on"),
        (tone(380, 400) + quiet(1000), "too low"),
        (tone(2250, 400) + quiet(1000), "too high"),
        (tone(440, 220) + quiet(1000), "low and too short"),
        (tone(440, 820) + quiet(1000), "low and too long"),
        ((tone(800, 20) + voice(20)) * 20 + quiet(500), "only half of it is a tone"),
        (tone(1000, 60) + tone(1050, 60) + tone(1100, 60) + quiet(500), "a glide"),
    ],
)
def test_what_is_no_beep(sounds: list[Sound], why: str) -> None:
    assert events(sounds) == [], why


def test_a_beep_may_crackle_and_waver() -> None:
    assert events(tone(1000, 100), voice(40), tone(1010, 100), tone(1000, 200), quiet(100)) == [BeepEnded(1002, 440)]


def test_after_something_else_at_once_comes_a_beep() -> None:
    assert events(tone(800, 100), tone(1000, 300), quiet(100)) == [BeepEnded(1000, 300)]


def test_a_low_beep_is_told_when_no_other_has_followed() -> None:
    assert hear(tone(440, 300) + quiet(2000)) == [(300 + 620, BeepEnded(440, 300))]
    assert events(tone(440, 300), quiet(200), voice(1000)) == [BeepEnded(440, 300)]
    assert events(tone(425, 500), quiet(500), tone(425, 500), quiet(500), tone(425, 500), quiet(3000)) == []
    assert len(events(tone(425, 500), quiet(1200), tone(425, 500), quiet(1200))) == 2


def test_a_high_beep_after_a_low_one_leaves_it_waiting() -> None:
    assert events(tone(440, 300), quiet(200), tone(1000, 100), quiet(1000)) == [BeepEnded(1000, 100), BeepEnded(440, 300)]


def sit(*parts: tuple[float, int], gap: list[Sound] | None = None) -> list[Sound]:
    return [sound for hz, ms in parts for sound in tone(hz, ms) + (gap or [])]


@pytest.mark.parametrize("gap", [[], quiet(20), voice(40)])
@pytest.mark.parametrize("kind", SitKind)
def test_each_code_is_told_in_its_third_tone(kind: SitKind, gap: list[Sound]) -> None:
    assert events(sit(*SIT_CODES[kind], gap=gap), quiet(1000)) == [SitHeard(kind)]


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (((985.2, 274), (1428.5, 380), (1776.7, 380)), SitKind.UNKNOWN),
        (((985.2, 274), (1370.6, 380), (1776.7, 380)), SitKind.REORDER),
        (((913.8, 380), (1370.6, 380), (1776.7, 380)), SitKind.NO_CIRCUIT),
        (((913.8, 380), (1370.6, 274), (1776.7, 380)), SitKind.UNKNOWN),
        (((950, 274), (1370.6, 274), (1776.7, 380)), SitKind.UNKNOWN),
        (((913.8, 274), (1400, 274), (1776.7, 380)), SitKind.UNKNOWN),
    ],
)
def test_a_code_needs_both_lengths_and_frequencies(parts: tuple[tuple[float, int], ...], kind: SitKind) -> None:
    assert events(sit(*parts), quiet(1000)) == [SitHeard(kind)]


@pytest.mark.parametrize(
    ("sounds", "why"),
    [
        (sit((1000, 274), (1300, 274), (1776.7, 380)), "the second tone is another"),
        (sit((850, 274), (1370, 274), (1776.7, 380)), "the first tone is another"),
        (sit((914, 120), (1370, 274), (1776.7, 380)), "the first is too short"),
        (sit((914, 274), (1370, 600), (1776.7, 380)), "the second is too long"),
        (sit((914, 274), (1370, 274), (1600, 380)), "the third tone is another"),
        (sit((1370, 274), (1776.7, 380)), "there are two"),
        (tone(914, 280) + voice(100) + sit((1370, 274), (1776.7, 380)), "the second comes late"),
        (sit((914, 274), (1370, 274)) + voice(100) + tone(1776.7, 380), "the third comes late"),
        (sit((914, 274), (1370, 274), (1776.7, 120)), "the third is too short"),
    ],
)
def test_what_are_no_special_information_tones(sounds: list[Sound], why: str) -> None:
    assert [event for event in events(sounds, voice(500)) if isinstance(event, SitHeard)] == [], why


def test_a_fax_that_answers_is_told_after_a_second_and_once() -> None:
    assert hear(tone(2100, 3000) + quiet(500)) == [(1000, FaxHeard())]
    turned = (tone(2100, 420) + voice(20)) * 6
    assert events(turned, quiet(500)) == [FaxHeard()]


def test_a_fax_that_calls_is_told_in_its_second_burst() -> None:
    assert hear(tone(1100, 500) + quiet(3000) + tone(1100, 500) + quiet(500)) == [
        (560, BeepEnded(1100, 500)),
        (3700, FaxHeard()),
    ]
    assert FaxHeard() in events(tone(1100, 500), quiet(2900), voice(100), tone(1100, 500))


@pytest.mark.parametrize(
    ("sounds", "why"),
    [
        (tone(1100, 500) + quiet(2000) + tone(1100, 500), "too early"),
        (tone(1100, 500) + quiet(4000) + tone(1100, 500), "too late"),
        (tone(1100, 300) + quiet(3000) + tone(1100, 500), "the first is too short"),
        (tone(1100, 500) + quiet(1500) + voice(500) + quiet(1000) + tone(1100, 500), "words between"),
        (tone(1200, 500) + quiet(3000) + tone(1100, 500), "another tone"),
        (tone(2100, 900), "a short answer"),
        (tone(2000, 1900), "not the answer's tone"),
    ],
)
def test_what_is_no_fax(sounds: list[Sound], why: str) -> None:
    assert FaxHeard() not in events(sounds, quiet(500)), why


def test_it_is_idle_before_and_after() -> None:
    ear = SteadyTones()
    assert ear.is_idle
    hear(tone(440, 300), ear)
    assert not ear.is_idle
    for hop in range(16, 20):
        ear.hear(QUIET, hop)
    assert not ear.is_idle
    for hop in range(20, 60):
        ear.hear(QUIET, hop)
    assert ear.is_idle


TONES_HZ = [0.0, 425.0, 914.0, 1100.0, 1371.0, 1777.0, 2100.0]
SOUNDS = st.builds(Sound, st.sampled_from([0.0, 300.0, LOUD]), st.sampled_from(TONES_HZ))


@given(st.lists(st.tuples(SOUNDS, st.integers(1, 60)), max_size=20))
def test_anything_may_be_heard(runs: list[tuple[Sound, int]]) -> None:
    ear = SteadyTones()
    sounds = [sound for sound, hops in runs for _ in range(hops)]
    told = hear(sounds + [QUIET] * 60, ear)
    assert ear.is_idle
    assert len(told) <= len(runs)
