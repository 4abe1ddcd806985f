"""The input side: buffer, speech detection, items made of what was heard, and their late transcripts."""

import itertools
from collections.abc import Mapping
from typing import Any

from dialer.audio.framing import BYTES_PER_MS
from dialer.model.realtime import shipped_realtime
from dialer.simulation.model.conversation import Item
from dialer.simulation.model.ears import Ears, Started, Stopped, words_in
from dialer.simulation.model.emission import Surroundings
from dialer.simulation.model.faults import FaultPlan, Unit
from dialer.simulation.model.meter import heard_tokens, text_tokens
from dialer.simulation.model.schema import Refusal
from dialer.simulation.model.sound import Converter
from dialer.simulation.model.timers import Timers

LATE_S = 8.0
"""What a late transcript waits longer."""
HELD_S = 10.0
"""So long a transcript waits for that of the next turn, under the fault that puts them out of order."""
_TRANSCRIPTION = "conversation.item.input_audio_transcription"


class Hearing:
    """What the model hears in one session."""

    def __init__(self, around: Surroundings, timers: Timers, plan: FaultPlan) -> None:
        """Call ``configure`` before anything else."""
        self.has_heard = False
        """Audio of the other side has come."""
        self._around = around
        self._timers = timers
        self._plan = plan
        self._ears = Ears()
        self._numbers = itertools.count()
        self._speaking_id = ""
        self._held: Item | None = None

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Use these session settings from now on."""
        asked = settings["audio"]["input"]
        self._ears.detect(asked["turn_detection"])
        self._converter = Converter(asked["format"]["type"])
        self._transcription = asked["transcription"]
        self._has_logprobs = bool(settings["include"])

    def hear(self, audio: bytes, now: float) -> list[Started | Stopped]:
        """Take in audio; returns what changed (speech started, or stopped and committed)."""
        outbox = self._around.outbox
        self.has_heard = True
        changes = self._ears.hear(self._converter.to_mulaw(audio))
        for change in changes:
            if isinstance(change, Started):
                self._speaking_id = outbox.new_id("item")
                outbox.emit("input_audio_buffer.speech_started", item_id=self._speaking_id, audio_start_ms=change.at_ms)
            else:
                outbox.emit("input_audio_buffer.speech_stopped", item_id=self._speaking_id, audio_end_ms=change.at_ms)
                self._commit(change.mulaw, now)
        return changes

    def commit(self, now: float) -> None:
        """``input_audio_buffer.commit``."""
        mulaw = self._ears.take()
        if not mulaw:
            message = "Error committing input audio buffer: the buffer is empty."
            raise Refusal("input_audio_buffer_commit_empty", message)
        self._commit(mulaw, now)

    def clear(self) -> None:
        """``input_audio_buffer.clear``."""
        self._ears.clear()
        self._speaking_id = ""
        self._around.outbox.emit("input_audio_buffer.cleared")

    @property
    def is_speech(self) -> bool:
        """The other side is speaking."""
        return self._ears.is_speech

    def commit_silence(self, now: float) -> None:
        """``idle_timeout_ms`` is over: what is in the buffer becomes a turn."""
        mulaw = self._ears.take()
        end_ms = self._ears.received_ms
        self._speaking_id = self._around.outbox.new_id("item")
        self._around.outbox.emit(
            "input_audio_buffer.timeout_triggered",
            item_id=self._speaking_id,
            audio_start_ms=end_ms - len(mulaw) // BYTES_PER_MS,
            audio_end_ms=end_ms,
        )
        self._commit(mulaw, now)

    def _commit(self, mulaw: bytes, now: float) -> None:
        outbox, conversation = self._around.outbox, self._around.conversation
        item_id = self._speaking_id or outbox.new_id("item")
        self._speaking_id = ""
        words, is_damaged = words_in(mulaw)
        data: dict[str, Any] = {"id": item_id, "object": "realtime.item", "type": "message", "status": "completed"}
        data |= {"role": "user", "content": [{"type": "input_audio", "transcript": None}]}
        item = Item(data, words, is_damaged, mulaw)
        outbox.emit("input_audio_buffer.committed", item_id=item_id, previous_item_id=conversation.last_id())
        conversation.add(item)
        faults = self._plan.next(Unit.TURN)
        if "socket_drop_on_turn" in faults:
            outbox.hang_up()
        if self._transcription is not None and "no_transcripts" not in faults:
            self._transcribe(item, faults, now)

    def _transcribe(self, item: Item, faults: frozenset[str], now: float) -> None:
        due = now + self._around.options.transcription_s
        if "out_of_order_transcripts" in faults and self._held is None:
            self._held = item
            self._timers.set("held", now + HELD_S, lambda _: self._release())
            return
        if "late_transcripts" in faults:
            due += LATE_S

        def tell(_: float) -> None:
            self._tell(item, is_failed="transcription_failed" in faults)
            self._release()

        self._timers.set(f"transcript {next(self._numbers)}", due, tell)

    def _release(self) -> None:
        """The transcript that was held back follows."""
        held, self._held = self._held, None
        if held is not None:
            self._tell(held)

    def _tell(self, item: Item, *, is_failed: bool = False) -> None:
        emit = self._around.outbox.emit
        if is_failed:
            error = {"type": "transcription_error", "code": "audio_unintelligible", "message": "The audio is unintelligible."}
            emit(f"{_TRANSCRIPTION}.failed", item_id=item.id, content_index=0, error=error)
            return
        item.data["content"][0]["transcript"] = item.words
        model = shipped_realtime().transcription((self._transcription or {}).get("model", ""))
        where = {"item_id": item.id, "content_index": 0}
        if model is not None and model.is_streaming:
            for word in item.words.split():
                emit(f"{_TRANSCRIPTION}.delta", **where, delta=f"{word} ")
        usage: dict[str, Any] = {"type": "duration", "seconds": item.audio_ms / 1000}
        if model is not None and model.bills == "tokens":
            heard, made = heard_tokens(item.audio_ms), text_tokens(item.words)
            usage = {"type": "tokens", "input_tokens": heard, "output_tokens": made, "total_tokens": heard + made}
            usage["input_token_details"] = {"audio_tokens": heard, "text_tokens": 0}
        more = {"logprobs": [_probable(word) for word in item.words.split()]} if self._has_logprobs else {}
        emit(f"{_TRANSCRIPTION}.completed", **where, transcript=item.words, usage=usage, **more)


def _probable(word: str) -> dict[str, Any]:
    return {"token": word, "bytes": list(word.encode()), "logprob": -0.01}
