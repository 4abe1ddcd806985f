"""The ``openai`` package's own types judge both directions of the Responses API: our requests, and the stand-in's answers."""

from __future__ import annotations

import json

import pytest
from openai.types.responses import Response, response_create_params
from pydantic import TypeAdapter

from dialer.config import Settings
from dialer.leads.analysis import SCHEMA_NAME, instructions, schema_of, transcript_text
from dialer.operations import folders
from dialer.simulation.responses import Fault, answer_to, problem_of, reading
from dialer.wire.openai_responses import Request, encode
from tests.cli.terminal import EXAMPLES
from tests.support.results import a_transcript

TALK = a_transcript("> Do you own your home?", "Yes", "> About how much is your electric bill in a month?", "180 dollars")
NAMES = ("clinic-reminder", "market-promotion", "solar-sales")


def a_request(name: str) -> dict[str, object]:
    campaign = folders.required_folder(Settings(campaigns_dir=EXAMPLES), name).campaign
    text = transcript_text(campaign, TALK, began_at="2026-11-23T18:00:00+00:00", zone="America/New_York")
    request = Request("gpt-x", instructions(campaign), text, SCHEMA_NAME, schema_of(campaign))
    body: dict[str, object] = json.loads(encode(request))
    return body


@pytest.mark.parametrize("name", NAMES)
def test_our_requests_are_those_of_the_package(name: str) -> None:
    body = a_request(name)
    checked = TypeAdapter(response_create_params.ResponseCreateParamsNonStreaming).validate_python(body, strict=False)
    assert set(checked) == set(body)
    assert problem_of(body) == ""


@pytest.mark.parametrize(
    "fault", [Fault(), Fault(refusal="no"), Fault(is_incomplete=True)], ids=["read", "refused", "incomplete"]
)
def test_the_stand_ins_answers_are_those_of_the_package(fault: Fault) -> None:
    body = a_request("solar-sales")
    answer = answer_to(body, reading(body), fault)
    found = Response.model_validate(answer, strict=False)
    assert found.output[0].type == "message"
    assert found.usage is not None
    assert found.usage.input_tokens > 0
    if fault == Fault():
        assert json.loads(found.output_text)["answers"]["owns_home"]["value"] == "true"
