"""Fixed sentences as sound of ours: the opening of a campaign that wants one, and the apology for a call without its model.

A clip is rendered by the voice model itself, so that the callee hears one voice, in a short session of its own without the
campaign's text and tools, and its transcript must be the sentence. It is named by the hash of text, voice, model and format:
a changed script, voice or model has other clips, and a frozen version its own. A process renders each clip once; with a folder,
a machine does. The attempt that needs it first pays for it.
"""

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dialer.conversation import events as talk
from dialer.conversation.gate import verbatim
from dialer.conversation.opening import TRIES, letters
from dialer.errors import CarrierError, VoiceError
from dialer.model.attempt import Usage
from dialer.voice.base import SessionSetup, VoiceModel

RENDER_S = 20.0
READER = "You read sentences aloud, calmly and clearly, word for word, in their own language. You add nothing."
READER_VOICE = "marin"
FORMAT = "audio/pcmu"


def clip_name(setup: SessionSetup, text: str) -> str:
    """The name of a clip: SHA-256, in hex, of all that its sound depends on."""
    return hashlib.sha256(json.dumps([text, setup.voice, setup.model, FORMAT]).encode()).hexdigest()


class ClipShelf:
    """The clips of one process (of one event loop), in memory and, with ``folder``, on the disk."""

    def __init__(self, folder: Path | None = None) -> None:
        """``folder`` is made when the first clip is put there."""
        self._folder = folder
        self._sounds: dict[str, bytes] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def sound(self, voice: VoiceModel, setup: SessionSetup, text: str) -> tuple[bytes, Usage]:
        """The sound of ``text`` (mu-law) in the voice and model of ``setup``, and what it cost now.

        Raises ``VoiceError`` when the model cannot be reached or does not say it word for word.
        """
        name = clip_name(setup, text)
        async with self._locks.setdefault(name, asyncio.Lock()):
            if name in self._sounds:
                return self._sounds[name], Usage()
            kept = await asyncio.to_thread(_read, self._folder, name) if self._folder else b""
            sound, usage = (kept, Usage()) if kept else await _render(voice, setup, text)
            self._sounds[name] = sound
            if self._folder and not kept:
                await asyncio.to_thread(_write, self._folder, name, sound)
            return sound, usage


async def read_aloud(voice: VoiceModel, model: str, text: str) -> bytes:
    """The sound (mu-law) of a text that is said once and kept nowhere. Raises ``CarrierError``: a carrier needs it."""
    try:
        sound, _ = await ClipShelf().sound(voice, SessionSetup(READER, (), READER_VOICE, model, ""), text)
    except VoiceError as error:
        raise CarrierError(f"the text could not be spoken: {error}", code=error.code, retryable=error.retryable) from error
    return sound


class CallClips:
    """The clips of one call. ``post`` is told when one is ready."""

    def __init__(self, shelf: ClipShelf | None, voice: VoiceModel, post: Callable[[talk.ClipReady], None]) -> None:
        """``shelf``: of the process; without one a clip is rendered for this call alone."""
        self._is_kept = shelf is not None
        self.sounds: dict[str, bytes] = {}
        self.usage = Usage()
        self._shelf = shelf or ClipShelf()
        self._voice = voice
        self._post = post

    async def fetch(self, name: str, text: str, setup: SessionSetup) -> None:
        """Have one fixed sentence ready as sound. Raises ``VoiceError`` when the model does not say it."""
        sound, usage = await self._shelf.sound(self._voice, setup, text)
        self.usage += usage
        self.sounds[name] = sound
        self._post(talk.ClipReady(name, text, len(sound)))

    async def fetch_if_kept(self, name: str, text: str, setup: SessionSetup) -> None:
        """As ``fetch`` where the process keeps clips. A model that does not say it leaves the call without."""
        if self._is_kept:
            with contextlib.suppress(VoiceError):
                await self.fetch(name, text, setup)


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / f"{name}.ulaw").read_bytes()
    except OSError:
        return b""  # not there, or not readable: it is rendered


def _write(folder: Path, name: str, sound: bytes) -> None:
    """Whole or not at all: another process may be looking. A folder that cannot be written costs renderings, not calls."""
    part = folder / f"{name}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(sound)
        part.replace(folder / f"{name}.ulaw")
    except OSError:
        return


async def _render(voice: VoiceModel, setup: SessionSetup, text: str) -> tuple[bytes, Usage]:
    """Let the model say ``text``; a second time when it said something else."""
    spent = Usage()
    for _ in range(TRIES):
        try:
            async with asyncio.timeout(RENDER_S):
                sound, said, usage = await _say(voice, replace(setup, instructions=READER, tools=()), text)
        except TimeoutError as error:
            raise VoiceError("the voice model did not say a fixed sentence in time", code="clip_timeout") from error
        spent += usage
        if sound and letters(said) == letters(text):
            return sound, spent
    raise VoiceError("the voice model did not say a fixed sentence word for word", code="clip_mismatch")


async def _say(voice: VoiceModel, setup: SessionSetup, text: str) -> tuple[bytes, str, Usage]:
    """One response in a session of its own: its sound, its words, its cost."""
    session = await voice.open(setup)
    sound, said = bytearray(), ""
    try:
        await session.send(talk.CreateResponse("clip", verbatim(text), may_use_tools=False))
        async for event in session.events():
            match event:
                case talk.AgentAudio(mulaw=mulaw):
                    sound += mulaw
                case talk.AgentTranscript(text=words):
                    said += words
                case talk.ResponseDone(usage=usage):
                    return bytes(sound), said, usage
                case talk.VoiceRefused(code=code, kind=kind):
                    raise VoiceError("the voice model refused a fixed sentence", code=code or kind)
                case _:
                    pass
    finally:
        await session.close()
    raise VoiceError("the voice model was lost over a fixed sentence", code="clip_lost")
