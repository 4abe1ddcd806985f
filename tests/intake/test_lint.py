"""What may be wrong with a campaign is found before anything is stored."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dialer.intake.columns import map_columns
from dialer.intake.folder import lint as lint_of_folder
from dialer.intake.folder import read_campaign
from dialer.intake.lint import Finding, lint
from dialer.intake.reader import open_table
from dialer.intake.rows import count_problem, read_contacts
from dialer.model.campaign import Campaign, CampaignKind
from dialer.model.contact import RowProblem

EXAMPLES = Path(__file__).parents[2] / "campaigns"
STOP = {"when": "asked", "final_for_number": True}
GOOD: dict[str, Any] = {
    "name": "test",
    "kind": "reminder",
    "company": "Acme",
    "agent_name": "Anna",
    "callback_number": "+12125550180",
    "caller_ids": ["+12125550180"],
    "opening": {"text": "Hello, an automated call from {company}. Say stop to opt out. Is it a good time?"},
    "outcomes": {"do_not_call": STOP},
    "hours": {"mon": ["09:00-12:00", "13:00-20:00"], "sat": ["10:00-24:00"]},
    "script": "Be kind. Do not make special offers.",
}


def findings(header: list[str] | None = None, **changes: Any) -> list[Finding]:
    return lint(Campaign.model_validate(GOOD | changes), header)


def found(header: list[str] | None = None, **changes: Any) -> list[tuple[str, str]]:
    return [(finding.level, finding.key) for finding in findings(header, **changes)]


def opening(text: str) -> dict[str, Any]:
    return {"opening": {"text": text}}


def test_a_good_campaign_has_no_findings() -> None:
    assert findings() == []
    assert lint_of_folder is lint


def test_errors_come_first() -> None:
    result = findings(hours={}, **opening("Hello, an automated call from {company}. Say stop to opt out."))
    assert [finding.level for finding in result] == ["error", "warning"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Hello, an automated call. Say stop. Yes?", "company"),
    ],
)
def test_the_opening_must_say(text: str, part: str) -> None:
    (finding,) = findings(**opening(text))
    assert (finding.level, finding.key) == ("error", "opening.text")
    assert part in finding.message


def test_the_opening_should_be_short_and_ask() -> None:
    text = "This is Acme with an AI voice. Press 9 to opt out. " + "And so on. " * 30
    assert found(**opening(text)) == [("warning", "opening.text"), ("warning", "opening.text")]


def test_a_language_that_nobody_speaks() -> None:
    assert found(language="zz") == [("error", "language")]


def test_a_chinese_opening() -> None:
    assert found(language="zh", **opening("您好，我是Acme的智能助手，不想接电话请按9，现在方便吗？")) == []


@pytest.mark.parametrize(
    ("changes", "file", "key", "message"),
    [
        ({"script": "Hello {frist_name}"}, "script.md", "", "unknown placeholder {frist_name}; known are first_name,"),
        ({"voicemail": {"message": "{"}}, "campaign.toml", "voicemail.message", "a { without }"),
        ({"answers": {"a": {"question": "{x y}?"}}}, "campaign.toml", "answers.a.question", "is not a placeholder"),
        (
            {"transfer": {"desk": {"number": "+12125550101", "when": "x", "announce": "{who}"}}},
            "campaign.toml",
            "transfer.desk.announce",
            "unknown placeholder",
        ),
        ({"script": "{company:long}"}, "script.md", "", "{company:long}: a text has no style"),
        (
            {"script": "{day:money}", "variables": {"day": {"type": "date", "fallback": "x"}}},
            "script.md",
            "",
            "a date has the styles long and short",
        ),
        (
            {
                "script": "{born}",
                "variables": {"born": {"type": "date", "private": True}},
                "identity": {"variable": "born", "question": "?"},
            },
            "script.md",
            "",
            "is private",
        ),
    ],
)
def test_placeholders(changes: dict[str, Any], file: str, key: str, message: str) -> None:
    (finding,) = findings(**changes)
    assert (finding.level, finding.file, finding.key) == ("error", file, key)
    assert message in finding.message


def test_a_placeholder_that_may_be_empty_is_a_warning() -> None:
    assert found(script="{first_name}") == [("warning", "")]
    assert found(script="{first_name}", variables={"first_name": {"required": True}}) == []
    assert found(script="{first_name}", variables={"first_name": {"fallback": "there"}}) == []


@pytest.mark.parametrize(
    ("voicemail", "expected"),
    [
        ({"action": "leave_message"}, [("error", "voicemail.message")]),
        ({"action": "leave_message", "message": "Call {callback_number}"}, [("error", "voicemail.message")]),
        ({"action": "leave_message", "message": "Acme here"}, [("warning", "voicemail.message")]),
        ({"action": "leave_message", "message": "Acme, +12125550180"}, []),
        ({"action": "message_on_last_attempt", "message": "{company}, {callback_number}"}, []),
    ],
)
def test_voicemail(voicemail: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert found(voicemail=voicemail) == expected


@pytest.mark.parametrize(
    ("name", "variable", "key"),
    [
        ("system_prompt", {}, ""),
        ("company", {}, ""),
        ("phone", {}, ""),
        ("state", {}, ""),
        ("first_name", {"type": "date"}, ""),
        ("size", {"type": "enum"}, ".values"),
        ("size", {"values": ["a"]}, ".values"),
        ("size", {"type": "enum", "values": ["a", "A"]}, ".values"),
        ("size", {"currency": "USD"}, ".currency"),
        ("size", {"type": "money", "currency": "ZZZ"}, ".currency"),
    ],
)
def test_variables(name: str, variable: dict[str, Any], key: str) -> None:
    assert found(variables={name: variable}) == [("error", f"variables.{name}{key}")]


def test_good_variables() -> None:
    assert found(variables={"price": {"type": "money", "currency": "USD"}, "size": {"type": "enum", "values": ["a", "b"]}}) == []


def test_identity() -> None:
    check = {"variable": "born", "question": "?"}
    assert found(identity=check) == [("error", "identity.variable")]
    assert found(identity=check, variables={"born": {}}) == [("error", "identity.variable")]
    assert found(identity=check, variables={"born": {"private": True}}) == []
    assert found(variables={"born": {"private": True}}) == [("warning", "identity")]


def test_answers_need_values_for_an_enum() -> None:
    assert found(answers={"size": {"question": "?", "type": "enum"}}) == [("error", "answers.size.values")]


@pytest.mark.parametrize(
    "stop", [{"when": "x"}, {"when": "x", "final_for_number": True, "final_for_contact": False}, STOP | {"lead": True}]
)
def test_an_opt_out_is_final(stop: dict[str, Any]) -> None:
    assert found(outcomes={"do_not_call": stop}) == [("error", "outcomes.do_not_call")]


def test_outcomes_and_what_they_need() -> None:
    assert found(outcomes={}) == [("error", "outcomes.do_not_call")]
    more = {
        "do_not_call": STOP,
        "transferred": {"when": "x"},
        "appointment_moved": {"when": "x"},
        "appointment_booked": {"when": "x"},
    }
    assert found(outcomes=more) == [
        ("error", "outcomes.transferred"),
        ("error", "outcomes.appointment_moved"),
        ("error", "outcomes.appointment_booked"),
    ]
    desk = {"desk": {"number": "+12125550101", "when": "x"}}
    assert found(outcomes=more, transfer=desk, slots=["2026-12-03T14:30"]) == []


def test_marketing_without_leads() -> None:
    assert found(kind="sales") == [("warning", "outcomes")]
    assert found(kind="sales", outcomes={"do_not_call": STOP, "interested": {"when": "x", "lead": True}}) == []


@pytest.mark.parametrize("bad", ["9:00-20:00", "09:00", "20:00-09:00", "09:00-25:00", "09:00-09:00", "always"])
def test_malformed_hours(bad: str) -> None:
    assert found(hours={"mon": [bad]}) == [("error", "hours.mon")]


def test_hours_that_overlap_or_are_empty() -> None:
    assert found(hours={"mon": ["09:00-12:00", "11:00-13:00"]}) == [("error", "hours.mon")]
    assert found(hours={}) == [("error", "hours")]


@pytest.mark.parametrize(
    ("disposition", "redial", "expected"),
    [
        ("busy", {"attempts": 3, "delays": ["30m", "1d"]}, []),
        ("busy", {"attempts": 1}, []),
        ("busy", {"attempts": 2}, [("error", "redial.busy.delays")]),
        ("busy", {"attempts": 4, "delays": ["30m", "1d"]}, [("warning", "redial.busy.delays")]),
        ("busy", {"attempts": 1, "delays": ["30m"]}, [("warning", "redial.busy.delays")]),
        ("busy", {"attempts": 2, "delays": ["30s"]}, [("error", "redial.busy.delays")]),
        ("invalid_number", {"attempts": 2, "delays": ["1d"]}, [("error", "redial.invalid_number")]),
        ("blocked_dnc", {"attempts": 2, "delays": ["1d"]}, [("error", "redial.blocked_dnc")]),
    ],
)
def test_redials(disposition: str, redial: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(redial={disposition: redial}) == expected


@pytest.mark.parametrize(
    ("slots", "keys"),
    [
        (["2026-12-03T14:30"], []),
        (["tomorrow"], ["slots[1]"]),
        (["2026-12-03T14:30", "2026-02-30T10:00"], ["slots[2]"]),
        (["2026-12-03T14:30", "2026-12-03T14:30"], ["slots[2]"]),
    ],
)
def test_slots(slots: list[str], keys: list[str]) -> None:
    assert found(slots=slots) == [("error", key) for key in keys]


@pytest.mark.parametrize(
    ("weight", "key"),
    [
        ({}, ""),
        ({"outcome": "sale"}, ".outcome"),
        ({"answer": "nope"}, ".answer"),
        ({"answer": "own", "at_least": 1}, ".at_least"),
        ({"answer": "own", "equals": "yes"}, ".equals"),
        ({"answer": "size", "equals": "huge"}, ".equals"),
        ({"answer": "size", "equals": "big"}, None),
        ({"answer": "own", "equals": "true"}, None),
        ({"answer": "bill", "at_least": 100}, None),
        ({"answer": "note", "equals": "x"}, None),
        ({"outcome": "do_not_call"}, None),
    ],
)
def test_weights(weight: dict[str, Any], key: str | None) -> None:
    answers = {
        "own": {"question": "?", "type": "boolean"},
        "size": {"question": "?", "type": "enum", "values": ["big"]},
        "bill": {"question": "?", "type": "money"},
        "note": {"question": "?"},
    }
    rules = {"weights": [{"points": 1, "reason": "x", **weight}]}
    assert found(answers=answers, lead=rules) == ([] if key is None else [("error", f"lead.weights[1]{key}")])


def test_warm_is_below_hot() -> None:
    assert found(lead={"hot": 40, "warm": 40}) == [("error", "lead.warm")]


def test_columns_that_do_not_fit() -> None:
    variables = {"city": {"column": "Ort"}, "plan": {"required": True}, "size": {"fallback": "small"}, "used": {}}
    result = findings(["phone", "used", "spare"], script="{name}", variables=variables)
    assert [(finding.level, finding.key) for finding in result if finding.file == "contacts.csv"] == [
        ("error", "name"),
        ("error", "plan"),
        ("warning", "Ort"),
        ("warning", "size"),
        ("warning", "spare"),
    ]
    assert "never known" in result[-4].message or "never known" in result[-3].message
    assert found(["phone", "last_name"], script="{name}") == [("warning", "")]


def test_a_header_without_a_phone_column() -> None:
    assert found(["a", "b"]) == [("error", "")]
    campaign = Campaign.model_validate(GOOD)
    assert lint(campaign, ["a"], {"phone": "a"}) == []


def test_marketing_without_consent_is_held() -> None:
    outcomes = {"do_not_call": STOP, "interested": {"when": "x", "lead": True}}
    assert found(["phone"], kind="sales", outcomes=outcomes) == [("warning", "consent")]
    assert found(["phone", "consent"], kind="sales", outcomes=outcomes) == []


@pytest.mark.parametrize(
    ("name", "kind", "language", "delimiter", "codes"),
    [
        (
            "clinic-reminder",
            CampaignKind.REMINDER,
            "en",
            ",",
            {"damaged_number", "missing_phone", "bad_timezone", "duplicate", "missing_variable", "extension"},
        ),
        (
            "market-promotion",
            CampaignKind.PROMOTION,
            "zh",
            ",",
            {"missing_phone", "blocked_number_type", "duplicate", "bad_timezone", "missing_variable", "damaged_number"},
        ),
        (
            "solar-sales",
            CampaignKind.SALES,
            "en",
            ";",
            {
                "damaged_number",
                "missing_phone",
                "blocked_number_type",
                "duplicate",
                "invalid_value",
                "missing_variable",
                "ragged_row",
            },
        ),
    ],
)
def test_the_examples_are_clean_and_have_something_to_say(
    name: str, kind: CampaignKind, language: str, delimiter: str, codes: set[str]
) -> None:
    folder = EXAMPLES / name
    campaign = read_campaign(*((folder / file).read_text(encoding="utf-8") for file in ("campaign.toml", "script.md")))
    assert (campaign.kind, campaign.language) == (kind, language)
    with (folder / "contacts.csv").open("rb") as source:
        table = open_table(source, region="US", language=campaign.language)
        assert table.delimiter == delimiter
        assert lint(campaign, table.header) == []
        results = list(read_contacts(table, map_columns(table.header, campaign.variables), campaign))
    problems = [result for result in results if isinstance(result, RowProblem)]
    assert {problem.code for problem in problems} == codes
    assert Counter(map(count_problem, problems))["duplicates"] == 1
    assert 24 <= len(results) <= 32
    good = [result for result in results if not isinstance(result, RowProblem)]
    assert all(contact.phone[5:9] == "5550" and contact.phone[9] == "1" for contact in good), "fictional numbers only"
    assert any(contact.consent is None for contact in good)
    assert any("\n" in cell for contact in good for cell in contact.cells.values())


@pytest.mark.parametrize(
    ("voice", "expected"),
    [
        ({"name": "cedar", "model": "gpt-realtime-2.1"}, []),
        ({"name": "voice_12", "model": "our-deployment"}, []),
        ({"name": "onyx"}, [("warning", "voice.name")]),
        ({"model": "gpt-realtime"}, [("warning", "voice.model")]),
    ],
)
def test_a_voice_or_a_model_that_will_not_do(voice: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert found(voice=voice) == expected


def test_a_model_that_is_switched_off_is_an_error_from_that_day_on() -> None:
    campaign = Campaign.model_validate(GOOD | {"voice": {"model": "gpt-realtime"}})
    levels = [lint(campaign, today=date(2027, 1, day))[0].level for day in (19, 20)]
    assert levels == ["warning", "error"]


@pytest.mark.parametrize(
    ("phrases", "expected"),
    [
        (["guaranteed", "special offers"], []),  # the script may say what is not to be said
        (["guaranteed", "Guaranteed"], [("error", "guards.forbidden")]),
        (["good time"], [("error", "guards.forbidden")]),
        ([" .! "], [("error", "guards.forbidden")]),
    ],
)
def test_forbidden_promises_are_none_of_our_own_texts(phrases: list[str], expected: list[tuple[str, str]]) -> None:
    assert found(guards={"forbidden": phrases}) == expected


def test_a_clip_cannot_be_personal() -> None:
    clip = {"voice": {"prewarm": "clip"}}
    personal = "Hello {first_name}, an automated call from {company}. Say stop to opt out. Is it a good time?"
    assert ("error", "voice.prewarm") in found(**clip, **opening(personal))
    for allowed in (personal.replace("}", ""), personal.replace("first", "agent")):
        assert ("error", "voice.prewarm") not in found(**clip, **opening(allowed))
