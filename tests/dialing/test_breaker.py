"""Three breakers that trip for their own reason only, and a back-off that grows with each meeting and not with each call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.dialing import breaker
from dialer.dialing.breaker import Slowdown, Watch, back_off, is_over, note, tripped
from dialer.model.disposition import Disposition

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ENDS = st.tuples(st.sampled_from(list(Disposition)), st.booleans())


def watched(*ends: Disposition, was_dialled: bool = True) -> Watch:
    """What is remembered of these ends."""
    watch = Watch()
    for end in ends:
        watch = note(watch, end, was_dialled=was_dialled)
    return watch


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        ([Disposition.CARRIER_FAILED] * 9, None),
        ([Disposition.CARRIER_FAILED] * 10, "carrier: 10 of the last 10"),
        ([Disposition.NO_ANSWER] * 10 + [Disposition.CARRIER_FAILED] * 9, None),
        ([Disposition.NO_ANSWER] * 40 + [Disposition.CARRIER_FAILED] * 10, "carrier: 10 of the last 20"),
        ([Disposition.VOICE_FAILED] * 10, "voice: 10 of the last 10"),
        ([Disposition.BUSY] * 5 + [Disposition.VOICE_FAILED] * 5, "voice: 5 of the last 10"),
        ([Disposition.ANSWERED_HUMAN] * 48 + [Disposition.ABANDONED], None),
        ([Disposition.ANSWERED_HUMAN] * 49 + [Disposition.ABANDONED], "ABAND-1: 1 of 50"),
        ([Disposition.ANSWERED_HUMAN] * 50 + [Disposition.ABANDONED], None),
        ([Disposition.ANSWERED_HUMAN] * 99 + [Disposition.ABANDONED] * 2, None),
        ([Disposition.ANSWERED_HUMAN] * 98 + [Disposition.ABANDONED] * 2, "ABAND-1: 2 of 100"),
        ([Disposition.CANCELLED, Disposition.UNKNOWN, Disposition.BLOCKED_DNC] * 50, None),
    ],
)
def test_each_breaker_trips_for_its_own_reason(ends: list[Disposition], reason: str | None) -> None:
    found = tripped(watched(*ends))
    assert (found or "").startswith(reason or "")
    assert (found is None) == (reason is None)


def test_what_was_not_dialled_says_nothing_of_the_carrier() -> None:
    watch = watched(*[Disposition.VOICE_FAILED] * 3, was_dialled=False)
    assert (watch.carrier, watch.voice) == ("", "xxx")


@given(st.lists(ENDS, max_size=120))
def test_the_watch_is_exact_about_the_latest_attempts(ends: list[tuple[Disposition, bool]]) -> None:
    watch = Watch()
    dialled: list[bool] = []
    answers = {Disposition.ANSWERED_HUMAN: 0, Disposition.ABANDONED: 0}
    for end, was_dialled in ends:
        watch = note(watch, end, was_dialled=was_dialled)
        is_proof = not end.is_blocked and end not in (Disposition.CANCELLED, Disposition.UNKNOWN)
        if is_proof and was_dialled and end is not Disposition.VOICE_FAILED:
            dialled.append(end is Disposition.CARRIER_FAILED)
        if end in answers:
            answers[end] += 1
    last = dialled[-breaker.WINDOW :]
    assert watch.carrier == "".join("x" if failed else "-" for failed in last)
    assert (watch.live_answers, watch.abandoned) == (sum(answers.values()), answers[Disposition.ABANDONED])
    must_stop = len(last) >= breaker.LEAST and sum(last) * 2 >= len(last)
    assert not must_stop or tripped(watch) is not None


@given(st.lists(st.floats(0, 900), max_size=60))
def test_delays_grow_and_many_calls_in_one_meeting_count_once(gaps: list[float]) -> None:
    state: Slowdown | None = None
    at = NOW
    for gap in gaps:
        at += timedelta(seconds=gap)
        before, state = state, back_off(state, "limit", at)
        if before is not None and at < before.until:
            assert state == before
        else:
            assert state.level == (1 if before is None else before.level + 1)
            assert state.until - at == breaker.DELAYS[min(state.level, 6) - 1]
            assert before is None or state.until - at >= breaker.DELAYS[min(before.level, 6) - 1]


def test_a_limit_used_up_slows_from_half_a_minute_to_ten_minutes() -> None:
    state, at = None, NOW
    waits = []
    for _ in range(8):
        state = back_off(state, "limit", at)
        waits.append((state.until - at).total_seconds())
        at = state.until
    assert waits == [30, 60, 120, 240, 480, 600, 600, 600]


def test_only_a_start_after_the_slowdown_proves_that_it_is_over() -> None:
    slowed = back_off(None, "limit", NOW)
    assert not is_over(slowed, None)
    assert not is_over(slowed, NOW)
    assert is_over(slowed, slowed.until)
