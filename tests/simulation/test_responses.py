"""The stand-in is as strict as the service, and reads only what is plainly there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialer.leads.analysis import SCHEMA_NAME, schema_of, transcript_text
from dialer.simulation.responses import Fault, answer_to, problem_of, reading, schema_problem
from dialer.wire.openai_responses import Request, encode
from tests.support.results import a_campaign, a_transcript

CAMPAIGN = a_campaign(
    answers={"owns": {"question": "Do you own it?", "type": "boolean"}, "need": {"question": "What do you need?"}}
)


def a_body(*lines: str) -> dict[str, Any]:
    text = transcript_text(CAMPAIGN, a_transcript(*lines), began_at="", zone="America/New_York")
    body: dict[str, Any] = json.loads(encode(Request("gpt-x", "Read.", text, SCHEMA_NAME, schema_of(CAMPAIGN))))
    return body


def test_plain_answers_with_their_turn_and_nothing_else() -> None:
    found = reading(a_body("> Do you own it?", "Yes.", "> What do you need?", "a roof", "> Bye"))
    assert found["answers"]["owns"] == {"value": "true", "quote": "Yes", "turn": 2}
    assert found["answers"]["need"] == {"value": "a roof", "quote": "a roof", "turn": 4}
    assert (found["outcome"], found["objections"]) == (None, [])
    assert reading(a_body("> Do you own it?", "Sort of."))["answers"]["owns"] is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"model": ""}, "missing model"),
        ({"service_tier": "cheap"}, "unknown service_tier"),
        ({"temprature": 1}, "unknown parameter: temprature"),
        ({"text": {"format": {"type": "text"}}}, "text.format is not a strict json_schema with a name"),
    ],
)
def test_requests_that_the_service_refuses(change: dict[str, Any], problem: str) -> None:
    assert problem_of(a_body() | change) == problem


def test_a_body_that_is_none() -> None:
    assert problem_of([]) == "the body is not an object"


OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (OBJECT, ""),
        ([], "schema is not an object"),
        (OBJECT | {"required": []}, "schema: every property must be required"),
        (OBJECT | {"additionalProperties": True}, "schema: additionalProperties must be false"),
        ({"type": "array", "items": {"type": "string", "maxLength": 3}}, "schema[]: maxLength is not permitted"),
        ({"anyOf": [{"type": "null"}, {"minimum": 1}]}, "schema|1: minimum is not permitted"),
    ],
)
def test_the_strict_subset(schema: Any, problem: str) -> None:
    assert schema_problem(schema) == problem


def test_faults_take_the_place_of_the_document() -> None:
    body = a_body()
    assert answer_to(body, {}, Fault(refusal="no"))["output"][0]["content"] == [{"type": "refusal", "refusal": "no"}]
    assert answer_to(body, {}, Fault(is_incomplete=True))["status"] == "incomplete"
