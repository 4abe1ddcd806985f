"""The form, the prompt, the data, and what is read out of an answer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.leads.analysis import hashes, instructions, read_analysis, schema_of, transcript_text
from dialer.model.lead import Analysis, Claim
from dialer.simulation.responses import schema_problem
from tests.support.results import a_campaign, a_transcript

CAMPAIGN = a_campaign()


def test_the_schema_is_made_from_the_campaign_and_is_strict():
    schema = schema_of(CAMPAIGN)
    assert schema_problem(schema) == ""
    answers = schema["properties"]["answers"]["properties"]
    assert list(answers) == ["need", "budget", "size"]
    assert answers["size"]["anyOf"][0]["properties"]["value"]["enum"] == ["small", "large"]
    outcomes = schema["properties"]["outcome"]["anyOf"][0]["properties"]["value"]["enum"]
    assert "interested" in outcomes
    assert "cannot_tell" not in outcomes


def test_a_yes_or_no_is_asked_for_as_such():
    campaign = a_campaign(answers={"owns": {"question": "Own it?", "type": "boolean"}})
    value = schema_of(campaign)["properties"]["answers"]["properties"]["owns"]["anyOf"][0]["properties"]["value"]
    assert value["enum"] == ["true", "false"]


def test_the_name_of_a_reading_changes_with_the_form_and_with_the_prompt():
    other_form = a_campaign(answers={"need": {"question": "What?"}})
    body = CAMPAIGN.model_dump()
    body["outcomes"]["interested"]["when"] = "something else"
    other_prompt = type(CAMPAIGN).model_validate(body)
    assert hashes(CAMPAIGN) == hashes(a_campaign())
    assert hashes(other_form)[0] != hashes(CAMPAIGN)[0]
    assert hashes(other_prompt)[0] == hashes(CAMPAIGN)[0]
    assert hashes(other_prompt)[1] != hashes(CAMPAIGN)[1]
    assert "something else" in instructions(other_prompt)


@given(st.text())
def test_the_transcript_is_data_whatever_is_said(words):
    text = transcript_text(CAMPAIGN, a_transcript("> Hello", words), began_at="2026-11-23T18:00:00+00:00", zone="")
    body = json.loads(text)
    assert [turn["turn"] for turn in body["transcript"]] == [1, 2]
    assert body["transcript"][0]["speaker"] == "agent"
    assert body["callee_time_zone"] is None


def test_claims_are_read_and_everything_else_is_left_out():
    claim = {"value": "interested", "quote": "yes please", "turn": 2}
    found = read_analysis(
        {
            "outcome": claim,
            "answers": {"need": {"value": "roof", "quote": "a roof", "turn": 4}, "budget": None},
            "objections": [{"value": "price", "quote": "too much", "turn": 6}, "noise"],
            "opt_out": None,
            "sentiment": {"value": "positive", "quote": "great", "turn": 2},
            "summary": "x" * 1000,
        }
    )
    assert found.outcome == Claim("interested", "yes please", 2)
    assert found.answers == {"need": Claim("roof", "a roof", 4)}
    assert found.objections == (Claim("price", "too much", 6),)
    assert (found.opt_out, found.sentiment.value, len(found.summary)) == (None, "positive", 600)


@pytest.mark.parametrize(
    "claim",
    [
        {"value": 1, "quote": "a", "turn": 1},
        {"value": "a", "quote": "", "turn": 1},
        {"value": "a", "quote": "b", "turn": True},
        [],
    ],
)
def test_what_has_not_the_form_of_a_claim(claim):
    assert read_analysis({"outcome": claim}).outcome is None


def test_an_answer_of_another_shape_is_nothing():
    assert read_analysis({"answers": [], "objections": {}, "summary": 3}) == Analysis()
