"""Last words, tail, cap."""

from dialer.conversation.closing import HAND_OVER_S, WARM_S, Closing, Phase


def begin(closing: Closing, reason: str, *, is_firm: bool = True, is_short: bool = False) -> None:
    closing.begin(reason, now=10.0, audible_until=11.0, is_firm=is_firm, is_short=is_short)


def test_a_firm_closing_keeps_its_reason_and_does_not_give_way() -> None:
    closing = Closing()
    assert closing.is_open
    assert not closing.is_due(99.0)
    begin(closing, "end_call", is_firm=False)
    begin(closing, "opt_out")
    begin(closing, "voice_silent")
    assert closing.reason == "opt_out"
    assert not closing.give_way()
    assert closing.deadline() == 23.0


def test_a_soft_one_gives_way_once() -> None:
    closing = Closing()
    assert not closing.give_way()
    begin(closing, "end_call", is_firm=False, is_short=True)
    assert closing.deadline() == 13.0
    closing.went_quiet(11.0)
    assert closing.is_due(11.4)
    assert closing.give_way()
    begin(closing, "end_call", is_firm=False)
    assert not closing.give_way()


def test_noise_of_ours_reopens_the_tail_and_a_hand_over_waits() -> None:
    closing = Closing()
    closing.went_quiet(1.0)
    closing.went_loud()
    begin(closing, "transferred")
    closing.went_quiet(11.0)
    closing.went_loud()
    assert closing.phase is Phase.SAYING
    assert not closing.is_due(12.0)
    closing.hand_over(12.0)
    assert closing.deadline() == 27.0


def test_a_warm_transfer_may_take_longer() -> None:
    cold, warm = Closing(), Closing()
    cold.hand_over(1.0)
    warm.hand_over(1.0, is_warm=True)
    assert cold.due_at is not None
    assert warm.due_at is not None
    assert warm.due_at - cold.due_at == WARM_S - HAND_OVER_S
