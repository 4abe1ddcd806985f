"""Tokens, as the service counts them: 10 a second of the other side's audio, 20 a second of the model's, text by size.

Each response is billed for the whole conversation before it. What begins like the input of the response before is cached,
from a smallest length on; a deleted, cut or dropped item breaks the cache from its place. Under
``truncation.retention_ratio`` the oldest items are dropped for good when the conversation grows over its limit. (They are
dropped from the bill alone: the stand-in's mind forgets nothing.)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dialer.model.realtime import shipped_realtime
from dialer.simulation.model.conversation import Item

_LETTERS = 4
CACHE_FROM = 1024
"""A shorter common beginning is not cached (prompt-caching guide)."""


def text_tokens(text: str) -> int:
    """About four letters a token."""
    return -(-len(text) // _LETTERS)


def heard_tokens(audio_ms: int) -> int:
    """Tokens of the other side's audio."""
    return -(-audio_ms // shipped_realtime().limits.heard_token_ms)


def spoken_tokens(audio_ms: int) -> int:
    """Tokens of the model's own audio."""
    return -(-audio_ms // shipped_realtime().limits.spoken_token_ms)


def spoken_ms(tokens: int) -> int:
    """How long the model speaks with so many tokens."""
    return tokens * shipped_realtime().limits.spoken_token_ms


Read = tuple[str, int, int]
"""One piece of input: what it is, its text tokens, its audio tokens."""


class Meter:
    """The bill of one session."""

    def __init__(self, tokens_per_minute: int) -> None:
        self._limit = tokens_per_minute
        self._used = 0
        self._before: list[Read] = []
        self._dropped: set[str] = set()

    def read(self, prompt: str, items: Sequence[Item], truncation: Any = "auto") -> list[Read]:
        """The input of a response, as it is billed; drops what is too much."""
        talk = [_read(item) for item in items if item.id not in self._dropped]
        most = truncation.get("token_limits", {}).get("post_instructions") if isinstance(truncation, Mapping) else None
        size = sum(text + audio for _, text, audio in talk)
        if most is not None and size > most:
            while talk and size > most * truncation["retention_ratio"]:
                name, text, audio = talk.pop(0)
                self._dropped.add(name)
                size -= text + audio
        return [(prompt, text_tokens(prompt), 0), *talk]

    def usage(self, read: Sequence[Read], made_text: int, made_audio: int) -> dict[str, Any]:
        """The ``usage`` of a response that has read this and made that."""
        text, audio = sum(piece[1] for piece in read), sum(piece[2] for piece in read)
        cached_text, cached_audio = self._cached(read)
        self._before = list(read)
        self._used += text + audio + made_text + made_audio
        return {
            "total_tokens": text + audio + made_text + made_audio,
            "input_tokens": text + audio,
            "output_tokens": made_text + made_audio,
            "input_token_details": {
                "text_tokens": text,
                "audio_tokens": audio,
                "image_tokens": 0,
                "cached_tokens": cached_text + cached_audio,
                "cached_tokens_details": {
                    "text_tokens": cached_text,
                    "audio_tokens": cached_audio,
                    "image_tokens": 0,
                },
            },
            "output_token_details": {"text_tokens": made_text, "audio_tokens": made_audio},
        }

    def limits(self) -> list[dict[str, Any]]:
        """``rate_limits``: only tokens, as the service reports in practice."""
        used = min(self._used, self._limit)
        reset_s = round(60 * used / self._limit, 3)
        return [{"name": "tokens", "limit": self._limit, "remaining": self._limit - used, "reset_seconds": reset_s}]

    def _cached(self, read: Sequence[Read]) -> tuple[int, int]:
        text = audio = 0
        for now, before in zip(read, self._before, strict=False):
            if now != before:
                break
            text, audio = text + now[1], audio + now[2]
        return (text, audio) if text + audio >= CACHE_FROM else (0, 0)


def _read(item: Item) -> Read:
    """Spoken words count as audio, all else as text."""
    if not item.mulaw:
        return item.id, text_tokens(item.words or str(item.data.get("arguments", "")) + str(item.data.get("output", ""))), 0
    if item.data.get("role") == "assistant":
        return item.id, 0, spoken_tokens(item.audio_ms if item.heard_ms is None else item.heard_ms)
    return item.id, 0, heard_tokens(item.audio_ms)
