"""What the Realtime service offers and allows: models, voices, shutdown dates, limits.

The facts are data (``data/realtime.toml``, dated, each with its source). A name that is not in the file is no error: on
Azure a model is called by the name of its deployment, and new models appear.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dialer.errors import UserError

CUSTOM_VOICE = "voice_"
"""So begins the id of a voice that an account has made for itself."""


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Row(_Facts):
    source: str = Field(min_length=1)
    checked_on: date


class _Named(_Row):
    names: tuple[str, ...] = Field(min_length=1)
    shutdown_on: date | None = None
    replacement: str = ""


class Defaults(_Row):
    """What new campaigns get."""

    model: str
    strong_model: str
    transcription: str
    voice: str


class SpeakingModel(_Named):
    """A model that speaks."""

    context_tokens: int
    output_tokens: int
    has_reasoning: bool
    """It takes ``reasoning.effort``."""


class TranscriptionModel(_Named):
    """A model that writes the callee's words down; ``takes`` are the settings that not every one has."""

    is_streaming: bool
    bills: Literal["duration", "tokens"]
    takes: tuple[str, ...]


class Voices(_Row):
    """Names of voices: those that work, those to prefer, those that are taken and give noise on mu-law."""

    names: tuple[str, ...]
    recommended: tuple[str, ...]
    noisy: tuple[str, ...]


class Limits(_Row):
    """What one session may have."""

    session_s: int
    append_bytes: int
    instructions_tokens: int
    response_tokens: int
    metadata_pairs: int
    heard_token_ms: int
    spoken_token_ms: int
    idle_timeout_ms: tuple[int, int]
    speed: tuple[float, float]
    semantic_wait_ms: dict[str, int]


class Tier(_Row):
    """What one account may use."""

    tier: int
    requests_per_minute: int
    requests_per_day: int | None = None
    tokens_per_minute: int


class Realtime(_Facts):
    """The whole file."""

    version: str
    defaults: Defaults
    models: tuple[SpeakingModel, ...]
    transcriptions: tuple[TranscriptionModel, ...]
    voices: Voices
    limits: Limits
    tiers: tuple[Tier, ...]

    def model(self, name: str) -> SpeakingModel | None:
        """The row of a model that speaks."""
        return next((row for row in self.models if name in row.names), None)

    def transcription(self, name: str) -> TranscriptionModel | None:
        """The row of a model that writes."""
        return next((row for row in self.transcriptions if name in row.names), None)


@dataclass(frozen=True, slots=True)
class Concern:
    """Something about a name that a person should know; ``is_over``: it cannot work any more."""

    text: str
    is_over: bool = False


def load_realtime(text: str) -> Realtime:
    """Read a file of facts; raise ``UserError`` when it cannot be understood."""
    try:
        return Realtime.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise UserError(f"the facts about the Realtime service cannot be read: {error}", code="bad_facts") from error


@cache
def shipped_realtime() -> Realtime:
    """The facts that travel with the package, read once."""
    file = resources.files("dialer.model") / "data" / "realtime.toml"
    return load_realtime(file.read_text(encoding="utf-8"))


def model_concern(name: str, today: date | None = None) -> Concern | None:
    """Whether a model, speaking or writing, is or will be switched off. Without ``today`` no date is in the past."""
    facts = shipped_realtime()
    row = facts.model(name) or facts.transcription(name)
    if row is None or row.shutdown_on is None:
        return None
    is_over = today is not None and today >= row.shutdown_on
    verb = "was" if is_over else "will be"
    return Concern(f"{name} {verb} switched off on {row.shutdown_on}: use {row.replacement}", is_over)


def voice_concern(name: str) -> Concern | None:
    """Whether a voice is unknown, or known to sound badly on the phone."""
    voices = shipped_realtime().voices
    if name in voices.names or name.startswith(CUSTOM_VOICE):
        return None
    if name in voices.noisy:
        return Concern(f"{name} gives noise on the telephone: use {' or '.join(voices.recommended)}")
    return Concern(f"{name!r} is no known voice: {', '.join(voices.names)}, or {CUSTOM_VOICE}... of your account")
