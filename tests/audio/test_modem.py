from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.audio import g711, modem
from dialer.audio.framing import FRAME_BYTES, SILENCE, frames, silence
from dialer.audio.modem import Heard, Listener

SENTENCE = "Hello, this is Ann. 您好 🎉 nnnnnnnn 0123"
SPOKEN = modem.encode(SENTENCE)
FRAMES = list(frames(SPOKEN))
LOST = "�"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def hear(audio: bytes, piece: int = 160) -> list[Heard]:
    listener = Listener()
    heard: list[Heard] = []
    for start in range(0, len(audio), piece):
        heard += listener.feed(audio[start : start + piece])
    return heard + listener.flush()


def damaged(frames_heard: Iterable[bytes]) -> Heard:
    heard = hear(b"".join(frames_heard))
    assert heard[0].is_damaged
    assert LOST in heard[0].text
    return heard[0]


@given(texts=st.lists(ANY_TEXT, max_size=3), before=st.integers(0, 700), piece=st.integers(1, 2000))
def test_any_text_is_heard_as_it_was_spoken_at_any_alignment_in_any_pieces(texts: list[str], before: int, piece: int) -> None:
    audio = b"\xff" * before + b"".join(modem.encode(text) for text in texts)
    heard = hear(audio, piece)
    assert [utterance.text for utterance in heard] == texts
    assert all(utterance.is_complete and not utterance.is_damaged for utterance in heard)


def test_times_count_from_the_first_byte() -> None:
    (heard,) = hear(silence(500) + SPOKEN + silence(300))
    assert (heard.start_ms, heard.end_ms) == (500, 500 + modem.duration_ms(SENTENCE))
    assert modem.duration_ms(SENTENCE) == len(SPOKEN) // 8


def test_a_byte_is_a_frame_of_20_ms() -> None:
    assert len(modem.encode("a" * 80)) == (80 + 4) * FRAME_BYTES


def test_an_utterance_without_words_is_heard_too() -> None:
    (heard,) = hear(modem.encode(""))
    assert heard.text == ""
    assert heard.is_complete


def test_what_utf8_cannot_hold_is_a_question_mark() -> None:
    (heard,) = hear(modem.encode("a\ud800b"))
    assert heard.text == "a?b"


@pytest.mark.parametrize("lost", range(len(FRAMES) - 1))
def test_every_single_lost_frame_shows(lost: int) -> None:
    damaged(FRAMES[:lost] + FRAMES[lost + 1 :])


def test_a_lost_frame_shows_at_its_place() -> None:
    assert damaged(FRAMES[:4] + FRAMES[5:]).text == "Hel" + LOST + SENTENCE[4:]


@pytest.mark.parametrize("doubled", range(len(FRAMES) - 1))
def test_every_single_doubled_frame_shows(doubled: int) -> None:
    damaged([*FRAMES[: doubled + 1], *FRAMES[doubled:]])


def test_the_last_frame_doubled_shows_as_rubbish_behind() -> None:
    whole, rubbish = hear(SPOKEN + FRAMES[-1])
    assert (whole.text, whole.is_damaged, rubbish.is_damaged) == (SENTENCE, False, True)


@pytest.mark.parametrize("lost", range(1, len(FRAMES) - 4))
def test_two_lost_frames_are_found_by_the_crc(lost: int) -> None:
    damaged(FRAMES[:lost] + FRAMES[lost + 2 :])


def test_a_last_frame_that_is_lost_is_an_unfinished_utterance() -> None:
    (heard,) = hear(b"".join(FRAMES[:-1]))
    assert (heard.text, heard.is_complete, heard.is_damaged) == (SENTENCE, False, False)


def test_a_spoilt_frame_is_a_lost_byte() -> None:
    noise = bytes(range(100, 260 - 4)) + b"\x05" * 4
    heard = damaged([*FRAMES[:3], noise, *FRAMES[4:]])
    assert heard.text == "He" + LOST + SENTENCE[3:]


