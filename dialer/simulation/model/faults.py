"""What the stand-in can be told to do wrong, by name.

``NAME`` hits every one of its units (every session, response, ...), ``NAME@2`` only the second of each session, and
``NAME@3.2`` only the second of the server's third session. A fault of the unit ``session`` is counted over the server's life:
``NAME@2`` is the second client that knocks. Names that end in ``_once`` hit the first when no number is given. Which unit
is hit never depends on time or chance.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialer.simulation.model.brain.view import Call, Reply

_SYNTAX = re.compile(r"([a-z0-9_]+)(?:@(?:([1-9]\d*)\.)?([1-9]\d*))?")
END_CALL = "end_call"
OTHER_WORDS = "Good day, this is your neighbour with something else altogether."


class Unit(StrEnum):
    """What a fault's number counts."""

    SESSION = "session"
    """A client at the door, whether or not it is let in."""
    RESPONSE = "response"
    """A response asked for: by ``response.create``, by detected speech or by silence."""
    TURN = "turn"
    """A turn of the other side, committed."""
    OPENING = "opening"
    """A response whose words are dictated, before any audio of the other side has come."""
    CANCEL = "cancel"
    TRUNCATION = "truncation"
    ITEM = "item"
    """A ``conversation.item.create``."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a name means."""

    unit: Unit
    text: str


_S, _R, _T = Unit.SESSION, Unit.RESPONSE, Unit.TURN
FAULTS: Mapping[str, FaultKind] = {
    # --- at the door
    "unauthorized": FaultKind(_S, "HTTP 401 instead of a session"),
    "too_many_requests": FaultKind(_S, "HTTP 429 instead of a session"),
    "unavailable": FaultKind(_S, "HTTP 503 instead of a session"),
    "beta_rejected": FaultKind(_S, "error beta_api_shape_disabled, then close code 4000, as for the header of the beta"),
    # --- setting up
    "no_session": FaultKind(_S, "the socket opens and nothing comes"),
    "slow_session": FaultKind(_S, "session.updated comes after 30 s"),
    "session_update_refused": FaultKind(_S, "session.update is refused (unknown_parameter); the defaults stay in force"),
    "wrong_format_echoed": FaultKind(_S, "24 kHz PCM is in force, whatever was asked for"),
    "wrong_voice_echoed": FaultKind(_S, "another voice is in force"),
    "instructions_dropped": FaultKind(_S, "the default instructions are in force, whatever was asked for"),
    "socket_drop_before_answer": FaultKind(_S, "the socket is cut 1 s after session.updated, unless audio has come by then"),
    # --- responses
    "no_response_created": FaultKind(_R, "response.create is swallowed"),
    "active_response_race": FaultKind(_R, "an unasked response begins first, and the one asked for is refused"),
    "rate_limited": FaultKind(_R, "the response fails with inference_rate_limit_exceeded"),
    "tokens_per_minute_exceeded": FaultKind(_R, "the response fails with rate_limit_exceeded (TPM)"),
    "requests_per_day_exceeded": FaultKind(_R, "the response fails with rate_limit_exceeded (RPD)"),
    "insufficient_quota": FaultKind(_R, "the response fails with insufficient_quota"),
    "server_error_once": FaultKind(_R, "the response fails with server_error"),
    "server_error_always": FaultKind(_R, "every response fails with server_error"),
    "session_expired": FaultKind(_R, "instead of the response: error session_expired, then close code 1001"),
    "empty_response": FaultKind(_R, "the response is completed and holds nothing"),
    "incomplete_response": FaultKind(_R, "the response ends in the middle (max_output_tokens)"),
    "content_filtered": FaultKind(_R, "the response ends in the middle (content_filter)"),
    "cancelled_by_turn_detected": FaultKind(_R, "the response is cancelled in the middle (turn_detected), unasked"),
    "stall_mid_audio": FaultKind(_R, "the audio stops in the middle and nothing more comes of the response"),
    "socket_drop_mid_audio": FaultKind(_R, "the socket is cut in the middle of the audio"),
    "malformed_frame": FaultKind(_R, "frames that are no JSON, and no known event, come in between"),
    "unknown_event": FaultKind(_R, "events and fields of a newer protocol come in between"),
    "opening_mismatch": FaultKind(Unit.OPENING, "dictated words before the other side's first audio come out as others"),
    "opening_mismatch_once": FaultKind(Unit.OPENING, "the same, the first time"),
    # --- tools
    "goodbye_without_tool": FaultKind(_R, "end_call is said, not called"),
    "tool_arguments_broken": FaultKind(_R, "the arguments of tool calls are half a JSON object"),
    "unknown_tool": FaultKind(_R, "a tool is called that nobody has declared"),
    "duplicate_tool_call": FaultKind(_R, "each tool call comes twice, with the same call_id"),
    # --- interruptions
    "cancel_race": FaultKind(Unit.CANCEL, "the response is just over when it is cancelled: response_cancel_not_active"),
    "late_deltas": FaultKind(Unit.CANCEL, "audio of a cancelled response still comes after its end"),
    "truncate_race": FaultKind(Unit.TRUNCATION, "the item is said to be shorter than its cut"),
    "duplicate_item_id": FaultKind(Unit.ITEM, "an item is added and reported as a duplicate as well"),
    # --- the other side's words
    "late_transcripts": FaultKind(_T, "the transcript comes 8 s late"),
    "out_of_order_transcripts": FaultKind(_T, "the transcript comes after that of the next turn"),
    "no_transcripts": FaultKind(_T, "no transcript comes"),
    "transcription_failed": FaultKind(_T, "a failure comes instead of the transcript"),
    "socket_drop_on_turn": FaultKind(_T, "the socket is cut when the turn has been committed"),
}
"""Every fault, with what its number counts and what it does."""

