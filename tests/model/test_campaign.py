"""The campaign file: durations, closed sections, and a frozen text with a name."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from dialer.model.campaign import Campaign, CampaignKind, Redial, parse_duration

BODY: dict[str, Any] = {
    "name": "test",
    "kind": "sales",
    "company": "Acme",
    "agent_name": "Anna",
    "callback_number": "+12125550180",
    "caller_ids": ["+12125550180"],
    "opening": {"text": "Hello"},
    "outcomes": {"do_not_call": {"when": "asked"}},
    "redial": {"busy": {"attempts": 2, "delays": ["30m"]}},
    "script": "Be kind.",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        (" 30 m ", timedelta(minutes=30)),
        ("1.5h", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
        ("soon", "soon"),
        (5, 5),
    ],
)
def test_durations(text: object, expected: object) -> None:
    assert parse_duration(text) == expected


def test_durations_in_a_section_and_back() -> None:
    redial = Redial.model_validate({"attempts": 3, "delays": ["2h", "1d"]})
    assert redial.delays == (timedelta(hours=2), timedelta(days=1))
    assert redial.model_dump(mode="json")["delays"] == ["7200s", "86400s"]


def test_marketing_is_all_but_a_reminder() -> None:
    assert [kind.is_marketing for kind in CampaignKind] == [False, True, True]


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Campaign.model_validate(BODY | {"colour": "red"})


def test_a_version_has_the_name_of_its_text() -> None:
    campaign = Campaign.model_validate(BODY)
    again = Campaign.model_validate_json(campaign.canonical_json())
    assert again == campaign
    assert again.version_hash() == campaign.version_hash()
    assert len(campaign.version_hash()) == 64
    assert Campaign.model_validate(BODY | {"script": "Be brief."}).version_hash() != campaign.version_hash()
