"""What happens to an attempt (events, past tense) and what it wants done (commands, imperative).

Events come from three sides: the voice model's session, the gates and the database (``Permitted``, ``Refused``), and
the carrier. Commands are decisions, not deeds: the session's driver performs them in order and feeds back what came of
them.
"""

from dataclasses import dataclass

from dialer.model.attempt import Ending
from dialer.model.disposition import AnsweredBy, Disposition, Outcome


@dataclass(frozen=True, slots=True)
class Began:
    """The attempt was claimed; nothing has been asked of anybody yet."""


@dataclass(frozen=True, slots=True)
class ModelReady:
    """The voice model's session is open and its effective settings equal what was asked."""


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """The voice model refused, differed from what was asked, or was lost before the answer.

    ``is_fatal_for_campaign``: every further call would fail in the same way (a bad key, an empty account).
    ``should_back_off``: a limit of the account is used up for now.
    """

    reason: str
    is_fatal_for_campaign: bool = False
    should_back_off: bool = False


@dataclass(frozen=True, slots=True)
class Permitted:
    """All gates allowed at this instant and the intent to dial is committed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A gate said no at the last instant, or the claim was lost: the carrier was not asked."""

    disposition: Disposition
    reason: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The carrier confirmed that it is dialling."""


@dataclass(frozen=True, slots=True)
class PlaceLost:
    """The carrier's answer to the dial was lost or ambiguous."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ringing:
    """The phone rings."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody or something took the call; the leg is open."""


@dataclass(frozen=True, slots=True)
class LegEnded:
    """The carrier reports the end of the dial or of the call, whatever the reason."""

    ending: Ending


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """The conversation came to its own end and the goodbye has been played; the line may be hung up."""

    answered_by: AnsweredBy
    outcome: Outcome | None
    reason: str
    is_message_left: bool = False
    had_first_audio: bool = True


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """The operator or a shutdown wants this attempt ended."""

    reason: str


CallEvent = (
    Began
    | ModelReady
    | ModelFailed
    | Permitted
    | Refused
    | Placed
    | PlaceLost
    | Ringing
    | Answered
    | LegEnded
    | TalkEnded
    | CancelAsked
)


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Open the voice model's session with this attempt's instructions and compare what is in force."""


@dataclass(frozen=True, slots=True)
class AskPermit:
    """Ask all gates again and commit the intent to dial, in one transaction."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Ask the carrier. At most once in the life of an attempt."""


@dataclass(frozen=True, slots=True)
class PrepareOpening:
    """Let the model speak the opening into a buffer while the phone rings."""


@dataclass(frozen=True, slots=True)
class StartTalk:
    """The call is answered: play the opening and hold the conversation."""


@dataclass(frozen=True, slots=True)
class WindUpTalk:
    """Ask the conversation for a polite end: a goodbye, then ``TalkEnded``."""

    reason: str


@dataclass(frozen=True, slots=True)
class StopTalk:
    """The leg is gone: close the conversation's books (what was heard, the last turn)."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the dial or the call through the carrier."""


@dataclass(frozen=True, slots=True)
class CloseModel:
    """Close the voice model's session."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The attempt is over, with exactly one disposition. Always the last command."""

    disposition: Disposition
    reason: str = ""
    outcome: Outcome | None = None
    answered_by: AnsweredBy = AnsweredBy.UNKNOWN
    ending: Ending | None = None


CallCommand = OpenModel | AskPermit | Dial | PrepareOpening | StartTalk | WindUpTalk | StopTalk | HangUp | CloseModel | Finish