FAILURES: Mapping[str, Mapping[str, str]] = {
    "rate_limited": {
        "type": "rate_limit_error",
        "code": "inference_rate_limit_exceeded",
        "message": "The model is over its capacity.",
    },
    "tokens_per_minute_exceeded": {
        "type": "tokens",
        "code": "rate_limit_exceeded",
        "message": "Rate limit reached on tokens per min (TPM).",
    },
    "requests_per_day_exceeded": {
        "type": "requests",
        "code": "rate_limit_exceeded",
        "message": "Rate limit reached on requests per day (RPD).",
    },
    "insufficient_quota": {
        "type": "insufficient_quota",
        "code": "insufficient_quota",
        "message": "You exceeded your current quota, please check your plan and billing details.",
    },
    "server_error_once": {"type": "server_error", "code": "server_error", "message": "The server had an error."},
    "server_error_always": {"type": "server_error", "code": "server_error", "message": "The server had an error."},
}
"""The error in a failed response, by fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault to inject: at every unit, or at the ``at``-th, in every session or in the ``session``-th."""

    name: str
    at: int | None = None
    session: int | None = None


def fault(text: str) -> Fault:
    """Read ``NAME``, ``NAME@N`` or ``NAME@SESSION.N``; raise ``ValueError`` for anything else."""
    match = _SYNTAX.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no fault; write NAME, NAME@2 or NAME@1.2")
    name, session, at = match.groups()
    if name not in FAULTS:
        raise ValueError(f"{name!r} is no fault; there are: {', '.join(FAULTS)}")
    if session and FAULTS[name].unit is Unit.SESSION:
        raise ValueError(f"{text!r}: {name} counts sessions; write {name}@{session}")
    if at is None and name.endswith("_once"):
        at = "1"
    return Fault(name, int(at) if at else None, int(session) if session else None)


class FaultPlan:
    """The faults of one session. Each unit is counted by asking for it."""

    def __init__(self, faults: Collection[str] = (), session: int = 1) -> None:
        """``faults`` as ``fault`` reads them; ``session``: the number of this one."""
        self._faults = [found for text in faults if (found := fault(text)).session in (None, session)]
        self._counts = {Unit.SESSION: session - 1}
        self.of_session = self.next(Unit.SESSION)
        """The faults that hit the session as a whole."""

    def next(self, unit: Unit) -> frozenset[str]:
        """The faults that hit the next one of a unit."""
        count = self._counts[unit] = self._counts.get(unit, 0) + 1
        return frozenset(it.name for it in self._faults if FAULTS[it.name].unit is unit and it.at in (None, count))


def spoilt(reply: Reply, faults: Collection[str]) -> Reply:
    """What a mind's reply becomes under the faults that hit its response."""
    text, calls = reply.text, reply.calls
    if "empty_response" in faults:
        return Reply()
    if "opening_mismatch" in faults or "opening_mismatch_once" in faults:
        text = OTHER_WORDS
    if "goodbye_without_tool" in faults:
        calls = tuple(call for call in calls if call.name != END_CALL)
    if "unknown_tool" in faults:
        calls = (*calls, Call("order_pizza", {"size": "large"}))
    return Reply(text, calls)
