"""One media socket of ``chan_websocket``: its queue and its commands, quirks included. Pure: a tick is 20 ms.

After ``channels/chan_websocket.c`` (22.10.1): commands over 128 bytes are dropped; outside of a bulk what does not fill a frame
is dropped; at 1,000 frames further messages are dropped, though one may overshoot; a flush takes marks away without an answer
and ends a bulk; a mark is answered when its turn comes and uses up no time; the status is told at once.
"""

import json
from collections import deque
from typing import Any

from dialer.audio.framing import FRAME_BYTES

LONGEST_COMMAND_BYTES = 128
LARGEST_MESSAGE_BYTES = 65_535
QUEUE_MAX, XOFF, XON = 1000, 900, 800


class MediaQueue:
    """What lies queued for a channel. Methods return the events that they cause, as JSON objects."""

    def __init__(self, channel_id: str) -> None:
        self._channel_id = channel_id
        self._items: deque[bytes | dict[str, Any]] = deque()
        self._leftover = b""
        self._is_bulk = False
        self._is_paused = False
        self._is_full = False
        self._wants_drained = False
        self.frames = 0
        self.wants_hang_up = False
        self.dropped: list[str] = []
        """What was dropped without a word, for tests: ``command`` or ``audio``."""

    def text(self, message: str) -> list[dict[str, Any]]:
        """A command."""
        if len(message.encode()) > LONGEST_COMMAND_BYTES:
            self.dropped.append("command")
            return []
        try:
            command = json.loads(message)
            name = command["command"]
        except (ValueError, TypeError, KeyError):
            return [self._event("ERROR", error_text="Unable to parse JSON command")]
        return self._obey(name, str(command.get("correlation_id", "")))

    def _obey(self, name: str, correlation_id: str) -> list[dict[str, Any]]:
        match name:
            case "HANGUP":
                self.wants_hang_up = True
            case "START_MEDIA_BUFFERING":
                self._is_bulk = True
            case "STOP_MEDIA_BUFFERING":
                self._is_bulk = False
                rest, self._leftover = self._leftover, b""
                events = self._queue(rest) if rest else []
                self._items.append(self._event("MEDIA_BUFFERING_COMPLETED", correlation_id=correlation_id))
                return events
            case "MARK_MEDIA":
                self._items.append(self._event("MEDIA_MARK_PROCESSED", correlation_id=correlation_id))
            case "FLUSH_MEDIA":
                self._items.clear()
                self._leftover, self.frames, self._is_bulk = b"", 0, False
            case "REPORT_QUEUE_DRAINED":
                self._wants_drained = True
            case "PAUSE_MEDIA" | "CONTINUE_MEDIA":
                self._is_paused = name == "PAUSE_MEDIA"
            case "GET_STATUS":
                return [self._status()]
            case _:
                pass  # ANSWER is done already; what is unknown is only logged
        return []

    def binary(self, audio: bytes) -> list[dict[str, Any]]:
        """Audio of any length."""
        if self.frames >= QUEUE_MAX:
            self.dropped.append("audio")
            return []
        if self._is_bulk:
            audio, self._leftover = self._leftover + audio, b""
        whole = len(audio) // FRAME_BYTES * FRAME_BYTES
        events: list[dict[str, Any]] = []
        for start in range(0, whole, FRAME_BYTES):
            events += self._queue(audio[start : start + FRAME_BYTES])
        if self._is_bulk:
            self._leftover = audio[whole:]
        elif whole < len(audio):
            self.dropped.append("audio")
        return events

    def tick(self) -> tuple[bytes | None, list[dict[str, Any]]]:
        """20 ms pass: the frame that is played, if there is one, and what falls due before it."""
        events: list[dict[str, Any]] = []
        if self._is_paused:
            return None, events
        if self._is_full and self.frames < XON:
            self._is_full = False
            events.append(self._event("MEDIA_XON"))
        if not self._items:
            if self._wants_drained:
                self._wants_drained = False
                events.append(self._event("QUEUE_DRAINED"))
            rest, self._leftover = self._leftover, b""
            return rest or None, events
        while self._items:
            item = self._items.popleft()
            if isinstance(item, bytes):
                self.frames -= 1
                return item, events
            events.append(item)
        return None, events

    def _queue(self, frame: bytes) -> list[dict[str, Any]]:
        self._items.append(frame)
        self.frames += 1
        if not self._is_full and self.frames >= XOFF:
            self._is_full = True
            return [self._event("MEDIA_XOFF")]
        return []

    def _status(self) -> dict[str, Any]:
        return self._event(
            "STATUS",
            queue_length=self.frames,
            xon_level=XON,
            xoff_level=XOFF,
            queue_full=self._is_full,
            bulk_media=self._is_bulk,
            media_paused=self._is_paused,
        )

    def _event(self, name: str, **fields: Any) -> dict[str, Any]:
        return {"event": name, "channel_id": self._channel_id, **fields}

    def started(self, connection_id: str, channel_name: str, variables: dict[str, str]) -> dict[str, Any]:
        """The first message of a socket."""
        return {
            "event": "MEDIA_START",
            "connection_id": connection_id,
            "channel": channel_name,
            "channel_id": self._channel_id,
            "format": "ulaw",
            "optimal_frame_size": FRAME_BYTES,
            "ptime": 20,
            "channel_variables": variables,
        }

    def digit(self, digit: str) -> dict[str, Any]:
        """A key was pressed at the other end of the bridge."""
        return self._event("DTMF_END", digit=digit)
