"""The seam: what a session is set up with."""

from __future__ import annotations

from dialer.voice.base import SessionSetup, VoiceModel
from dialer.voice.openai import OpenAIVoice


def test_a_language_hint_is_optional() -> None:
    assert SessionSetup("instructions", [], "marin", "gpt-realtime-2.1").language == ""


def test_the_shell_is_a_voice_model() -> None:
    voice: VoiceModel = OpenAIVoice("", "key")
    assert voice is not None
