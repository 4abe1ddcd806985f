"""A labelled set of talks: no value is invented, and no call without a person is decided."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dialer.leads.assess import Assessment, assess
from dialer.leads.evidence import find_evidence
from dialer.model.attempt import EndCause, Ending
from dialer.model.disposition import AnsweredBy, Disposition, Outcome
from dialer.model.lead import Analysis, Claim
from dialer.model.transcript import Transcript
from tests.support.results import a_campaign, a_result, a_tool_call, a_transcript

TALKS = tomllib.loads((Path(__file__).parent / "labelled.toml").read_text(encoding="utf-8"))["talk"]
OPEN = {Outcome.CANNOT_TELL, Outcome.HUNG_UP_EARLY}
CAMPAIGN = a_campaign(
    answers={
        "need": {"question": "What are you looking for?", "required": True},
        "budget": {"question": "What is your budget?", "type": "money"},
        "size": {"question": "How big?", "type": "enum", "values": ["small", "large"]},
        "owner": {"question": "Do you own it?", "type": "boolean"},
    }
)


def transcript_of(talk: dict[str, Any]) -> Transcript:
    calls = tuple(a_tool_call(name, after, **arguments) for name, after, arguments in talk.get("calls", []))
    return a_transcript(*talk["lines"], calls=calls)


def read(talk: dict[str, Any]) -> Analysis | None:
    said = talk.get("model")
    if said is None:
        return None
    outcome = Claim(*said["outcome"]) if "outcome" in said else None
    return Analysis(outcome=outcome, answers={name: Claim(*claim) for name, claim in said.get("answers", {}).items()})


def judged(talk: dict[str, Any]) -> Assessment:
    disposition = Disposition(talk.get("disposition", "answered_human"))
    ending = Ending(EndCause(talk["ended"])) if "ended" in talk else None
    result = a_result(disposition, answered_by=AnsweredBy(talk.get("answered_by", "human")), ending=ending)
    ended_at = datetime(2026, 11, 23, 15, tzinfo=UTC)
    return assess(CAMPAIGN, result, transcript_of(talk), ended_at=ended_at, zone="America/New_York", analysis=read(talk))


@pytest.mark.parametrize("talk", TALKS, ids=[talk["name"] for talk in TALKS])
def test_a_talk_comes_to_what_a_careful_person_says_of_it(talk: dict[str, Any]) -> None:
    found, expect = judged(talk), talk["expect"]
    allowed = expect["outcome"] if isinstance(expect["outcome"], list) else [expect["outcome"]]
    assert found.outcome.value in allowed, found.reasons
    values = {answer.name: answer.value for answer in found.answers if answer.value is not None}
    assert values == expect.get("answers", {})
    assert found.needs_review == expect.get("review", False), found.reasons


def test_invented_values_are_none() -> None:
    invented = []
    for talk in TALKS:
        transcript = transcript_of(talk)
        for answer in judged(talk).answers:
            is_known = talk["expect"].get("answers", {}).get(answer.name) == answer.value
            is_quoted = answer.evidence is not None and find_evidence(transcript, answer.evidence.quote) is not None
            if answer.value is not None and not (is_known and is_quoted):
                invented.append((talk["name"], answer.name, answer.value))
    assert invented == []


def test_no_call_without_a_person_is_decided() -> None:
    alone = TALKS[: next(at for at, talk in enumerate(TALKS) if talk["name"] == "interested with proof")]
    assert len(alone) >= 10
    for talk in alone:
        found = judged(talk)
        assert (found.outcome in OPEN, found.lead, found.is_human_reached) == (True, None, False), talk["name"]


def test_the_set_is_large_and_in_two_languages() -> None:
    chinese = [talk for talk in TALKS if any("\u4e00" <= sign <= "\u9fff" for line in talk["lines"] for sign in line)]
    assert (len(TALKS) >= 40, len(chinese) >= 8) == (True, True)
    assert len({talk["name"] for talk in TALKS}) == len(TALKS)
