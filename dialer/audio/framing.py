"""Frames and milliseconds of mu-law audio."""

from collections.abc import Iterator

RATE = 8000
"""Samples, and so bytes, in a second."""
FRAME_MS = 20
FRAME_BYTES = 160
BYTES_PER_MS = 8
SILENCE_BYTE = b"\xff"
SILENCE = SILENCE_BYTE * FRAME_BYTES
"""One frame of digital silence."""


def silence(ms: int) -> bytes:
    """Digital silence of ``ms`` milliseconds."""
    return SILENCE_BYTE * (ms * BYTES_PER_MS)


def duration_ms(mulaw: bytes) -> int:
    """How long a piece of audio plays, in whole milliseconds."""
    return len(mulaw) // BYTES_PER_MS


def frames(mulaw: bytes) -> Iterator[bytes]:
    """Cut audio into frames of 20 ms; the last one is filled up with silence."""
    for start in range(0, len(mulaw), FRAME_BYTES):
        yield mulaw[start : start + FRAME_BYTES].ljust(FRAME_BYTES, SILENCE_BYTE)
