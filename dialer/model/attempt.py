"""What one dial is to do, and what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber


class EndCause(StrEnum):
    """Why a leg ended, in our words; the carrier's own words stand beside it verbatim."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    INVALID_NUMBER = "invalid_number"
    CARRIER_FAULT = "carrier_fault"
    CONFIGURATION = "configuration"
    FAR_HANG_UP = "far_hang_up"
    NEAR_HANG_UP = "near_hang_up"
    TIME_LIMIT = "time_limit"


class Retry(StrEnum):
    """Whether the same number may be dialled again after an ending, and whose fault it was."""

    NEVER = "never"
    """This number, not again: it does not exist, or its owner had the network say so."""
    LATER = "later"
    """By the campaign's rules."""
    NOW = "now"
    """At once: nothing was rung and nothing stands in the way."""
    CARRIER_FAULT = "carrier_fault"
    """The network failed: the attempt does not use up one of the contact's."""
    BACK_OFF = "back_off"
    """A limit of the account is used up, and nobody was rung: no new calls for a while, and this one costs nobody a try."""
    CONFIGURATION_FAULT = "configuration_fault"
    """Our account or settings are wrong for every call: the campaign stops until a person has looked."""


_RETRY = {
    EndCause.INVALID_NUMBER: Retry.NEVER,
    EndCause.CARRIER_FAULT: Retry.CARRIER_FAULT,
    EndCause.CONFIGURATION: Retry.CONFIGURATION_FAULT,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a leg ended: our word, the carrier's words, the SIP code where there is one.

    ``ruled``: the retry class, where it is not the usual one of the cause.
    """

    cause: EndCause
    hangup_cause: str = ""
    sip_code: int | None = None
    ruled: Retry | None = None

    @property
    def retry(self) -> Retry:
        """The retry class."""
        return self.ruled or _RETRY.get(self.cause, Retry.LATER)


@dataclass(frozen=True, slots=True)
class DialOrder:
    """All that a carrier needs for one dial. ``ring_s`` and ``call_s`` are limits in seconds that the carrier itself enforces.

    ``start_s``: a carrier that puts the dial into a queue of its own must have begun to ring within so many seconds from being
    asked, or take it out again: it must not ring a phone when the window has closed. At most until then, and never for long,
    because a call that waits there keeps its place here.
    """

    attempt_id: AttemptId
    to: PhoneNumber
    from_number: PhoneNumber
    ring_s: int
    call_s: int
    start_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Trace:
    """What our books say of a dial, for carriers that cannot be asked by our own id. ``dialed_at`` is aware UTC."""

    attempt_id: AttemptId
    to: PhoneNumber
    from_number: PhoneNumber
    dialed_at: datetime
    carrier_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a carrier can do when an answer was lost, and during a call."""

    finds_by: Literal["nothing", "our_id", "our_id_while_live", "number_and_time"]
    """``our_id``: one that it never heard of was never rung. ``our_id_while_live``: what is over it has forgotten."""
    can_transfer: bool
    can_send_digits: bool
    has_exact_heard: bool
    """``Leg.clear`` is exact; otherwise the ledger estimates from marks and time."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the carrier knows of an attempt. ``ending`` is None while the call lives.

    ``talk_s``: seconds from the answer to the end; None where the carrier does not tell.
    """

    carrier_call_id: str
    ending: Ending | None
    was_answered: bool
    talk_s: float | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the voice model billed. Tokens; ``cached`` is part of ``input``; ``transcription_s`` in seconds."""

    text_in: int = 0
    text_cached: int = 0
    text_out: int = 0
    audio_in: int = 0
    audio_cached: int = 0
    audio_out: int = 0
    transcription_s: float = 0.0
    responses: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Add the counts, field by field."""
        return Usage(
            self.text_in + other.text_in,
            self.text_cached + other.text_cached,
            self.text_out + other.text_out,
            self.audio_in + other.audio_in,
            self.audio_cached + other.audio_cached,
            self.audio_out + other.audio_out,
            self.transcription_s + other.transcription_s,
            self.responses + other.responses,
        )


CUT_SHORT = "interrupted"
"""The reason of an attempt whose worker was gone before its end: the phone rang in vain, or the talk was broken off by us."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The end of an attempt: one disposition, at most one outcome, and the figures of the call.

    ``answer_to_audio_ms``: from the answer to our first audio leaving for the carrier. ``reason`` says in a word why the attempt
    ended as it did when the disposition alone does not (an error code of the model, a rule id).
    """

    disposition: Disposition
    outcome: Outcome | None = None
    answered_by: AnsweredBy = AnsweredBy.UNKNOWN
    ending: Ending | None = None
    reason: str = ""
    ring_s: float = 0.0
    talk_s: float = 0.0
    answer_to_audio_ms: int | None = None
    usage: Usage = Usage()
    cost: Decimal = Decimal(0)
    callback_at: datetime | None = None
    summary: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    is_fatal_for_campaign: bool = False
    """The voice model failed in a way in which it fails every call (a bad key, an empty account): the campaign must stop."""
    should_back_off: bool = False
    """A limit of the voice model's account was used up: start no new calls for a while."""
    rate_limits: dict[str, int] = field(default_factory=dict)
    """The least that the account had left during the attempt, by the service's names (``tokens``, ``requests``)."""

    @property
    def is_excused(self) -> bool:
        """An account failed and not this call: the attempt counts neither for the contact nor as a failure of the call."""
        is_voice = self.disposition is Disposition.VOICE_FAILED and (self.is_fatal_for_campaign or self.should_back_off)
        return is_voice or self.is_carrier_misconfigured or self.is_carrier_limited

    @property
    def is_carrier_misconfigured(self) -> bool:
        """The carrier refused for a reason that every further call would meet (a caller ID, a permission, the account)."""
        return self._was_refused_as(Retry.CONFIGURATION_FAULT)

    @property
    def is_carrier_limited(self) -> bool:
        """The carrier refused because a limit of the account is used up for now (too many requests, or calls at once)."""
        return self._was_refused_as(Retry.BACK_OFF)

    def _was_refused_as(self, retry: Retry) -> bool:
        return self.disposition is Disposition.CARRIER_FAILED and self.ending is not None and self.ending.retry is retry
