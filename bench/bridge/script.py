"""What is said in every call of a load: greeting, alternating speech, one barge-in and one function call, over and over.

Half a minute, again and again, counted in frames of 20 ms since the answer. The line is never digitally silent: there is noise
at -55 dBm0 under everything, as on a telephone.
"""

from __future__ import annotations

import binascii
import json
from dataclasses import dataclass
from functools import cache

from dialer.audio.framing import FRAME_BYTES
from tests.audio.voices import on_a_noisy_line, speech

ROUND = 1500
"""Frames of one round: 30 s."""
VAD_FRAMES = 25
"""Half a second of quiet ends a turn."""
OPENING = "Hello, this is Ava, an automated assistant of Bright Dental. Say stop to opt out. May I ask two questions?"
WORDS = (
    "We have been thinking about it for a while.", "My partner would rather wait until spring.", "That sounds fine to me.",
    "How long does something like this take?", "I read about it in the paper last month.", "There is a tree beside the house.",
    "We moved here some years ago.", "I am not sure what we pay at the moment.", "It could be around two hundred.",
)  # fmt: skip
REPLY = (
    "Thank you, that helps me a lot. Number {number}: many people who ask us about this want to know how long it takes, "
    "and what they would have to do themselves."
)


@dataclass(frozen=True, slots=True)
class Speech:
    """The callee speaks from one frame of a round to another."""

    begin: int
    end: int


TURNS = (Speech(350, 500), Speech(850, 1000), Speech(1150, 1250))
"""The third begins in the middle of our answer to the second: a barge-in. The answer to the first is a function call first."""
REPLY_FRAMES = 300
OPENING_FRAMES = 300


@cache
def line_frames() -> list[bytes]:
    """The callee's audio of one round, 160 bytes each."""
    line = bytearray(b"\xff" * (ROUND * FRAME_BYTES))
    for number, turn in enumerate(TURNS):
        sound = speech(number + 1, (turn.end - turn.begin) / 50)
        line[turn.begin * FRAME_BYTES : turn.end * FRAME_BYTES] = sound
    noisy = on_a_noisy_line(bytes(line), -55.0)
    return [noisy[at : at + FRAME_BYTES] for at in range(0, len(noisy), FRAME_BYTES)]


@cache
def spoken_frames(piece_frames: int) -> list[str]:
    """The model's speech as base64, in pieces of so many frames."""
    sound, size = speech(77, REPLY_FRAMES / 50), FRAME_BYTES * piece_frames
    return [binascii.b2a_base64(sound[at : at + size], newline=False).decode() for at in range(0, len(sound), size)]


@cache
def media_messages() -> list[str]:
    """A round of the phone's messages."""
    return [
        json.dumps(
            {
                "event": "media",
                "sequenceNumber": str(number + 3),
                "media": {
                    "track": "inbound",
                    "chunk": str(number + 1),
                    "timestamp": str(number * 20),
                    "payload": binascii.b2a_base64(audio, newline=False).decode(),
                },
                "streamSid": "MZ" + "0" * 32,
            },
            separators=(",", ":"),
        )
        for number, audio in enumerate(line_frames())
    ]
