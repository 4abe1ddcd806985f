"""The facts about the service: shipped, dated, and read in one place."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from typing import get_args

import pytest
from openai.types.realtime import AudioTranscription, RealtimeAudioConfigOutput, RealtimeSessionCreateRequest

from dialer.config import Settings
from dialer.dialing.prices import shipped_prices
from dialer.errors import UserError
from dialer.model.campaign import VoiceChoice
from dialer.model.realtime import load_realtime, model_concern, shipped_realtime, voice_concern

FACTS = shipped_realtime()
FILE = (resources.files("dialer.model") / "data" / "realtime.toml").read_text(encoding="utf-8")


def named(annotation: object) -> set[str]:
    """All strings in the literals of a union."""
    inner = get_args(annotation)
    return {value for value in inner if isinstance(value, str)} | {name for part in inner for name in named(part)}


def test_the_defaults_are_those_of_the_settings_and_none_of_them_is_ending() -> None:
    settings, defaults = Settings(), FACTS.defaults
    assert (settings.voice_model, settings.transcription_model) == (defaults.model, defaults.transcription)
    assert VoiceChoice().name == defaults.voice
    assert defaults.voice in FACTS.voices.recommended
    for name in (defaults.model, defaults.strong_model, defaults.transcription):
        assert FACTS.model(name) or FACTS.transcription(name)
        assert model_concern(name, date(2030, 1, 1)) is None


def test_names_are_those_of_the_services_own_package() -> None:
    models = {name for row in FACTS.models for name in row.names}
    assert models <= named(RealtimeSessionCreateRequest.model_fields["model"].annotation)
    writers = {name for row in FACTS.transcriptions for name in row.names}
    assert writers == named(AudioTranscription.model_fields["model"].annotation)
    assert set(FACTS.voices.names) == named(RealtimeAudioConfigOutput.model_fields["voice"].annotation)


def test_token_rates_agree_with_the_price_file() -> None:
    rhythm = shipped_prices().rhythm
    assert 1000 / FACTS.limits.heard_token_ms == rhythm.callee_tokens_per_s
    assert 1000 / FACTS.limits.spoken_token_ms == rhythm.agent_tokens_per_s


def test_every_row_has_a_source_and_a_date() -> None:
    rows = [row for table in tomllib.loads(FILE).values() for row in (table if isinstance(table, list) else [table])]
    assert all(row["source"] and row["checked_on"] for row in rows if isinstance(row, dict))
    assert FACTS.version == max(row["checked_on"] for row in rows if isinstance(row, dict)).isoformat()


@pytest.mark.parametrize("text", ["", "= 1", FILE + "\n[more]\n"])
def test_a_file_that_cannot_be_right_is_an_error(text: str) -> None:
    with pytest.raises(UserError):
        load_realtime(text)


@pytest.mark.parametrize(
    ("name", "today", "words", "is_over"),
    [
        ("gpt-realtime", None, "will be switched off on 2027-01-20: use gpt-realtime-2.1", False),
        ("gpt-realtime", date(2027, 1, 19), "will be switched off", False),
        ("gpt-realtime", date(2027, 1, 20), "was switched off", True),
        ("whisper-1", date(2026, 12, 1), "use gpt-transcribe", False),
    ],
)
def test_a_model_that_ends_is_a_concern(name: str, today: date | None, words: str, is_over: bool) -> None:
    concern = model_concern(name, today)
    assert concern is not None
    assert words in concern.text
    assert concern.is_over is is_over


def test_a_deployments_name_is_none() -> None:
    assert model_concern("our-deployment", date(2030, 1, 1)) is None


@pytest.mark.parametrize(("name", "words"), [("marin", ""), ("voice_1234", ""), ("onyx", "noise"), ("anna", "no known voice")])
def test_a_voice_that_is_unknown_or_noisy_is_a_concern(name: str, words: str) -> None:
    concern = voice_concern(name)
    assert (words in concern.text) if concern else not words