def test_a_spoilt_crc_shows() -> None:
    noise = bytes(range(100, 260 - 4)) + b"\x05" * 4
    heard = damaged([*FRAMES[:-1], noise])
    assert heard.is_complete


@given(cut=st.integers(1, len(SPOKEN) - 160), pause=st.integers(0, 500), piece=st.sampled_from([33, 160, 5000]))
def test_speech_that_is_cut_anywhere_is_heard_as_far_as_it_went(cut: int, pause: int, piece: int) -> None:
    heard = hear(SPOKEN[:cut] + b"\xff" * pause + SPOKEN, piece)
    assert heard[-1].text.endswith(SENTENCE)
    assert heard[-1].is_complete
    for first in heard[:-1]:
        assert not first.is_complete
        assert SENTENCE.startswith(first.text.rstrip(LOST))
        whole_frames = max(cut // FRAME_BYTES - 1, 0)
        assert len(first.text.encode()) >= min(whole_frames, len(SENTENCE.encode())) - 3


@pytest.mark.parametrize("frame", range(2, len(FRAMES) - 1))
def test_speech_cut_at_a_frame_is_undamaged(frame: int) -> None:
    (heard,) = hear(b"".join(FRAMES[:frame]) + silence(400))
    assert (heard.is_complete, heard.is_damaged, heard.end_ms) == (False, False, frame * 20)
    assert SENTENCE.startswith(heard.text)


def test_a_short_pause_inside_is_no_end() -> None:
    (heard,) = hear(b"".join([*FRAMES[:5], SILENCE * 9, *FRAMES[5:]]))
    assert (heard.text, heard.is_damaged) == (SENTENCE, False)


def test_the_words_so_far_can_be_read() -> None:
    listener = Listener()
    assert (listener.partial, listener.is_hearing) == ("", False)
    listener.feed(b"".join(FRAMES[:6]))
    assert (listener.partial, listener.is_hearing) == ("Hello", True)
    listener.feed(b"".join(FRAMES[6:]))
    assert (listener.partial, listener.is_hearing) == ("", False)


def test_half_a_character_is_not_shown() -> None:
    listener = Listener()
    listener.feed(modem.encode("您好")[: 5 * FRAME_BYTES])
    assert listener.partial == "您"


def test_a_listener_goes_on_after_flush_and_keeps_counting() -> None:
    listener = Listener()
    listener.feed(SPOKEN[: 10 * FRAME_BYTES])
    (cut,) = listener.flush()
    assert (cut.text, cut.end_ms) == (SENTENCE[:9], 200)
    (whole,) = listener.feed(SPOKEN)
    assert (whole.text, whole.start_ms) == (SENTENCE, 200)


@pytest.mark.parametrize("offset", [0, 1, 77, 333])
@pytest.mark.parametrize("gain", [0.3, 1.5])
def test_another_level_and_noise_are_no_obstacle(gain: float, offset: int) -> None:
    pcm = g711.decode(b"\xff" * offset + SPOKEN + silence(300)).astype(np.float64) * gain
    noise = 150 * np.sin(np.arange(len(pcm)) ** 2 * 0.37)
    (heard,) = hear(g711.encode((pcm + noise).astype(np.int16)))
    assert (heard.text, heard.is_complete, heard.is_damaged) == (SENTENCE, True, False)


def test_a_frame_lost_on_a_noisy_line_shows() -> None:
    pcm = g711.decode(b"".join(FRAMES[:7] + FRAMES[8:]) + silence(300)).astype(np.float64) * 0.5
    (heard,) = hear(g711.encode(pcm.astype(np.int16)))
    assert heard.text == "Hello," + LOST + SENTENCE[7:]
    assert heard.is_damaged


def test_sounds_that_are_no_speech_are_no_words() -> None:
    noise = 3000 * np.sin(np.arange(16000) ** 2 * 0.37)
    assert hear(g711.encode(noise.astype(np.int16))) == []


def test_faint_sounds_are_no_words() -> None:
    assert hear(b"\x7e\xfe" * 800) == []
