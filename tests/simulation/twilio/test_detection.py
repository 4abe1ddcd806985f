"""Twilio's words for who answered, at the time at which it would say them."""

from __future__ import annotations

import numpy as np
import pytest

from dialer.audio.framing import SILENCE
from dialer.audio.g711 import encode
from dialer.simulation.twilio.detection import HUMAN_MS, MACHINE_MS, TIMEOUT_MS, Detection

WANTED = {"AsyncAmd": "true", "AsyncAmdStatusCallback": "http://127.0.0.1/machine/a1"}


def told(mode: str, persona: str, beep_at_ms: int = 0, **order: str) -> list[tuple[str, int]]:
    """Everything that is said of 40 seconds of a callee."""
    said: list[tuple[str, int]] = []
    detection = Detection({"MachineDetection": mode, **WANTED, **order}, persona, lambda word, ms: said.append((word, ms)))
    for at_ms in range(0, 40_000, 20):
        is_beep = beep_at_ms <= at_ms < beep_at_ms + 400 and beep_at_ms
        moments = (np.arange(160) + at_ms * 8) / 8000
        detection.hear(encode((8000 * np.sin(2 * np.pi * 1400 * moments)).astype(np.int16)) if is_beep else SILENCE)
    return said


@pytest.mark.parametrize(
    ("mode", "persona", "word", "after_ms"),
    [
        ("Enable", "agrees", "human", HUMAN_MS),
        ("Enable", "voicemail", "machine_start", MACHINE_MS),
        ("Enable", "screener", "machine_start", MACHINE_MS),
        ("DetectMessageEnd", "agrees", "human", HUMAN_MS),
        ("DetectMessageEnd", "voicemail", "unknown", TIMEOUT_MS),
    ],
)
def test_it_says_one_word_in_its_time(mode: str, persona: str, word: str, after_ms: int) -> None:
    assert told(mode, persona) == [(word, after_ms)]


def test_the_end_of_a_greeting_is_its_beep() -> None:
    [(word, after_ms)] = told("DetectMessageEnd", "voicemail", beep_at_ms=9000)
    assert word == "machine_end_beep"
    assert 9400 <= after_ms <= 9900


@pytest.mark.parametrize("changes", [{"AsyncAmd": "false"}, {"AsyncAmdStatusCallback": ""}, {"MachineDetection": ""}])
def test_who_did_not_ask_is_not_told(changes: dict[str, str]) -> None:
    assert told("Enable", "voicemail", **changes) == []
