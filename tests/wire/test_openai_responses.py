"""The codec of the Responses API: whatever comes is one of our values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.simulation.responses import problem_of
from dialer.wire.openai_responses import (
    Incomplete,
    Read,
    Refused,
    Rejected,
    Request,
    Tokens,
    Unavailable,
    decode,
    encode,
)

SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
REQUEST = Request("gpt-x", "Read it.", '{"transcript": []}', "talk", SCHEMA)


def completed(*parts: Any, **changes: Any) -> bytes:
    body = {
        "status": "completed",
        "service_tier": "flex",
        "output": [{"type": "reasoning"}, {"type": "message", "content": list(parts)}],
        "usage": {"input_tokens": 900, "output_tokens": 40},
    }
    return json.dumps(body | changes).encode()


def text(words: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": words}


def test_a_request_is_one_the_service_takes() -> None:
    body = json.loads(encode(REQUEST))
    assert problem_of(body) == ""
    assert (body["store"], body["service_tier"], body["text"]["format"]["strict"]) == (False, "flex", True)


def test_a_document_with_what_it_cost() -> None:
    assert decode(200, completed(text('{"a":'), {"type": "other"}, text(" 1}"))) == Read({"a": 1}, Tokens(900, 40), "flex")


def test_a_refusal_is_no_document_whatever_stands_beside_it() -> None:
    found = decode(200, completed(text('{"a": 1}'), {"type": "refusal", "refusal": "I cannot\n help"}))
    assert found == Refused("I cannot help", Tokens(900, 40))
    assert decode(200, completed({"type": "refusal"})) == Refused("refused", Tokens(900, 40))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (completed(status="incomplete", incomplete_details={"reason": "max_output_tokens"}), "max_output_tokens"),
        (completed(status="incomplete"), "incomplete"),
        (completed(text('{"a": 1')), "the text is not the JSON object that was asked for"),
        (completed(text("[]")), "the text is not the JSON object that was asked for"),
        (completed(output=None), "the text is not the JSON object that was asked for"),
        (completed(status="queued"), "the answer's status is 'queued'"),
    ],
)
def test_a_part_of_an_answer_is_none(body: bytes, reason: str) -> None:
    found = decode(200, body)
    assert isinstance(found, Incomplete)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, b"<html>", Unavailable("the answer is not a JSON object")),
        (200, completed(status="failed", error={"message": "server  error"}), Unavailable("server error")),
        (200, completed(status="failed"), Unavailable("the service failed")),
        (429, b'{"error": {"code": "resource_unavailable"}}', Unavailable("429 resource_unavailable", 7.0)),
        (503, b"", Unavailable("503 without a reason", 7.0)),
        (429, b'{"error": {"code": "insufficient_quota"}}', Rejected("429 insufficient_quota", is_account=True)),
        (401, b'{"error": {"message": "bad key"}}', Rejected("401 bad key", is_account=True)),
        (400, b'{"error": {"type": "invalid_request_error"}}', Rejected("400 invalid_request_error")),
    ],
)
def test_errors_say_whether_to_ask_again(status: int, body: bytes, found: object) -> None:
    assert decode(status, body, "7") == found


def test_a_retry_after_in_another_form_is_none() -> None:
    assert decode(503, b"{}", "Wed, 21 Oct 2026 07:28:00 GMT") == Unavailable("503 without a reason", None)


@pytest.mark.parametrize("usage", [None, {"input_tokens": "many", "output_tokens": True}, {"input_tokens": -1}])
def test_strange_counts_are_none(usage: Any) -> None:
    found = decode(200, completed(text("{}"), usage=usage))
    assert isinstance(found, Read)
    assert found.tokens == Tokens()


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["status", "output", "content", "type", "text"]), part)
    ),
)


@given(st.sampled_from([200, 400, 429, 500]), NESTED)
def test_nothing_makes_it_raise(status: int, body: Any) -> None:
    decode(status, json.dumps(body).encode())
    decode(200, json.dumps({"status": "completed", "output": body}).encode())


@given(st.binary(max_size=60))
def test_no_bytes_make_it_raise(body: bytes) -> None:
    decode(200, body)
