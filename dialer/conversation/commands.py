"""What the conversation wants done: commands, imperative. They are decisions; the session's driver performs them in order."""

from dataclasses import dataclass

from dialer.model.disposition import AnsweredBy, Outcome
from dialer.model.transcript import Speaker, ToolCall, Turn


@dataclass(frozen=True, slots=True)
class Play:
    """Queue audio of one item for the callee."""

    item_id: str
    mulaw: bytes


@dataclass(frozen=True, slots=True)
class PlayClip:
    """Queue the clip of this name for the callee, as the item ``item_id``."""

    name: str
    item_id: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Ask the carrier to report when all audio queued so far has been played."""

    name: str


@dataclass(frozen=True, slots=True)
class ClearPlayout:
    """Drop all queued audio now; the driver answers with ``PlayoutCleared``."""


@dataclass(frozen=True, slots=True)
class CancelResponse:
    """Stop the generation that is running."""

    response_id: str


@dataclass(frozen=True, slots=True)
class TruncateHeard:
    """Tell the model how much of its item was heard, in milliseconds of that item."""

    item_id: str
    heard_ms: int


@dataclass(frozen=True, slots=True)
class CreateResponse:
    """Let the model speak. ``purpose`` comes back in the response's metadata; ``instructions`` replace the session's
    for this one."""

    purpose: str
    instructions: str | None = None
    may_use_tools: bool = True


@dataclass(frozen=True, slots=True)
class ReturnToolOutput:
    """Hand a tool's result (JSON text) back to the model."""

    call_id: str
    output: str


@dataclass(frozen=True, slots=True)
class AddNote:
    """Put a line of ours into the conversation as a system item."""

    text: str


@dataclass(frozen=True, slots=True)
class AddTurn:
    """Put what was said into the model's conversation, as text: a clip of ours, or the talk so far in a new session."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class ReopenVoice:
    """The model's session was lost: open another one with the same settings. Answered with ``VoiceReopened`` or
    ``ReopenFailed``."""


@dataclass(frozen=True, slots=True)
class RecordTurn:
    """Persist a turn as heard; the same ``seq`` again replaces it (a late transcript)."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class RecordToolCall:
    """Persist a tool call with its result."""

    tool_call: ToolCall


@dataclass(frozen=True, slots=True)
class RecordOptOut:
    """Commit the opt-out of this number before anything else happens. ``layer``: tool, phrase or keypad; ``quote``:
    the words."""

    layer: str
    quote: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class EndLog:
    """A payment card number was said: the attempt's log ends before the first mention of this item, and is not gone on with."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the callee over to a named desk."""

    desk: str


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Press keys towards the callee's side."""

    digits: str


@dataclass(frozen=True, slots=True)
class EndTalk:
    """The conversation is over and what should be heard has been heard: the line may be hung up. Always the last
    command."""

    reason: str
    answered_by: AnsweredBy
    outcome: Outcome | None
    is_message_left: bool = False


ConversationCommand = (
    Play
    | PlayClip
    | Mark
    | ClearPlayout
    | CancelResponse
    | TruncateHeard
    | CreateResponse
    | ReturnToolOutput
    | AddNote
    | AddTurn
    | ReopenVoice
    | RecordTurn
    | RecordToolCall
    | RecordOptOut
    | EndLog
    | Transfer
    | SendDigits
    | EndTalk
)
VoiceCommand = CancelResponse | TruncateHeard | CreateResponse | ReturnToolOutput | AddNote | AddTurn
