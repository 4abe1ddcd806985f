"""Each named fault of the voice model's service ends in its stated way, with nothing hanging. The cases are ``faults.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from dialer.model.transcript import Speaker
from dialer.session.clips import ClipShelf
from dialer.simulation.model.faults import FAULTS
from tests.scenarios.calls import play
from tests.support.builders import a_campaign

SCENARIOS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "faults.toml").read_text(encoding="utf-8"))["scenario"]


def test_every_fault_has_a_scenario() -> None:
    told = {fault.partition("@")[0] for scenario in SCENARIOS for fault in scenario.get("faults", ())}
    assert told == set(FAULTS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario["name"] for scenario in SCENARIOS])
def test_a_fault_ends_as_stated(scenario: dict[str, Any]) -> None:
    clips = ClipShelf() if scenario.get("has_clips") else None
    played = play(
        scenario.get("persona", "agrees"),
        a_campaign(**scenario.get("campaign", {})),
        faults=tuple(scenario.get("faults", ())),
        clips=clips,
    )
    result = played.result
    assert (result.disposition, result.outcome, result.reason) == (
        scenario["disposition"],
        scenario.get("outcome"),
        scenario["reason"],
    )
    assert result.is_fatal_for_campaign is scenario.get("is_fatal_for_campaign", False)
    assert result.should_back_off is scenario.get("should_back_off", False)
    assert bool(played.phone) is scenario.get("was_dialled", True)
    lines = played.lines(Speaker.AGENT)
    for sentence in scenario.get("says", ()):
        assert sentence in lines
        assert sentence in [words["text"] for words in played.phone["heard"]]
    assert result.talk_s < 60
