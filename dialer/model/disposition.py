"""How an attempt ended: the closed telephony layer, and the fixed core of the business layer."""

from enum import StrEnum


class Disposition(StrEnum):
    """How one attempt ended, as the telephone network saw it. Never decided by a model."""

    ANSWERED_HUMAN = "answered_human"
    VOICEMAIL = "voicemail"
    VOICEMAIL_LEFT = "voicemail_left"
    SCREENED = "screened"
    IVR = "ivr"
    FAX = "fax"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    INVALID_NUMBER = "invalid_number"
    CARRIER_FAILED = "carrier_failed"
    VOICE_FAILED = "voice_failed"
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    BLOCKED_DNC = "blocked_dnc"
    BLOCKED_CONSENT = "blocked_consent"
    BLOCKED_HOURS = "blocked_hours"
    BLOCKED_CAPS = "blocked_caps"
    BLOCKED_BUDGET = "blocked_budget"
    EXPIRED = "expired"

    @property
    def is_blocked(self) -> bool:
        """A gate refused: the carrier was never asked."""
        return self.value.startswith("blocked_") or self is Disposition.EXPIRED

    @property
    def is_answered(self) -> bool:
        """Somebody or something took the call."""
        return self in _ANSWERED


_ANSWERED = frozenset(
    {
        Disposition.ANSWERED_HUMAN,
        Disposition.VOICEMAIL,
        Disposition.VOICEMAIL_LEFT,
        Disposition.SCREENED,
        Disposition.IVR,
        Disposition.FAX,
        Disposition.ABANDONED,
    }
)


class Outcome(StrEnum):
    """What was said: the fixed core that each script's own outcomes are drawn from."""

    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"
    CALLBACK = "callback"
    APPOINTMENT_CONFIRMED = "appointment_confirmed"
    APPOINTMENT_MOVED = "appointment_moved"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    APPOINTMENT_BOOKED = "appointment_booked"
    SALE = "sale"
    TRANSFERRED = "transferred"
    WRONG_PERSON = "wrong_person"
    WRONG_NUMBER = "wrong_number"
    GATEKEEPER = "gatekeeper"
    LANGUAGE_BARRIER = "language_barrier"
    HUNG_UP_EARLY = "hung_up_early"
    DO_NOT_CALL = "do_not_call"
    CANNOT_TELL = "cannot_tell"


class AnsweredBy(StrEnum):
    """Who took the call (stage A): decided in code from audio, turns and reports, never from what was promised."""

    HUMAN = "human"
    VOICEMAIL = "voicemail"
    SCREENING = "screening"
    IVR = "ivr"
    FAX = "fax"
    UNKNOWN = "unknown"
