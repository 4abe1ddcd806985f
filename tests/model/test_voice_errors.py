"""One table for everything that can go wrong at the service."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.voice_errors import ERRORS, WRONG_FOR_EVERY_CALL, Reaction, close_reaction, reaction, status_reaction


@pytest.mark.parametrize(("word", "expected"), ERRORS.items())
def test_a_word_counts_in_either_field(word: str, expected: Reaction) -> None:
    assert reaction(word) is reaction("", word) is expected


@pytest.mark.parametrize(
    ("code", "kind", "message", "expected"),
    [
        ("", "", "", Reaction.RETRY_ONCE),
        ("never_heard_of", "", "", Reaction.RETRY_ONCE),
        ("session_expired", "invalid_request_error", "", Reaction.SESSION_OVER),
        ("beta_api_shape_disabled", "invalid_request_error", "", Reaction.STOP_CAMPAIGN),
        ("invalid_api_key", "", "", Reaction.STOP_CAMPAIGN),
        ("", "insufficient_quota", "", Reaction.STOP_CAMPAIGN),
        ("credit_balance_exhausted", "", "", Reaction.STOP_CAMPAIGN),
        ("account_deactivated", "", "", Reaction.STOP_CAMPAIGN),
        ("billing_hard_limit_reached", "", "", Reaction.STOP_CAMPAIGN),
        ("inference_rate_limit_exceeded", "server_error", "", Reaction.BACK_OFF),
        ("rate_limit_exceeded", "requests", "", Reaction.BACK_OFF),
        ("", "server_error", "", Reaction.RETRY_ONCE),
        ("response_cancel_not_active", "invalid_request_error", "", Reaction.IGNORE),
        ("input_audio_buffer_commit_empty", "invalid_request_error", "", Reaction.IGNORE),
        ("item_create_duplicate_item_id", "invalid_request_error", "", Reaction.IGNORE),
        ("unknown_parameter", "invalid_request_error", "", Reaction.OUR_MISTAKE),
        ("missing_required_parameter", "invalid_request_error", "", Reaction.OUR_MISTAKE),
        ("invalid_value", "invalid_request_error", "", Reaction.OUR_MISTAKE),
        ("conversation_already_has_active_response", "invalid_request_error", "", Reaction.WAIT_FOR_TURN),
        ("rate_limit_exceeded", "insufficient_quota", "", Reaction.STOP_CAMPAIGN),
        ("insufficient_quota", "server_error", "", Reaction.STOP_CAMPAIGN),
        (
            "invalid_value",
            "invalid_request_error",
            "Audio content of 980ms is already shorter than 1000ms",
            Reaction.IGNORE,
        ),
    ],
)
def test_the_gravest_word_and_then_the_most_exact_one_counts(code: str, kind: str, message: str, expected: Reaction) -> None:
    assert reaction(code, kind, message) is expected


@given(st.text(), st.text(), st.text())
def test_any_error_has_a_reaction(code: str, kind: str, message: str) -> None:
    assert reaction(code, kind, message) in Reaction


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (4000, Reaction.STOP_CAMPAIGN),
        (1001, Reaction.SESSION_OVER),
        (1000, Reaction.SESSION_OVER),
        (1011, Reaction.RETRY_ONCE),
        (1013, Reaction.RETRY_ONCE),
        (None, Reaction.RETRY_ONCE),
    ],
)
def test_close_codes(code: int | None, expected: Reaction) -> None:
    assert close_reaction(code) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (302, Reaction.STOP_CAMPAIGN),
        (401, Reaction.STOP_CAMPAIGN),
        (404, Reaction.STOP_CAMPAIGN),
        (408, Reaction.RETRY_ONCE),
        (429, Reaction.BACK_OFF),
        (503, Reaction.RETRY_ONCE),
    ],
)
def test_statuses(status: int, expected: Reaction) -> None:
    assert status_reaction(status) is expected


def test_a_mistake_of_every_call_is_in_the_table() -> None:
    assert {ERRORS[word] for word in WRONG_FOR_EVERY_CALL} == {Reaction.OUR_MISTAKE}
