from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.dialing.numbers import Number
from dialer.dialing.redial import MOST_ATTEMPTS, MOVES_ON, Again, Final, closes, next_step, unanswered
from dialer.model.call import Bucket
from dialer.model.campaign import Campaign
from dialer.model.disposition import Disposition, Outcome
from dialer.model.phone import PhoneNumber
from tests.compliance.cases import a_campaign

NOW = datetime(2026, 3, 7, 20, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CAMPAIGN = a_campaign(
    redial={
        "no_answer": {"attempts": 4, "delays": ["30m", "4h"]},
        "busy": {"attempts": 2},
        "abandoned": {"attempts": 2, "delays": ["1h"]},
        "answered_human": {"attempts": 2, "delays": ["1d"]},
    }
)
REACHED, NOT_REACHED = Final(Bucket.REACHED), Final(Bucket.NOT_REACHED)
HUMAN = Disposition.ANSWERED_HUMAN


def step(
    disposition: Disposition, made: int = 1, outcome: Outcome | None = None, campaign: Campaign = CAMPAIGN, **more: Any
) -> Again | Final:
    return next_step(campaign, disposition, outcome, made, NOW, **more)


def test_attempts_and_delays_of_the_section_and_the_last_delay_repeats() -> None:
    found = [step(Disposition.NO_ANSWER, made) for made in (1, 2, 3, 4, 5)]
    assert found == [Again(NOW + 30 * MINUTE), Again(NOW + 4 * HOUR), Again(NOW + 4 * HOUR), NOT_REACHED, NOT_REACHED]


def test_a_section_without_delays_waits_a_day_of_24_hours() -> None:
    assert step(Disposition.BUSY) == Again(NOW + DAY)
    assert step(Disposition.BUSY, 2) == NOT_REACHED


@pytest.mark.parametrize(
    "disposition",
    [
        Disposition.NO_ANSWER,
        Disposition.BUSY,
        Disposition.REJECTED,
        Disposition.VOICEMAIL,
        Disposition.VOICEMAIL_LEFT,
        Disposition.SCREENED,
        Disposition.IVR,
        Disposition.FAX,
        Disposition.ABANDONED,
    ],
)
def test_without_a_section_one_attempt_is_all(disposition: Disposition) -> None:
    assert step(disposition, campaign=a_campaign()) == NOT_REACHED


@pytest.mark.parametrize(
    ("disposition", "bucket", "is_for_number"),
    [
        (Disposition.UNKNOWN, Bucket.UNSETTLED, False),
        (Disposition.CANCELLED, Bucket.CANCELLED, False),
        (Disposition.INVALID_NUMBER, Bucket.NOT_REACHED, True),
        (Disposition.BLOCKED_DNC, Bucket.SUPPRESSED, False),
        (Disposition.BLOCKED_CONSENT, Bucket.BLOCKED, False),
        (Disposition.BLOCKED_HOURS, Bucket.BLOCKED, False),
        (Disposition.BLOCKED_CAPS, Bucket.BLOCKED, False),
        (Disposition.BLOCKED_BUDGET, Bucket.BLOCKED, False),
        (Disposition.EXPIRED, Bucket.BLOCKED, False),
    ],
)
def test_what_is_never_redialled(disposition: Disposition, bucket: Bucket, is_for_number: bool) -> None:
    generous = a_campaign(redial={disposition.value: {"attempts": 10}})
    assert step(disposition, campaign=generous) == Final(bucket, is_for_number)


def test_after_silence_of_ours_nobody_is_called_for_72_hours() -> None:
    assert step(Disposition.ABANDONED) == Again(NOW + 72 * HOUR)
    assert step(Disposition.ABANDONED, 2) == NOT_REACHED


@pytest.mark.parametrize("disposition", [Disposition.CARRIER_FAILED, Disposition.VOICE_FAILED])
def test_our_own_failures_get_two_more_tries(disposition: Disposition) -> None:
    for made, expected in ((1, Again(NOW + 10 * MINUTE)), (2, Again(NOW + 10 * MINUTE)), (3, NOT_REACHED)):
        assert step(disposition, made) == expected
        assert step(disposition, made + 3, attempts_by_disposition={disposition: made}) == expected
    both = {Disposition.CARRIER_FAILED: 2, Disposition.VOICE_FAILED: 1}
    assert step(disposition, 3, attempts_by_disposition=both) == NOT_REACHED
    own = a_campaign(redial={disposition.value: {"attempts": 2, "delays": ["1m"]}})
    assert step(disposition, 1, campaign=own) == Again(NOW + MINUTE)
    assert step(disposition, 2, campaign=own) == NOT_REACHED


def test_a_tally_without_this_failure_still_counts_it() -> None:
    assert step(Disposition.VOICE_FAILED, 2, attempts_by_disposition={Disposition.BUSY: 1}) == Again(NOW + 10 * MINUTE)


def test_our_own_failures_do_not_use_up_the_contacts_attempts() -> None:
    tally = {Disposition.CARRIER_FAILED: 2, Disposition.NO_ANSWER: 1}
    assert step(Disposition.NO_ANSWER, 3, attempts_by_disposition=tally) == Again(NOW + 30 * MINUTE)


def test_a_callback_that_failed_on_our_side_stays_a_callback() -> None:
    assert step(Disposition.VOICE_FAILED, was_callback=True) == Again(NOW + 10 * MINUTE, is_callback=True)
    assert step(Disposition.NO_ANSWER, was_callback=True) == Again(NOW + 30 * MINUTE)


def test_a_callback_comes_at_the_minute_that_was_asked_for() -> None:
    at = NOW + 50 * HOUR
    assert step(HUMAN, 1, Outcome.CALLBACK, callback_at=at) == Again(at, is_callback=True)
    assert step(HUMAN, 1, Outcome.INTERESTED, callback_at=at) == Again(at, is_callback=True)
    assert step(HUMAN, 1, None, callback_at=at) == Again(at, is_callback=True)
    assert step(HUMAN, 1, Outcome.CALLBACK, callback_at=NOW - DAY) == Again(NOW, is_callback=True)


def test_a_callback_without_a_time_is_tomorrow() -> None:
    assert step(HUMAN, 1, Outcome.CALLBACK) == Again(NOW + DAY, is_callback=True)


def test_callbacks_end_too() -> None:
    assert step(HUMAN, MOST_ATTEMPTS, Outcome.CALLBACK, callback_at=NOW + DAY) == REACHED


@pytest.mark.parametrize("outcome", [Outcome.DO_NOT_CALL, Outcome.WRONG_NUMBER])
def test_final_for_the_number_beats_a_callback(outcome: Outcome) -> None:
    assert step(HUMAN, 1, outcome, callback_at=NOW + DAY) == Final(Bucket.REACHED, is_for_number=True)


def test_a_person_reached_is_final_unless_the_outcome_leaves_it_open() -> None:
    assert step(HUMAN) == step(HUMAN, 1, Outcome.INTERESTED) == step(HUMAN, 1, Outcome.CANNOT_TELL) == REACHED
    assert step(HUMAN, 1, Outcome.GATEKEEPER) == Again(NOW + DAY)
    assert step(HUMAN, 2, Outcome.GATEKEEPER) == REACHED
    assert step(HUMAN, 1, Outcome.GATEKEEPER, campaign=a_campaign()) == REACHED


ONE, TWO = PhoneNumber("+12125550111"), PhoneNumber("+12125550112")


def at(
    phone: PhoneNumber, disposition: Disposition, one: int, two: int, closed: tuple[PhoneNumber, ...] = (), **more: Any
) -> Any:
    numbers = [Number(ONE, one, ONE in closed), Number(TWO, two, TWO in closed)]
    return step(disposition, more.pop("made", one + two), numbers=numbers, phone=phone, **more)


def test_who_does_not_answer_is_tried_on_the_next_number_soon_and_after_a_round_again() -> None:
    assert at(ONE, Disposition.NO_ANSWER, 1, 0) == Again(NOW + 10 * MINUTE, phone=TWO)
    assert at(TWO, Disposition.NO_ANSWER, 1, 1) == Again(NOW + 30 * MINUTE, phone=ONE)
    assert at(ONE, Disposition.NO_ANSWER, 2, 1) == Again(NOW + 10 * MINUTE, phone=TWO)
    assert at(TWO, Disposition.NO_ANSWER, 2, 2) == Again(NOW + 4 * HOUR, phone=ONE)
    assert at(TWO, Disposition.NO_ANSWER, 4, 4) == NOT_REACHED
    assert at(TWO, Disposition.NO_ANSWER, 2, 2, made=MOST_ATTEMPTS) == NOT_REACHED
    assert at(ONE, Disposition.NO_ANSWER, 1, 0, (TWO,)) == Again(NOW + 30 * MINUTE), "nobody is called at a closed number"
    assert at(ONE, Disposition.VOICEMAIL, 1, 0) == Again(NOW + 10 * MINUTE, phone=TWO), "one attempt for each"
    assert at(TWO, Disposition.VOICEMAIL, 1, 1) == NOT_REACHED


def test_the_wait_before_the_next_number_is_the_campaigns() -> None:
    quick = a_campaign(redial={"busy": {"next_number": "1m"}, "invalid_number": {"next_number": "0s"}})
    assert at(ONE, Disposition.BUSY, 1, 0, campaign=quick) == Again(NOW + MINUTE, phone=TWO)
    assert at(ONE, Disposition.INVALID_NUMBER, 1, 0, (ONE,), campaign=quick) == Again(NOW, phone=TWO, is_for_number=True)


def test_an_invalid_number_is_closed_and_the_others_go_on() -> None:
    assert at(ONE, Disposition.INVALID_NUMBER, 1, 0, (ONE,)) == Again(NOW + 10 * MINUTE, phone=TWO, is_for_number=True)
    assert at(ONE, Disposition.INVALID_NUMBER, 1, 0, (ONE, TWO)) == Final(Bucket.NOT_REACHED, is_for_number=True)
    assert at(TWO, Disposition.INVALID_NUMBER, 2, 1, (TWO,)) == Again(NOW + 4 * HOUR, phone=ONE, is_for_number=True)
    assert at(TWO, Disposition.INVALID_NUMBER, 4, 1, (TWO,)) == Final(Bucket.NOT_REACHED, is_for_number=True)
    assert closes(CAMPAIGN, Disposition.INVALID_NUMBER, None)


@pytest.mark.parametrize(
    "disposition", [Disposition.REJECTED, Disposition.VOICEMAIL_LEFT, Disposition.SCREENED, Disposition.ABANDONED]
)
def test_who_declined_or_heard_us_is_not_called_on_another_number(disposition: Disposition) -> None:
    assert disposition not in MOVES_ON
    assert at(ONE, disposition, 2, 0) == NOT_REACHED


def test_a_wrong_number_closes_it_and_the_outcome_says_whether_the_contact_goes_on() -> None:
    rules = {"wrong_number": {"when": "w", "final_for_number": True, "final_for_contact": False}}
    going_on = a_campaign(outcomes=rules)
    told = {"outcome": Outcome.WRONG_NUMBER, "campaign": going_on}
    assert at(ONE, HUMAN, 1, 0, (ONE,), **told) == Again(NOW + 10 * MINUTE, phone=TWO, is_for_number=True)
    assert at(ONE, HUMAN, 1, 0, (ONE, TWO), **told) == Final(Bucket.REACHED, is_for_number=True)
    assert at(ONE, HUMAN, 1, 0, (ONE,), outcome=Outcome.WRONG_NUMBER) == Final(Bucket.REACHED, is_for_number=True)
    assert at(ONE, HUMAN, 1, 0, (ONE,), outcome=Outcome.DO_NOT_CALL, campaign=going_on) == Final(
        Bucket.REACHED, is_for_number=True
    )
    assert closes(going_on, HUMAN, Outcome.WRONG_NUMBER)
    assert closes(going_on, HUMAN, Outcome.DO_NOT_CALL)
    assert not closes(going_on, HUMAN, Outcome.INTERESTED)
    assert not closes(going_on, HUMAN, None)


def test_another_time_of_day_is_for_a_new_round() -> None:
    rotating = a_campaign(redial={"no_answer": {"attempts": 2, "delays": ["1h"], "other_time": True}})
    assert step(Disposition.NO_ANSWER, campaign=rotating) == Again(NOW + HOUR, has_other_time=True)
    assert at(ONE, Disposition.NO_ANSWER, 1, 0, campaign=rotating) == Again(NOW + 10 * MINUTE, phone=TWO)
    assert at(TWO, Disposition.NO_ANSWER, 1, 1, campaign=rotating) == Again(NOW + HOUR, phone=ONE, has_other_time=True)


generous = a_campaign(redial={kind.value: {"attempts": 10, "delays": ["0s"]} for kind in Disposition})


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Disposition),
            st.none() | st.sampled_from(Outcome),
            st.none() | st.integers(-5, 500).map(lambda hours: NOW + hours * HOUR),
        ),
        min_size=30,
        max_size=30,
    ),
    st.sampled_from([generous, CAMPAIGN, a_campaign()]),
    st.integers(1, 2),
)
@settings(max_examples=100)
def test_every_sequence_ends_and_never_goes_back_in_time(
    ends: list[tuple[Disposition, Outcome | None, datetime | None]], campaign: Campaign, numbers: int
) -> None:
    tally: Counter[Disposition] = Counter()
    now, was_callback, phone = NOW, False, ONE
    tries: Counter[PhoneNumber] = Counter()
    closed = set()
    for made, (disposition, outcome, callback_at) in enumerate(ends, start=1):
        assert phone not in closed, "a closed number is dialled"
        tally[disposition] += 1
        tries[phone] += 1
        if closes(campaign, disposition, outcome if disposition is HUMAN else None):
            closed.add(phone)
        found = next_step(
            campaign,
            disposition,
            outcome,
            made,
            now,
            callback_at=callback_at,
            attempts_by_disposition=tally,
            was_callback=was_callback,
            numbers=[Number(number, tries[number], number in closed) for number in (ONE, TWO)[:numbers]],
            phone=phone,
        )
        if isinstance(found, Final):
            assert made <= 2 * MOST_ATTEMPTS
            return
        assert found.not_before >= now
        now, was_callback, phone = found.not_before, found.is_callback, found.phone or phone
    pytest.fail("thirty attempts and no end")


@pytest.mark.parametrize(
    ("made", "numbers", "expected"),
    [
        (0, 1, (30 * MINUTE, 4 * HOUR, 4 * HOUR)),
        (2, 1, (4 * HOUR,)),
        (3, 1, ()),
        (4, 1, ()),
        (6, 2, (10 * MINUTE,)),
        (0, 5, (10 * MINUTE,) * 4 + (30 * MINUTE,) + (10 * MINUTE,) * 4),
    ],
)
def test_the_dials_to_come_while_nobody_answers(made: int, numbers: int, expected: tuple[timedelta, ...]) -> None:
    assert unanswered(CAMPAIGN, made, numbers) == expected
