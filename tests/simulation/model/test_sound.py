"""Every format of a session carries the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.audio import g711, modem
from dialer.simulation.model.sound import Converter, from_mulaw

KINDS = ("audio/pcmu", "audio/pcma", "audio/pcm")


@pytest.mark.parametrize("kind", KINDS)
def test_words_survive_each_format_both_ways(kind: str) -> None:
    audio = from_mulaw(modem.encode("Hello there"), kind)
    converter, listener = Converter(kind), modem.Listener()
    pieces = [audio[start : start + 777] for start in range(0, len(audio), 777)]
    heard = [found for piece in pieces for found in listener.feed(converter.to_mulaw(piece))] + listener.flush()
    assert [utterance.text for utterance in heard] == ["Hello there"]


def test_the_formats_have_their_sizes() -> None:
    mulaw = modem.encode("a")
    assert [len(from_mulaw(mulaw, kind)) // len(mulaw) for kind in KINDS] == [1, 1, 6]


@given(st.binary(max_size=300))
def test_alaw_is_mulaw_within_a_step(mulaw: bytes) -> None:
    back = Converter("audio/pcma").to_mulaw(from_mulaw(mulaw, "audio/pcma"))
    for before, after in zip(g711.decode(mulaw).tolist(), g711.decode(back).tolist(), strict=True):
        assert abs(before - after) <= max(24, abs(before) // 12)
