"""What people say, read tolerantly."""

from datetime import UTC, datetime

import pytest

from dialer.conversation.spoken import callback_time, read_answer, same_identity
from dialer.model.campaign import Answer
from tests.support.builders import MONDAY, ZONE


@pytest.mark.parametrize(
    "said",
    [
        "It is March 12, 1984.",
        "the 12th of March 84",
        "03/12/1984",
        "12.3.1984",
        "1984-03-12",
        "1984年3月12日",
        "１９８４年３月１２日",
    ],
)
def test_a_date_is_the_same_in_any_usual_form(said: str) -> None:
    assert same_identity("1984-03-12", said)


@pytest.mark.parametrize(
    "said", ["March 13, 1984", "April 12, 1984", "March 1984", "12/4/1984", "3/1984", "1985-03-12", "", "March 12, 1985"]
)
def test_another_date_is_not(said: str) -> None:
    assert not same_identity("1984-03-12", said)


@pytest.mark.parametrize(
    ("secret", "said", "is_same"),
    [
        ("94105", "My code is 9 4 1 0 5.", True),
        ("94105", "94106", False),
        ("42", "42", True),
        ("42", "it is 4200", False),
        ("", "anything", False),
        ("Café Rouge", "CAFÉ ROUGE!", True),
    ],
)
def test_other_secrets_are_compared_by_letters_and_digits(secret: str, said: str, is_same: bool) -> None:
    assert same_identity(secret, said) is is_same


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("text", "  a crown ", "a crown"),
        ("text", " ", None),
        ("text", "x" * 501, None),
        ("integer", "1,200", "1200"),
        ("integer", "1.5", None),
        ("number", "1.5", "1.5"),
        ("number", "many", None),
        ("number", "NaN", None),
        ("money", "$180", "180"),
        ("money", "2万", None),
        ("date", "2026-12-03", "2026-12-03"),
        ("date", "tomorrow", None),
        ("boolean", "Yes", "true"),
        ("boolean", "否", "false"),
        ("boolean", "maybe", None),
        ("enum", "Small", "small"),
        ("enum", "huge", None),
    ],
)
def test_answers_are_read_by_their_type(kind: str, value: str, read: str | None) -> None:
    answer = Answer.model_validate({"question": "?", "type": kind, "values": ("small", "large")})
    assert read_answer(answer, value) == read


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-24T15:00", datetime(2026, 11, 24, 20, 0, tzinfo=UTC)),
        ("tomorrow", "not_a_time"),
        ("2026-11-24T15:00+01:00", "zone_not_wanted"),
        ("2026-11-23T10:01", "in_the_past"),
        ("2027-11-23T10:00", "too_far_away"),
        ("2026-11-24T03:00", "at_night"),
        ("2026-11-24T21:00", "at_night"),
    ],
)
def test_a_callback_is_local_time_made_utc(text: str, found: datetime | str) -> None:
    assert callback_time(text, ZONE, MONDAY) == found


def test_an_hour_that_the_clock_change_skips_is_no_time() -> None:
    assert callback_time("2027-03-14T02:30", ZONE, datetime(2027, 3, 10, tzinfo=UTC)) == "no_such_time"
