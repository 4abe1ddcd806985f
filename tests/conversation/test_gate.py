"""Never two responses at once, at most one waiting."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.conversation.events import CancelResponse, ConversationCommand, CreateResponse
from dialer.conversation.gate import MOST_RACES, ResponseGate, Wish, stalled, verbatim

REPLY, FIRM = Wish("reply"), Wish("closing", "Bye.", is_firm=True)


def gate() -> tuple[ResponseGate, list[ConversationCommand]]:
    out: list[ConversationCommand] = []
    return ResponseGate(out), out


def test_a_firm_wish_is_not_replaced_nor_dropped() -> None:
    it, out = gate()
    it.wish(REPLY, 0.0)
    it.started("r1", "reply", 0.0)
    it.wish(FIRM, 0.0)
    it.wish(REPLY, 0.0)
    it.drop()
    assert out == [CreateResponse("reply"), CancelResponse("r1")]
    it.drop()
    assert len(out) == 2
    assert it.done("r1", "cancelled", 0.0) is None
    it.release(0.0)
    assert out[2:] == [CreateResponse("closing", verbatim("Bye."), may_use_tools=False)]


def test_a_dropped_request_is_cancelled_when_it_starts() -> None:
    it, out = gate()
    it.wish(REPLY, 0.0)
    it.drop()
    assert it.started("r1", "reply", 0.0) is None
    assert out[-1] == CancelResponse("r1")
    assert it.done("r1", "failed", 0.0) is None
    assert it.is_idle


def test_what_nobody_asked_for_is_cancelled_and_what_was_asked_for_still_comes() -> None:
    it, out = gate()
    assert it.started("r1", "reply", 0.0) is None
    assert out == [CancelResponse("r1")]
    it.wish(REPLY, 0.0)
    assert it.started("foreign", "", 0.1) is None
    assert out[-1] == CancelResponse("foreign")
    assert not it.is_free
    assert it.started("r2", "reply", 0.2) == REPLY


def test_a_race_that_is_always_lost_is_given_up() -> None:
    it, _ = gate()
    it.wish(REPLY, 0.0)
    now = 0.0
    for _ in range(MOST_RACES):
        assert it.lost_race(now) is None
        now = it.deadline() or now
        assert it.tick(now) is None
    assert it.lost_race(now) is not None
    assert it.is_idle


def test_a_response_that_stalls_is_told_and_one_that_stirs_is_not() -> None:
    it, _ = gate()
    assert stalled(it, 99.0) == ""
    it.wish(REPLY, 0.0)
    it.started("r1", "reply", 1.0)
    assert (stalled(it, 10.9), it.deadline()) == ("", 11.0)
    it.stirred_at = 10.9
    assert (stalled(it, 11.0), stalled(it, 20.9)) == ("", "r1")


def test_a_refused_request_is_asked_again_after_a_pause_and_then_given_up() -> None:
    it, out = gate()
    assert it.refused(0.0, is_retryable=True) is None
    it.wish(REPLY, 0.0)
    assert it.refused(0.0, is_retryable=True, pause_s=2.0) is None
    assert it.tick(1.9) is None
    assert (len(out), it.deadline()) == (1, 2.0)
    it.tick(2.0)
    assert out == [CreateResponse("reply")] * 2
    assert it.refused(2.0, is_retryable=True) is not None
    it.wish(REPLY, 3.0)
    it.wish(FIRM, 3.0)
    it.refused(3.0, is_retryable=True)
    assert isinstance(out[-1], CreateResponse)
    assert out[-1].purpose == "closing"
    it.drop()
    assert it.refused(3.0, is_retryable=True) is None


def test_while_the_model_is_away_wishes_wait_and_only_firm_ones_are_kept() -> None:
    it, out = gate()
    it.wish(REPLY, 0.0)
    it.lose()
    it.wish(REPLY, 0.0)
    assert (len(out), it.deadline()) == (1, None)
    it.come_back(1.0)
    assert len(out) == 1
    it.lose()
    it.wish(FIRM, 1.0)
    it.come_back(2.0)
    assert isinstance(out[-1], CreateResponse)
    assert out[-1].purpose == "closing"


def test_a_dropped_request_that_stays_silent_is_forgotten() -> None:
    it, _ = gate()
    it.wish(REPLY, 0.0)
    it.drop()
    it.lost_race(0.0)
    assert it.is_idle
    it.wish(REPLY, 0.0)
    it.drop()
    assert it.tick(5.0) is None
    assert it.is_idle
    it.lost_race(0.0)


def test_a_failed_response_does_not_push_out_a_newer_wish() -> None:
    it, out = gate()
    it.wish(REPLY, 0.0)
    it.started("r1", "reply", 0.0)
    it.wish(FIRM, 0.0)
    assert it.done("r1", "failed", 0.0) is None
    it.release(0.0)
    assert isinstance(out[-1], CreateResponse)
    assert out[-1].purpose == "closing"
    it.wish(REPLY, 0.0)
    it.lost_race(0.0)
    it.release(1.0)
    assert isinstance(out[-1], CreateResponse)
    assert out[-1].purpose == "reply"


def test_a_fatal_failure_is_not_tried_again() -> None:
    it, _ = gate()
    it.wish(REPLY, 0.0)
    it.started("r1", "reply", 0.0)
    assert it.done("r1", "failed", 0.0, is_retryable=False) == REPLY
    it.lose()
    assert it.is_idle


@given(st.lists(st.sampled_from(["wish", "firm", "start", "done", "fail", "drop", "race", "tick"]), max_size=40))
def test_at_most_one_is_open(steps: list[str]) -> None:
    it, out = gate()
    now, asked, number = 0.0, 0, 0
    for step in steps:
        now += 1.0
        before = len(out)
        was_free = it.is_free
        match step:
            case "wish" | "firm":
                it.wish(REPLY if step == "wish" else FIRM, now)
            case "start" if not was_free and not it.active_id:
                number += 1
                it.started(f"r{number}", out[-1].purpose if isinstance(out[-1], CreateResponse) else "reply", now)
            case "done" | "fail":
                it.done(it.active_id, "failed" if step == "fail" else "completed", now)
                it.release(now)
            case "drop":
                it.drop()
            case "race":
                it.lost_race(0.0)
            case _:
                it.tick(now)
        created = [command for command in out[before:] if isinstance(command, CreateResponse)]
        assert len(created) <= 1
        asked += len(created)
        assert not (created and it.active_id)
