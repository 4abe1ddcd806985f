"""Each end has one disposition."""

import pytest

from dialer.call.events import Answered, Finish, LegEnded, PlaceLost, Refused, TalkEnded
from dialer.call.verdict import UNANSWERED, Facts, verdict
from dialer.model.attempt import EndCause, Ending
from dialer.model.disposition import AnsweredBy, Disposition, Outcome


def answered(talk: TalkEnded) -> Finish:
    facts = Facts(has_talk=True, has_model=True)
    facts.note(Answered(), None)
    facts.note(talk, None)
    return verdict(facts)


@pytest.mark.parametrize("cause", EndCause)
def test_an_unanswered_end_follows_the_carriers_word(cause: EndCause) -> None:
    facts = Facts()
    ending = Ending(cause, "486 Busy Here", 486)
    facts.note(LegEnded(ending), None)
    assert verdict(facts) == Finish(UNANSWERED[cause], cause.value, ending=ending)


def test_an_end_without_any_word_is_the_carriers_failure() -> None:
    assert verdict(Facts()).disposition is Disposition.CARRIER_FAILED


@pytest.mark.parametrize(
    ("talk", "expected", "outcome"),
    [
        (TalkEnded(AnsweredBy.HUMAN, Outcome.SALE, "end_call"), Disposition.ANSWERED_HUMAN, Outcome.SALE),
        (
            TalkEnded(AnsweredBy.HUMAN, Outcome.SALE, "end_call", had_first_audio=False),
            Disposition.ANSWERED_HUMAN,
            Outcome.SALE,
        ),
        (TalkEnded(AnsweredBy.HUMAN, None, "callee_hung_up", had_first_audio=False), Disposition.ABANDONED, None),
        (
            TalkEnded(AnsweredBy.UNKNOWN, Outcome.CANNOT_TELL, "silence"),
            Disposition.NO_ANSWER,
            None,
        ),
        (TalkEnded(AnsweredBy.UNKNOWN, None, "callee_hung_up"), Disposition.REJECTED, None),
        (TalkEnded(AnsweredBy.UNKNOWN, None, "callee_hung_up", had_first_audio=False), Disposition.ABANDONED, None),
        (TalkEnded(AnsweredBy.UNKNOWN, None, "no_such_number", had_first_audio=False), Disposition.INVALID_NUMBER, None),
        (TalkEnded(AnsweredBy.UNKNOWN, None, "network_failed"), Disposition.CARRIER_FAILED, None),
        (TalkEnded(AnsweredBy.UNKNOWN, None, "busy_tone"), Disposition.BUSY, None),
        (TalkEnded(AnsweredBy.HUMAN, Outcome.CANNOT_TELL, "no_progress"), Disposition.ANSWERED_HUMAN, Outcome.CANNOT_TELL),
        (TalkEnded(AnsweredBy.UNKNOWN, None, "voice_refused:insufficient_quota"), Disposition.VOICE_FAILED, None),
        (TalkEnded(AnsweredBy.UNKNOWN, Outcome.CANNOT_TELL, "voice_lost"), Disposition.VOICE_FAILED, None),
        (
            TalkEnded(AnsweredBy.UNKNOWN, Outcome.CANNOT_TELL, "voice_lost", had_first_audio=False),
            Disposition.ABANDONED,
            None,
        ),
        (TalkEnded(AnsweredBy.VOICEMAIL, None, "voicemail"), Disposition.VOICEMAIL, None),
        (
            TalkEnded(AnsweredBy.VOICEMAIL, None, "message_left", is_message_left=True),
            Disposition.VOICEMAIL_LEFT,
            None,
        ),
        (TalkEnded(AnsweredBy.SCREENING, None, "screened"), Disposition.SCREENED, None),
        (TalkEnded(AnsweredBy.IVR, None, "ivr"), Disposition.IVR, None),
        (TalkEnded(AnsweredBy.FAX, None, "fax"), Disposition.FAX, None),
    ],
)
def test_an_answered_end_follows_who_answered(talk: TalkEnded, expected: Disposition, outcome: Outcome | None) -> None:
    last = answered(talk)
    assert (last.disposition, last.outcome, last.reason) == (expected, outcome, talk.reason)


def test_the_first_fault_counts_but_a_refusal_and_a_lost_dial_are_the_whole_truth() -> None:
    facts = Facts()
    facts.note(object(), (Disposition.CANCELLED, "shutdown"))
    facts.note(object(), (Disposition.VOICE_FAILED, "later"))
    assert facts.fault == (Disposition.CANCELLED, "shutdown")
    facts.note(Refused(Disposition.BLOCKED_HOURS, "HOURS-1"), None)
    assert facts.fault == (Disposition.BLOCKED_HOURS, "HOURS-1")
    facts.note(PlaceLost("timeout"), None)
    assert facts.fault == (Disposition.UNKNOWN, "timeout")
    facts.note(object(), (Disposition.VOICE_FAILED, "later"))
    assert facts.fault == (Disposition.UNKNOWN, "timeout")
