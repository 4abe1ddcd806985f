"""One response, from ``response.created`` to ``response.done``: the waits between its events, and how it may go wrong."""

from collections.abc import Callable, Generator
from typing import Any

from dialer.audio import modem
from dialer.audio.framing import BYTES_PER_MS
from dialer.simulation.model.brain.view import Reply
from dialer.simulation.model.emission import Emission, Order, Surroundings
from dialer.simulation.model.faults import FAILURES, spoilt
from dialer.simulation.model.meter import spoken_ms, spoken_tokens

_WRITTEN_LETTERS = 20
_WRITTEN_S = 0.02
"""Text comes in pieces of so many letters, one in so many seconds."""
_CUT = {"incomplete_response": "max_output_tokens", "content_filtered": "content_filter"}
_HALFWAY = {*_CUT, "cancelled_by_turn_detected", "stall_mid_audio", "socket_drop_mid_audio"}
_NEWER = "response.thought.delta"


class Generation:
    """A running response. ``next_at``: when it wants to go on; ``None`` while it stalls and when it is over."""

    def __init__(self, order: Order, around: Surroundings, reply: Callable[[], Reply], now: float) -> None:
        """Begin: ``reply`` is asked once the thinking is over."""
        self.order = order
        self.id = around.outbox.new_id("resp")
        self.is_over = False
        self._around = around
        self._output = Emission(order, around, self.id)
        self._read = around.meter.read(order.prompt, around.conversation.items, order.settings["truncation"])
        self._steps = self._run(reply)
        self.next_at: float | None = now + next(self._steps)

    @property
    def audio_ms(self) -> int:
        """How much it has spoken so far."""
        return self._output.audio_ms

    def advance(self, now: float) -> None:
        """Do what is due."""
        while self.next_at is not None and now >= self.next_at:
            wait_s = next(self._steps, None)
            self.next_at = None if wait_s is None else self.next_at + wait_s

    def rush(self) -> None:
        """Do all that is left, at once."""
        for _ in self._steps:
            continue
        self.next_at = None

    def cancel(self, reason: str, *, is_late: bool = False) -> None:
        """Stop at once; what has been made stays, as incomplete. ``is_late``: some audio still comes afterwards."""
        self._steps.close()
        self._end("cancelled", {"reason": reason})
        item = self._output.last_message()
        if is_late and item is not None and item.mulaw:
            for _ in range(2):
                self._output.sound(item, item.mulaw[: 20 * BYTES_PER_MS])

    def _run(self, reply: Callable[[], Reply]) -> Generator[float, None, None]:
        outbox, faults = self._around.outbox, self.order.faults
        outbox.emit("response.created", response=self._output.response("in_progress", None, None))
        outbox.emit("rate_limits.updated", rate_limits=self._around.meter.limits())
        self._disturb()
        yield self._around.options.think_s
        failure = next((FAILURES[name] for name in FAILURES if name in faults), None)
        if failure is not None:
            self._end("failed", {"error": dict(failure)})
            return
        answer = spoilt(reply(), faults)
        if answer.text:
            is_whole = yield from (self._speak(answer.text) if self.order.is_audio else self._write(answer.text))
            if not is_whole:
                return
        for call in answer.calls:
            call_id = self._output.call(call)
            if "duplicate_tool_call" in faults:
                self._output.call(call, call_id)
        self._end("completed")

    def _disturb(self) -> None:
        """Frames that a client must survive."""
        outbox, faults = self._around.outbox, self.order.faults
        if "unknown_event" in faults:
            outbox.emit(_NEWER, response_id=self.id, delta="?", depth={"level": 1})
            outbox.emit("input_audio_buffer.cleared", because="of a newer protocol")
        if "malformed_frame" in faults:
            outbox.emit_text('{"type":"response.output_audio.delta","delta":"')
            outbox.emit_text('{"type":"error","error":"none"}')
            outbox.emit_text("null")

    def _speak(self, text: str) -> Generator[float, None, bool]:
        """Speak; returns whether the response goes on."""
        options, output = self._around.options, self._output
        mulaw, limit = modem.encode(text), self.order.settings["max_output_tokens"]
        is_cut = limit != "inf" and spoken_tokens(len(mulaw) // BYTES_PER_MS) > limit
        if is_cut:
            mulaw = mulaw[: spoken_ms(limit) * BYTES_PER_MS]
        size = options.chunk_ms * BYTES_PER_MS
        count = -(-len(mulaw) // size)
        item = output.begin_message()
        for number in range(count):
            if number:
                yield options.chunk_ms / 1000 / options.burst_factor
            words = text[number * len(text) // count : (number + 1) * len(text) // count]
            output.speak(item, words, mulaw[number * size : (number + 1) * size])
            if 2 * (number + 1) >= count and not _HALFWAY.isdisjoint(self.order.faults):
                self._stop_halfway()
                return False
        if is_cut:
            self._end("incomplete", {"reason": "max_output_tokens"})
            return False
        output.end_message(item, "completed")
        return True

    def _stop_halfway(self) -> None:
        """End in the middle of the words, or stall there."""
        faults = self.order.faults
        reason = next((_CUT[name] for name in _CUT if name in faults), None)
        if reason is not None:
            self._end("incomplete", {"reason": reason})
        elif "cancelled_by_turn_detected" in faults:
            self._end("cancelled", {"reason": "turn_detected"})
        elif "socket_drop_mid_audio" in faults:
            self._around.outbox.hang_up()

    def _write(self, text: str) -> Generator[float, None, bool]:
        item = self._output.begin_message()
        for start in range(0, len(text), _WRITTEN_LETTERS):
            self._output.write(item, text[start : start + _WRITTEN_LETTERS])
            yield _WRITTEN_S
        self._output.end_message(item, "completed")
        return True

    def _end(self, status: str, details: dict[str, Any] | None = None) -> None:
        """Send the end; a message that is open is closed as incomplete."""
        made = self._output
        if made.open_message is not None:
            made.end_message(made.open_message, "incomplete")
        usage = self._around.meter.usage(self._read, made.text, spoken_tokens(made.audio_ms))
        shown = None if details is None else {"type": status, **details}
        self._around.outbox.emit("response.done", response=made.response(status, shown, usage))
        self.next_at = None
        self.is_over = True
