"""The closed sets of ends and outcomes."""

from dialer.model.disposition import AnsweredBy, Disposition, Outcome


def test_blocked_and_answered_exclude_each_other() -> None:
    blocked = {disposition for disposition in Disposition if disposition.is_blocked}
    answered = {disposition for disposition in Disposition if disposition.is_answered}
    assert blocked == {
        Disposition.BLOCKED_DNC,
        Disposition.BLOCKED_CONSENT,
        Disposition.BLOCKED_HOURS,
        Disposition.BLOCKED_CAPS,
        Disposition.BLOCKED_BUDGET,
        Disposition.EXPIRED,
    }
    assert answered == {
        Disposition.ANSWERED_HUMAN,
        Disposition.VOICEMAIL,
        Disposition.VOICEMAIL_LEFT,
        Disposition.SCREENED,
        Disposition.IVR,
        Disposition.FAX,
        Disposition.ABANDONED,
    }


def test_the_sets_are_closed() -> None:
    assert len(Disposition) == 21
    assert len(Outcome) == 16
    assert {"do_not_call", "cannot_tell"} <= set(Outcome)
    assert "unknown" in set(AnsweredBy)
