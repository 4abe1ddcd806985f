"""From what is known at the end of an attempt to its one disposition."""

from dataclasses import dataclass

from dialer.call.events import Answered, CancelAsked, Finish, LegEnded, ModelFailed, PlaceLost, Refused, TalkEnded
from dialer.model.attempt import EndCause, Ending
from dialer.model.disposition import AnsweredBy, Disposition, Outcome

UNANSWERED: dict[EndCause, Disposition] = {
    EndCause.NO_ANSWER: Disposition.NO_ANSWER,
    EndCause.BUSY: Disposition.BUSY,
    EndCause.REJECTED: Disposition.REJECTED,
    EndCause.INVALID_NUMBER: Disposition.INVALID_NUMBER,
    EndCause.CARRIER_FAULT: Disposition.CARRIER_FAILED,
    EndCause.CONFIGURATION: Disposition.CARRIER_FAILED,
    # Ended by the far side while ringing: the callee declined.
    EndCause.FAR_HANG_UP: Disposition.REJECTED,
    EndCause.NEAR_HANG_UP: Disposition.NO_ANSWER,
    EndCause.TIME_LIMIT: Disposition.NO_ANSWER,
}
ANSWERED: dict[AnsweredBy, Disposition] = {
    AnsweredBy.HUMAN: Disposition.ANSWERED_HUMAN,
    # The line was opened and nobody was heard on it: no human was reached, and it may be tried again as such.
    AnsweredBy.UNKNOWN: Disposition.NO_ANSWER,
    AnsweredBy.VOICEMAIL: Disposition.VOICEMAIL,
    AnsweredBy.SCREENING: Disposition.SCREENED,
    AnsweredBy.IVR: Disposition.IVR,
    AnsweredBy.FAX: Disposition.FAX,
}
VOICE_FAULTS = frozenset({"voice_lost", "voice_silent", "voice_refused", "voice_limited", "opening_mismatch"})
"""Reasons of the conversation's end that are the voice model's fault; a code of the service may follow after a colon."""
NETWORK: dict[str, Disposition] = {
    "no_such_number": Disposition.INVALID_NUMBER,
    "network_failed": Disposition.CARRIER_FAILED,
    "busy_tone": Disposition.BUSY,
    # Taken and put down without a word: declined, as while it rings.
    "callee_hung_up": Disposition.REJECTED,
}
"""Reasons of the conversation's end when nobody was on the line, in whose place the network or a click answered."""


@dataclass(slots=True)
class Facts:
    """What an attempt has learnt. The first fault counts: later ones are its consequences."""

    fault: tuple[Disposition, str] | None = None
    ending: Ending | None = None
    talk: TalkEnded | None = None
    is_answered: bool = False
    has_talk: bool = False
    """The conversation was started after the answer."""
    has_model: bool = False

    def note(self, event: object, fault: tuple[Disposition, str] | None) -> None:
        """Keep what an event says; ``fault`` is what the table adds to it."""
        match event:
            case Answered():
                self.is_answered = True
            case LegEnded(ending):
                self.ending = ending
            case TalkEnded() as talk:
                self.talk = talk
                if not self.is_answered:
                    fault = (Disposition.VOICE_FAILED, talk.reason)
            case ModelFailed(reason):
                fault = (Disposition.VOICE_FAILED, reason)
            case Refused(disposition, reason):
                # A refusal is the whole truth, even when the attempt had been given up before.
                self.fault = (disposition, reason)
            case PlaceLost(reason):
                self.fault = (Disposition.UNKNOWN, reason)
            case CancelAsked(reason):
                fault = (Disposition.CANCELLED, reason)
            case _:
                pass
        is_unknown = fault is not None and fault[0] is Disposition.UNKNOWN
        if is_unknown or self.fault is None:
            self.fault = fault


def verdict(facts: Facts) -> Finish:
    """The one end of the attempt."""
    if facts.is_answered:
        return _answered(facts)
    if facts.fault is not None:
        disposition, reason = facts.fault
        return Finish(disposition, reason, ending=facts.ending)
    # Without a fault an unanswered attempt only ends by the carrier's word.
    cause = facts.ending.cause if facts.ending else EndCause.CARRIER_FAULT
    return Finish(UNANSWERED[cause], cause.value, ending=facts.ending)


def _nobody(talk: TalkEnded) -> Disposition:
    """The line was open, and neither a person nor a machine was heard on it."""
    if talk.reason in NETWORK and talk.reason != "callee_hung_up":
        return NETWORK[talk.reason]
    if not talk.had_first_audio:
        return Disposition.ABANDONED
    if talk.reason.partition(":")[0] in VOICE_FAULTS:
        return Disposition.VOICE_FAILED
    return NETWORK.get(talk.reason, ANSWERED[AnsweredBy.UNKNOWN])


def _answered(facts: Facts) -> Finish:
    talk = facts.talk
    reason = facts.fault[1] if facts.fault else ""
    if not facts.has_talk:
        return Finish(Disposition.ABANDONED, reason, ending=facts.ending)
    if talk is None:
        return Finish(Disposition.VOICE_FAILED, "talk_unsettled", ending=facts.ending)
    disposition = ANSWERED[talk.answered_by]
    outcome: Outcome | None = talk.outcome
    if talk.answered_by is AnsweredBy.VOICEMAIL and talk.is_message_left:
        disposition = Disposition.VOICEMAIL_LEFT
    elif talk.answered_by is AnsweredBy.UNKNOWN:
        disposition, outcome = _nobody(talk), None
    elif talk.answered_by is AnsweredBy.HUMAN and not talk.had_first_audio and outcome is None:
        disposition = Disposition.ABANDONED
    return Finish(disposition, talk.reason, outcome, talk.answered_by, facts.ending)
